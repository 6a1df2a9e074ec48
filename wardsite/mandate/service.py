"""What the centre orders this unit to show, as every page asks for it.

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
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app, has_request_context, request
from sqlalchemy import Select, select

from wardsite.core import mandate as rules
from wardsite.core.central_schema import Banner
from wardsite.core.config_diff import Change, changes
from wardsite.core.mandate import Mandate, Unit
from wardsite.core.signing import PublicKey
from wardsite.core.succession import KeyRing
from wardsite.extensions import current_settings, db
from wardsite.mandate import apart
from wardsite.mandate.memory import (
    Known,
    PinnedKeyError,
    known_from,
    latest,
    pinned_keys,
    read_known,
)
from wardsite.mandate.store import DamagedRevisionError, Revision, central_folder
from wardsite.models import CentralState
from wardsite.serving.kept import kept
from wardsite.serving.language import plain_url

APART = "DISTRICT_FILE_APART"  # in the app's config: district files are read as `apart` says
_KEPT_FOR_REQUEST = "wardsite.mandate"
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


def at(now: datetime) -> Mandate:
    """Return what the centre orders this unit to show at `now`; one answer for a whole request."""
    return once("mandate", lambda: _at(now))


def forget_request() -> None:
    """Let the rest of this request see a revision that was applied within it."""
    if has_request_context():
        request.environ.pop(_KEPT_FOR_REQUEST, None)


def next_change(now: datetime) -> datetime | None:
    """Return the first moment after `now` at which `at` answers otherwise, or None."""
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
    own = current_settings()
    return Unit(own.unit_id, own.unit_kind)


def state() -> CentralState:
    """Return the row of the centre; an empty one before the first sync."""
    return db.session.get(CentralState, 1) or CentralState(id=1, known={}, images={}, failures=0)


@dataclass(frozen=True)
class _State:
    """What pages need of the centre's row."""

    sha256: str | None
    previous_sha256: str | None
    images: dict[str, Any]
    known: Known
    contacted_at: datetime | None


def _read() -> _State:
    """Return the row as it stands, read once a request; who changes it asks for `state`."""

    def read() -> _State:
        row = db.session.execute(_state()).one_or_none()
        return (
            _State(None, None, {}, Known(), None)
            if row is None
            else _State(
                row.sha256, row.previous_sha256, row.images, known_from(row.known), row.contacted_at
            )
        )

    return once("state", lambda: kept("central-state", read))


@cache
def _state() -> Select[Any]:
    return select(
        CentralState.sha256,
        CentralState.previous_sha256,
        CentralState.images,
        CentralState.known,
        CentralState.contacted_at,
    ).where(CentralState.id == 1)


def contacted_at() -> datetime | None:
    """Return when the centre was last reached, None when it never was."""
    return _read().contacted_at


def effective(now: datetime) -> datetime:
    """Return `now`, or the latest moment on record when the clock has jumped back."""
    return latest(now, _read().known.clock) or now


def in_force() -> InForce:
    """Return the revisions on record that this process could verify."""
    return once("in-force", _in_force)


def _in_force() -> InForce:
    row = _read()
    known = row.known
    try:
        ring = known.ring(pinned())
    except PinnedKeyError:
        return InForce(None, None, damaged=row.sha256 is not None)
    current, previous = _load(ring, row.sha256, row.previous_sha256)
    if current is None:
        # After the restore of an older database the newest file on disk may be known to no row.
        known = read_known(central_folder(current_settings().instance)).joined(known)
        spare = previous or _load(ring, known.sha256)[0]
        return InForce(spare, None, damaged=row.sha256 is not None)
    return InForce(current, previous, damaged=False)


def pinned() -> tuple[PublicKey, ...]:
    """Return the keys that the settings trust. Raises PinnedKeyError."""
    own = current_settings()
    return _pinned(own.district_keys, own.instance)


def image_of(banner: Banner) -> BannerImage | None:
    """Return the picture of a banner, or None: then its text banner is drawn."""
    found = _read().images.get(banner.image_sha256 or "")
    if not found or "name" not in found:
        return None
    if not (central_folder(current_settings().instance) / found["name"]).exists():
        return None
    url = plain_url("central.picture", name=found["name"])
    return BannerImage(url, found["width"], found["height"])


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


def _at(now: datetime) -> Mandate:
    moment = effective(now)
    ruling = in_force().at(moment)
    return rules.in_effect(ruling.config, unit(), moment) if ruling else rules.builtin()


@lru_cache(maxsize=16)
def _pinned(entries: tuple[str, ...], folder: Path) -> tuple[PublicKey, ...]:
    return pinned_keys(entries, folder)


# Verified and parsed once per process; a failure is tried again later, since a sync mends it.
_loaded: dict[tuple[Path, str, tuple[PublicKey, ...]], tuple[Revision | None, float]] = {}


def forget_loaded() -> None:
    """Make this process read the kept files again."""
    _loaded.clear()


def _load(ring: KeyRing, *names: str | None) -> list[Revision | None]:
    """Return the kept files of these names, in the place of each that is not usable None."""
    folder, keys = central_folder(current_settings().instance), ring.ever_trusted()
    held = {name: _loaded.get((folder, name, keys), (None, 0.0)) for name in names if name}
    missing = [
        name
        for name, (revision, until) in held.items()
        if revision is None and time.monotonic() >= until
    ]
    for name, found in zip(missing, _read_kept(folder, missing, keys), strict=True):
        if isinstance(found, DamagedRevisionError):
            current_app.logger.error("central: %s", found)
        revision = found if isinstance(found, Revision) else None
        while len(_loaded) >= _KEPT:
            _loaded.pop(next(iter(_loaded)), None)
        _loaded[folder, name, keys] = held[name] = (revision, time.monotonic() + _RETRY_SECONDS)
    return [held[name][0] if name else None for name in names]


def _read_kept(
    folder: Path, names: list[str], keys: tuple[PublicKey, ...]
) -> list[Revision | DamagedRevisionError]:
    if current_app.config.get(APART):
        return apart.load(folder, names, keys, str(current_app.secret_key))
    return apart.load_here(folder, names, keys)


def once(name: str, make: Callable[[], _T]) -> _T:
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
