"""One number that moves with every public change: how each process learns that its pages are old.

`extensions.transaction` moves it in the transaction of the change. Reading it must be cheap enough
to do at every request: SQLite's `PRAGMA data_version` says, without touching the disk, whether any
other connection has committed; only then is the number itself read.
"""

import sqlite3
import threading
import time
from typing import Protocol

from sqlalchemy import create_engine, text

from wardsite.settings import Settings

_QUERY = "SELECT number FROM content_version"


class ContentVersion(Protocol):
    """Something that knows the number."""

    def read(self) -> int:
        """Return the present number; raises the database's error when it cannot be read."""


class SqliteVersion:
    """The number in a SQLite file, through one connection of its own."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, int] = (-1, -1)
        self._rest_until = 0.0

    def read(self) -> int:
        """Return the present number. Raises sqlite3.Error."""
        with self._lock:
            if time.monotonic() < self._rest_until:
                raise sqlite3.OperationalError("the database could not be read a moment ago")
            try:
                return self._read()
            except sqlite3.Error:
                # Whoever comes in the next second need not wait for the same answer.
                self._rest_until = time.monotonic() + 1
                raise

    def _read(self) -> int:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"file:{self._path}?mode=ro", uri=True, check_same_thread=False, timeout=0.2
            )
        moved = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if moved != self._seen[0]:
            self._seen = (moved, self._connection.execute(_QUERY).fetchone()[0])
        return self._seen[1]


class ServerVersion:
    """The number in a database server."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, pool_size=2, pool_pre_ping=True)

    def read(self) -> int:
        """Return the present number. Raises SQLAlchemyError."""
        with self._engine.connect() as connection:
            return int(connection.execute(text(_QUERY)).scalar_one())


def content_version(settings: Settings) -> ContentVersion:
    """Return the reader that fits the database."""
    if settings.database_url:
        return ServerVersion(settings.database_url)
    return SqliteVersion(str(settings.instance / "wardsite.db"))
