"""titles by their words

The words are made here as the software of that day made them, so that the migration stays what it
was. Who changes core.text.fold or core.search adds one that fills the columns anew.
"""

import re
import unicodedata
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = {"post": "title_folded", "image": "folded"}
TEXTS = {"post": "title", "image": "alt || ' ' || original_name"}


def upgrade() -> None:
    _fill(_folded_words)
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
    _fill(_fold)


def _folded_words(text: str) -> str:
    return " ".join(word[:60] for word in re.findall(r"[^\W\d_]+|\d+", _fold(text)))


def _fold(text: str) -> str:
    return "".join(_plain(char) for char in unicodedata.normalize("NFC", text))


def _plain(char: str) -> str:
    if char in "đðÐɖĐƉ":
        return "d"
    base, *marks = unicodedata.normalize("NFD", char)
    return char if any(unicodedata.category(mark) != "Mn" for mark in marks) else base.lower()


def _fill(fold_text: Callable[[str], str]) -> None:
    bind = op.get_bind()
    for table, column in COLUMNS.items():
        rows = bind.execute(sa.text(f"SELECT id, {TEXTS[table]} FROM {table}"))  # noqa: S608
        new = [{"id": key, "words": fold_text(words)} for key, words in rows]
        if new:
            fill = f"UPDATE {table} SET {column} = :words WHERE id = :id"  # noqa: S608
            bind.execute(sa.text(fill), new)
