"""When `wardsite tick` last ran: the time of an empty file, no write to the database."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

FILE = ".ticked"


def note_tick(instance: Path, now: datetime) -> None:
    """Note that a tick began at `now`; a full disk is no reason not to go on."""
    with suppress(OSError):
        (instance / FILE).touch(mode=0o600)
        os.utime(instance / FILE, (now.timestamp(), now.timestamp()))


def last_tick(instance: Path) -> datetime | None:
    """Return when the last tick began, None when there was none."""
    try:
        return datetime.fromtimestamp((instance / FILE).stat().st_mtime, UTC)
    except OSError:
        return None
