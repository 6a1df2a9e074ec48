"""How the unit stands towards its centre: what is ordered and why, what is shown, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from wardsite.central.alarms import Alarm, Facts, alarms
from wardsite.core import mandate as rules
from wardsite.core.central_schema import Document, Item
from wardsite.core.errors import WardsiteError
from wardsite.core.mandate import Mandate
from wardsite.core.signing import PublicKey
from wardsite.documents import service as documents
from wardsite.extensions import current_settings
from wardsite.mandate import service as mandates
from wardsite.mandate import store
from wardsite.mandate.memory import PinnedKeyError, known_from, latest, pinned_keys, read_known
from wardsite.mandate.service import InForce
from wardsite.mandate.store import central_folder
from wardsite.models import CentralState
from wardsite.models import Document as DocumentRow
from wardsite.serving.kept import kept
from wardsite.settings import EXAMPLE_DISTRICT


@dataclass(frozen=True)
class CentralStatus:
    """How the unit stands towards its centre. Moments are UTC; `alarms` are for officers.

    `mandated` and `shown` are `section/id` of what is on order and of that what the site shows.
    """

    unit_id: str
    unit_kind: str
    configured: bool
    config_id: str | None
    revision: int | None
    sha256: str | None
    title: str | None
    parent: str | None
    key_id: str | None
    applied_at: datetime | None
    expires_at: datetime | None
    checked_at: datetime | None
    contacted_at: datetime | None
    mandated: tuple[str, ...]
    shown: tuple[str, ...]
    drills: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    error_code: str
    example_key_in_use: bool

    @property
    def total(self) -> int:
        """How many items are on order."""
        return len(self.mandated)

    @property
    def count(self) -> int:
        """How many of them the site shows."""
        return len(self.shown)

    @property
    def complete(self) -> bool:
        """Whether everything on order is on show."""
        return self.shown == self.mandated

    def has(self, code: str) -> bool:
        """Tell whether the alarm with this code rings."""
        return any(alarm.code == code for alarm in self.alarms)

    @property
    def expired(self) -> bool:
        """Whether the file in force is past its `expires_at`."""
        return self.has("expired")

    @property
    def stale(self) -> bool:
        """Whether the centre has not been reached for longer than the settings allow."""
        return self.has("stale")

    @property
    def fresh(self) -> bool:
        """Whether the file is in date and the centre was reached lately."""
        return self.revision is not None and not self.expired and not self.stale


@dataclass(frozen=True)
class OrderedItem:
    """A mandated item as officers see it: why it is there, and `since` when at the latest."""

    section: str
    item: Item | Document
    basis: list[DocumentRow]
    since: datetime | None

    @property
    def until(self) -> datetime | None:
        """When it is to be taken away, None when nobody has said."""
        return getattr(self.item, "valid_to", None)

    @property
    def title(self) -> str:
        """What a person calls the item."""
        named = (getattr(self.item, name, None) for name in ("title", "label", "name", "code"))
        return next((str(name) for name in named if name), self.item.id)


def basis_of(item: Item | Document, now: datetime) -> list[DocumentRow]:
    """Return the documents that order an item, of those residents can open."""
    ruling, order = mandates.in_force().at(mandates.effective(now)), mandates.at(now)
    if ruling is None:
        return []
    wanted = {document.id for document in rules.basis_of(ruling.config, item)}
    return [row for row in _mandated_rows(order) if row.central_id in wanted]


def ordered_items(now: datetime) -> list[OrderedItem]:
    """Return every item on order with its basis, by section in the order to show them."""
    sections = _sections(mandates.at(now))
    return [_ordered(name, item, now) for name, items in sections.items() for item in items]


def ordered_item(section: str, item_id: str, now: datetime) -> OrderedItem | None:
    """Return one item on order, None when it is not (or no longer) ordered."""
    items = _sections(mandates.at(now)).get(section, ())
    return next((_ordered(section, item, now) for item in items if item.id == item_id), None)


def _sections(order: Mandate) -> dict[str, tuple[Item | Document, ...]]:
    return {
        "banners": order.banners,
        "notices": (*order.notices, *order.drills),
        "apps": order.apps,
        "topics": order.topics,
        "sources": order.sources,
        "hotlines": order.hotlines,
        "links": order.links,
        "documents": order.documents,
    }


def _ordered(section: str, item: Item | Document, now: datetime) -> OrderedItem:
    config = mandates.at(now).config
    start = config.effective_from if config else None
    own_start = getattr(item, "valid_from", None)
    return OrderedItem(section, item, basis_of(item, now), latest(own_start, start))


def status(now: datetime) -> CentralStatus:
    """Return how the unit stands towards its centre at `now`."""
    own, row, held = current_settings(), mandates.state(), mandates.in_force()
    moment = mandates.effective(now)
    ruling, order = held.at(moment), mandates.at(now)
    meta = ruling.config.config if ruling else None
    mandated = order.item_keys()
    checked = latest(row.checked_at, store.noted_check(central_folder(own.instance)))
    facts = _facts(now, row, held, checked)
    return CentralStatus(
        unit_id=own.unit_id,
        unit_kind=own.unit_kind,
        configured=bool(own.district_url),
        config_id=meta.id if meta else None,
        revision=meta.revision if meta else None,
        sha256=ruling.sha256 if ruling else None,
        title=meta.title if meta else None,
        parent=order.parent.short_name if order.parent else None,
        key_id=ruling.key_id if ruling else None,
        applied_at=row.applied_at,
        expires_at=meta.expires_at if meta else None,
        checked_at=checked,
        contacted_at=row.contacted_at,
        mandated=mandated,
        shown=_shown(order, mandated),
        drills=tuple(drill.id for drill in order.drills),
        alarms=alarms(facts),
        error_code=row.error_code,
        example_key_in_use=facts.example_key_in_use,
    )


def _mandated_rows(order: Mandate) -> list[DocumentRow]:
    """Return the rows of the mandated documents, read once a request."""
    ids = order.document_ids
    return mandates.once(
        "documents", lambda: kept(("mandated", ids), lambda: documents.of_centre(ids))
    )


def _shown(order: Mandate, mandated: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out documents without a row: the one kind of item that is copied to be shown."""
    present = {row.central_id for row in _mandated_rows(order)}
    missing = {f"documents/{name}" for name in order.document_ids if name not in present}
    return tuple(key for key in mandated if key not in missing)


def _facts(now: datetime, row: CentralState, held: InForce, checked_at: datetime | None) -> Facts:
    own = current_settings()
    known = read_known(central_folder(own.instance)).joined(known_from(row.known))
    try:
        trusted = known.ring(mandates.pinned()).trusted(now)
    except PinnedKeyError:
        trusted = ()
    return Facts(
        now=now,
        clock=known.clock,
        configured=bool(own.district_url),
        contact_days=own.contact_days,
        expires_at=held.current.config.config.expires_at if held.current else None,
        revision=held.current.config.config.revision if held.current else None,
        highest=known.revision,
        damaged=held.damaged,
        contacted_at=row.contacted_at,
        checked_at=checked_at,
        error_code=row.error_code,
        error_msgid=row.error_msgid,
        error_params=row.error_params or {},
        error_since=row.error_since,
        picture_faults=_picture_faults(row.images or {}),
        trusts_a_key=bool(trusted),
        example_key_in_use=not _example_keys().isdisjoint(trusted),
    )


def _picture_faults(entries: Mapping[str, Any]) -> tuple[WardsiteError, ...]:
    """Return why each picture is missing that could not be had when it was last tried."""
    bad = (entry for entry in entries.values() if "msgid" in entry)
    return tuple(WardsiteError(entry["msgid"], **entry["params"]) for entry in bad)


@lru_cache(maxsize=1)
def _example_keys() -> frozenset[PublicKey]:
    """Return the keys of the example; their secret half is published, so they prove nothing."""
    names = sorted(path.name for path in EXAMPLE_DISTRICT.glob("*.pub"))
    return frozenset(pinned_keys(names, EXAMPLE_DISTRICT))
