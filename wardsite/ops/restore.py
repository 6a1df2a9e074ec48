"""Putting a backup back: all of it is checked beside the instance, then everything is swapped.

Two things do not go back in time. What was known of the centre (`central/known.json`, and the
database's copy of it) stays the highest of both, and so do the files of revisions. And nobody is
signed in: a session that was ended since would otherwise live again.
"""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from wardsite.accounts.service import record
from wardsite.application import close_app, create_app
from wardsite.core.backup import DATABASE, SETTINGS
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.manifest import Manifest
from wardsite.extensions import db, transaction
from wardsite.mandate.memory import known_from, read_known, write_known
from wardsite.mandate.store import central_folder
from wardsite.models import Attempt, CentralState, UserSession
from wardsite.ops.archive import check_space, unpack
from wardsite.ops.backup import ARCHIVE, missing_from
from wardsite.ops.database import migrate
from wardsite.ops.examine import examine
from wardsite.ops.lock import alone
from wardsite.ops.progress import Progress
from wardsite.ops.sealed import Identity, is_sealed, read_identities, unseal
from wardsite.ops.swap import STAGING, carry_on, mark_ready, replaced_name, swap
from wardsite.settings import Settings, SettingsError, load_settings


class OtherUnitError(WardsiteError):
    """The backup is of another unit than the instance."""


class RestoreTargetError(WardsiteError):
    """The instance folder cannot be written, or the backup cannot be read."""


@dataclass(frozen=True)
class Restored:
    """What was put back; `replaced` holds what stood there before, or is None."""

    manifest: Manifest
    missing: tuple[str, ...]
    replaced: Path | None


def restore(
    instance: Path,
    archive: Path,
    now: datetime,
    progress: Progress | None = None,
    identity: Path | None = None,
) -> Restored:
    """Put the backup `archive` in place of what is in `instance`, or make that folder from it.

    Replaces nothing until all is checked. An encrypted backup needs the file `identity` with its
    secret key. Raises InUseError while the site runs, OtherUnitError, IdentityFileError,
    RestoreTargetError, NoSpaceError, DamagedBackupError, DatabaseNewerError, SettingsError.
    """
    try:
        instance.mkdir(parents=True, exist_ok=True)
        with alone(instance):
            carry_on(instance)
            keys = read_identities(identity) if is_sealed(archive) else []
            return _restore(instance, archive, now, keys, progress)
    except OSError as error:
        raise RestoreTargetError(
            N_("%(file)s: %(reason)s"),
            file=str(error.filename or archive),
            reason=reason_of(error),
        ) from error


def _restore(
    instance: Path,
    archive: Path,
    now: datetime,
    keys: list[Identity],
    progress: Progress | None,
) -> Restored:
    staging = instance / STAGING
    new = staging / "new"
    try:
        new.mkdir(parents=True, mode=0o700)
        manifest = unpack(_opened(archive, staging, keys), new, progress)
        examine(new, manifest)
        _check_unit(instance, manifest)
        missing = missing_from(_settings(instance, new), manifest, new / DATABASE)
        _make_current(new, archive.name, now)
        _keep_known(instance)
        (new / "media").mkdir(exist_ok=True)
        (staging / "old").mkdir()
        os.sync()
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    name = replaced_name(now)
    mark_ready(staging, name)
    swap(instance, staging, name)
    replaced = instance / name
    return Restored(manifest, tuple(missing), replaced if replaced.exists() else None)


def _settings(instance: Path, new: Path) -> Settings:
    """Return the settings that come back; the key of a store of files stays where it is."""
    return replace(load_settings(new, {}), instance=instance)


def _opened(archive: Path, staging: Path, keys: list[Identity]) -> Path:
    """Return the archive itself, or what is in it when it is encrypted."""
    if not keys:
        return archive
    plain = staging / ARCHIVE
    check_space(staging, archive.stat().st_size)
    unseal(archive, plain, keys)
    return plain


def _check_unit(instance: Path, manifest: Manifest) -> None:
    if not (instance / SETTINGS).exists():
        return
    try:
        present = load_settings(instance, {}).unit_id
    except SettingsError:  # damaged settings are a reason to restore, not to refuse
        return
    if present != manifest.unit_id:
        raise OtherUnitError(
            N_("The backup belongs to the unit “%(other)s”; this is “%(unit)s”."),
            other=manifest.unit_id,
            unit=present,
        )


def _make_current(new: Path, name: str, now: datetime) -> None:
    """Migrate the copy, end every session in it, and note in its audit log what happened."""
    settings = load_settings(new, {})
    migrate(settings)
    app = create_app(settings)
    with app.app_context(), transaction() as session:
        session.execute(delete(UserSession))
        session.execute(delete(Attempt))
        record(session, now, "terminal", "restore", name)
    close_app(app)


def _keep_known(instance: Path) -> None:
    """Write what the database about to be replaced knows of the centre into the file that stays."""
    if not (instance / DATABASE).exists():
        return
    folder = central_folder(instance)
    with suppress(SQLAlchemyError, WardsiteError):
        app = create_app(load_settings(instance, {}))
        with app.app_context():
            known = db.session.scalar(select(CentralState.known))
        close_app(app)
        if known:
            write_known(folder, read_known(folder).joined(known_from(known)))
