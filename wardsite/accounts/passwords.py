"""Passwords: argon2id, bounded in length and in how many are hashed at once."""

import secrets
import threading
import unicodedata
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import fold

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# 19 MiB, two passes: OWASP's floor, measured at 24 ms; argon2-cffi's default takes 64 MiB.
_MEMORY, _PASSES, _LANES = 19456, 2, 1
# Two at once hold 38 MiB: what a VPS of 512 MB can spare for a burst of sign-ins.
_AT_ONCE = threading.BoundedSemaphore(2)

COMMON = tuple(Path(__file__).with_name(f"{kind}_passwords.txt") for kind in ("common", "leaked"))
MIN_LENGTH = 10
MAX_LENGTH = 200
# No l, o, 0, 1: read aloud and copied from paper without mistakes.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class WeakPasswordError(WardsiteError):
    """The password is too short, too long, or among the first that are guessed."""


def check_password_strength(password: str, user_name: str = "") -> None:
    """Raise WeakPasswordError for what NIST SP 800-63B 3.1.1 refuses: by length, not by classes.

    Also what is on the list of common passwords, plain repetition, and the account's own name.
    """
    if len(password) < MIN_LENGTH:
        raise WeakPasswordError(
            N_("The password must have at least %(count)s characters."), count=MIN_LENGTH
        )
    if len(password) > MAX_LENGTH:
        raise WeakPasswordError(
            N_("The password must have no more than %(count)s characters."), count=MAX_LENGTH
        )
    if is_common_password(password, user_name):
        raise WeakPasswordError(
            N_("This password is one of the easiest to guess. Choose a sentence of your own.")
        )


def is_common_password(password: str, user_name: str = "") -> bool:
    """Tell whether the password is a common word, with or without figures around or between.

    Compared without marks, case, spaces and punctuation: `Mật khẩu 2024!` is `matkhau`.
    """
    plain = "".join(char for char in fold(password) if char.isalnum())
    letters = "".join(char for char in plain if not char.isdigit())
    own = "".join(char for char in fold(user_name) if char.isalnum())
    common = _common()
    if plain in common or letters in common or len(set(plain)) < 5:
        return True
    return bool(own) and own in (plain, letters)


@cache
def _common() -> frozenset[str]:
    lines = (line for file in COMMON for line in file.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # loaded when an officer signs in

    return PasswordHasher(memory_cost=_MEMORY, time_cost=_PASSES, parallelism=_LANES)


def hash_password(password: str) -> str:
    """Return the argon2id hash, of the NFC form (keyboards compose Vietnamese differently)."""
    with _AT_ONCE:
        return _hasher().hash(unicodedata.normalize("NFC", password))


def _hash_of_nothing() -> str:
    """Return a hash that no password has: made up, since to compute one delays every start."""
    salt, digest = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    return f"$argon2id$v=19$m={_MEMORY},t={_PASSES},p={_LANES}${salt}${digest}"


# Verified against when the user is unknown, so that both answers take the same time.
_NOBODY = _hash_of_nothing()


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether `password` is the one hashed; None takes as long as a wrong one and is False."""
    if len(password) > MAX_LENGTH:
        return False
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _AT_ONCE:
            matches = _hasher().verify(
                password_hash or _NOBODY, unicodedata.normalize("NFC", password)
            )
    except (VerificationError, InvalidHashError):
        return False
    return matches and password_hash is not None


def random_groups() -> str:
    """Return 16 random letters in four groups, to be read aloud or copied (about 79 bits)."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, 16, 4))
