"""The parent unit's desk: a key pair, a checked file, a signed file. Plain files, no instance.

Invariants:
- Only a file without a problem is signed, and what is signed is read and compared once more after
  its revision and dates were written into it.
- A revision number is given out once: a copy of every signed file is kept in `signed/`, the newest
  of them is what the next one is compared with and counted on from.
- A secret key is never written over, never left without a passphrase, never read by others (0600).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import tomlkit

from wardsite.core.central_config import Problem, parse
from wardsite.core.central_schema import MAX_BYTES, MAX_REVISION, CentralConfig
from wardsite.core.config_advice import advice
from wardsite.core.config_diff import Change, changes
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.signing import (
    MAX_SIGNATURE_BYTES,
    PublicKey,
    SignatureError,
    UntrustedKeyError,
    Verified,
    generate_key_pair,
    parse_public_key,
    parse_secret_key,
    sign_as,
    verify,
)
from wardsite.core.succession import MAX_JUMP, RevisionJumpError, WrongConfigError
from wardsite.core.vi import to_local
from wardsite.filestore import write_atomically
from wardsite.net import LocalFileError, read_local

RECORDS = "signed"
MIN_PASSPHRASE = 12
_MAX_KEY_BYTES = 4096
_SET_BY_SIGNING = frozenset({"revision", "issued_at", "expires_at"})


class PublishError(WardsiteError):
    """Something that keeps the parent unit's file from being signed."""


class FileExistsAlreadyError(PublishError):
    """A key of that name is there already."""


class WeakPassphraseError(PublishError):
    """The passphrase is too short to protect the key."""


class CannotWriteError(PublishError):
    """The folder does not take the file."""


class AlteredRecordError(PublishError):
    """The copy of the last signed file is not what was signed, or no district file."""


class NoPublicKeyError(PublishError):
    """The file beside the secret key holds no public key."""


class RevokedSignerError(PublishError):
    """The file to sign revokes the very key that is to sign it."""


@dataclass(frozen=True)
class KeyFiles:
    """Where a new pair lies."""

    secret: Path
    public: Path
    key: PublicKey


@dataclass(frozen=True)
class Checked:
    """A file without problems, and what it leaves to be desired."""

    path: Path
    data: bytes
    config: CentralConfig
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Draft:
    """What would be signed. `previous` is the last signed file, None when there is none known;
    `signature` the one that it was signed with, as far as that is at hand.
    """

    path: Path
    data: bytes
    config: CentralConfig
    previous: CentralConfig | None
    signature: bytes | None
    changes: tuple[Change, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Signed:
    """What was written, and who signed it."""

    path: Path
    signature: Path
    record: Path
    sha256: str
    verified: Verified


def make_keys(stem: Path, passphrase: str) -> KeyFiles:
    """Write `stem.key` (encrypted, mode 0600) and `stem.pub`, in minisign's format.

    Raises FileExistsAlreadyError, WeakPassphraseError, CannotWriteError: then neither is there.
    """
    if not stem.name:
        raise CannotWriteError(N_("“%(path)s” is not the name of a file."), path=str(stem))
    if len(passphrase) < MIN_PASSPHRASE:
        raise WeakPassphraseError(
            N_("The passphrase must have at least %(count)d characters."), count=MIN_PASSPHRASE
        )
    secret_path, public_path = (
        stem.with_name(f"{stem.name}.key"),
        stem.with_name(f"{stem.name}.pub"),
    )
    for path in (secret_path, public_path):
        if path.exists():
            raise FileExistsAlreadyError(
                N_("%(path)s already exists; a key is never overwritten."), path=str(path)
            )
    public, secret = generate_key_pair(passphrase)
    _write_new(public_path, public.encode(), 0o644)
    try:
        _write_new(secret_path, secret.encode(), 0o600)
    except CannotWriteError:
        public_path.unlink(missing_ok=True)
        raise
    return KeyFiles(secret_path, public_path, parse_public_key(public))


def check(path: Path, now: datetime, *, online: bool = False) -> Checked:
    """Read and check a district file; `online`: its addresses are tried afterwards.

    Raises ConfigInvalidError with every problem, SchemaTooNewError, FetchError.
    """
    data = read_local(str(path), 4 * MAX_BYTES)
    config = parse(data)
    return Checked(path, data, config, advice(data, config, now, untried=not online))


def draft(
    checked: Checked,
    valid_days: int,
    now: datetime,
    *,
    previous: Path | None = None,
    public_key: PublicKey | None = None,
) -> Draft:
    """Return what signing `checked` would publish: revision raised, dates set, comments kept.

    `previous` names the last signed file when it is not in `signed/` beside. With `public_key` its
    signature is verified first. Raises PublishError, SuccessionError, ConfigInvalidError or
    FetchError.
    """
    before, signature = _last_signed(checked, previous, public_key)
    revision = _next_revision(checked, before)
    data = _stamped(checked.data, revision, now, valid_days)
    config = parse(data)
    changed = {f"{c.section}.{f.field}" for c in changes(checked.config, config) for f in c.fields}
    if not changed <= {f"config.{name}" for name in _SET_BY_SIGNING}:
        raise AssertionError("writing the revision changed more than the revision")
    return Draft(
        path=checked.path,
        data=data,
        config=config,
        previous=before,
        signature=signature,
        changes=changes(before, config),
        warnings=advice(data, config, now),
    )


def seal(ready: Draft, secret: str, passphrase: str) -> Signed:
    """Sign a draft and write file, signature and their copies in `signed/`.

    `secret` is the text of the secret key, which `secret_key` reads. What was made is verified with
    the key's own public half before anything is written. Raises SignatureError (a wrong passphrase
    among them), RevokedSignerError, CannotWriteError.
    """
    meta = ready.config.config
    comment = f"config:{meta.id} revision:{meta.revision} issued:{meta.issued_at.isoformat()}"
    signature, key = sign_as(ready.data, secret, passphrase, comment)
    verified = verify(ready.data, signature, [key])
    if {key.text, key.key_id} & set(ready.config.revoked_keys):
        raise RevokedSignerError(N_("The file revokes the key that is being used to sign it."))
    record = _record_path(ready.path, meta.revision)
    beside = _signature_path(ready.path)
    try:
        # The copies first: whatever happens then, this number is not given out twice.
        for target, content in (
            (record, ready.data),
            (_signature_path(record), signature),
            (ready.path, ready.data),
            (beside, signature),
        ):
            write_atomically(target, content)
    except OSError as error:
        raise _cannot_write(record.parent, error) from error
    return Signed(ready.path, beside, record, hashlib.sha256(ready.data).hexdigest(), verified)


def secret_key(path: Path) -> str:
    """Return the text of a secret key, still locked. Raises FetchError, SecretKeyFormatError."""
    text = read_local(str(path), _MAX_KEY_BYTES).decode("utf-8", "replace")
    parse_secret_key(text)
    return text


def public_key_beside(secret_path: Path) -> PublicKey | None:
    """Return the public key that lies beside a secret one (`.pub`), None when it is not there.

    Raises NoPublicKeyError naming a file that holds something else.
    """
    if not secret_path.name:
        return None
    path = secret_path.with_suffix(".pub")
    try:
        text = read_local(str(path), _MAX_KEY_BYTES)
    except LocalFileError:
        return None
    try:
        return parse_public_key(text.decode("utf-8", "replace"))
    except SignatureError as error:
        raise NoPublicKeyError(
            N_("%(path)s cannot be used. %(reason)s"), path=str(path), reason=error
        ) from error


def signed_with_other_key(ready: Draft, key: PublicKey | None) -> bool:
    """Tell whether units may refuse `key`: the last file was signed by another, unannounced one."""
    if ready.signature is None or key is None or ready.previous is None:
        return False
    announced = {row.public_key for row in ready.previous.keys}
    return _is_foreign(ready.signature, key) and key.text not in announced


def _is_foreign(signature: bytes, key: PublicKey) -> bool:
    try:
        verify(b"", signature, [key])
    except UntrustedKeyError:
        return True
    except SignatureError:
        pass
    return False


# --- Counting on from what was signed last


def _last_signed(
    checked: Checked, named: Path | None, key: PublicKey | None
) -> tuple[CentralConfig | None, bytes | None]:
    """Return the config signed last, and its signature as far as that is at hand.

    It is the one named, the newest of `signed/`, or the file itself.
    """
    newest = max(_records(checked.path), default=None)
    path = named or (newest[1] if newest else None)
    if path is None:
        own = _read_if_there(_signature_path(checked.path), MAX_SIGNATURE_BYTES)
        if own is None or key is None or not _holds(checked.data, own, key):
            return None, None
        return checked.config, own
    data = read_local(str(path), 4 * MAX_BYTES)
    signature = _read_if_there(_signature_path(path), MAX_SIGNATURE_BYTES)
    if signature is not None and key is not None and not _may_hold(data, signature, key):
        raise AlteredRecordError(
            N_("%(path)s has been changed since it was signed."), path=str(path)
        )
    try:
        return parse(data), signature
    except WardsiteError as error:
        raise AlteredRecordError(
            N_("%(path)s, which the new file is compared with, cannot be used. %(reason)s"),
            path=str(path),
            reason=error,
        ) from error


def _holds(data: bytes, signature: bytes, key: PublicKey) -> bool:
    try:
        verify(data, signature, [key])
    except SignatureError:
        return False
    return True


def _may_hold(data: bytes, signature: bytes, key: PublicKey) -> bool:
    """Like `_holds`; the signature of another key, from before a rotation, cannot be judged."""
    return _is_foreign(signature, key) or _holds(data, signature, key)


def _records(path: Path) -> Iterator[tuple[int, Path]]:
    pattern = re.compile(rf"{re.escape(path.stem)}-r([0-9]{{1,10}})\.toml")
    for found in (path.parent / RECORDS).glob("*.toml"):
        match = pattern.fullmatch(found.name)
        if match:
            yield int(match[1]), found


def _next_revision(checked: Checked, before: CentralConfig | None) -> int:
    own = checked.config.config
    if before is None:
        # Signed before, on whatever machine: its number is taken.
        return own.revision + _signature_path(checked.path).exists()
    last = before.config
    if own.id != last.id:
        raise WrongConfigError(
            N_(
                "The file is the configuration of %(found)s; the last signed one was that of "
                "%(expected)s."
            ),
            found=own.id,
            expected=last.id,
        )
    if own.revision - last.revision > MAX_JUMP or last.revision >= MAX_REVISION:
        raise RevisionJumpError(
            N_(
                "The revision goes up from %(highest)d to %(revision)d; it can go up by at most "
                "%(limit)d at a time."
            ),
            revision=own.revision,
            highest=last.revision,
            limit=MAX_JUMP,
        )
    # Signed since by other means (the stock tool): then the number in the file is given out too.
    return max(own.revision + _signed_elsewhere(checked.path), last.revision + 1)


def _signed_elsewhere(path: Path) -> bool:
    """Tell whether the signature beside the file is another than that of the newest record."""
    newest = max(_records(path), default=None)
    beside = _read_if_there(_signature_path(path), MAX_SIGNATURE_BYTES)
    if newest is None or beside is None:
        return False
    return beside != _read_if_there(_signature_path(newest[1]), MAX_SIGNATURE_BYTES)


def _stamped(data: bytes, revision: int, now: datetime, valid_days: int) -> bytes:
    """Write revision and dates into the file, every comment and blank where it was."""
    document = tomlkit.parse(data.decode())
    meta = document["config"]
    issued = to_local(now).replace(microsecond=0)
    for name, value in (
        ("revision", revision),
        ("issued_at", issued),
        ("expires_at", issued + timedelta(days=valid_days)),
    ):
        meta[name] = value
    return tomlkit.dumps(document).encode()


# --- Files


def _signature_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.minisig")


def _record_path(path: Path, revision: int) -> Path:
    return path.parent / RECORDS / f"{path.stem}-r{revision}.toml"


def _read_if_there(path: Path, max_bytes: int) -> bytes | None:
    return read_local(str(path), max_bytes) if path.exists() else None


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, whole or not at all. Raises CannotWriteError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> CannotWriteError:
    return CannotWriteError(
        N_("%(path)s cannot be written: %(reason)s."),
        path=str(path),
        reason=reason_of(error),
    )
