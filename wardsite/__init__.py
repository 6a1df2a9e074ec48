"""wardsite: a lightweight website for a ward or a school, with what its parent unit mandates."""

from wardsite.application import create_app

__all__ = ["create_app"]
