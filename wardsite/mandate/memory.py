"""What a unit must never forget of the centre, kept twice so that it only moves forward.

Once in the database and once in `central/known.json`, which no backup brings back: a restored older
database does not make an older revision, a revoked key or an earlier clock acceptable again. Read
together, the two give the highest of each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.signing import PublicKey, SignatureError, parse_public_key
from wardsite.core.succession import IntroducedKey, KeyRing
from wardsite.filestore import write_atomically

FILE_NAME = "known.json"
_T = TypeVar("_T")


class PinnedKeyError(WardsiteError):
    """A key in the settings is no minisign public key."""


@dataclass(frozen=True)
class LaterKey:
    """A key that an accepted file introduced."""

    public_key: str
    valid_from: datetime | None = None


@dataclass(frozen=True)
class Known:
    """Highest revision and its bytes, the keys that files added and took away, latest clock."""

    config_id: str = ""
    revision: int = 0
    sha256: str = ""
    introduced: tuple[LaterKey, ...] = ()
    revoked: frozenset[str] = frozenset()
    clock: datetime | None = None

    def joined(self, other: Known) -> Known:
        """Return the higher of each; `self`, the file, decides when they follow other centres."""
        if not other.config_id or (self.config_id and other.config_id != self.config_id):
            return self
        higher, lower = (self, other) if self.revision >= other.revision else (other, self)
        keys = {key.public_key: key for key in (*lower.introduced, *higher.introduced)}
        return Known(
            config_id=higher.config_id,
            revision=higher.revision,
            sha256=higher.sha256,
            introduced=tuple(keys[name] for name in sorted(keys)),
            revoked=self.revoked | other.revoked,
            clock=latest(self.clock, other.clock),
        )

    def ring(self, pinned: tuple[PublicKey, ...]) -> KeyRing:
        """Return the keys to trust, beginning with those of the settings."""
        later = []
        for key in self.introduced:
            with suppress(SignatureError):  # a damaged memory must not bring the site down
                later.append(IntroducedKey(parse_public_key(key.public_key), key.valid_from))
        return KeyRing(pinned, tuple(later), self.revoked)

    def dump(self) -> dict[str, Any]:
        """Return plain values for the database, in a stable order."""
        return {
            "config_id": self.config_id,
            "revision": self.revision,
            "sha256": self.sha256,
            "introduced": [
                {"public_key": key.public_key, "valid_from": _written(key.valid_from)}
                for key in self.introduced
            ],
            "revoked": sorted(self.revoked),
            "clock": _written(self.clock),
        }


def known_from(values: Any) -> Known:
    """Return what the database remembers; nothing when it never knew or holds no sense."""
    try:
        return Known(
            config_id=_a(str, values.get("config_id", "")),
            revision=_a(int, values.get("revision", 0)),
            sha256=_a(str, values.get("sha256", "")),
            introduced=tuple(
                LaterKey(_a(str, key["public_key"]), _read_moment(key.get("valid_from")))
                for key in values.get("introduced", ())
            ),
            revoked=frozenset(_a(str, key) for key in values.get("revoked", ())),
            clock=_read_moment(values.get("clock")),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return Known()


def read_known(folder: Path) -> Known:
    """Return what the file remembers; nothing when it is missing or damaged."""
    try:
        return known_from(json.loads((folder / FILE_NAME).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return Known()


def write_known(folder: Path, known: Known) -> None:
    """Keep `known` on disk before the database says so. Raises OSError."""
    content = json.dumps(known.dump(), indent=1, sort_keys=True).encode()
    if not _holds(folder / FILE_NAME, content):
        write_atomically(folder / FILE_NAME, content)


def forget(folder: Path) -> None:
    """Remove the file, for the documented reset after a stolen key."""
    (folder / FILE_NAME).unlink(missing_ok=True)


def pinned_keys(entries: Iterable[str], folder: Path) -> tuple[PublicKey, ...]:
    """Return the keys of the settings: each the key itself, or a `.pub` file seen from `folder`.

    Raises PinnedKeyError naming the entry that is neither.
    """
    return tuple(_pinned_key(entry, folder) for entry in entries)


def latest(*moments: datetime | None) -> datetime | None:
    """Return the latest of the moments that there are."""
    return max((moment for moment in moments if moment is not None), default=None)


def _pinned_key(entry: str, folder: Path) -> PublicKey:
    try:
        text = (folder / entry).read_text() if entry.endswith(".pub") else entry
        return parse_public_key(text)
    except (OSError, UnicodeDecodeError, SignatureError) as error:
        raise PinnedKeyError(
            N_(
                "district_keys: “%(entry)s” is not a minisign public key, nor a .pub file "
                "containing one."
            ),
            entry=entry[:100],
        ) from error


def _a(kind: type[_T], value: object) -> _T:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} is wanted")
    return value


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read_moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False
