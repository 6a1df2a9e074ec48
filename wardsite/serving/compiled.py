"""Templates compiled once and kept beside the software, as Python keeps its own modules.

`script/setup` fills the folder; without it the first page of every start would compile its
templates, which takes longer than making the page, and keeps the memory that this took.
"""

from collections.abc import MutableMapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

# Another Jinja writes another folder: what it makes of a template may differ.
FOLDER = Path(__file__).parent.parent / "__pycache__" / f"templates-{version('jinja2')}"


class Templates(Environment):
    """Flask's environment with one dictionary of globals, which no template here adds to.

    Jinja gives each template a ChainMap to add to, and copies it name by name, in Python, for
    every page and every import of a macro.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template finds beside what it is given."""
        return {**self.globals, **d} if d else self.globals


class CompiledTemplates(FileSystemBytecodeCache):
    """Reads what is there and fits its template; a folder that takes no writing is no fault."""

    def __init__(self, folder: Path = FOLDER) -> None:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if it can be read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that was compiled, where that is possible."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
