"""A worker that no longer answers is ended, and the server starts another in its place.

A process that has died is replaced by Granian; one that hangs (a deadlock, a disk that does not
come back) would be waited for. So the server's own process asks for /healthz now and then. Every
answer counts, whatever it says: a locked database is no reason to throw the kept pages away.
"""

import http.client
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path

from wardsite.settings import Settings

_log = logging.getLogger(__name__)


def watch(settings: Settings, workers: Callable[[], Iterable[int]]) -> None:
    """Watch in the background; `workers` returns the processes that answer requests."""
    if settings.watchdog_seconds:
        threading.Thread(target=_watch, args=(settings, workers), daemon=True).start()


def _watch(settings: Settings, workers: Callable[[], Iterable[int]]) -> None:
    patience = float(settings.watchdog_seconds)
    while True:
        time.sleep(patience / 2)
        before = list(workers())
        if _hangs(settings, patience):
            # Only those that were asked: one that has been replaced meanwhile is young.
            for worker in set(before) & set(workers()):
                _log.error("worker %d gives no answer for %d seconds: ended", worker, patience)
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


def _hangs(settings: Settings, patience: float) -> bool:
    """Tell whether somebody listens and says nothing; while nobody listens nothing hangs."""
    try:
        with closing(_connected(settings, patience)) as connection:
            connection.request("GET", "/healthz", headers={"User-Agent": "wardsite-watchdog"})
            connection.getresponse().read()
    except TimeoutError:
        return True
    except (OSError, http.client.HTTPException):
        return False
    return False


def _connected(settings: Settings, patience: float) -> http.client.HTTPConnection:
    host = settings.host if settings.host not in ("0.0.0.0", "::") else "localhost"  # noqa: S104
    connection = http.client.HTTPConnection(host, settings.port, timeout=patience)
    if settings.socket:
        connection.sock = _unix(settings.socket, patience)
    return connection


def _unix(path: Path, patience: float) -> socket.socket:
    door = socket.socket(socket.AF_UNIX)
    door.settimeout(patience)
    try:
        door.connect(str(path))
    except BaseException:
        door.close()
        raise
    return door
