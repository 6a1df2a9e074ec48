"""Alembic's entry: runs the migrations on what it is handed, in one transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from wardsite import models
from wardsite.accounts.audit import make_append_only
from wardsite.extensions import Base
from wardsite.search.titles import keep_titles


def _concerns_us(name: str | None, kind: str, _parents: object) -> bool:
    """Leave alone the tables that hold the words of the search, and those FTS5 keeps for itself."""
    words = ("search_fts", "search_words", "search_vector")
    return kind != "table" or not (name or "").startswith(words)


def _plain_types(kind: str, value: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration must not change when the code of a type does."""
    if kind == "type" and isinstance(value, models.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=_plain_types,
        include_name=_concerns_us,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        make_append_only(connection)
        keep_titles(connection)


# A connection that is handed over is in a transaction of its owner's, who commits.
given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with context.config.attributes["engine"].connect() as opened:
        _migrate(opened)
