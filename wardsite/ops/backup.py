"""Backups: taken while the site serves, and called good only once a rehearsed restore was counted.

The database is copied through SQLite's own backup interface in one read transaction, so that the
copy is one moment of it and nobody who writes has to wait. Files are added after it: they never
change under a name, so whatever the copy refers to is there.
"""

import fcntl
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from wardsite.core.backup import (
    DATABASE,
    SECRET_KEY,
    SETTINGS,
    DamagedBackupError,
    file_name,
    may_hold,
    to_remove,
)
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.manifest import Manifest
from wardsite.filestore import sync_file, sync_folder, write_atomically
from wardsite.media.files import files_of
from wardsite.ops.archive import check_space, describe, unpack, write_archive
from wardsite.ops.examine import database_revision, examine, missing_files, row_counts
from wardsite.ops.progress import Progress
from wardsite.ops.proof import Proof, backups_folder, last_proof, note_proof
from wardsite.ops.sealed import SUFFIX, Identity, IdentityFileError, seal, unseal
from wardsite.settings import Settings

ARCHIVE = "archive.tar.zst"
EVERY = timedelta(hours=24)
RETRY = timedelta(hours=1)
# A moment at 02:00 in Vietnam, when nobody works; UTC+7 all year.
_log = logging.getLogger(__name__)
_A_NIGHT = datetime(2026, 1, 1, 19, tzinfo=UTC)


class NotSqliteError(WardsiteError):
    """The data is in a database server, which has its own backups."""


class BackupBusyError(WardsiteError):
    """Another backup of this instance is being made."""


class BackupTargetError(WardsiteError):
    """The file cannot be written."""


@dataclass(frozen=True)
class Backup:
    """A backup that was made and proven."""

    path: Path
    proof: Proof


def make_backup(
    settings: Settings, now: datetime, file: Path | None = None, progress: Progress | None = None
) -> Backup:
    """Make a backup in `file` (default: among the instance's own), prove it, and return it.

    With backup_recipients set it is encrypted, and what is proven is the encrypted file. One that
    cannot be proven is removed. Raises NotSqliteError, BackupBusyError, BackupTargetError,
    RecipientKeyError, NoSpaceError, DamagedBackupError (the proof failed).
    """
    if settings.database_url:
        raise NotSqliteError(
            N_("The data is on a database server; back it up with the server’s own tool (pg_dump).")
        )
    own = backups_folder(settings.instance)
    suffix = SUFFIX if settings.backup_recipients else ""
    target = file.absolute() if file else own / (file_name(settings.unit_id, now) + suffix)
    try:
        with _only_one(own):
            _check_target(settings.instance, target)
            key = _write(settings, now, target)
            return Backup(target, _prove(settings, target, now, key, progress))
    except (OSError, sqlite3.Error) as error:
        raise BackupTargetError(
            N_("The backup %(file)s cannot be created: %(reason)s"),
            file=str(target),
            reason=reason_of(error),
        ) from error


def backup_if_due(settings: Settings, now: datetime) -> Backup | None:
    """Make the backup of the night when it is due, then remove those no longer needed.

    After a failure the next try is an hour later. Raises what `make_backup` raises.
    """
    own = backups_folder(settings.instance)
    if settings.database_url or not _is_due(own, now):
        return None
    own.mkdir(mode=0o700, exist_ok=True)
    write_atomically(own / ".tried", now.isoformat().encode())
    made = make_backup(settings, now)
    tidy(settings.instance, now)
    return made


def tidy(instance: Path, now: datetime) -> list[str]:
    """Remove backups no longer needed, never the last proven one; return their names."""
    own, proof = backups_folder(instance), last_proof(instance)
    for name in (gone := to_remove((path.name for path in own.iterdir()), now)):
        if proof is None or own / name != Path(proof.file):
            (own / name).unlink(missing_ok=True)
    return gone


def snapshot(database: Path, into: Path) -> None:
    """Copy a database that others may be writing to. Raises sqlite3.Error."""
    with (
        closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as source,
        closing(sqlite3.connect(into)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal and -shm beside it


def _write(settings: Settings, now: datetime, target: Path) -> Identity | None:
    """Write the archive; return the key that opens it when it is encrypted."""
    instance = settings.instance
    with tempfile.TemporaryDirectory(dir=backups_folder(instance), prefix=".part-") as scratch:
        check_space(Path(scratch), (instance / DATABASE).stat().st_size)
        copy = Path(scratch) / DATABASE
        snapshot(instance / DATABASE, copy)
        sources = {DATABASE: copy} | _files(settings)
        manifest = Manifest(
            format=1,
            software=version("wardsite"),
            unit_id=settings.unit_id,
            made_at=now,
            revision=database_revision(copy),
            rows=row_counts(copy),
            files={name: describe(path) for name, path in sources.items()},
        )
        check_space(target.parent, manifest.size)
        part = target.with_name(f".part-{target.name}")
        key, archive = None, Path(scratch) / ARCHIVE if settings.backup_recipients else part
        try:
            with archive.open("xb") as out:
                archive.chmod(0o600)
                write_archive(out, manifest, sources)
            if settings.backup_recipients:
                key = seal(archive, part, settings.backup_recipients)
                part.chmod(0o600)
            sync_file(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(target.parent)
    return key


def _prove(
    settings: Settings,
    target: Path,
    now: datetime,
    key: Identity | None,
    progress: Progress | None,
) -> Proof:
    """Restore into a scratch place and count. A file that fails is removed."""
    instance = settings.instance
    try:
        with tempfile.TemporaryDirectory(dir=backups_folder(instance), prefix=".part-") as scratch:
            folder, archive = Path(scratch) / "new", target
            folder.mkdir()
            if key is not None:
                archive = Path(scratch) / ARCHIVE
                unseal(target, archive, [key])
            manifest = unpack(archive, folder, progress)
            examine(folder, manifest)
            missing = missing_from(settings, manifest, folder / DATABASE)
    except (DamagedBackupError, IdentityFileError):
        target.unlink(missing_ok=True)
        raise
    proof = Proof(
        file=str(target),
        size=target.stat().st_size,
        made_at=manifest.made_at,
        proven_at=now,
        rows=sum(manifest.rows.values()),
        files=len(manifest.files),
        missing=len(missing),
    )
    note_proof(instance, proof)
    return proof


def missing_from(settings: Settings, manifest: Manifest, database: Path) -> list[str]:
    """Return the files that rows of `database` refer to and neither backup nor store has.

    A store that is out of reach is taken to have them: `doctor` looks at it every time, and no
    backup of all else is lost for it.
    """
    missing = missing_files(database, manifest.files)
    if not missing or not settings.media_bucket:
        return missing
    try:
        there = files_of(settings).names()
    except OSError as error:
        _log.warning("the store of files was not looked at: %s", error.strerror)
        return []
    return [name for name in missing if name.removeprefix("media/") not in there]


def _files(settings: Settings) -> dict[str, Path]:
    instance = settings.instance
    found = {name: instance / name for name in (SETTINGS, SECRET_KEY)}
    # With a store of files the folder is only its cache.
    for folder in ("central",) if settings.media_bucket else ("media", "central"):
        for path in sorted((instance / folder).rglob("*")):
            name = path.relative_to(instance).as_posix()
            if may_hold(name) and path.is_file() and not path.is_symlink():
                found[name] = path
    return found


def _check_target(instance: Path, target: Path) -> None:
    if target.exists():
        raise BackupTargetError(N_("%(file)s already exists."), file=str(target))
    if target.is_relative_to(instance) and target.parent != backups_folder(instance):
        raise BackupTargetError(
            N_("%(file)s is inside the instance folder; choose another location."), file=str(target)
        )


def _is_due(own: Path, now: datetime) -> bool:
    proof, night = last_proof(own.parent), now - (now - _A_NIGHT) % EVERY
    if proof is not None and night <= proof.made_at <= now:
        return False
    try:
        tried = datetime.fromisoformat((own / ".tried").read_text())
    except (OSError, ValueError):
        return True
    return not tried <= now < tried + RETRY


@contextmanager
def _only_one(own: Path) -> Iterator[None]:
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (own / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupBusyError(
                N_("Another backup is already running; nothing was done.")
            ) from None
        for left in own.glob(".part-*"):  # of one that was killed
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield
