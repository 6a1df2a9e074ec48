"""The centre's files on disk, each named by the SHA-256 of the district file it belongs to.

A file is trusted for what it holds, never for where it lies: name, signature and content are
checked again whenever a process first reads it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wardsite.core.central_schema import MAX_BYTES, CentralConfig
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.signing import MAX_SIGNATURE_BYTES, PublicKey, UntrustedKeyError, verify
from wardsite.filestore import write_atomically

LOCK_NAME = ".lock"
CHECK_NAME = ".checked"


class DamagedRevisionError(WardsiteError):
    """The bytes kept on disk are missing, changed, or not signed by a key that was ever trusted."""


class NoLongerTrustedError(DamagedRevisionError):
    """The bytes are whole, but the settings now trust other keys."""


class SyncBusyError(WardsiteError):
    """Another sync of this instance is running."""

    exit_code = 3


@dataclass(frozen=True)
class Revision:
    """A district file that was verified and parsed; `key_id` is the key that signed it."""

    sha256: str
    key_id: str
    config: CentralConfig


def central_folder(instance: Path) -> Path:
    """Return the folder of an instance that holds what the centre sent."""
    return instance / "central"


def keep(folder: Path, body: bytes, signature: bytes) -> str:
    """Write a district file and its signature to disk, and return the name: its SHA-256.

    Both are on the disk when this returns. Raises OSError.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    write_atomically(_signature(folder, sha256), signature)
    write_atomically(_body(folder, sha256), body)
    return sha256


def load(folder: Path, sha256: str, keys: Sequence[PublicKey]) -> Revision:
    """Return the kept file with this name, verified anew. Raises DamagedRevisionError."""
    # The rules' library is loaded by who checks a file: a worker has `apart` do it.
    from wardsite.core.central_config import parse

    try:
        body = _read(_body(folder, sha256), MAX_BYTES)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise _damaged(sha256)
        signed = verify(body, _read(_signature(folder, sha256), MAX_SIGNATURE_BYTES), keys)
        return Revision(sha256, signed.key_id, parse(body))
    except DamagedRevisionError:
        raise
    except UntrustedKeyError as error:
        raise NoLongerTrustedError(
            N_(
                "The saved district file %(name)s was signed with key %(key_id)s, which is no "
                "longer trusted."
            ),
            name=sha256[:12],
            **error.params,
        ) from error
    except (OSError, WardsiteError) as error:
        raise _damaged(sha256) from error


def read_pair(folder: Path, sha256: str) -> tuple[bytes, bytes]:
    """Return a kept file and its signature as they lie there. Raises OSError."""
    return (
        _read(_body(folder, sha256), MAX_BYTES),
        _read(_signature(folder, sha256), MAX_SIGNATURE_BYTES),
    )


def tidy(folder: Path, revisions: Collection[str], pictures: Collection[str]) -> None:
    """Remove what belongs to no revision or picture still needed, and half-written files."""
    wanted = {of(folder, sha).name for sha in revisions for of in (_body, _signature, checked)}
    wanted |= set(pictures)
    for path in folder.iterdir():
        is_ours = path.suffix in {".toml", ".minisig", ".found", ".webp"} or path.name.startswith(
            ".part-"
        )
        if is_ours and path.name not in wanted:
            path.unlink(missing_ok=True)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the sync lock of an instance; the system frees it however the process ends.

    Raises SyncBusyError when another process holds it, OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SyncBusyError(N_("Another sync is already running; nothing was done.")) from None
        yield


def note_check(folder: Path, now: datetime) -> None:
    """Note that the centre was asked at `now` without writing any content: a file's own time."""
    with suppress(OSError):
        (folder / CHECK_NAME).touch()
        os.utime(folder / CHECK_NAME, (now.timestamp(), now.timestamp()))


def noted_check(folder: Path) -> datetime | None:
    """Return the `now` of the last `note_check`, or None."""
    try:
        return datetime.fromtimestamp((folder / CHECK_NAME).stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None


def checked(folder: Path, sha256: str) -> Path:
    """Return where what was found in a file is kept (`apart`)."""
    return folder / f"{sha256}.found"


def _body(folder: Path, sha256: str) -> Path:
    return folder / f"{sha256}.toml"


def _signature(folder: Path, sha256: str) -> Path:
    return folder / f"{sha256}.toml.minisig"


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)


def _damaged(sha256: str) -> DamagedRevisionError:
    return DamagedRevisionError(
        N_("The saved district file %(name)s is missing or damaged."), name=sha256[:12]
    )
