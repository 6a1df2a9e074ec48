"""What an audit finds: verdicts on items, troubles of units, and the sums a leader asks for."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from wardsite.core.verdict import ItemVerdict, State, Words


class Standing(enum.Enum):
    """How a unit stands as a whole."""

    COMPLETE = "complete"
    TO_MEND = "to-mend"
    NOT_REACHED = "not-reached"  # nothing is known of what it shows
    NO_ADDRESS = "no-address"


class Trouble(enum.Enum):
    """What may be the matter with a unit's site as a whole."""

    NO_ADDRESS = "no-address"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    WRONG_UNIT = "wrong-unit"
    OTHER_CENTRE = "other-centre"
    OLD_REVISION = "old-revision"
    OTHER_CONTENT = "other-content"
    STALE = "stale"
    CONTRADICTION = "contradiction"
    CERTIFICATE_EXPIRING = "certificate-expiring"
    CLOCK_OFF = "clock-off"
    NEWER_REVISION = "newer-revision"
    MOVED = "moved"
    NOT_HTTPS = "not-https"
    BUILT_BY_SCRIPT = "built-by-script"
    SCRIPTS_NOT_RUN = "scripts-not-run"
    STYLES_UNREAD = "styles-unread"

    @property
    def is_grave(self) -> bool:
        """Whether it makes the unit fall short; the others are to be looked at in time."""
        return self in _GRAVE


_GRAVE = frozenset(
    {
        Trouble.UNREACHABLE,
        Trouble.UNREADABLE,
        Trouble.WRONG_UNIT,
        Trouble.OTHER_CENTRE,
        Trouble.OLD_REVISION,
        Trouble.OTHER_CONTENT,
        Trouble.STALE,
        Trouble.CONTRADICTION,
    }
)


@dataclass(frozen=True)
class Finding:
    """A trouble of a unit, in words."""

    trouble: Trouble
    words: Words


@dataclass(frozen=True)
class UnitVerdict:
    """How one unit stands.

    `is_wardsite` tells whether it gave a status; without one its page alone was judged. `minutes`
    is how long the revision took to get there, `drill_minutes` the same for each drill, None when
    it has not arrived or cannot be told.
    """

    id: str
    kind: str
    name: str
    url: str | None
    is_wardsite: bool = False
    revision: int | None = None
    minutes: float | None = None
    items: tuple[ItemVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()
    drill_minutes: Mapping[str, float | None] = field(default_factory=dict)
    clock_offset: float | None = None

    @property
    def visited(self) -> bool:
        """Whether the file gives an address to visit."""
        return self.url is not None

    @property
    def to_mend(self) -> tuple[ItemVerdict, ...]:
        """The mandatory items that fall short."""
        return tuple(item for item in self.items if item.mandatory and item.state.falls_short)

    @property
    def falls_short(self) -> bool:
        """Whether the unit has to mend something."""
        return bool(self.to_mend) or any(found.trouble.is_grave for found in self.findings)

    @property
    def standing(self) -> Standing:
        """How the unit stands: one that nobody reaches is not said to have left something out."""
        if not self.visited:
            return Standing.NO_ADDRESS
        if self.has(Trouble.UNREACHABLE):
            return Standing.NOT_REACHED
        return Standing.TO_MEND if self.falls_short else Standing.COMPLETE

    @property
    def on_show(self) -> int:
        """How many items are on show, or said to be where the page cannot tell."""
        return sum(item.state in {State.ON_SHOW, State.REPORTED} for item in self.items)

    @property
    def told(self) -> int:
        """How many items could be judged."""
        return sum(item.state not in {State.UNKNOWN, State.UNREACHABLE} for item in self.items)

    def has(self, trouble: Trouble) -> bool:
        """Tell whether the unit has this trouble."""
        return any(found.trouble is trouble for found in self.findings)


@dataclass(frozen=True)
class Coverage:
    """How far something has spread: units that have it, of those that can tell, and the minutes."""

    arrived: int
    asked: int
    median_minutes: float | None
    last_minutes: float | None

    @classmethod
    def of(cls, minutes: list[float | None]) -> Coverage:
        """Sum up the minutes of the units that can tell; None where it has not arrived."""
        there = [value for value in minutes if value is not None]
        middle = median(there) if there else None
        return cls(len(there), len(minutes), middle, max(there, default=None))


@dataclass(frozen=True)
class Audit:
    """One run over all units of a file. `own_clock_off`: seconds this machine's clock is off by."""

    config_id: str
    title: str
    parent: str
    revision: int
    sha256: str
    at: datetime
    units: tuple[UnitVerdict, ...]
    own_clock_off: float | None = None

    @property
    def visited(self) -> tuple[UnitVerdict, ...]:
        """The units that have an address."""
        return tuple(unit for unit in self.units if unit.visited)

    @property
    def short(self) -> tuple[UnitVerdict, ...]:
        """The units that fall short."""
        return tuple(unit for unit in self.units if unit.falls_short)

    @property
    def complete(self) -> int:
        """How many units show everything."""
        return self.standing(Standing.COMPLETE)

    def standing(self, how: Standing) -> int:
        """Return how many units stand so."""
        return sum(unit.standing is how for unit in self.units)

    def coverage(self) -> Coverage:
        """How far the revision has spread among the units that give a status."""
        return Coverage.of([unit.minutes for unit in self.units if unit.is_wardsite])

    def drills(self) -> dict[str, Coverage]:
        """How far each drill has spread."""
        names = sorted({name for unit in self.units for name in unit.drill_minutes})
        return {
            name: Coverage.of(
                [unit.drill_minutes[name] for unit in self.units if name in unit.drill_minutes]
            )
            for name in names
        }
