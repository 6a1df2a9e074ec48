"""What a unit says of itself in /.well-known/wardsite.json, read as hostile input."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from wardsite.core.errors import N_, WardsiteError

MAX_BYTES = 64 * 1024
_Short = Annotated[str, Field(max_length=200)]
_Keys = Annotated[tuple[_Short, ...], Field(max_length=2000)]


class NoStatusError(WardsiteError):
    """The bytes are not the status of a wardsite."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Software(_Part):
    """Which program answers."""

    name: _Short
    version: _Short = ""


class UnitPart(_Part):
    """Which unit answers."""

    id: _Short


class ConfigPart(_Part):
    """Which revision it says is in force, by the SHA-256 of its bytes."""

    id: _Short
    revision: Annotated[int, Field(ge=0, le=2**31)]
    sha256: _Short = ""
    applied_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None


class ContactPart(_Part):
    """When it last reached its centre, and what troubles it."""

    last: AwareDatetime | None = None
    stale: bool = False
    expired: bool = False
    refusal: _Short | None = None


class ItemsPart(_Part):
    """`section/id` of what is on order and on show; ids of drills."""

    mandated: _Keys = ()
    on_show: _Keys = ()
    drills: _Keys = ()


class StatusReport(_Part):
    """The status; every word of it is the unit's own."""

    software: Software
    unit: UnitPart
    now: AwareDatetime
    config: ConfigPart | None = None
    contact: ContactPart = ContactPart()
    items: ItemsPart = ItemsPart()

    def applied_at(self) -> datetime | None:
        """Return when the revision in force was applied, by the unit's clock."""
        return self.config.applied_at if self.config else None


def read_status(body: bytes) -> StatusReport:
    """Read a status. Raises NoStatusError, whatever `body` holds."""
    try:
        report = StatusReport.model_validate(json.loads(body))
    except (ValidationError, ValueError, RecursionError, OverflowError):
        report = None
    if report is None or report.software.name != "wardsite":
        raise NoStatusError(N_("No wardsite status was found."))
    return report
