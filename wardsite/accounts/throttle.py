"""Counting attempts by key within a window: what keeps guessing and flooding slow.

One table shared by all workers: a counter in memory would let each worker count for itself.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from wardsite.core.errors import N_, WardsiteError
from wardsite.extensions import db
from wardsite.models import Attempt

CLOCK_SLACK = timedelta(minutes=5)  # by which two hosts on one database may differ


@dataclass(frozen=True)
class Caller:
    """Where a sign-in comes from: network address, what the browser calls itself, and the mark a
    browser got when its officer last signed in there ("" without one)."""

    address: str
    browser: str = ""
    mark: str = ""


class TooManyAttemptsError(WardsiteError):
    """Too many attempts under this key; `seconds` until the next."""


def count_attempt(session: Session, key: str, limit: int, window: timedelta, now: datetime) -> None:
    """Count one attempt in the caller's transaction; the window starts with the first.

    Raises TooManyAttemptsError when `limit` were counted in the window already.
    """
    attempt = session.get(Attempt, key)
    # A window that ends later than any could was begun by a clock that has since been put back; one
    # begun by a request that read its clock after this one but was written first is no such window.
    if attempt is None or not now < attempt.window_ends_at <= now + window + CLOCK_SLACK:
        session.execute(delete(Attempt).where(Attempt.window_ends_at <= now))
        session.merge(Attempt(key=key, count=1, window_ends_at=now + window))
        return
    if attempt.count >= limit:
        seconds = math.ceil((attempt.window_ends_at - now).total_seconds())
        raise TooManyAttemptsError(
            N_("Too many attempts. Please try again in %(minutes)s minutes."),
            minutes=-(-seconds // 60),
            seconds=seconds,
        )
    attempt.count += 1


def attempts(key: str, now: datetime) -> int:
    """Return how many attempts were counted under the key in its present window."""
    attempt = db.session.get(Attempt, key)
    return attempt.count if attempt is not None and attempt.window_ends_at > now else 0
