"""What a check found."""

import enum
from dataclasses import dataclass
from datetime import datetime

from wardsite.core.errors import WardsiteError


class State(enum.IntEnum):
    """How grave it is: a warning is to be looked at this week, a fault now."""

    OK = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True)
class Finding:
    """One thing found by the check of this name: what is so, since when, and what to do.

    `message` and `advice` are to be translated by whoever shows them, as alarms are.
    """

    check: str
    state: State
    message: WardsiteError
    advice: WardsiteError | None = None
    since: datetime | None = None


def good(check: str, msgid: str, **params: object) -> Finding:
    """Return that all is well."""
    return Finding(check, State.OK, WardsiteError(msgid, **params))


def warning(check: str, message: WardsiteError, advice: WardsiteError) -> Finding:
    """Return what is to be looked at this week."""
    return Finding(check, State.WARNING, message, advice)


def fault(check: str, message: WardsiteError, advice: WardsiteError) -> Finding:
    """Return what needs someone now."""
    return Finding(check, State.FAULT, message, advice)
