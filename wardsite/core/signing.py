"""Is this a minisign signature, by a key we trust, over exactly these bytes?

Invariants:
- A signature counts only when the whole file has the one form minisign writes: four lines,
  canonical base64, nothing more. So one signature has one spelling (save its untrusted comment,
  which nothing here reads or returns).
- The signature is checked over the exact bytes, and over the trusted comment.
- Nothing is parsed, and no comment believed, before both checks have passed.

The parent unit's side (key pair, signing) is here too; both work with the stock `minisign` tool.
The library is imported by what checks or signs: to name a key takes none of its 8 MB.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from wardsite.core.errors import N_, WardsiteError

MAX_SIGNATURE_BYTES = 4096
KEY_ID = r"[0-9A-F]{12,16}"  # the tool leaves out leading zeros

_UNTRUSTED, _TRUSTED = b"untrusted comment: ", b"trusted comment: "
_PUBLIC_KEY_BYTES, _SIGNATURE_BYTES, _GLOBAL_BYTES = 42, 74, 64
# scrypt with N = 2^17, r = 8, p = 1 (128 MiB): OWASP's floor for 2023, and light for a laptop.
_SCRYPT_OPS, _SCRYPT_MEMORY = 4 * 1024 * 1024, 128 * 1024 * 1024


class SignatureError(WardsiteError):
    """A key, a signature or a passphrase that does not hold."""


class PublicKeyFormatError(SignatureError):
    """The text is not a minisign public key."""


class SignatureFormatError(SignatureError):
    """The file is not a minisign signature."""


class UntrustedKeyError(SignatureError):
    """The signature names a key that is not trusted."""


class SignatureMismatchError(SignatureError):
    """The signature does not belong to these bytes, or its trusted comment was changed."""


class SecretKeyFormatError(SignatureError):
    """The text is not a minisign secret key."""


class WrongPassphraseError(SignatureError):
    """The passphrase does not open the secret key."""


class TrustedCommentError(SignatureError):
    """The comment cannot be written into a signature."""


@dataclass(frozen=True)
class PublicKey:
    """A minisign public key: `text` is its one line (RW…), `key_id` 16 hex digits.

    `key_id` is spelled as the `minisign` tool prints it (the stored bytes reversed), with its
    leading zeros.
    """

    text: str

    @property
    def key_id(self) -> str:
        """The key's number, as `minisign` prints it."""
        return _spell_key_id(base64.b64decode(self.text)[2:10])


@dataclass(frozen=True)
class Verified:
    """What a good signature proves: which key signed, and the comment it signed along."""

    key_id: str
    trusted_comment: str


def parse_public_key(text: str) -> PublicKey:
    """Read a public key: its bare line (`RW…`) or the two lines of a `.pub` file.

    Raises `PublicKeyFormatError` on anything else.
    """
    lines = text.strip().splitlines()
    if len(lines) == 2 and lines[0].startswith(_UNTRUSTED.decode()):
        del lines[0]
    raw = _decode(lines[0].strip().encode(), _PUBLIC_KEY_BYTES) if len(lines) == 1 else None
    if raw is None or raw[:2] != b"Ed":
        raise PublicKeyFormatError(N_("This is not a minisign public key (one line, RW…)."))
    return PublicKey(base64.b64encode(raw).decode())


def verify(data: bytes, signature: bytes, trusted: Sequence[PublicKey]) -> Verified:
    """Return who signed `data` and the trusted comment, or raise a `SignatureError`.

    `signature` is the whole `.minisig` file. `SignatureFormatError`: not one. `UntrustedKeyError`:
    by a key not in `trusted`. `SignatureMismatchError`: not over these bytes and this comment.
    """
    import minisign

    raw, comment = _read_signature(signature)
    parsed = minisign.Signature.from_bytes(signature)
    key_id = _spell_key_id(raw[2:10])
    candidates = [key for key in trusted if key.key_id == key_id]
    if not candidates:
        raise UntrustedKeyError(
            N_("The signature was made with key %(key_id)s, which is not trusted."), key_id=key_id
        )
    for key in candidates:
        try:
            minisign.PublicKey.from_base64(key.text).verify(data, parsed)
        except (minisign.Error, ValueError):
            continue
        return Verified(key_id, comment)
    raise SignatureMismatchError(N_("The signature does not match the file."))


def generate_key_pair(passphrase: str) -> tuple[str, str]:
    """Return a new public key and its encrypted secret key, each as the text of minisign's file.

    Raises `WrongPassphraseError` when `passphrase` is empty: a secret key is never left open.
    """
    if not passphrase:
        raise WrongPassphraseError(N_("The passphrase must not be empty."))
    import minisign

    pair = minisign.KeyPair.generate()
    public = parse_public_key(pair.public_key.to_base64().decode())
    pair.public_key.untrusted_comment = f"minisign public key {public.key_id}"
    pair.secret_key.untrusted_comment = "minisign encrypted secret key"
    with pair.secret_key as secret:
        secret.encrypt(passphrase, opslimit=_SCRYPT_OPS, memlimit=_SCRYPT_MEMORY)
        return f"{bytes(pair.public_key).decode()}\n", f"{bytes(secret).decode()}\n"


def sign(data: bytes, secret_text: str, passphrase: str, trusted_comment: str) -> bytes:
    """Return the `.minisig` file for `data`; raises what `sign_as` raises."""
    return sign_as(data, secret_text, passphrase, trusted_comment)[0]


def sign_as(
    data: bytes, secret_text: str, passphrase: str, trusted_comment: str
) -> tuple[bytes, PublicKey]:
    """Return the `.minisig` file for `data` (prehashed, as minisign 0.11 writes it) and its signer.

    `secret_text` is the whole secret key file; `passphrase` is not read when that is not encrypted.
    The key is opened once for both, since opening it is slow on purpose. Raises
    `SecretKeyFormatError`, `WrongPassphraseError` or `TrustedCommentError` (the tool takes one line
    of printable ASCII).
    """
    with _opened(secret_text, passphrase) as secret:
        try:
            signed = secret.sign(data, prehash=True, trusted_comment=trusted_comment)
        except ValueError as error:
            raise TrustedCommentError(
                N_("The trusted comment must be one line of printable ASCII.")
            ) from error
        public = parse_public_key(secret.get_public_key().to_base64().decode())
    return bytes(signed) + b"\n", public


def parse_secret_key(text: str) -> Any:
    """Return the secret key in minisign's file, still locked. Raises `SecretKeyFormatError`."""
    import minisign

    try:
        return minisign.SecretKey.from_bytes(text.strip().encode())
    except ValueError as error:
        raise SecretKeyFormatError(N_("This is not a minisign secret key.")) from error


@contextmanager
def _opened(secret_text: str, passphrase: str) -> Iterator[Any]:
    """Hand out the decrypted secret key, and wipe it afterwards."""
    with parse_secret_key(secret_text) as secret:
        try:
            secret.decrypt(passphrase)
        except ValueError as error:
            raise WrongPassphraseError(N_("The passphrase does not unlock this key.")) from error
        yield secret


def _read_signature(signature: bytes) -> tuple[bytes, str]:
    """Return the 74 bytes of the signature line and the trusted comment, strict about the form."""
    lines = signature.removesuffix(b"\n").split(b"\n")
    if len(signature) > MAX_SIGNATURE_BYTES or len(lines) != 4:
        raise SignatureFormatError(N_("This is not a minisign signature (four lines)."))
    raw = _decode(lines[1], _SIGNATURE_BYTES)
    comment = lines[2].removeprefix(_TRUSTED)
    if (
        raw is None
        or raw[:2] not in {b"ED", b"Ed"}
        or _decode(lines[3], _GLOBAL_BYTES) is None
        or not lines[0].startswith(_UNTRUSTED)
        or not lines[2].startswith(_TRUSTED)
    ):
        raise SignatureFormatError(N_("This is not a minisign signature (four lines)."))
    return raw, _read_comments(lines[0], comment)


def _read_comments(untrusted_line: bytes, trusted_comment: bytes) -> str:
    try:
        untrusted_line.decode()
        comment = trusted_comment.decode()
    except UnicodeDecodeError as error:
        raise SignatureFormatError(N_("The signature comments are not UTF-8.")) from error
    if b"\r" in untrusted_line or any(char != "\t" and not char.isprintable() for char in comment):
        raise SignatureFormatError(N_("The signature contains control characters."))
    return comment


def _decode(line: bytes, length: int) -> bytes | None:
    """Decode base64 that has exactly `length` bytes and the one canonical spelling."""
    try:
        raw = base64.b64decode(line, validate=True)
    except (ValueError, binascii.Error):
        return None
    # b64decode ignores the unused bits of the last character: two spellings of one signature.
    return raw if len(raw) == length and base64.b64encode(raw) == line else None


def _spell_key_id(raw: bytes) -> str:
    return raw[::-1].hex().upper()
