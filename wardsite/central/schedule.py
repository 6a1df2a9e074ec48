"""When to ask the centre again. Pure: the moments come in.

Units must not all ask in the same second, and one that failed must not press harder: intervals are
spread by the unit's id, and grow with every failure.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

INTERVAL = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=6)
LONGEST_WAIT_REFUSED = timedelta(hours=1)
LONGEST_RETRY_AFTER = timedelta(days=1)
_SPREAD = 0.2  # an interval is up to a fifth shorter or longer


def is_due(
    now: datetime, last: datetime | None, next_try_at: datetime | None, unit_id: str
) -> bool:
    """Tell whether to ask now: `last` is the last attempt, `next_try_at` set after a failure.

    Moments further ahead than any wait come from a clock that has jumped, and count for nothing.
    """
    if next_try_at is not None:
        return now >= next_try_at or next_try_at - now > LONGEST_RETRY_AFTER * (1 + _SPREAD)
    return last is None or last > now or now >= last + _spread(INTERVAL, unit_id, last)


def next_try(
    now: datetime,
    failures: int,
    unit_id: str,
    *,
    retry_after_seconds: int | None = None,
    refused: bool = False,
) -> datetime:
    """Return when to try again after `failures` failures in a row.

    A server that names a time is obeyed, but for a day at most: none can silence a unit for good.
    """
    longest = LONGEST_WAIT_REFUSED if refused else LONGEST_WAIT
    wait = min(INTERVAL * 2 ** min(failures - 1, 10), longest)
    asked = min(timedelta(seconds=retry_after_seconds or 0), LONGEST_RETRY_AFTER)
    return now + max(_spread(wait, unit_id, now), asked)


def _spread(wait: timedelta, unit_id: str, seed: datetime) -> timedelta:
    share = zlib.crc32(f"{unit_id} {seed.isoformat()}".encode()) / 2**32
    return wait * (1 - _SPREAD + 2 * _SPREAD * share)
