"""What a unit says of itself against the file and against its own page: troubles, item by item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from wardsite.core.central_schema import CentralConfig, Notice
from wardsite.core.errors import N_
from wardsite.core.findings import Finding, Trouble
from wardsite.core.status_report import ConfigPart, StatusReport
from wardsite.core.verdict import ItemVerdict, State, Words

CERTIFICATE_DAYS = 21
CLOCK_SECONDS = 300.0


def status_troubles(
    status: StatusReport, config: CentralConfig, sha256: str, unit_id: str
) -> Iterator[Finding]:
    """Yield what the status shows to be wrong."""
    if status.unit.id != unit_id:
        message = N_("The site responds as unit %(found)s.")
        yield Finding(Trouble.WRONG_UNIT, Words(message, {"found": status.unit.id}))
    yield from _revision_troubles(status.config, config, sha256)
    if status.contact.refusal:
        message = N_("The unit rejects the district file: %(reason)s.")
        yield Finding(Trouble.STALE, Words(message, {"reason": status.contact.refusal}))
    elif status.contact.stale:
        yield Finding(
            Trouble.STALE,
            Words(N_("The unit has not contacted its district file source for a long time.")),
        )
    elif status.contact.expired:
        yield Finding(Trouble.STALE, Words(N_("The file in force at the unit is out of date.")))


def _revision_troubles(
    theirs: ConfigPart | None, config: CentralConfig, sha256: str
) -> Iterator[Finding]:
    ours = config.config
    if theirs is None:
        message = N_("The unit has no district file in force yet.")
        yield Finding(Trouble.OLD_REVISION, Words(message))
    elif theirs.id != ours.id:
        message = N_("The unit follows a different parent unit: %(found)s.")
        yield Finding(Trouble.OTHER_CENTRE, Words(message, {"found": theirs.id}))
    elif theirs.revision < ours.revision:
        message = N_("Revision %(found)d is in force; the latest is %(wanted)d.")
        params = {"found": theirs.revision, "wanted": ours.revision}
        yield Finding(Trouble.OLD_REVISION, Words(message, params))
    elif theirs.revision > ours.revision:
        message = N_("Revision %(found)d is in force, which is later than this file.")
        yield Finding(Trouble.NEWER_REVISION, Words(message, {"found": theirs.revision}))
    elif theirs.sha256.lower() != sha256:
        message = N_("Revision %(found)d at the unit has different content from this file.")
        yield Finding(Trouble.OTHER_CONTENT, Words(message, {"found": theirs.revision}))


def with_status(
    verdicts: tuple[ItemVerdict, ...], status: StatusReport, revision: int
) -> tuple[ItemVerdict, ...]:
    """Let the status explain what the page leaves open; it never turns a fault into good."""
    said = set(status.items.on_show)
    is_old = status.config is None or status.config.revision < revision
    return tuple(_explained(item, said, is_old) for item in verdicts)


def _explained(item: ItemVerdict, said: set[str], is_old: bool) -> ItemVerdict:
    if item.state is State.UNKNOWN:
        if item.key in said:
            return replace(item, state=State.REPORTED)
        return replace(item, state=State.OLD_REVISION if is_old else State.MISSING)
    if item.state is State.MISSING and is_old and item.key not in said:
        return replace(item, state=State.OLD_REVISION)
    return item


def contradictions(verdicts: tuple[ItemVerdict, ...], status: StatusReport) -> Iterator[Finding]:
    """Yield a finding when the unit claims to show what its page does not."""
    claimed = set(status.items.on_show)
    false = [item.title for item in verdicts if item.state.falls_short and item.key in claimed]
    if false:
        message = N_(
            "The unit reports these items as displayed but the page does not show them: %(items)s."
        )
        yield Finding(Trouble.CONTRADICTION, Words(message, {"items": ", ".join(false)}))


def drill_verdicts(
    drills: tuple[Notice, ...], status: StatusReport | None
) -> Iterator[ItemVerdict]:
    """Yield the verdict on each drill; only a status can tell."""
    for drill in drills:
        state = State.UNKNOWN
        if status is not None:
            state = State.REPORTED if drill.id in status.items.drills else State.MISSING
        yield ItemVerdict("drills", drill.id, drill.title, drill.mandatory, state)


def minutes_taken(
    status: StatusReport, config: CentralConfig, start: datetime, clock_offset: float
) -> float | None:
    """Return the minutes from `start` until the unit applied this revision, None when it has not.

    `clock_offset` (seconds) is how far the unit's clock is ahead; `start` is taken no earlier than
    the file was issued.
    """
    applied = status.applied_at()
    if applied is None or status.config is None:
        return None
    if status.config.revision < config.config.revision:
        return None
    taken = applied - timedelta(seconds=clock_offset) - max(start, config.config.issued_at)
    return max(taken.total_seconds() / 60, 0.0)


def certificate_trouble(expires_at: datetime | None, now: datetime) -> Iterator[Finding]:
    """Yield a finding when the certificate ends within `CERTIFICATE_DAYS` days."""
    if expires_at is not None and expires_at - now < timedelta(days=CERTIFICATE_DAYS):
        message = N_("The certificate expires in %(days)d days.")
        days = max((expires_at - now).days, 0)
        yield Finding(Trouble.CERTIFICATE_EXPIRING, Words(message, {"days": days}))


def clock_trouble(offset: float | None, reference: float) -> Iterator[Finding]:
    """Yield a finding when a clock is off by more than `CLOCK_SECONDS` against the others."""
    if offset is not None and abs(offset - reference) > CLOCK_SECONDS:
        message = N_("The server's clock is off by %(time)s.")
        time = timedelta(seconds=offset - reference)
        yield Finding(Trouble.CLOCK_OFF, Words(message, {"time": time}))
