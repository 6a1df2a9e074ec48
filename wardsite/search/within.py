"""Finding a piece of text inside a column, alike on both databases."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class within(FunctionElement[bool]):
    """`within(column, piece)`: tells whether the column holds the piece, letter for letter.

    For folded columns. On SQLite `instr` takes an eighth of the time of a LIKE with two wildcards,
    which folds case sign by sign; nothing in the piece needs escaping.
    """

    name = "within"
    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[str] | Any, piece: str) -> None:
        super().__init__(column, bindparam(None, piece, String()))


@compiles(within)
def _on_sqlite(element: within, compiler: SQLCompiler, **options: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **options)}) > 0)"


@compiles(within, "postgresql")
def _on_postgresql(element: within, compiler: SQLCompiler, **options: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **options)}) > 0)"
