"""What a backup is, pure: the names it may hold, which backups to keep.

A backup is one tar file, compressed with zstd (gzip, before). Its first member is `manifest.json`
(`manifest`), which names every further member with its size and SHA-256; what it does not name is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from wardsite.core.errors import WardsiteError

MANIFEST = "manifest.json"
DATABASE = "wardsite.db"
SETTINGS = "wardsite.toml"
SECRET_KEY = "secret_key"  # noqa: S105 - the name of a file
SINGLE = frozenset((DATABASE, SETTINGS, SECRET_KEY))  # every backup holds these
_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
# Of `central/` only files and pictures of revisions: what was known (known.json) never goes back.
_IN_FOLDER = re.compile(rf"media(/{_PART}){{1,3}}|central/{_PART}\.(toml|minisig|webp)")
_STAMP = re.compile(r"wardsite-.+-(\d{8}T\d{6})Z\.tar\.(?:zst|gz)(?:\.age)?")

KEEP_ALL = timedelta(hours=48)
KEEP_DAYS, KEEP_WEEKS, KEEP_MONTHS = 7, 5, 6


class DamagedBackupError(WardsiteError):
    """The archive is no backup, or not whole, or holds what no backup holds; says which."""


def may_hold(name: str) -> bool:
    """Tell whether a backup may hold a file of this name: no way out of the folder, no dot file."""
    return name in SINGLE or (_IN_FOLDER.fullmatch(name) is not None and ".." not in name)


def file_name(unit_id: str, made_at: datetime) -> str:
    """Return the name of a backup made at this moment (to the second, UTC)."""
    return f"wardsite-{unit_id}-{made_at.astimezone(UTC):%Y%m%dT%H%M%S}Z.tar.zst"


def made_at(name: str) -> datetime | None:
    """Return when the backup of this name was made, or None when it is no name of ours."""
    found = _STAMP.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def to_remove(names: Iterable[str], now: datetime) -> list[str]:
    """Return which backups are no longer needed.

    Kept are all of two days, then the newest of each of 7 days, of 5 weeks and of 6 months on which
    there is one. Names that are not ours, or that lie in the future, are left alone.
    """
    times = {name: at for name in names if (at := made_at(name)) is not None and at <= now}
    newest_first = sorted(times, key=lambda name: times[name], reverse=True)
    keep = {name for name in newest_first if now - times[name] <= KEEP_ALL}
    keep |= _newest_of_each(newest_first, lambda name: f"{times[name]:%Y%m%d}", KEEP_DAYS)
    keep |= _newest_of_each(newest_first, lambda name: f"{times[name]:%G%V}", KEEP_WEEKS)
    keep |= _newest_of_each(newest_first, lambda name: f"{times[name]:%Y%m}", KEEP_MONTHS)
    return [name for name in newest_first if name not in keep]


def _newest_of_each(newest_first: list[str], period: Callable[[str], str], count: int) -> set[str]:
    kept: dict[str, str] = {}
    for name in newest_first:
        if len(kept) < count:
            kept.setdefault(period(name), name)
    return set(kept.values())
