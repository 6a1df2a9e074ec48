"""The disk that fills up or turns read-only: room kept for the start, words for the officer."""

import errno
import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from wardsite.core.errors import N_

BALLAST = "ballast"
BALLAST_BYTES = 4 * 1024 * 1024
ENOUGH = 4 * BALLAST_BYTES  # free bytes above which room is kept back
SCARCE = 1024 * 1024  # free bytes below which SQLite may not be able to open its database

_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}

FULL = N_("The server’s disk is full.")
READ_ONLY = N_("The server’s disk cannot be written to.")
LOCKED = N_("The database is busy.")
DAMAGED = N_("The database is damaged and must be restored from the last backup.")
SERVER_FULL = N_("The database server’s disk is full.")
SERVER_READ_ONLY = N_("The database server cannot be written to.")
SERVER_AWAY = N_("The database server does not respond.")
STORE = N_("The store for pictures and files does not respond.")
UNKNOWN = N_("The server could not write.")

# By PostgreSQL's SQLSTATE; one that begins otherwise is a fault of ours.
_SERVER_SAYS = (
    ("53100", SERVER_FULL),
    ("25006", SERVER_READ_ONLY),  # a standby, or one that was set so
    ("55P03", LOCKED),
    ("57014", LOCKED),  # waited longer than the server allows
    ("40", LOCKED),
    ("42P01", DAMAGED),  # a table is gone
    ("42703", DAMAGED),  # a column
    ("XX", DAMAGED),
    ("53", SERVER_AWAY),  # out of connections or memory
    ("57P", SERVER_AWAY),
    ("08", SERVER_AWAY),
)

_log = logging.getLogger(__name__)


def free_bytes(folder: Path) -> int:
    """Return the bytes that may still be written below `folder`. Raises OSError."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def takes_writing(folder: Path) -> bool:
    """Tell whether the folder's disk is mounted for writing and has a little room."""
    try:
        read_only = bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
        return not read_only and free_bytes(folder) >= SCARCE
    except OSError:
        return False


def keep_room(instance: Path) -> None:
    """Keep back room for the day when the disk is full, if there is plenty; changes nothing else.

    The blocks are really taken (a file with holes would hold nothing back). Never raises OSError.
    """
    path = instance / BALLAST
    try:
        if path.exists() or free_bytes(instance) < ENOUGH:
            return
        with path.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
    except OSError as error:
        _log.warning("no room is kept back: %s", error.strerror)
        with suppress(OSError):
            path.unlink(missing_ok=True)


def give_room(instance: Path) -> bool:
    """Free the room that was kept back when the disk is full; tell whether it was."""
    try:
        if free_bytes(instance) >= SCARCE:
            return False
        (instance / BALLAST).unlink()
    except OSError:
        return False
    _log.warning("the disk is full: the room kept back for this was given to the database")
    return True


def reason(error: BaseException) -> str:
    """Return in plain words (a msgid) why something could not be saved."""
    return cause(error) or UNKNOWN


def cause(error: BaseException | None) -> str | None:
    """Return in plain words (a msgid) what keeps the site from saving; None when it is not that."""
    from flask import current_app  # the rest of this serves the start, before any application

    error = getattr(error, "orig", None) or error  # SQLAlchemy wraps what the database said
    if isinstance(error, OSError):
        if error.errno in _FULL:
            return FULL
        if error.errno == errno.EREMOTEIO:
            return STORE
        return READ_ONLY if error.errno in _READ_ONLY else None
    if not isinstance(error, sqlite3.Error):
        return _server_cause(error)
    if current_app.config["DATABASE_DAMAGED"]:  # opened for reading alone: says READONLY
        return DAMAGED
    name = str(getattr(error, "sqlite_errorname", ""))
    for beginning, words in (
        ("SQLITE_FULL", FULL),
        ("SQLITE_READONLY", READ_ONLY),
        ("SQLITE_CANTOPEN", READ_ONLY),
        ("SQLITE_IOERR", READ_ONLY),
        ("SQLITE_BUSY", LOCKED),
        ("SQLITE_LOCKED", LOCKED),
        ("SQLITE_CORRUPT", DAMAGED),
        ("SQLITE_NOTADB", DAMAGED),
    ):
        if name.startswith(beginning):
            return words
    return None


def _server_cause(error: BaseException | None) -> str | None:
    """Return what PostgreSQL's error means; psycopg itself need not be installed."""
    if not type(error).__module__.startswith("psycopg"):
        return None
    state = getattr(error, "sqlstate", None)
    if state is None:  # the connection was refused, or broke off
        return SERVER_AWAY if type(error).__name__ == "OperationalError" else None
    return next((words for start, words in _SERVER_SAYS if state.startswith(start)), None)
