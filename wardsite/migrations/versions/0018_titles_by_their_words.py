"""titles by their words"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from wardsite.core.search import folded_words
from wardsite.core.text import fold

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = {"post": "title_folded", "image": "folded"}
TEXTS = {"post": "title", "image": "alt || ' ' || original_name"}


def upgrade() -> None:
    _fill(folded_words)
    for table, column in COLUMNS.items():
        if op.get_bind().dialect.name == "sqlite":
            # env.py makes the triggers that keep it, after this and after every later migration.
            op.execute(
                f"CREATE VIRTUAL TABLE search_fts_{table} USING fts5({column}, content = '{table}',"
                " content_rowid = 'id', detail = none, columnsize = 0,"
                " tokenize = 'unicode61 remove_diacritics 0')"
            )
            op.execute(
                f"INSERT INTO search_fts_{table} (search_fts_{table})"  # noqa: S608
                " VALUES ('rebuild')"
            )
        else:
            op.execute(
                f"CREATE INDEX ix_{table}_words ON {table}"
                f" USING gin (array_to_tsvector(string_to_array({column}, ' ')))"
            )


def downgrade() -> None:
    for table in COLUMNS:
        if op.get_bind().dialect.name == "sqlite":
            for event in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER IF EXISTS search_fts_{table}_{event}")
            op.execute(f"DROP TABLE search_fts_{table}")
        else:
            op.execute(f"DROP INDEX ix_{table}_words")
    _fill(fold)


def _fill(fold_text: Callable[[str], str]) -> None:
    bind = op.get_bind()
    for table, column in COLUMNS.items():
        rows = bind.execute(sa.text(f"SELECT id, {TEXTS[table]} FROM {table}"))  # noqa: S608
        new = [{"id": key, "words": fold_text(words)} for key, words in rows]
        if new:
            fill = f"UPDATE {table} SET {column} = :words WHERE id = :id"  # noqa: S608
            bind.execute(sa.text(fill), new)
