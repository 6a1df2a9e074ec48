"""What applies at this moment, as of when, and when that has to be looked at again.

Health advice that nobody has confirmed for too long must not look current. It is overdue once the
parent unit's file is past the day it was signed for, or the parent unit has not been reached for as
long as the settings allow; a site that never had a file has nothing that is confirmed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wardsite.extensions import current_settings
from wardsite.mandate import service as mandates


@dataclass(frozen=True)
class Moment:
    """Moments are UTC. `as_of` None: the parent unit was never reached."""

    as_of: datetime | None
    review_by: datetime | None
    next_change: datetime | None
    overdue_at: datetime
    overdue: bool


def moment_of(
    now: datetime,
    contacted_at: datetime | None,
    expires_at: datetime | None,
    next_change: datetime | None,
    patience: timedelta,
) -> Moment:
    """Return how the mandate stands at `now`; `patience` is how long without contact is borne."""
    limits = [limit for limit in (expires_at, contacted_at and contacted_at + patience) if limit]
    overdue_at = min(limits) if contacted_at and expires_at else now
    # That the file's date passes changes nothing on show; it is said as the review.
    ahead = None if next_change == expires_at else next_change
    return Moment(contacted_at, expires_at, ahead, overdue_at, overdue_at <= now)


def moment(now: datetime) -> Moment:
    """Return how this site's mandate stands at `now`."""
    settings = current_settings()
    ruling = mandates.in_force().at(mandates.effective(now))
    return moment_of(
        now,
        mandates.contacted_at(),
        ruling.config.config.expires_at if ruling else None,
        mandates.next_change(now),
        timedelta(days=settings.contact_days),
    )


def next_overdue(now: datetime) -> datetime | None:
    """Return when what is shown becomes overdue by itself, for the page cache; None when it is."""
    found = moment(now)
    return None if found.overdue else found.overdue_at.astimezone(UTC)
