"""The machine: room on the disk, memory, time, who may read and write the files, the timer."""

import ctypes
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from wardsite.central.alarms import CLOCK_TOLERANCE
from wardsite.core.backup import DATABASE, SECRET_KEY, SETTINGS
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.doctor.finding import Finding, State, fault, good, warning
from wardsite.mandate.memory import latest
from wardsite.media.bucket import KEY_FILE
from wardsite.ops.heartbeat import last_tick
from wardsite.ops.proof import backups_folder, last_proof
from wardsite.settings import Settings

MEGABYTE = 1024 * 1024
FULL, TIGHT = 100 * MEGABYTE, 500 * MEGABYTE
FEW_ENTRIES = 1000
LITTLE_MEMORY = 64 * MEGABYTE
NO_TICK = timedelta(hours=1)
_NOT_SYNCHRONISED = 5  # adjtimex(2): TIME_ERROR


@dataclass(frozen=True)
class Room:
    """Free bytes and file entries (None where none are counted) of a disk; mounted for reading?"""

    free: int
    entries: int | None
    read_only: bool = False


def disk(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether there is room for what is written, and for the next backup."""
    proof = last_proof(settings.instance)
    yield judge_disk(_room(settings.instance), 3 * proof.size if proof else 0)


def judge_disk(room: Room, backup: int) -> Finding:
    """Judge a disk; `backup` is the bytes that the next backup and its rehearsal need."""
    free = WardsiteError(N_("%(free)d MB of disk space is free."), free=room.free // MEGABYTE)
    make_room = WardsiteError(
        N_(
            "Free up disk space: old logs (journalctl --vacuum-size=100M), packages (apt-get "
            "clean)."
        )
    )
    if room.read_only:
        why = WardsiteError(
            N_(
                "Find out why: journalctl -k. After a disk error, ask the provider to check the "
                "disk; then: mount -o remount,rw / (or restart the server)."
            )
        )
        return fault(
            "disk", WardsiteError(N_("The disk cannot be written to (mounted read-only).")), why
        )
    if room.entries is not None and room.entries < FEW_ENTRIES:
        few = WardsiteError(
            N_("The disk has room for only %(count)d more files, however small."),
            count=room.entries,
        )
        return fault("disk", few, make_room)
    if room.free < FULL:
        return fault("disk", free, make_room)
    if room.free < max(TIGHT, backup):
        return warning("disk", free, make_room)
    return Finding("disk", State.OK, free)


def memory(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether the machine has memory left."""
    try:
        yield judge_memory(Path("/proc/meminfo").read_text())
    except (OSError, KeyError, ValueError) as error:
        yield _unknown("memory", error)


def judge_memory(meminfo: str) -> Finding:
    """Judge what `/proc/meminfo` says. Raises KeyError, ValueError for what is no such text."""
    rows = (line.partition(":") for line in meminfo.splitlines())
    sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in rows if rest.strip()}
    left = sizes["MemAvailable"]
    message = WardsiteError(
        N_("%(free)d of %(total)d MB of memory is free, and %(swap)d MB of swap."),
        free=left // MEGABYTE,
        total=sizes["MemTotal"] // MEGABYTE,
        swap=sizes["SwapFree"] // MEGABYTE,
    )
    if left + sizes["SwapFree"] < LITTLE_MEMORY:
        advice = WardsiteError(
            N_("Find out what is using the memory (top), or add a 1 GB swap file.")
        )
        return warning("memory", message, advice)
    return Finding("memory", State.OK, message)


def time(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether the clock is right; that it has gone back is known from what it said before."""
    proof, tick = last_proof(settings.instance), last_tick(settings.instance)
    latest_known = latest(proof.proven_at if proof else None, tick)
    yield judge_time(now, latest_known, _clock_state())


def judge_time(now: datetime, known: datetime | None, clock_state: int) -> Finding:
    """Judge the clock by the latest moment on record and what the kernel says of it."""
    set_clock = WardsiteError(N_("Turn on network time synchronisation: timedatectl set-ntp true."))
    if known is not None and now + CLOCK_TOLERANCE < known:
        back = WardsiteError(N_("The clock on this server has gone back."))
        return Finding("time", State.FAULT, back, set_clock, known)
    if clock_state == _NOT_SYNCHRONISED:
        free = WardsiteError(N_("The clock on this server is not synchronised over the network."))
        return warning("time", free, set_clock)
    return good("time", N_("The server clock is correct."))


def permissions(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether others can read secrets or change files, and whether all have one owner."""
    instance = settings.instance
    private = [instance, instance / SECRET_KEY, instance / KEY_FILE, backups_folder(instance)]
    kept = [instance / name for name in (DATABASE, SETTINGS, "media", "central")]
    open_to_others = [
        path.name
        for path, forbidden in [*((p, 0o077) for p in private), *((p, 0o022) for p in kept)]
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & forbidden
    ]
    if open_to_others:
        yield fault(
            "permissions",
            WardsiteError(
                N_("Other users on this machine can read or change: %(names)s."),
                names=", ".join(open_to_others),
            ),
            WardsiteError(N_("Run: chmod -R go-rwx %(folder)s"), folder=str(instance)),
        )
    yield from foreign_files(instance, [instance, *_files(instance)])
    if not open_to_others:
        yield good("permissions", N_("Secrets can be read only by their owner."))


def foreign_files(instance: Path, paths: Iterable[Path]) -> Iterator[Finding]:
    """Find what belongs to another user than the folder: the site cannot change it."""
    owner = instance.stat().st_uid
    foreign = [path.relative_to(instance) for path in paths if path.lstat().st_uid != owner]
    if foreign:
        yield fault(
            "permissions",
            WardsiteError(
                N_("%(count)d files belong to a different user from the folder, such as %(name)s."),
                count=len(foreign),
                name=str(foreign[0]),
            ),
            WardsiteError(
                N_("Run as root: chown -R --reference=%(folder)s %(folder)s"), folder=str(instance)
            ),
        )


def jobs(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether `wardsite tick` runs every few minutes."""
    last = last_tick(settings.instance)
    advice = WardsiteError(
        N_(
            "Set a timer to run “wardsite tick” every 5 minutes: systemctl enable --now "
            "wardsite@%(unit)s.timer"
        ),
        unit=settings.unit_id,
    )
    if last is None:
        never = WardsiteError(N_("“wardsite tick” has never run: no sync, no feeds, no backups."))
        yield warning("jobs", never, advice)
    elif now - last > NO_TICK:
        late = WardsiteError(
            N_("“wardsite tick” has not run recently: no sync, no feeds, no backups.")
        )
        yield Finding("jobs", State.FAULT, late, advice, last)
    else:
        yield good("jobs", N_("“wardsite tick” is running."))


def _room(folder: Path) -> Room:
    counted = os.statvfs(folder)
    entries = counted.f_favail if counted.f_files else None
    read_only = bool(counted.f_flag & os.ST_RDONLY)
    return Room(shutil.disk_usage(folder).free, entries, read_only)


def _clock_state() -> int:
    """Ask the kernel, changing nothing (modes is 0): what NTP clients tell it of their success."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)))
    except (AttributeError, OSError):
        return 0


def _files(instance: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(instance):
        folders[:] = [name for name in folders if not name.startswith("replaced-")]
        yield from (Path(folder) / name for name in (*folders, *names))


def _unknown(check: str, error: Exception) -> Finding:
    return warning(
        check,
        WardsiteError(N_("The check could not be completed: %(reason)s"), reason=reason_of(error)),
        WardsiteError(N_("Check it manually.")),
    )
