"""When to ask a source again. Pure: the moments come in.

Every unit reads the same few sources, so nobody may ask all in the same minute, and a source in
trouble must be left alone: intervals are spread, grow with every failure, and what a server asks
for is obeyed for a day at most.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

LONGEST_WAIT = timedelta(days=1)
_SPREAD = 0.1  # an interval is up to a tenth shorter or longer


def next_fetch(
    now: datetime,
    interval: timedelta,
    failures: int,
    seed: str,
    retry_after_seconds: int | None = None,
) -> datetime:
    """Return when to fetch next, after `failures` failures in a row; `seed` spreads the units."""
    wait = min(interval * int(2 ** min(failures, 10)), max(LONGEST_WAIT, interval))
    share = zlib.crc32(f"{seed} {now.isoformat()}".encode()) / 2**32
    spread = wait * (1 - _SPREAD + 2 * _SPREAD * share)
    asked = min(timedelta(seconds=retry_after_seconds or 0), LONGEST_WAIT)
    return now + max(spread, asked)


def is_due(now: datetime, next_fetch_at: datetime | None) -> bool:
    """Tell whether to fetch now. A moment beyond any wait comes from a clock that jumped."""
    return next_fetch_at is None or now >= next_fetch_at or next_fetch_at > now + 8 * LONGEST_WAIT
