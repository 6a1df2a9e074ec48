"""One number that moves with every public change: how each process learns that its pages are old.

`extensions.transaction` moves it in the transaction of the change. Reading it must be cheap enough
to do at every request: SQLite's `PRAGMA data_version` says, without touching the disk, whether any
other connection has committed; only then is the number itself read. PostgreSQL says so by itself.
"""

import math
import select
import sqlite3
import threading
import time
from collections.abc import Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import make_url

from wardsite.extensions import CHANNEL
from wardsite.settings import Settings

if TYPE_CHECKING:
    import psycopg

CHECK_SECONDS = 1.0  # a number that nobody spoke of is read again; also the rest after a failure
_QUERY = "SELECT number FROM content_version"


class ContentVersion(Protocol):
    """Something that knows the number."""

    def read(self) -> int:
        """Return the present number; raises the database's error when it cannot be read."""

    def stamp(self) -> Hashable | None:
        """Return what differs after any commit, public or not; None when nobody can say."""

    def moved(self) -> None:
        """Be told that this process has just moved it."""

    def close(self) -> None:
        """Let go of the connection."""


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
                connection = self._connection or self._connect()
                moved = connection.execute("PRAGMA data_version").fetchone()[0]
                if moved != self._seen[0]:
                    self._seen = (moved, connection.execute(_QUERY).fetchone()[0])
            except sqlite3.Error:
                # Whoever comes in the next second need not wait for the same answer.
                self._rest_until = time.monotonic() + 1
                raise
            return self._seen[1]

    def stamp(self) -> Hashable | None:
        """Return what differs after any commit, public or not; None when it cannot be read."""
        with suppress(sqlite3.Error):
            self.read()
            return self._seen
        return None

    def _connect(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(
            f"file:{self._path}?mode=ro", uri=True, check_same_thread=False, timeout=0.2
        )
        return self._connection

    def moved(self) -> None:
        """Nothing to do: the next look at the file tells."""

    def close(self) -> None:
        """Let go of the connection; `read` makes another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection, self._seen = None, (-1, -1)


class VersionUnreadableError(Exception):
    """The database server does not say the number."""


class ServerVersion:
    """The number in a database server, through one connection that listens for its changes.

    Nothing is asked of the server while it says nothing: a look at the socket costs microseconds.
    `transaction` notifies when it commits, and a word that was lost (a network that swallows
    packets, a pooler in between that knows no LISTEN) costs CHECK_SECONDS at most.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(False)
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[tuple[int]] | None = None
        self._told = True
        self._seen = -1
        self._checked = self._failed = -math.inf

    def read(self) -> int:
        """Return the present number. Raises VersionUnreadableError."""
        import psycopg  # an option of the installation: sites on SQLite do not need it

        with self._lock:
            now = time.monotonic()
            if now - self._failed < CHECK_SECONDS:
                raise VersionUnreadableError("the server failed a moment ago")
            try:
                connection = self._connection = self._connection or self._listening()
                if self._told or now - self._checked > CHECK_SECONDS or _has_spoken(connection):
                    self._told = False  # set again by what arrives while the number is read
                    row = connection.execute(_QUERY).fetchone()
                    self._seen, self._checked = row[0] if row else -1, now
            except psycopg.Error as error:
                self._failed = now
                self._disconnect()
                raise VersionUnreadableError(type(error).__name__) from error
            return self._seen

    def stamp(self) -> Hashable | None:
        """Return None: the server speaks of public changes alone."""
        return None

    def moved(self) -> None:
        """Read the number anew next time, whether or not the server's word has come by then."""
        self._told = True

    def close(self) -> None:
        """Let go of the connection; `read` makes another."""
        with self._lock:
            self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _listening(self) -> "psycopg.Connection[tuple[int]]":
        import psycopg

        connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=3, tcp_user_timeout=3000
        )
        connection.add_notify_handler(self._hear)
        connection.execute(f"LISTEN {CHANNEL}")
        self._told = True
        return connection

    def _hear(self, _notify: object) -> None:
        self._told = True


def _has_spoken(connection: "psycopg.Connection[tuple[int]]") -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def content_version(settings: Settings) -> ContentVersion:
    """Return the reader that fits the database."""
    if settings.database_url:
        return ServerVersion(settings.database_url)
    return SqliteVersion(str(settings.instance / "wardsite.db"))
