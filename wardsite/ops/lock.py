"""Who may use an instance at once: many who read and write rows, or one who replaces its files.

The lock is the system's, on the folder itself: it needs no file, so that it works on a disk that is
full or read-only, and it is gone with the process, however it ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wardsite.core.errors import N_, WardsiteError

WAIT_SECONDS = 10.0


class InUseError(WardsiteError):
    """The site is being served, or another command works on it."""


class BeingReplacedError(WardsiteError):
    """The instance's files are being replaced by a restore or an upgrade."""


@contextmanager
def alone(folder: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the instance alone. Raises InUseError after `wait` seconds, OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not _lock(descriptor, fcntl.LOCK_EX, wait):
            raise InUseError(
                N_(
                    "The site is running. Stop it first (for example: systemctl stop "
                    "'wardsite@*' 'wardsite-tick@*'), then try again."
                )
            )
        yield
    finally:
        os.close(descriptor)


def share(folder: Path, wait: float = WAIT_SECONDS) -> None:
    """Hold the instance together with others until this process ends. Raises BeingReplacedError."""
    descriptor = os.open(folder, os.O_RDONLY)
    if not _lock(descriptor, fcntl.LOCK_SH, wait):
        os.close(descriptor)
        raise BeingReplacedError(
            N_("The site’s data is being replaced; try again in a few minutes.")
        )


def _lock(descriptor: int, kind: int, wait: float) -> bool:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.1)
