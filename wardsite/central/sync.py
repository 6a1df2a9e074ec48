"""The centre speaks: fetch, verify, parse, judge, keep, and only then put into force.

Invariants:
- Nothing is parsed before its signature was verified over the exact bytes.
- A file comes into force whole or not at all (`enforce`).
- Every refusal is recorded for officers, and changes nothing else.
- One clock reading per run, never before the latest known.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from enum import Enum
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from wardsite.accounts.service import record
from wardsite.central import fetch, schedule
from wardsite.central.enforce import (
    Run,
    Taken,
    clear_error,
    note_failure,
    note_unchanged,
    put_into_force,
    state_row,
)
from wardsite.central.fetch import (
    Answer,
    OutOfReachError,
    RefusedError,
    Source,
    SyncError,
    Validators,
)
from wardsite.core.central_config import parse
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.signing import SignatureFormatError, SignatureMismatchError, verify
from wardsite.core.succession import KnownState, check_succession
from wardsite.extensions import current_settings, db, transaction
from wardsite.mandate import memory, store
from wardsite.mandate import service as mandates
from wardsite.mandate.memory import PinnedKeyError, known_from
from wardsite.mandate.store import SyncBusyError, central_folder
from wardsite.settings import Settings

_log = logging.getLogger(__name__)

__all__ = [
    "NotStoredError",
    "OutOfReachError",
    "Outcome",
    "RefusedError",
    "SyncBusyError",
    "SyncError",
    "due",
    "reset",
    "sync",
]


class Outcome(Enum):
    """How a sync ended well; `msgid` says it to a person."""

    APPLIED = N_("The district file was applied.")
    UNCHANGED = N_("The district file is unchanged.")

    @property
    def msgid(self) -> str:
        """The English sentence, to be translated."""
        return self.value


class NotConfiguredError(WardsiteError):
    """The settings do not say where the district file is."""


class NoKeyLeftError(WardsiteError):
    """With this file in force no key could sign the next one."""


class NotStoredError(SyncError):
    """The disk or the database did not take what was to be written."""

    exit_code = 1


def sync(settings: Settings, now: datetime, by: str = "system") -> Outcome:
    """Bring the centre's newest revision into force; needs an app context.

    Raises RefusedError (the last good one stays), OutOfReachError, NotStoredError, SyncBusyError.
    """
    folder = central_folder(settings.instance)
    try:
        with store.only_one(folder):
            try:
                return _run(settings, folder, now, by)
            except (RefusedError, OutOfReachError) as error:
                _note(settings, error, now, by)
                raise
    except (OSError, SQLAlchemyError) as error:
        raise NotStoredError(_fault(error)) from error


def _note(settings: Settings, error: SyncError, now: datetime, by: str) -> None:
    """Record a refusal; a disk that does not take the record does not hide what was refused."""
    try:
        note_failure(settings, error, now, by)
    except (OSError, SQLAlchemyError) as fault:
        _log.error("a refusal is not recorded (%s): %s", reason_of(fault), error)


def due(now: datetime) -> bool:
    """Tell whether `tick` should sync now."""
    settings, row = current_settings(), mandates.state()
    if not settings.district_url:
        return False
    noted = store.noted_check(central_folder(settings.instance))
    last = memory.latest(row.checked_at, noted)
    return schedule.is_due(now, last, row.next_try_at, settings.unit_id)


def reset(now: datetime, by: str = "system") -> None:
    """Forget the pinned centre, the highest revision and all later keys; needs an app context.

    The documented way back after a stolen key, once another key stands in the settings. What is in
    force stays on show as long as a key of the settings signed it. Raises SyncBusyError,
    NotStoredError.
    """
    folder = central_folder(current_settings().instance)
    try:
        with store.only_one(folder):
            memory.forget(folder)
            with transaction() as session:
                row = state_row(session)
                row.known = {}
                row.etag = row.last_modified = ""
                clear_error(row)
                record(session, now, by, "central-reset")
    except (OSError, SQLAlchemyError) as error:
        raise NotStoredError(_fault(error)) from error
    mandates.forget_loaded()
    mandates.forget_request()


def _run(settings: Settings, folder: Path, now: datetime, by: str) -> Outcome:
    run = _begin(settings, folder, now, by)
    brought_back = _bring_back(run)
    if brought_back:
        run = _begin(settings, folder, now, by)
    row = mandates.state()
    validators = Validators(row.etag, row.last_modified) if run.whole else Validators()
    answer = run.source.body(validators)
    if answer.not_modified or _is_in_force(run, answer.body):
        note_unchanged(run, answer)
        return Outcome.APPLIED if brought_back else Outcome.UNCHANGED
    put_into_force(run, _take(run, answer))
    return Outcome.APPLIED


def _begin(settings: Settings, folder: Path, now: datetime, by: str) -> Run:
    # What another sync wrote until we got the lock must be seen, not this session's older snapshot.
    db.session.rollback()
    mandates.forget_loaded()
    known = memory.read_known(folder).joined(known_from(mandates.state().known))
    try:
        ring = known.ring(mandates.pinned())
    except PinnedKeyError as error:
        raise RefusedError(error) from error
    if not settings.district_url:
        raise RefusedError(NotConfiguredError(N_("district_url is not set in wardsite.toml.")))
    return Run(
        settings=settings,
        folder=folder,
        now=now,
        moment=memory.latest(now, known.clock) or now,
        by=by,
        source=Source(settings, fetch.DEADLINE_SECONDS),
        known=known,
        held=mandates.in_force(),
        ring=ring,
    )


def _take(run: Run, answer: Answer) -> Taken:
    """Verify, parse and judge what came, in this order. Raises RefusedError, OutOfReachError."""
    signature = run.source.signature()
    try:
        try:
            return _judge(run, answer, signature)
        except (SignatureMismatchError, SignatureFormatError):
            # File and signature are two uploads: we may have come between them. Once more, then no.
            answer = run.source.body(Validators())
            return _judge(run, answer, run.source.signature())
    except SyncError:
        raise
    except WardsiteError as error:
        raise RefusedError(error) from error


def _judge(run: Run, answer: Answer, signature: bytes) -> Taken:
    body, sha256 = answer.body, hashlib.sha256(answer.body).hexdigest()
    signed = verify(body, signature, run.ring.trusted(run.moment))
    config = parse(body)
    known = run.known
    remembered = (
        KnownState(known.config_id, known.revision, known.sha256, holds_highest=run.whole)
        if known.config_id
        else None
    )
    check_succession(config, sha256, known=remembered, now=run.moment)
    after = run.ring.after(config)
    if all(after.is_revoked(key) for key in after.ever_trusted()):
        raise NoKeyLeftError(N_("The file revokes every key that could sign the next one."))
    return Taken(body, signature, sha256, signed.key_id, config, answer.validators)


def _bring_back(run: Run) -> bool:
    """Put the highest known revision into force again when it lies on disk but is not in force.

    So it is after a restored older database, or when a sync was killed just before its transaction.
    Its expiry is no obstacle: it was accepted once.
    """
    if run.whole or not run.known.sha256:
        return False
    try:
        kept = store.load(run.folder, run.known.sha256, run.ring.ever_trusted())
        body, signature = store.read_pair(run.folder, run.known.sha256)
    except (OSError, WardsiteError):
        return False
    taken = Taken(body, signature, kept.sha256, kept.key_id, kept.config, Validators())
    put_into_force(run, taken)
    return True


def _is_in_force(run: Run, body: bytes) -> bool:
    return run.whole and hashlib.sha256(body).hexdigest() == run.known.sha256


def _fault(error: Exception) -> WardsiteError:
    return WardsiteError(
        N_("The district file could not be stored: %(reason)s"), reason=reason_of(error)[:300]
    )
