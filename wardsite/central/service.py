"""What the centre orders, as the rest of the house asks for it, and how the unit stands to it.

Invariants:
- What is shown comes from bytes verified by this process, parsed once and kept by their SHA-256;
  the database only says which. With the bytes in force damaged the revision before stands in, and
  with that gone too the built-in banner of the dispatch: residents never lose what is mandated.
- Time does not run backwards: everything is decided at the latest moment known.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app, has_request_context, request

from wardsite.central import store
from wardsite.central.alarms import Alarm, Facts, alarms
from wardsite.central.memory import PinnedKeyError, known_from, latest, pinned_keys, read_known
from wardsite.central.store import DamagedRevisionError, Revision, central_folder
from wardsite.core import mandate as rules
from wardsite.core.central_schema import Banner, Document, Item
from wardsite.core.config_diff import Change, changes
from wardsite.core.mandate import Mandate, Unit
from wardsite.core.signing import PublicKey
from wardsite.core.succession import KeyRing
from wardsite.documents import service as documents
from wardsite.extensions import db
from wardsite.models import CentralState
from wardsite.models import Document as DocumentRow
from wardsite.serving.language import plain_url
from wardsite.settings import EXAMPLE_DISTRICT, Settings

_KEPT_FOR_REQUEST = "wardsite.central"
_RETRY_SECONDS = 30.0
_T = TypeVar("_T")
_KEPT = 8


@dataclass(frozen=True)
class InForce:
    """The revisions this process can use; `damaged` when the newest on record is not usable."""

    current: Revision | None
    previous: Revision | None
    damaged: bool

    def at(self, now: datetime) -> Revision | None:
        """Return the revision that rules at `now`; one signed ahead waits for its day."""
        if self.current is None or self.previous is None:
            return self.current
        ruling = rules.config_in_force(self.current.config, self.previous.config, now)
        return self.current if ruling is self.current.config else self.previous


@dataclass(frozen=True)
class BannerImage:
    """The picture of a banner, made anew and served from this host; width and height in px."""

    url: str
    width: int
    height: int


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


def mandate(now: datetime) -> Mandate:
    """Return what the centre orders this unit to show at `now`; one answer for a whole request."""
    return _once("mandate", lambda: _mandate(now))


def forget_request() -> None:
    """Let the rest of this request see a revision that was applied within it."""
    if has_request_context():
        request.environ.pop(_KEPT_FOR_REQUEST, None)


def next_change(now: datetime) -> datetime | None:
    """Return the first moment after `now` at which `mandate` answers otherwise, or None."""
    held = in_force()
    now = effective(now)
    ruling = held.at(now)
    if ruling is None:
        return None
    moments = [rules.next_change(ruling.config, unit(), now)]
    if held.current is not None and held.current is not ruling:
        moments.append(held.current.config.config.effective_from)
    return min((moment for moment in moments if moment is not None), default=None)


def unit() -> Unit:
    """Return this site's unit."""
    own = settings()
    return Unit(own.unit_id, own.unit_kind)


def state() -> CentralState:
    """Return the row of the centre; an empty one before the first sync."""
    return db.session.get(CentralState, 1) or CentralState(id=1, known={}, images={}, failures=0)


def effective(now: datetime) -> datetime:
    """Return `now`, or the latest moment on record when the clock has jumped back."""
    return latest(now, known_from(state().known).clock) or now


def in_force() -> InForce:
    """Return the revisions on record that this process could verify."""
    return _once("in-force", _in_force)


def _in_force() -> InForce:
    row, known = state(), known_from(state().known)
    try:
        ring = known.ring(pinned())
    except PinnedKeyError:
        return InForce(None, None, damaged=row.sha256 is not None)
    current = _load(row.sha256, ring)
    previous = _load(row.previous_sha256, ring)
    if current is None:
        # After the restore of an older database the newest file on disk may be known to no row.
        known = read_known(central_folder(settings().instance)).joined(known)
        spare = previous or _load(known.sha256, ring)
        return InForce(spare, None, damaged=row.sha256 is not None)
    return InForce(current, previous, damaged=False)


def pinned() -> tuple[PublicKey, ...]:
    """Return the keys that the settings trust. Raises PinnedKeyError."""
    own = settings()
    return _pinned(own.district_keys, own.instance)


def image_of(banner: Banner) -> BannerImage | None:
    """Return the picture of a banner, or None: then its text banner is drawn."""
    found = state().images.get(banner.image_sha256 or "")
    if not found or "name" not in found:
        return None
    if not (central_folder(settings().instance) / found["name"]).exists():
        return None
    url = plain_url("central.picture", name=found["name"])
    return BannerImage(url, found["width"], found["height"])


def basis_of(item: Item | Document, now: datetime) -> list[DocumentRow]:
    """Return the documents that order an item, of those residents can open."""
    ruling, order = in_force().at(effective(now)), mandate(now)
    if ruling is None:
        return []
    wanted = {document.id for document in rules.basis_of(ruling.config, item)}
    return [row for row in _mandated_rows(order) if row.central_id in wanted]


def ordered_items(now: datetime) -> list[OrderedItem]:
    """Return every item on order with its basis, by section in the order to show them."""
    sections = _sections(mandate(now))
    return [_ordered(name, item, now) for name, items in sections.items() for item in items]


def ordered_item(section: str, item_id: str, now: datetime) -> OrderedItem | None:
    """Return one item on order, None when it is not (or no longer) ordered."""
    items = _sections(mandate(now)).get(section, ())
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
    config = mandate(now).config
    start = config.effective_from if config else None
    own_start = getattr(item, "valid_from", None)
    return OrderedItem(section, item, basis_of(item, now), latest(own_start, start))


def last_changes() -> tuple[Change, ...]:
    """Return what the newest revision changed against the one before; of the first, all."""
    held = in_force()
    if held.current is None:
        return ()
    return changes(held.previous.config if held.previous else None, held.current.config)


def waiting(now: datetime) -> Revision | None:
    """Return the revision that was accepted but takes effect only later, or None."""
    held = in_force()
    return held.current if held.at(effective(now)) is not held.current else None


def status(now: datetime) -> CentralStatus:
    """Return how the unit stands towards its centre at `now`."""
    own, row, held = settings(), state(), in_force()
    moment = effective(now)
    ruling, order = held.at(moment), mandate(now)
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


def _mandate(now: datetime) -> Mandate:
    moment = effective(now)
    ruling = in_force().at(moment)
    return rules.in_effect(ruling.config, unit(), moment) if ruling else rules.builtin()


def settings() -> Settings:
    """Return the machine settings of this app."""
    found: Settings = current_app.extensions["wardsite"]
    return found


@lru_cache(maxsize=16)
def _pinned(entries: tuple[str, ...], folder: Path) -> tuple[PublicKey, ...]:
    return pinned_keys(entries, folder)


# Verified and parsed once per process; a failure is tried again later, since a sync mends it.
_loaded: dict[tuple[Path, str, tuple[PublicKey, ...]], tuple[Revision | None, float]] = {}


def forget_loaded() -> None:
    """Make this process read the kept files again."""
    _loaded.clear()


def _load(sha256: str | None, ring: KeyRing) -> Revision | None:
    if not sha256:
        return None
    folder, keys = central_folder(settings().instance), ring.ever_trusted()
    key = (folder, sha256, keys)
    revision, until = _loaded.get(key, (None, 0.0))
    if revision is not None or time.monotonic() < until:
        return revision
    try:
        revision = store.load(folder, sha256, keys)
    except DamagedRevisionError as error:
        current_app.logger.error("central: %s", error)
    while len(_loaded) >= _KEPT:
        _loaded.pop(next(iter(_loaded)), None)
    _loaded[key] = (revision, time.monotonic() + _RETRY_SECONDS)
    return revision


def _mandated_rows(order: Mandate) -> list[DocumentRow]:
    """Return the rows of the mandated documents, read once a request."""
    return _once("documents", lambda: documents.of_centre(order.document_ids))


def _once(name: str, make: Callable[[], _T]) -> _T:
    """Return what `make` returns, made once a request.

    Kept with the request itself, not in `g`, which a surrounding app context would share.
    """
    if not has_request_context():
        return make()
    kept: dict[str, Any] = request.environ.setdefault(_KEPT_FOR_REQUEST, {})
    if name not in kept:
        kept[name] = make()
    found: _T = kept[name]
    return found


def _shown(order: Mandate, mandated: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out documents without a row: the one kind of item that is copied to be shown."""
    present = {row.central_id for row in _mandated_rows(order)}
    missing = {f"documents/{name}" for name in order.document_ids if name not in present}
    return tuple(key for key in mandated if key not in missing)


def _facts(now: datetime, row: CentralState, held: InForce, checked_at: datetime | None) -> Facts:
    own = settings()
    known = read_known(central_folder(own.instance)).joined(known_from(row.known))
    try:
        trusted = known.ring(pinned()).trusted(now)
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
        pictures_missing=sum("error" in image for image in (row.images or {}).values()),
        trusts_a_key=bool(trusted),
        example_key_in_use=not _example_keys().isdisjoint(trusted),
    )


@lru_cache(maxsize=1)
def _example_keys() -> frozenset[PublicKey]:
    """Return the keys of the example; their secret half is published, so they prove nothing."""
    names = sorted(path.name for path in EXAMPLE_DISTRICT.glob("*.pub"))
    return frozenset(pinned_keys(names, EXAMPLE_DISTRICT))
