"""What officers have to know about the centre: what is wrong, since when, and what to do. Pure.

Residents never see an alarm: whatever rings, what is mandated stays on show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardsite.core.errors import N_, WardsiteError

CLOCK_TOLERANCE = timedelta(minutes=10)
OUT_OF_REACH = "OutOfReachError"


@dataclass(frozen=True)
class Alarm:
    """One thing to know. `code` is for programs; `message` and `advice` are to be translated.

    `fault` tells what needs someone now from what is only to be watched.
    """

    code: str
    fault: bool
    message: WardsiteError
    advice: WardsiteError
    since: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """What is known about the unit's contact to its centre at `now`. Moments are UTC."""

    now: datetime
    clock: datetime | None
    configured: bool
    contact_days: int
    expires_at: datetime | None
    revision: int | None
    highest: int
    damaged: bool
    contacted_at: datetime | None
    checked_at: datetime | None
    error_code: str
    error_msgid: str
    error_params: Mapping[str, object]
    error_since: datetime | None
    picture_faults: tuple[WardsiteError, ...]
    trusts_a_key: bool
    example_key_in_use: bool


def alarms(facts: Facts) -> tuple[Alarm, ...]:
    """Return what rings, the gravest first."""
    rung = [alarm for check in _CHECKS for alarm in check(facts)]
    return tuple(sorted(rung, key=lambda alarm: not alarm.fault))


def _damaged(facts: Facts) -> Iterator[Alarm]:
    if facts.damaged:
        yield Alarm(
            "damaged",
            True,
            WardsiteError(
                N_(
                    "The district file in force is missing or damaged on this server, or signed"
                    " with a key that is no longer trusted."
                )
            ),
            WardsiteError(
                N_(
                    "The site is showing the content that was in force before. Sync now; if this "
                    "warning remains, check the disk and the keys in the settings."
                )
            ),
        )


def _refused(facts: Facts) -> Iterator[Alarm]:
    if facts.error_code and facts.error_code != OUT_OF_REACH:
        yield Alarm(
            "refused",
            True,
            WardsiteError(facts.error_msgid, **facts.error_params),
            WardsiteError(
                N_(
                    "The last valid district file stays in force. Pass this message to the "
                    "parent unit."
                )
            ),
            facts.error_since,
        )


def _unreachable(facts: Facts) -> Iterator[Alarm]:
    if facts.error_code == OUT_OF_REACH:
        yield Alarm(
            "unreachable",
            False,
            WardsiteError(facts.error_msgid, **facts.error_params),
            WardsiteError(
                N_(
                    "It will retry automatically. If the problem continues, check the network "
                    "and district_url."
                )
            ),
            facts.error_since,
        )


def _expired(facts: Facts) -> Iterator[Alarm]:
    if facts.expires_at is not None and facts.expires_at <= facts.now:
        yield Alarm(
            "expired",
            True,
            WardsiteError(N_("The signature of the district file in force has expired.")),
            WardsiteError(N_("Ask the parent unit to sign and publish a new file.")),
            facts.expires_at,
        )


def _stale(facts: Facts) -> Iterator[Alarm]:
    limit = timedelta(days=facts.contact_days)
    if facts.contacted_at is not None and facts.contacted_at + limit <= facts.now:
        yield Alarm(
            "stale",
            True,
            WardsiteError(
                N_("There has been no contact with the parent unit for %(days)d days."),
                days=(facts.now - facts.contacted_at).days,
            ),
            WardsiteError(N_("Check the network, district_url and that wardsite tick is running.")),
            facts.contacted_at,
        )


def _none_yet(facts: Facts) -> Iterator[Alarm]:
    if not facts.configured:
        yield Alarm(
            "unconfigured",
            True,
            WardsiteError(N_("The address of the district file is not set for this site.")),
            WardsiteError(N_("Set district_url and district_keys in wardsite.toml.")),
        )
    elif facts.revision is None and not facts.damaged:
        yield Alarm(
            "never",
            True,
            WardsiteError(N_("No district file has been accepted yet.")),
            WardsiteError(
                N_(
                    "Sync now. Until then, the site shows the built-in banner from the official "
                    "dispatch."
                )
            ),
        )


def _keys(facts: Facts) -> Iterator[Alarm]:
    if facts.configured and not facts.trusts_a_key:
        yield Alarm(
            "no-key",
            True,
            WardsiteError(N_("No key is trusted to sign the district file.")),
            WardsiteError(N_("Set district_keys in wardsite.toml to the parent unit's key.")),
        )
    if facts.example_key_in_use:
        yield Alarm(
            "example-key",
            False,
            WardsiteError(
                N_(
                    "The example key is trusted. Its secret key is public, so its signatures "
                    "prove nothing."
                )
            ),
            WardsiteError(N_("Set district_keys in wardsite.toml to the parent unit's key.")),
        )


def _behind(facts: Facts) -> Iterator[Alarm]:
    if facts.revision is not None and facts.revision < facts.highest:
        yield Alarm(
            "behind",
            True,
            WardsiteError(
                N_("Revision %(revision)d is shown, but revision %(highest)d has been accepted."),
                revision=facts.revision,
                highest=facts.highest,
            ),
            WardsiteError(N_("Sync now to bring the newer revision back into force.")),
        )


def _clock(facts: Facts) -> Iterator[Alarm]:
    if facts.clock is not None and facts.now + CLOCK_TOLERANCE < facts.clock:
        yield Alarm(
            "clock",
            True,
            WardsiteError(N_("The clock on this server has gone back.")),
            WardsiteError(N_("Correct the clock. Until then, the latest known time is used.")),
            facts.clock,
        )


def _pictures(facts: Facts) -> Iterator[Alarm]:
    if facts.picture_faults:
        yield Alarm(
            "pictures",
            False,
            WardsiteError(
                N_("Banner pictures that could not be downloaded: %(count)d. %(reason)s"),
                count=len(facts.picture_faults),
                reason=facts.picture_faults[0],
            ),
            WardsiteError(N_("Text banners are shown instead. It will retry automatically.")),
        )


_CHECKS: tuple[Callable[[Facts], Iterator[Alarm]], ...] = (
    _none_yet,
    _damaged,
    _refused,
    _expired,
    _stale,
    _clock,
    _behind,
    _keys,
    _unreachable,
    _pictures,
)
