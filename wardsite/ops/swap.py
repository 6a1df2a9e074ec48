"""Replacing the files of an instance in one step that no kill and no power cut can halve.

The swap is several renames, so it is written down first: once `READY` is on the disk, a swap that
was cut off is carried on by whatever opens the instance next, and before that nothing has been
touched. What stood there before stays in `replaced-<time>` until a person, or a month, removes it.
"""

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wardsite.core.backup import DATABASE, SECRET_KEY, SETTINGS
from wardsite.ops.lock import alone, share
from wardsite.settings import Settings, load_settings

STAGING = ".restore"
READY = "READY"
AUDIT_END = "audit_end"  # belongs to the database it was noted of (ops/audit_end.py)
KEEP_REPLACED = timedelta(days=30)
WAIT_SECONDS = 10.0
_WHOLE = (DATABASE, "media", SECRET_KEY, SETTINGS)  # settings last: they make it an instance
_BESIDE = (f"{DATABASE}-wal", f"{DATABASE}-shm", AUDIT_END)
_NAME = "replaced-%Y%m%dT%H%M%SZ"


def open_instance(folder: Path) -> Settings:
    """Return the settings of an instance, which this process then holds together with others.

    Carries on a restore that was cut off. Raises SettingsError, InUseError, BeingReplacedError.
    """
    if (folder / STAGING).exists():
        with alone(folder, WAIT_SECONDS):
            carry_on(folder)
    settings = load_settings(folder)
    share(folder)
    return settings


def replaced_name(now: datetime) -> str:
    """Return the name of the folder that keeps what was replaced at `now`."""
    return f"{now.astimezone(UTC):{_NAME}}"


def carry_on(instance: Path) -> bool:
    """Finish a restore that was cut off after its swap began, or clear one cut off before.

    Tells whether there was one to finish. Holds no lock; the caller has the instance alone.
    """
    staging = instance / STAGING
    if (staging / READY).exists():
        swap(instance, staging, (staging / READY).read_text())
        return True
    if staging.exists():
        shutil.rmtree(staging)
    return False


def remove_replaced(instance: Path, now: datetime) -> None:
    """Remove what restores replaced more than a month ago."""
    for path in instance.glob("replaced-*"):
        with suppress(ValueError):
            at = datetime.strptime(path.name, _NAME).replace(tzinfo=UTC)
            if now - at > KEEP_REPLACED:
                shutil.rmtree(path)


def mark_ready(staging: Path, name: str) -> None:
    """Write down that all that is new lies in `staging`; `name` will keep what is replaced."""
    with (staging / READY).open("x") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    os.sync()


def swap(instance: Path, staging: Path, name: str) -> None:
    """Do what is left of the swap; every step may have been done already."""
    new, old = staging / "new", staging / "old"
    for what in _WHOLE:
        if not (new / what).exists():
            continue
        beside = _BESIDE if what == DATABASE else ()
        for present in (what, *beside):
            # Not when `old` has it: then this is the half-made instance, never one to be kept.
            if (instance / present).exists() and not (old / present).exists():
                (instance / present).replace(old / present)
        (new / what).replace(instance / what)
    _add_central(new / "central", instance / "central")
    if old.exists() and any(old.iterdir()):
        old.replace(instance / name)
    os.sync()
    (staging / READY).unlink()
    shutil.rmtree(staging)


def _add_central(new: Path, present: Path) -> None:
    present.mkdir(exist_ok=True)
    for path in new.iterdir() if new.exists() else ():
        if not (present / path.name).exists():
            path.replace(present / path.name)
