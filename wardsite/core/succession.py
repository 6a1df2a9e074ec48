"""May this verified, parsed config follow the one in force, and which keys may sign the next?

Invariants (after The Update Framework):
- `config.id` is pinned by the first config taken; nothing with another id follows.
- The highest revision ever seen never goes down, and rises by at most `MAX_JUMP` at a time.
- One revision has one content: the same revision with other bytes is an alarm, not an update.
- What has expired is not newly accepted; what was accepted stays in force past its expiry.
- A revoked key never signs again, wherever it came from.

`now` is read once for a run and passed in.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from wardsite.core.central_schema import CentralConfig
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.signing import PublicKey

MAX_JUMP = 1000


class SuccessionError(WardsiteError):
    """A good file that may not follow the one in force."""


class WrongConfigError(SuccessionError):
    """The file is the config of another parent unit."""


class RevisionRollbackError(SuccessionError):
    """The file is older than one this unit has already seen."""


class RevisionJumpError(SuccessionError):
    """The revision rises so far that no later one could follow."""


class SameRevisionOtherBytesError(SuccessionError):
    """Two different files carry one revision: an alarm for the parent unit."""


class ConfigExpiredError(SuccessionError):
    """The file is past its own expires_at."""


class Outcome(enum.Enum):
    """What to do with a file that passed."""

    APPLY = "apply"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class KnownState:
    """What a unit remembers of the centre, kept apart from backups so that it only moves forward.

    `sha256_of_highest` is of the exact bytes, in lower-case hex. `holds_highest` is false when
    those bytes are no longer here (an older backup was restored): then they are taken once more.
    """

    config_id: str
    highest_revision: int
    sha256_of_highest: str
    holds_highest: bool = True


def check_succession(
    candidate: CentralConfig, sha256: str, *, known: KnownState | None, now: datetime
) -> Outcome:
    """Return whether to apply `candidate` (whose bytes hash to `sha256`) or leave all as it is.

    `known` is None before the first config. Raises the `SuccessionError` that names the refusal.
    """
    meta = candidate.config
    if known is not None:
        if meta.id != known.config_id:
            raise WrongConfigError(
                N_("The file is the configuration of %(found)s; this unit follows %(expected)s."),
                found=meta.id,
                expected=known.config_id,
            )
        if meta.revision == known.highest_revision:
            return _same_revision(sha256, known)
        _check_revision(meta.revision, known.highest_revision)
    if meta.expires_at <= now:
        raise ConfigExpiredError(
            N_("The file for revision %(revision)d expired on %(expired)s."),
            revision=meta.revision,
            expired=meta.expires_at.isoformat(),
        )
    return Outcome.APPLY


def _same_revision(sha256: str, known: KnownState) -> Outcome:
    if sha256 != known.sha256_of_highest:
        raise SameRevisionOtherBytesError(
            N_("Revision %(revision)d has been published with two different contents."),
            revision=known.highest_revision,
        )
    return Outcome.UNCHANGED if known.holds_highest else Outcome.APPLY


def _check_revision(revision: int, highest: int) -> None:
    if revision < highest:
        raise RevisionRollbackError(
            N_(
                "The file is revision %(revision)d, but revision %(highest)d has already been "
                "received."
            ),
            revision=revision,
            highest=highest,
        )
    if revision - highest > MAX_JUMP:
        raise RevisionJumpError(
            N_(
                "The revision goes up from %(highest)d to %(revision)d; it can go up by at most "
                "%(limit)d at a time."
            ),
            revision=revision,
            highest=highest,
            limit=MAX_JUMP,
        )


@dataclass(frozen=True)
class IntroducedKey:
    """A key that a trusted file introduced, and when it may begin to sign."""

    public_key: PublicKey
    valid_from: datetime | None = None


@dataclass(frozen=True)
class KeyRing:
    """The keys a unit trusts: pinned in its settings, introduced and revoked by accepted files.

    `introduced` and `revoked` only grow (a later file may change when an introduced key begins); a
    unit stores them beside `KnownState`. The way back from a stolen key is the documented reset:
    another pinned key, and both lists empty.
    """

    pinned: tuple[PublicKey, ...]
    introduced: tuple[IntroducedKey, ...] = ()
    revoked: frozenset[str] = field(default_factory=frozenset)

    def trusted(self, now: datetime) -> tuple[PublicKey, ...]:
        """Return the keys that may sign a new file at `now`."""
        begun = (key for key in self.introduced if not key.valid_from or key.valid_from <= now)
        keys = _unique([*self.pinned, *(key.public_key for key in begun)])
        return tuple(key for key in keys if not self.is_revoked(key))

    def ever_trusted(self) -> tuple[PublicKey, ...]:
        """Return every key known, revoked ones too.

        For the check at start of bytes that were accepted before, whose SHA-256 is on record: a
        file may revoke the very key that signed it.
        """
        return _unique([*self.pinned, *(key.public_key for key in self.introduced)])

    def is_revoked(self, key: PublicKey) -> bool:
        """Return whether `key` was revoked, by its text or its id."""
        return key.text in self.revoked or key.key_id in self.revoked

    def after(self, config: CentralConfig) -> KeyRing:
        """Return the ring as an accepted `config` leaves it."""
        begins = {key.public_key: key.valid_from for key in self.introduced}
        begins |= {PublicKey(key.public_key): key.valid_from for key in config.keys}
        return KeyRing(
            self.pinned,
            tuple(IntroducedKey(key, start) for key, start in begins.items()),
            self.revoked | frozenset(config.revoked_keys),
        )


def _unique(keys: Iterable[PublicKey]) -> tuple[PublicKey, ...]:
    return tuple(dict.fromkeys(keys))
