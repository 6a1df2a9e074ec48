"""Encrypted backups: age files, made for public keys whose secret halves are elsewhere.

Opens with the stock `age` tool too: age -d -i KEY FILE.age > FILE. The server cannot read what it
has sealed, so each file is sealed for one key more, made for it and forgotten after the proof.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pyrage import DecryptError, EncryptError, IdentityError, RecipientError, decrypt_io, encrypt_io
from pyrage.x25519 import Identity, Recipient

from wardsite.core.errors import N_, WardsiteError

SUFFIX = ".age"
__all__ = [
    "SUFFIX",
    "Identity",
    "IdentityFileError",
    "RecipientKeyError",
    "is_sealed",
    "read_identities",
    "seal",
    "unseal",
]

_MARK = b"age-encryption.org/"


class RecipientKeyError(WardsiteError):
    """An entry of backup_recipients is no age public key."""


class IdentityFileError(WardsiteError):
    """The file with the secret key is missing, is none, or fits another backup."""


def is_sealed(archive: Path) -> bool:
    """Tell whether the file is an encrypted backup. Raises OSError."""
    with archive.open("rb") as file:
        return file.read(len(_MARK)) == _MARK


def seal(plain: Path, sealed: Path, recipients: Iterable[str]) -> Identity:
    """Encrypt `plain` into `sealed`; return the key that opens this one file, for the proof.

    Raises RecipientKeyError, OSError.
    """
    own = Identity.generate()
    keys = [*(_recipient(entry) for entry in recipients), own.to_public()]
    try:
        with plain.open("rb") as reader, sealed.open("xb") as writer:
            encrypt_io(reader, writer, keys)
    except EncryptError as error:
        raise OSError(str(error)) from error
    return own


def unseal(sealed: Path, plain: Path, identities: Sequence[Identity]) -> None:
    """Decrypt `sealed` into `plain`, a new file. Raises IdentityFileError, OSError."""
    try:
        with sealed.open("rb") as reader, plain.open("xb") as writer:
            plain.chmod(0o600)
            decrypt_io(reader, writer, identities)
    except (DecryptError, OSError) as error:
        if getattr(error, "errno", None):  # a damaged file comes as an OSError without a number
            raise
        raise IdentityFileError(
            N_("%(file)s cannot be decrypted: wrong key, or the file is damaged (%(reason)s)."),
            file=sealed.name,
            reason=str(error)[:200],
        ) from error


def read_identities(file: Path | None) -> list[Identity]:
    """Return the secret keys in a file as `age-keygen` writes it. Raises IdentityFileError."""
    if file is None:
        raise IdentityFileError(
            N_("The backup is encrypted. Provide the file with the secret key: --identity FILE.")
        )
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        found = [Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, IdentityError) as error:
        raise _no_identity(file) from error
    if not found:
        raise _no_identity(file)
    return found


def _no_identity(file: Path) -> IdentityFileError:
    return IdentityFileError(N_("%(file)s contains no age secret key."), file=str(file))


def _recipient(entry: str) -> Recipient:
    try:
        return Recipient.from_str(entry)
    except RecipientError as error:
        raise RecipientKeyError(
            N_("backup_recipients: “%(entry)s” is not an age public key."), entry=entry[:100]
        ) from error
