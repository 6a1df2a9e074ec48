"""Keys of authenticator apps at rest: sealed, so that the database alone makes nobody's codes.

The key comes from the instance's `secret_key`, which lies beside the database but not in it: a
stolen dump, or the server of PostgreSQL, has not got it. A backup holds both and must be kept so.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

# Loaded when a key is sealed or opened: for officers who use such an app only.
if TYPE_CHECKING:
    from cryptography.fernet import Fernet

# Migration 0012 holds the same: what is sealed must be opened by later versions.
PURPOSE = b"wardsite.totp"


def seal(secret: str, key: str) -> str:
    """Return the secret sealed (Fernet: AES-128-CBC and HMAC-SHA256) under the instance's key."""
    return _fernet(key).encrypt(secret.encode()).decode()


def unseal(sealed: str, key: str) -> str:
    """Return the secret; "" when it was sealed under another key or is damaged.

    No code is right then: the officer gets in by a recovery code and sets the app up anew.
    """
    from cryptography.fernet import InvalidToken

    try:
        return _fernet(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _fernet(key: str) -> Fernet:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
