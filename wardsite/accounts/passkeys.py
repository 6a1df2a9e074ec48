"""Passkeys (khóa truy cập, WebAuthn level 3): made, kept, and accepted to sign in.

python-fido2 checks what an authenticator says: kind, origin, challenge, host, presence, signature.
Here is what it leaves to us: a challenge is good for five minutes and once, for all processes; the
counter must not go back; a passkey is its account's alone. No count of attempts: there is nothing
to guess, and a stranger could use one up. A wrong answer costs one look-up and one signature.
"""

import hashlib
import ipaddress
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select

from wardsite.accounts.audit import record
from wardsite.accounts.throttle import CLOCK_SLACK, TooManyAttemptsError, count_attempt
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import nfc
from wardsite.extensions import db, transaction
from wardsite.models import Passkey, RecoveryCode, User

if TYPE_CHECKING:
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialDescriptor

T = TypeVar("T")

CHALLENGE_SECONDS = 300
MAX_ANSWER = 8192  # characters; a real one has about 700
MAX_PASSKEYS = 20
# What python-fido2 and the readers under it raise for an answer that is no answer.
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError)


class PasskeyRefusedError(WardsiteError):
    """The authenticator's answer is wrong, late, used already, or not this account's."""


@dataclass(frozen=True)
class Site:
    """Who the authenticator speaks to: the origin of `base_url`, never the Host header's."""

    origin: str
    name: str

    @property
    def host(self) -> str:
        """The relying party's id."""
        return urlsplit(self.origin).hostname or ""

    @property
    def usable(self) -> bool:
        """Whether browsers make passkeys for it: https and a name, or localhost."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False


@dataclass(frozen=True)
class Asked:
    """What was asked of the authenticator: `options` for the browser, `state` for the session."""

    options: str
    state: dict[str, Any]


def ask_to_make(site: Site, user: User, state: Mapping[str, Any] | None, now: datetime) -> Asked:
    """Ask for a new passkey; an earlier question of the session that is still good is asked again.

    A passkey that the browser offers by itself is preferred, and a PIN or finger where the device
    has one: a plain security key is good as the second step too.
    """
    from fido2.webauthn import (
        PublicKeyCredentialUserEntity,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    purpose = f"make:{user.id}"
    handle = user.passkeys[0].user_handle if user.passkeys else ""
    handle = handle or _still_good(state, purpose, now).get("handle") or secrets.token_hex(32)
    challenge = _challenge(state, purpose, now)
    options, asked = _server(site).register_begin(
        PublicKeyCredentialUserEntity(
            name=user.name, id=bytes.fromhex(handle), display_name=user.display_name or user.name
        ),
        credentials=_descriptors(user),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        challenge=challenge,
    )
    kept = {**asked, "purpose": purpose, "at": _since(state, purpose, now), "handle": handle}
    return Asked(json.dumps(dict(options.public_key)), kept)


def ask_to_sign(
    site: Site, user: User | None, state: Mapping[str, Any] | None, now: datetime
) -> Asked:
    """Ask for a signature: of `user` as the second step; of anybody who proves PIN or finger."""
    from fido2.webauthn import UserVerificationRequirement as Verification

    purpose = f"second:{user.id}" if user else "first"
    options, asked = _server(site).authenticate_begin(
        credentials=_descriptors(user) if user else None,
        user_verification=Verification.DISCOURAGED if user else Verification.REQUIRED,
        challenge=_challenge(state, purpose, now),
    )
    kept = {**asked, "purpose": purpose, "at": _since(state, purpose, now)}
    return Asked(json.dumps(dict(options.public_key)), kept)


def add(
    site: Site, user: User, name: str, answer: str, state: Mapping[str, Any] | None, now: datetime
) -> None:
    """Keep the passkey that the authenticator made. Raises PasskeyRefusedError."""
    good = _still_good(state, f"make:{user.id}", now)
    made = _checked(lambda: _server(site).register_complete(good, _read(answer)))
    if made.credential_data is None:
        raise _refused()
    user_id, user_name = user.id, user.name
    with transaction(public=False) as session:
        _use_up(good, now)
        known = session.scalar(
            select(Passkey.id).where(
                Passkey.credential_id == made.credential_data.credential_id.hex()
            )
        )
        many = select(func.count()).where(Passkey.user_id == user_id)
        if known is not None or (session.scalar(many) or 0) >= MAX_PASSKEYS:
            raise _refused()
        session.add(
            Passkey(
                user_id=user_id,
                name=nfc(name).strip(),
                credential_id=made.credential_data.credential_id.hex(),
                public_key=bytes(made.credential_data),
                user_handle=str(good["handle"]),
                counter=made.counter,
                created_at=now,
            )
        )
        record(session, now, user_name, "passkey-add", user_name, name=nfc(name).strip())


def check(
    site: Site, user: User | None, answer: str, state: Mapping[str, Any] | None, now: datetime
) -> User:
    """Return whose passkey signed; `user` when only theirs will do. Raises PasskeyRefusedError."""
    from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

    good = _still_good(state, f"second:{user.id}" if user else "first", now)
    response = _checked(lambda: AuthenticationResponse.from_dict(_read(answer)))
    passkey = db.session.scalar(
        select(Passkey).where(Passkey.credential_id == response.raw_id.hex())
    )
    if passkey is None or not passkey.user.active or user not in (None, passkey.user):
        raise _refused()
    handle = response.response.user_handle
    if handle and handle.hex() != passkey.user_handle:
        raise _refused()
    public_key = AttestedCredentialData(passkey.public_key)
    _checked(lambda: _server(site).authenticate_complete(good, [public_key], response))
    owner_id = passkey.user_id
    _accept(passkey.id, response.response.authenticator_data.counter, good, now)
    return db.session.get_one(User, owner_id)


def remove(user: User, passkey_id: int, now: datetime) -> None:
    """Forget one of the officer's own passkeys; the recovery codes too when no second step is left.

    One that is not theirs, or gone, is left alone.
    """
    user_id, user_name, app = user.id, user.name, bool(user.totp_secret)
    with transaction(public=False) as session:
        passkey = session.get(Passkey, passkey_id)
        if passkey is None or passkey.user_id != user_id:
            return
        record(session, now, user_name, "passkey-remove", user_name, name=passkey.name)
        session.delete(passkey)
        session.flush()
        left = session.scalar(select(func.count()).where(Passkey.user_id == user_id))
        if not app and not left:
            session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def any_kept() -> bool:
    """Tell whether any officer has a passkey: only then does signing in offer one."""
    return db.session.scalar(select(Passkey.id).limit(1)) is not None


def _accept(passkey_id: int, counter: int, state: Mapping[str, Any], now: datetime) -> None:
    # Under the write lock from the look to the change: an answer sent twice at once counts once.
    with transaction(public=False) as session:
        _use_up(state, now)
        passkey = session.get(Passkey, passkey_id, populate_existing=True)
        if passkey is None:  # removed between the look and now
            raise _refused()
        last, name, owner = passkey.counter, passkey.name, passkey.user.name
        forward = counter > last or counter == last == 0  # 0: the device does not count
        if forward:
            passkey.counter, passkey.last_used_at = counter, now
        else:
            # Two devices hold one key: someone copied it. The owner reads this in the audit log.
            record(session, now, owner, "passkey-copied", owner, name=name)
    if not forward:
        raise _refused()


def _use_up(state: Mapping[str, Any], now: datetime) -> None:
    digest = hashlib.sha256(str(state["challenge"]).encode()).hexdigest()
    window = timedelta(seconds=CHALLENGE_SECONDS)
    try:
        count_attempt(db.session(), f"challenge:{digest}", 1, window, now)
    except TooManyAttemptsError:
        raise _refused() from None


def _still_good(state: Mapping[str, Any] | None, purpose: str, now: datetime) -> Mapping[str, Any]:
    if not state or state.get("purpose") != purpose:
        return {}
    since = timedelta(seconds=now.timestamp() - state["at"])
    return state if -CLOCK_SLACK <= since <= timedelta(seconds=CHALLENGE_SECONDS) else {}


def _challenge(state: Mapping[str, Any] | None, purpose: str, now: datetime) -> bytes | None:
    # Two tabs of one browser share a session, and so the question.
    from fido2.utils import websafe_decode

    good = _still_good(state, purpose, now)
    return websafe_decode(good["challenge"]) if good else None


def _since(state: Mapping[str, Any] | None, purpose: str, now: datetime) -> int:
    return int(_still_good(state, purpose, now).get("at", now.timestamp()))


def _descriptors(user: User) -> "list[PublicKeyCredentialDescriptor]":
    from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialType

    return [
        PublicKeyCredentialDescriptor(
            type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes.fromhex(passkey.credential_id)
        )
        for passkey in user.passkeys
    ]


def _server(site: Site) -> "Fido2Server":
    # Imported where it is used: 4 MB that a worker without passkeys does not need.
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity

    entity = PublicKeyCredentialRpEntity(name=site.name, id=site.host)
    # The library would take any origin below the host; ours is one.
    return Fido2Server(entity, verify_origin=lambda origin: origin == site.origin)


def _read(answer: str) -> dict[str, Any]:
    """Return the answer's texts and nothing else; raises ValueError, KeyError, TypeError.

    The library makes bytes of whatever stands where text should: of a number, that many zeros.
    """
    if len(answer) > MAX_ANSWER:
        raise ValueError("an answer of this size is none")
    read = json.loads(answer)
    response = {str(name): _text(value) for name, value in read["response"].items()}
    return {**{name: _text(read[name]) for name in ("id", "rawId", "type")}, "response": response}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _checked(check_it: Callable[[], T]) -> T:
    try:
        return check_it()
    except (*_MALFORMED, RecursionError):
        raise _refused() from None


def _refused() -> PasskeyRefusedError:
    return PasskeyRefusedError(N_("The passkey was not accepted. Please try again."))
