"""Looking into the files of an instance: is the database whole, and what is in it.

Everything here opens databases that may come from a stranger, read-only and without trusting what
their schema says.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from wardsite.accounts.secret import secret_key
from wardsite.core.backup import DATABASE, SETTINGS, DamagedBackupError
from wardsite.core.errors import N_
from wardsite.core.manifest import Manifest
from wardsite.ops.database import check_known
from wardsite.settings import load_settings

_FILES = (
    ("image", "SELECT name FROM image", "media/"),
    ("attachment", "SELECT name FROM attachment", "media/attachments/"),
)


def examine(folder: Path, manifest: Manifest) -> None:
    """Check that the unpacked backup in `folder` is a whole instance with every row counted.

    Raises DamagedBackupError, DatabaseNewerError, SettingsError.
    """
    database = folder / DATABASE
    settings = load_settings(folder, {})
    secret_key(folder)
    # Settings that name a database elsewhere would have us open it; ours never do.
    if settings.unit_id != manifest.unit_id or settings.database_url:
        raise DamagedBackupError(
            N_("“%(name)s” in the backup does not match the manifest."), name=SETTINGS
        )
    faults = database_faults(database)
    if faults:
        raise _damaged(faults[0])
    check_known(database_revision(database))
    counted = row_counts(database)
    if counted != manifest.rows or database_revision(database) != manifest.revision:
        differing = sorted(counted.items() ^ manifest.rows.items())
        raise DamagedBackupError(
            N_("The number of rows in the backup does not match the number counted: %(tables)s"),
            tables=", ".join(sorted({table for table, _ in differing})) or "alembic_version",
        )


def database_faults(database: Path) -> list[str]:
    """Return what is wrong with a SQLite file: damaged pages, rows that refer to nothing."""
    try:
        with _opened(database) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
            faults = [] if found == ["ok"] else found
            orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(10)
            return faults + [f"{table}: {row} → {parent}" for table, row, parent, _ in orphans]
    except sqlite3.Error as error:
        return [str(error)]


def row_counts(database: Path) -> dict[str, int]:
    """Return how many rows each table has; tables that belong to an index of words are left out.

    Raises sqlite3.Error.
    """
    with _opened(database) as connection:
        tables = [
            name
            for _, name, kind, *_ in connection.execute("PRAGMA main.table_list")
            if kind == "table" and not name.startswith("sqlite_")
        ]
        return {name: _count(connection, name) for name in sorted(tables)}


def missing_files(database: Path, present: Collection[str]) -> list[str]:
    """Return the names of pictures and attachments that rows refer to and `present` lacks."""
    with _opened(database) as connection:
        tables = {row[1] for row in connection.execute("PRAGMA main.table_list")}
        wanted = [
            folder + name
            for table, query, folder in _FILES
            if table in tables
            for (name,) in connection.execute(query)
        ]
    return sorted(set(wanted) - set(present))


def database_revision(database: Path) -> str:
    """Return the schema's version as the database says it. Raises DamagedBackupError."""
    try:
        with _opened(database) as connection:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except (sqlite3.Error, TypeError) as error:
        raise _damaged(str(error)) from error


def _damaged(reason: str) -> DamagedBackupError:
    return DamagedBackupError(
        N_("The database in the backup is damaged. Technical detail: “%(reason)s”"), reason=reason
    )


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        yield connection
