"""wardsite: a lightweight website for a ward or a school, with what its parent unit mandates.

`application.create_app` is the table of contents. This file stays empty, so that `wardsite.core`,
and the parent unit's offline commands, load without a web framework.
"""
