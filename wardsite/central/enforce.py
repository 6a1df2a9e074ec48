"""Putting a verified revision into force, and noting how a contact went: all that a sync writes.

Invariants:
- Files first, then what must not be forgotten, then one transaction, then tidying: a process killed
  anywhere leaves one whole revision, the one before or the new one.
- What is unchanged costs no write, save one an hour that notes the contact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from wardsite.accounts.service import record
from wardsite.central import images, schedule
from wardsite.central.fetch import Answer, RefusedError, Source, SyncError, Validators
from wardsite.core.central_schema import CentralConfig, Document
from wardsite.core.central_schema import Source as SourceRow
from wardsite.core.succession import KeyRing
from wardsite.documents import service as documents
from wardsite.extensions import transaction
from wardsite.mandate import memory, store
from wardsite.mandate import service as mandates
from wardsite.mandate.memory import Known, LaterKey
from wardsite.mandate.service import InForce
from wardsite.mandate.store import Revision
from wardsite.models import CentralState
from wardsite.settings import Settings
from wardsite.sources import service as sources

CONTACT_NOTED_EVERY = timedelta(hours=1)

_Row = TypeVar("_Row", bound=Document | SourceRow)


@dataclass(frozen=True)
class Run:
    """What one sync works with.

    `now` is its one clock reading; `moment` the same, or the latest known one when that is later.
    """

    settings: Settings
    folder: Path
    now: datetime
    moment: datetime
    by: str
    source: Source
    known: Known
    held: InForce
    ring: KeyRing

    @property
    def whole(self) -> bool:
        """Whether the highest revision known is the one in force, undamaged."""
        current = self.held.current
        return (
            current is not None and current.sha256 == self.known.sha256 == mandates.state().sha256
        )


@dataclass(frozen=True)
class Taken:
    """A verified file that may follow the one in force."""

    body: bytes
    signature: bytes
    sha256: str
    key_id: str
    config: CentralConfig
    validators: Validators


def put_into_force(run: Run, taken: Taken) -> None:
    """Keep a verified file and put it into force. Raises OSError, SQLAlchemyError.

    The order is the whole point; see the module's invariants.
    """
    before, row = run.held.current, mandates.state()
    pictures = images.fetch_pictures(
        run.source, run.folder, mandates.unit(), taken.config, row.images or {}, run.now
    )
    store.keep(run.folder, taken.body, taken.signature)
    known = _known_after(run, taken)
    memory.write_known(run.folder, known)
    is_new = before is not None and before.sha256 != taken.sha256
    previous = before if is_new else run.held.previous
    _write(run, taken, known, previous, pictures)
    _tidy(run)
    mandates.forget_loaded()
    mandates.forget_request()


def _known_after(run: Run, taken: Taken) -> Known:
    ring, meta = run.ring.after(taken.config), taken.config.config
    return Known(
        config_id=meta.id,
        revision=meta.revision,
        sha256=taken.sha256,
        introduced=tuple(
            LaterKey(public_key=key.public_key.text, valid_from=key.valid_from)
            for key in ring.introduced
        ),
        revoked=ring.revoked,
        clock=_clock(run, taken.config),
    )


def _clock(run: Run, config: CentralConfig) -> datetime | None:
    """Return the latest moment known for sure.

    It never rises beyond what a signed file vouches for, so that a clock which was once far ahead
    does not keep this unit from ever accepting a file again.
    """
    meta = config.config
    own = run.now if run.now < meta.expires_at else None
    return memory.latest(run.known.clock, own)


def _write(
    run: Run,
    taken: Taken,
    known: Known,
    previous: Revision | None,
    pictures: dict[str, images.Entry],
) -> None:
    meta = taken.config.config
    with transaction() as session:
        row = state_row(session)
        row.previous_sha256 = previous.sha256 if previous else None
        row.sha256, row.revision = taken.sha256, meta.revision
        row.applied_at = run.now
        row.known = known.dump()
        both = {**(row.images or {}), **pictures}
        row.images = images.needed(both, (taken.config, previous.config if previous else None))
        _note_contact(row, run.now, taken.validators)
        # Of a revision that waits for its day also what still rules needs rows.
        waits = run.moment < meta.effective_from
        ruling = previous.config if previous is not None and waits else None
        config = taken.config
        papers = _by_id(config.documents, ruling.documents if ruling else ())
        feeds = _by_id(config.sources, ruling.sources if ruling else ())
        documents.project(session, papers, run.now)
        sources.project(session, feeds, config.topics)
        record(
            session,
            run.now,
            run.by,
            "central-apply",
            meta.id,
            revision=meta.revision,
            sha256=taken.sha256,
            key=taken.key_id,
        )


def _by_id(new: tuple[_Row, ...], ruling: tuple[_Row, ...]) -> list[_Row]:
    """Return the items of both, each id once and the new one of it."""
    return list({row.id: row for row in (*ruling, *new)}.values())


def _tidy(run: Run) -> None:
    """Remove what is no longer needed; a disk that refuses this is no reason to refuse the file."""
    row = mandates.state()
    revisions = {sha for sha in (row.sha256, row.previous_sha256) if sha}
    pictures = {entry["name"] for entry in (row.images or {}).values() if "name" in entry}
    store.tidy(run.folder, revisions, pictures)


def note_unchanged(run: Run, answer: Answer) -> None:
    """Note a contact that brought nothing new; the database is written to only when it must be."""
    current = run.held.current
    if current is None:
        raise AssertionError("nothing in force can be unchanged")
    store.note_check(run.folder, run.now)
    row, config, unit = mandates.state(), current.config, mandates.unit()
    retry = images.wants_retry(run.folder, unit, config, row.images or {}, run.now)
    validators = Validators(row.etag, row.last_modified)
    if not answer.not_modified:
        validators = answer.validators
    if not (retry or _contact_is_worth_noting(row, run.now, validators)):
        return
    pictures = dict(row.images or {})
    if retry:
        pictures |= images.fetch_pictures(run.source, run.folder, unit, config, pictures, run.now)
    known = replace(run.known, clock=_clock(run, config))
    memory.write_known(run.folder, known)
    with transaction(public=retry) as session:
        row = state_row(session)
        row.known, row.images = known.dump(), pictures
        _note_contact(row, run.now, validators)


def _contact_is_worth_noting(row: CentralState, now: datetime, validators: Validators) -> bool:
    last = row.contacted_at
    return (
        bool(row.error_code or row.failures)
        or last is None
        or not last <= now < last + CONTACT_NOTED_EVERY
        or validators != Validators(row.etag, row.last_modified)
    )


def _note_contact(row: CentralState, now: datetime, validators: Validators) -> None:
    row.checked_at = row.contacted_at = now
    row.etag, row.last_modified = validators.etag, validators.last_modified
    clear_error(row)


def clear_error(row: CentralState) -> None:
    """Let the row say that the last contact went well."""
    row.failures, row.next_try_at = 0, None
    row.error_code, row.error_msgid, row.error_params, row.error_since = "", "", {}, None


def note_failure(settings: Settings, error: SyncError, now: datetime, by: str) -> None:
    """Record for officers why nothing came into force, and when to try again."""
    params = error.plain_params()
    with transaction(public=False) as session:
        row = state_row(session)
        is_news = (row.error_code, row.error_msgid) != (error.code, error.msgid)
        row.checked_at = now
        row.failures = (row.failures or 0) + 1
        row.next_try_at = schedule.next_try(
            now,
            row.failures,
            settings.unit_id,
            retry_after_seconds=error.retry_after_seconds,
            refused=isinstance(error, RefusedError),
        )
        if is_news:
            row.error_since = now
            if isinstance(error, RefusedError):
                told = {"reason": error.msgid, "words": params}
                record(session, now, by, "central-refuse", error.code, **told)
        row.error_code, row.error_msgid, row.error_params = error.code, error.msgid, params


def state_row(session: Session) -> CentralState:
    """Return the row of the centre within a transaction, made when it is not there yet."""
    row = session.get(CentralState, 1)
    if row is None:
        row = CentralState(id=1, known={}, images={}, error_params={}, failures=0)
        session.add(row)
    return row
