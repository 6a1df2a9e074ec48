"""One number that moves with every public change: how each process learns that its pages are old.

`extensions.transaction` moves it in the transaction of the change, and says so when it has
committed: on SQLite by a file that all processes share (`Bell`), on PostgreSQL by NOTIFY. While
nothing is said nothing is asked, but once a second for those who commit and say nothing.
"""

import logging
import math
import mmap
import os
import select
import sqlite3
import threading
import time
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import make_url

from wardsite.extensions import CHANNEL
from wardsite.settings import Settings

if TYPE_CHECKING:
    import psycopg

CHECK_SECONDS = 1.0  # a number that nobody spoke of is read again; also the rest after a failure
FILE = "changed"
_QUERY = "SELECT number FROM content_version"

_log = logging.getLogger(__name__)


class ContentVersion(Protocol):
    """Something that knows the number."""

    def read(self) -> int:
        """Return the present number; raises the database's error when it cannot be read."""

    def stamp(self) -> Hashable | None:
        """Return what differs after any commit, public or not; None when nobody can say."""

    def moved(self) -> None:
        """Be told that this process has just moved it; raises nothing."""

    def close(self) -> None:
        """Let go of the connection."""


class Bell:
    """Sixteen bytes that differ after every public change, in a file that all processes map.

    A look at them is a look at memory (0.1 µs). `PRAGMA data_version`, which says as much, takes
    locks of a file and lets other threads run meanwhile: 10 µs under load, a quarter of what a kept
    page costs.
    """

    SIZE = 16

    def __init__(self, path: Path) -> None:
        self._path = path
        self._memory: mmap.mmap | None = None

    def ring(self) -> None:
        """Let every process hear that something changed; what fails is logged, never raised."""
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                # Random: when two ring at once, neither goes unheard. Written, not mapped: a full
                # disk is an error then, and not a signal that ends the process.
                os.write(file, os.urandom(self.SIZE))
            finally:
                os.close(file)
        except OSError as error:
            _log.warning("processes hear of a change %s s late: %s", CHECK_SECONDS, error)

    def heard(self) -> bytes | None:
        """Return the bytes of now; None when there is no file to share."""
        try:
            return (self._memory or self._map())[:]
        except (OSError, ValueError):  # not there, not ours to read, or not written yet
            return None

    def _map(self) -> mmap.mmap:
        if not self._path.exists():
            self.ring()
        with self._path.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), self.SIZE, access=mmap.ACCESS_READ)
        return self._memory

    def close(self) -> None:
        """Let go of the file; `heard` maps it again."""
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.close()


class SqliteVersion:
    """The number in a SQLite file, through one connection of its own."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._bell = Bell(database.with_name(FILE))
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, int] = (-1, -1)
        # What the bell said before the number was last read, the number, and until when it holds.
        self._known: tuple[bytes | None, int, float] = (None, -1, 0.0)
        self._rest_until = 0.0

    def read(self) -> int:
        """Return the present number. Raises sqlite3.Error."""
        heard = self._bell.heard()
        said, number, until = self._known
        now = time.monotonic()
        if heard is not None and heard == said and now < until:
            return number
        number = self._look()[1]
        self._known = heard, number, now + CHECK_SECONDS
        return number

    def stamp(self) -> Hashable | None:
        """Return what differs after any commit, public or not; None when it cannot be read."""
        with suppress(sqlite3.Error):
            return self._look()
        return None

    def moved(self) -> None:
        """Tell all processes that the number has just moved."""
        self._bell.ring()

    def close(self) -> None:
        """Let go of the connection; `read` makes another."""
        self._bell.close()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection, self._seen = None, (-1, -1)

    def _look(self) -> tuple[int, int]:
        """Return SQLite's own count of others' commits, and the number. Raises sqlite3.Error."""
        with self._lock:
            if time.monotonic() < self._rest_until:
                raise sqlite3.OperationalError("the database could not be read a moment ago")
            try:
                connection = self._connection or self._connect()
                commits = connection.execute("PRAGMA data_version").fetchone()[0]
                if commits != self._seen[0]:
                    self._seen = (commits, connection.execute(_QUERY).fetchone()[0])
            except sqlite3.Error:
                # Whoever comes in the next second need not wait for the same answer.
                self._rest_until = time.monotonic() + 1
                raise
            return self._seen

    def _connect(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(
            f"file:{self._database}?mode=ro", uri=True, check_same_thread=False, timeout=0.2
        )
        return self._connection


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
    return SqliteVersion(settings.instance / "wardsite.db")
