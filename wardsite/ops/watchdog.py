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
from typing import Protocol

_log = logging.getLogger(__name__)


class Served(Protocol):
    """Where the site answers (`socket` or "" goes before host and port), and how patient to be."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def socket(self) -> str: ...
    @property
    def watchdog_seconds(self) -> int: ...


def watch(served: Served, workers: Callable[[], Iterable[int]]) -> None:
    """Watch in the background; `workers` returns the processes that answer requests."""
    if served.watchdog_seconds:
        threading.Thread(target=_watch, args=(served, workers), daemon=True).start()


def _watch(served: Served, workers: Callable[[], Iterable[int]]) -> None:
    patience = float(served.watchdog_seconds)
    while True:
        time.sleep(patience / 2)
        before = list(workers())
        if _hangs(served, patience):
            # Only those that were asked: one that has been replaced meanwhile is young.
            for worker in set(before) & set(workers()):
                _log.error("worker %d gives no answer for %d seconds: ended", worker, patience)
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


def _hangs(served: Served, patience: float) -> bool:
    """Tell whether somebody listens and says nothing; while nobody listens nothing hangs."""
    try:
        with closing(_connected(served, patience)) as connection:
            connection.request("GET", "/healthz", headers={"User-Agent": "wardsite-watchdog"})
            connection.getresponse().read()
    except TimeoutError:
        return True
    except (OSError, http.client.HTTPException):
        return False
    return False


def _connected(served: Served, patience: float) -> http.client.HTTPConnection:
    host = served.host if served.host not in ("0.0.0.0", "::") else "localhost"  # noqa: S104
    connection = http.client.HTTPConnection(host, served.port, timeout=patience)
    if served.socket:
        connection.sock = _unix(served.socket, patience)
    return connection


def _unix(path: str, patience: float) -> socket.socket:
    door = socket.socket(socket.AF_UNIX)
    door.settimeout(patience)
    try:
        door.connect(path)
    except BaseException:
        door.close()
        raise
    return door
