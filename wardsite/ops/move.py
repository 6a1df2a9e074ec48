"""Carrying an instance from its SQLite file to a PostgreSQL database that is still empty.

Everything in the target happens in one transaction: schema, rows, words of the search, and reading
it all back to compare. Only when every table has as many rows with the same content is it
committed, and only then do the settings name the new database. Whatever fails before leaves both as
they were.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import (
    Connection,
    Table,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from wardsite import models
from wardsite.core.backup import DATABASE
from wardsite.core.errors import N_, WardsiteError
from wardsite.extensions import Base
from wardsite.filestore import sync_folder
from wardsite.ops.database import alembic_config, check_schema, migration_engine
from wardsite.ops.lock import alone
from wardsite.ops.progress import Progress
from wardsite.ops.swap import replaced_name
from wardsite.ops.switch import switch
from wardsite.search.store import Texts, store_of
from wardsite.settings import Settings, load_settings

BATCH = 500
DRIVER = "postgresql+psycopg"


class TargetError(WardsiteError):
    """The new database cannot be used; it is as it was, and so is the instance."""


class TargetNotEmptyError(TargetError):
    """The new database holds tables already."""


class AlreadyMovedError(WardsiteError):
    """The instance's data is in a database server already."""


class CopyDiffersError(WardsiteError):
    """What was read back from the new database is not what was in the old one."""


@dataclass(frozen=True)
class Content:
    """What a table holds: rows, and a digest of them all in whatever order they come."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Moved:
    """What was carried over, by table, and where the SQLite file is kept."""

    tables: dict[str, Content]
    kept: Path

    @property
    def rows(self) -> int:
        return sum(content.rows for content in self.tables.values())


def move_database(folder: Path, url: str, now: datetime, show: Progress) -> Moved:
    """Carry the instance in `folder` over to the empty PostgreSQL database at `url`.

    `show` is told how many rows of how many are done; each counts twice, written and read back.
    Raises InUseError while the site is being served, AlreadyMovedError, TargetError,
    CopyDiffersError, and what `check_schema` raises.
    """
    _check_url(url)
    with alone(folder):
        settings = load_settings(folder)
        if settings.database_url:
            raise AlreadyMovedError(N_("The data of this site is already on a database server."))
        check_schema(settings)
        tables = _carry_over(settings, url, show)
        switch(folder, "database_url", url)
        return Moved(tables, _put_aside(folder, now))


def _check_url(url: str) -> None:
    try:
        fits = make_url(url).drivername == DRIVER
    except (ArgumentError, ValueError):
        fits = False
    if not fits:
        raise TargetError(
            N_("The address of the new database must have the form %(example)s."),
            example=f"{DRIVER}://USER:PASSWORD@HOST/DATABASE",
        )


def _carry_over(settings: Settings, url: str, show: Progress) -> dict[str, Content]:
    source = migration_engine(settings.sqlalchemy_url)
    try:
        target = create_engine(url, hide_parameters=True, connect_args={"connect_timeout": 10})
        try:
            with source.connect() as old, target.begin() as new:
                _make_schema(new)
                return _copy_all(old, new, show)
        finally:
            target.dispose()
    except ModuleNotFoundError:
        raise TargetError(
            N_("The PostgreSQL driver is missing: %(command)s"),
            command='pip install "psycopg[binary]"',
        ) from None
    except SQLAlchemyError as error:
        raise TargetError(
            N_(
                "The new database cannot be used. Check its address, the user, the password and "
                "the user’s rights. Technical detail: “%(reason)s”"
            ),
            reason=_reason(error),
        ) from error
    finally:
        source.dispose()


def _reason(error: SQLAlchemyError) -> str:
    """Return the first line of what the server said; never the address, which has a password."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(original).strip().partition("\n")[0][:300] or type(error).__name__


def _make_schema(connection: Connection) -> None:
    if inspect(connection).get_table_names():
        raise TargetNotEmptyError(
            N_("The new database is not empty. Nothing was changed; provide an empty one.")
        )
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy_all(old: Connection, new: Connection, show: Progress) -> dict[str, Content]:
    tables = Base.metadata.sorted_tables
    count = select(func.count())
    total = 2 * sum(old.scalar(count.select_from(table)) or 0 for table in tables)
    done = 0

    def step(rows: int) -> None:
        nonlocal done
        done += rows
        show(done, total)

    for table in reversed(tables):  # the migrations wrote rows of their own
        new.execute(delete(table))
    written = {table.name: _copy(table, old, new, step) for table in tables}
    _copy_words(new)
    for table in tables:
        if _content(_read(table, new), step) != written[table.name]:
            raise CopyDiffersError(
                N_("The table “%(name)s” was not transferred correctly. Nothing was changed."),
                name=table.name,
            )
    return written


def _copy(table: Table, old: Connection, new: Connection, step: Callable[[int], None]) -> Content:
    def carried() -> Iterable[Sequence[Any]]:
        for rows in _read(table, old):
            new.execute(
                insert(table), [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
            )
            yield rows

    content = _content(carried(), step)
    _set_sequence(table, new)
    return content


def _set_sequence(table: Table, connection: Connection) -> None:
    """Let the numbers of new rows begin after those that were brought."""
    number = table.autoincrement_column
    if number is None:
        return
    names = {
        "table": connection.dialect.identifier_preparer.quote(table.name),
        "column": number.name,
    }
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), names)
    last = connection.scalar(select(func.max(number)))
    if sequence and last:
        connection.scalar(select(func.setval(sequence, last)))


def _copy_words(connection: Connection) -> None:
    """Write the words of the search from its entries; each kind of database keeps them its way."""
    entry = models.SearchEntry.__table__.c
    store = store_of(connection)
    asked = select(entry.id, entry.kind, entry.title, entry.body, entry.code)
    for rows in connection.execute(asked).partitions(BATCH):
        store.write(connection, [(row[0], Texts(*row[1:])) for row in rows])


def _read(table: Table, connection: Connection) -> Iterable[Sequence[Any]]:
    query = select(table).order_by(*table.primary_key)
    return connection.execute(query, execution_options={"yield_per": BATCH}).partitions()


def _content(batches: Iterable[Sequence[Any]], step: Callable[[int], None]) -> Content:
    """Sum the digests of the rows: databases sort texts differently, so order must not count."""
    count = total = 0
    for rows in batches:
        for row in rows:
            value = json.dumps(list(row), default=str, sort_keys=True, ensure_ascii=False)
            total += int.from_bytes(hashlib.sha256(value.encode()).digest())
        count += len(rows)
        step(len(rows))
    return Content(count, f"{total % 2**256:064x}")


def _put_aside(folder: Path, now: datetime) -> Path:
    kept = folder / replaced_name(now)
    kept.mkdir(exist_ok=True)
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        if (folder / name).exists():
            (folder / name).replace(kept / name)
    sync_folder(folder)
    return kept
