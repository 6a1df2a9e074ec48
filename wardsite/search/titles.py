"""The officers' lists by words: rows whose title has them, in whatever state they are.

A column of the row itself holds the words (`title_words`), so that a list in its own order can be
read along one index. That is quick for words that many rows have, and slow for rare ones; those are
looked up in an index of the words: on SQLite an FTS5 table beside it, which triggers keep, on
PostgreSQL one of an expression. The index only narrows: what is found is decided by the column.
"""

from typing import Any

from sqlalchemy import Connection, Select, TextClause, false, inspect, literal, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from wardsite.core.search import Query, Term, folded_words, parse
from wardsite.extensions import db
from wardsite.search.within import within

TITLES = {"post": "title_folded", "image": "folded"}
"""Which column of which table holds the words."""
MOST = 240
"""How many rows a list by words tells of, at most: then it costs the same in ten years."""
_TEXTS = {"post": "title", "image": "alt || ' ' || original_name"}
_FEW = 500  # rows that are quicker looked up one by one than found on the way through all


def with_words(query: Select[Any], column: InstrumentedAttribute[str], words: str) -> Select[Any]:
    """Narrow a query to rows whose words have all those asked for; `column` is one of `TITLES`.

    As in the residents' search: words in quotes or without a gap stand side by side, the last may
    go on, marks do not count. Without any letter or digit nothing is found.
    """
    asked = parse(words)
    if not asked.terms:
        return query.where(false()) if words.strip() else query
    for term in asked.terms:
        query = query.where(within(literal(" ").concat(column).concat(" "), _piece(term)))
    table = column.class_
    if db.session.connection().dialect.name == "postgresql":
        return query.where(_in_vector(table.__tablename__, asked))
    few = _few(table.__tablename__, asked)
    return query if few is None else query.where(table.id.in_(few))


def _piece(term: Term) -> str:
    return f" {' '.join(term.folded)}" + ("" if term.prefix else " ")


def _few(table: str, asked: Query) -> list[int] | None:
    """Return the numbers of all rows that can have the words, or None where they are many.

    A word that many rows have is not looked up as a beginning before it must be: that alone reads
    every place where it stands.
    """
    *before, last = [f'"{word}"' for term in asked.terms for word in term.folded]
    whole = _matching(table, [*before, last])
    if len(whole) > _FEW:
        return None
    if not asked.open_ended:
        return whole
    found = _matching(table, before) if before else None
    if found is None or len(found) > _FEW:
        found = _matching(table, [*before, f"{last}*"])
    return found if len(found) <= _FEW else None


def _matching(table: str, words: list[str]) -> list[int]:
    name = f"search_fts_{table}"
    rows = text(f"SELECT rowid FROM {name} WHERE {name} MATCH :words LIMIT :most")  # noqa: S608
    asked = {"words": " AND ".join(words), "most": _FEW + 1}
    return list(db.session.scalars(rows, asked))


def _in_vector(table: str, asked: Query) -> TextClause:
    """Return the condition on PostgreSQL, word for word as its index has it (migration 0018)."""
    *before, last = [f"'{word}'" for term in asked.terms for word in term.folded]
    words = " & ".join([*before, last + (":*" if asked.open_ended else "")])
    return text(
        f"array_to_tsvector(string_to_array({table}.{TITLES[table]}, ' '))"
        " @@ CAST(:words_asked AS tsquery)"
    ).bindparams(words_asked=words)


def rebuild(session: Session) -> None:
    """Make the words of every row anew from its text, in the caller's transaction."""
    for table, column in TITLES.items():
        rows = session.execute(text(f"SELECT id, {_TEXTS[table]} FROM {table}"))  # noqa: S608
        new = [{"id": key, "words": folded_words(words)} for key, words in rows]
        if new:
            fill = f"UPDATE {table} SET {column} = :words WHERE id = :id"  # noqa: S608
            session.execute(text(fill), new)
        if session.connection().dialect.name == "sqlite":
            name = f"search_fts_{table}"
            session.execute(text(f"INSERT INTO {name} ({name}) VALUES ('rebuild')"))  # noqa: S608


def keep_titles(connection: Connection) -> None:
    """Put SQLite's triggers in place where the words have their tables; after every migration."""
    if connection.dialect.name != "sqlite":
        return
    there = inspect(connection).get_table_names()
    for table, column in TITLES.items():
        if f"search_fts_{table}" in there:
            for event, name in (
                ("INSERT", "insert"),
                (f"UPDATE OF {column}", "update"),
                ("DELETE", "delete"),
            ):
                connection.exec_driver_sql(_trigger(table, column, event, name))


def _trigger(table: str, column: str, event: str, name: str) -> str:
    words = f"search_fts_{table}"
    new = f"INSERT INTO {words} (rowid, {column}) VALUES (new.id, new.{column}); "  # noqa: S608
    old = (
        f"INSERT INTO {words} ({words}, rowid, {column})"  # noqa: S608
        f" VALUES ('delete', old.id, old.{column}); "
    )
    change = {"insert": new, "update": old + new, "delete": old}[name]
    return f"CREATE TRIGGER IF NOT EXISTS {words}_{name} AFTER {event} ON {table} BEGIN {change}END"
