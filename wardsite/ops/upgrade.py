"""Bringing an instance to this software: proven backup, migrated copy, checks, then one swap.

The database that is in use is not touched until its copy has been migrated and has served pages, so
the way back is not to swap. A kill or a power cut at any moment leaves the old one or the new one,
whole; the old one stays in `replaced-…` beside the proven backup.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from wardsite.application import close_app, create_app
from wardsite.core.backup import DATABASE, SECRET_KEY, SETTINGS
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.ops.archive import check_space
from wardsite.ops.backup import make_backup, snapshot
from wardsite.ops.database import DatabaseOlderError, check_schema, migrate
from wardsite.ops.examine import database_faults
from wardsite.ops.lock import alone
from wardsite.ops.progress import Progress
from wardsite.ops.swap import STAGING, carry_on, mark_ready, replaced_name, swap
from wardsite.settings import Settings, load_settings

WAIT_SECONDS = 60.0
_PAGES = ("/healthz", "/", "/tin-tuc", "/van-ban", "/dang-nhap")


class UpgradeFailedError(WardsiteError):
    """The copy could not be migrated, or does not serve; what is in use was not touched."""


@dataclass(frozen=True)
class Upgraded:
    """What was done: where the backup is, and where the database as it was before is kept.

    Both are None when the data is in a database server, which migrates in one transaction.
    """

    backup: Path | None
    replaced: Path | None


def upgrade(
    instance: Path, now: datetime, progress: Progress | None = None, wait: float = WAIT_SECONDS
) -> Upgraded | None:
    """Bring the database to this software's schema; None when there was nothing to do.

    Of two at once the second waits for the first, up to `wait` seconds, and has nothing to do.
    Raises InUseError while the site runs, DatabaseNewerError, what `make_backup` raises, and
    UpgradeFailedError; after any of them everything is as it was.
    """
    if not _is_older(load_settings(instance)):
        return None
    with alone(instance, wait):
        carry_on(instance)
        settings = load_settings(instance)
        if not _is_older(settings):
            return None
        if settings.database_url:
            migrate(settings)
            return Upgraded(None, None)
        backup = make_backup(settings, now, progress=progress)
        return Upgraded(backup.path, _replace(settings, now))


def _is_older(settings: Settings) -> bool:
    try:
        check_schema(settings)
    except DatabaseOlderError:
        return True
    return False


def _replace(settings: Settings, now: datetime) -> Path:
    instance = settings.instance
    staging, name = instance / STAGING, replaced_name(now)
    try:
        for folder in ("new", "old", "trial"):
            (staging / folder).mkdir(parents=True, mode=0o700)
        check_space(staging, 2 * (instance / DATABASE).stat().st_size)
        trial = _trial(instance, staging / "trial")
        with _told():
            _make_current(replace(settings, instance=trial), trial / DATABASE)
        (trial / DATABASE).chmod(0o600)
        (trial / DATABASE).replace(staging / "new" / DATABASE)
        os.sync()
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    mark_ready(staging, name)
    swap(instance, staging, name)
    return instance / name


def _trial(instance: Path, trial: Path) -> Path:
    """Make an instance to try on: all that pages are made of, pictures and files aside."""
    snapshot(instance / DATABASE, trial / DATABASE)
    for name in (SECRET_KEY, SETTINGS):
        shutil.copy(instance / name, trial / name)
    if (instance / "central").exists():
        shutil.copytree(instance / "central", trial / "central")
    return trial


def _make_current(settings: Settings, copy: Path) -> None:
    """Migrate the copy and let it serve. Raises what is wrong with it."""
    migrate(settings)
    if faults := database_faults(copy):
        raise UpgradeFailedError(
            N_("The database is damaged. Technical detail: “%(reason)s”"), reason=faults[0]
        )
    app = create_app(settings)
    try:
        client = app.test_client()
        for page in _PAGES:
            status = client.get(page, base_url=settings.public_url).status_code
            if status != 200:
                raise UpgradeFailedError(
                    N_("%(page)s responds with status %(status)d."), page=page, status=status
                )
    finally:
        close_app(app)
    for beside in ("-wal", "-shm"):
        copy.with_name(copy.name + beside).unlink(missing_ok=True)


@contextmanager
def _told() -> Iterator[None]:
    """Tell whatever goes wrong as one refusal: the copy is not fit to be used."""
    try:
        yield
    except Exception as error:  # a migration may raise anything
        reason = error if isinstance(error, UpgradeFailedError) else _first_reason(error)
        raise UpgradeFailedError(
            N_("The upgrade failed and changed nothing: %(reason)s"), reason=reason
        ) from error


def _first_reason(error: Exception) -> str:
    """Return what the database says, of an error of the migration that it caused."""
    cause = error.__cause__
    return reason_of(cause if cause and hasattr(cause, "orig") else error)[:300]
