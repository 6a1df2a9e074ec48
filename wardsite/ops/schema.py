"""Is the database of this software's schema? Answered without loading what could change it.

Every start and every command asks; almost always the answer is yes. Alembic and SQLAlchemy, which
the answer "no" needs, would take most of the time until a site answers, and memory for as long as
it runs.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from wardsite.core.backup import DATABASE
from wardsite.core.errors import WardsiteError
from wardsite.settings import load_settings

VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"


def revisions() -> list[str]:
    """Return the schema's versions that this software knows, oldest first: their files' numbers."""
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def is_damaged(instance: Path) -> bool:
    """Tell whether the instance's SQLite file is gone, or does not even say its schema's version.

    False for one that is locked or cannot be opened: that may pass without anybody's hand.
    """
    try:
        if load_settings(instance).database_url:
            return False
        return not (instance / DATABASE).exists() or not _versions(instance)
    except WardsiteError:
        return False
    except sqlite3.Error as error:
        damage = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
        name = getattr(error, "sqlite_errorname", "")
        return name.startswith(damage) or "no such table" in str(error)


def is_current(instance: Path) -> bool:
    """Tell whether the SQLite file is there and of this schema; False for all that is unclear."""
    try:
        if load_settings(instance).database_url:
            return False
        return _versions(instance) == [(revisions()[-1],)]
    except (WardsiteError, sqlite3.Error):
        return False


def _versions(instance: Path) -> list[tuple[str]]:
    where = f"file:{instance / DATABASE}?mode=ro"
    with closing(sqlite3.connect(where, uri=True, timeout=1)) as database:
        return database.execute("SELECT version_num FROM alembic_version").fetchall()
