"""The second step: a code from an authenticator app (TOTP, RFC 6238), or a recovery code once.

A passkey does as well (passkeys.py); recovery codes stand in for either.

A code is good once: the last counter used is kept, which pyotp leaves to its caller. Attempts are
counted by account, and apart for a browser on which its officer has signed in before: whoever else
has the password can use up the account's, not the officer's, who is then told.
"""

import hashlib
import io
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import pyotp
from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wardsite.accounts.audit import record
from wardsite.accounts.passwords import hash_password, random_groups, verify_password
from wardsite.accounts.sealing import seal, unseal
from wardsite.accounts.sign_ins import GUESSED
from wardsite.accounts.throttle import Caller, attempts, count_attempt
from wardsite.core.errors import N_, WardsiteError
from wardsite.extensions import db, transaction
from wardsite.models import Attempt, RecoveryCode, SiteProfile, User

STEP = 30  # seconds, RFC 6238
DRIFT = 1  # steps either way that a telephone's clock may be off
CODES = 8
MAX_ATTEMPTS = 5
WINDOW = timedelta(minutes=15)


class WrongCodeError(WardsiteError):
    """The code is wrong, too old, or was used already."""


def is_required() -> bool:
    """Tell whether the unit demands a second step of every officer (site/service.py writes it)."""
    profile = db.session.get(SiteProfile, 1)
    return profile is not None and profile.second_factor_required


def new_secret() -> str:
    """Return a secret for an authenticator app: 160 random bits in base 32."""
    return pyotp.random_base32()


def enrolment_address(secret: str, name: str, site: str) -> str:
    """Return the otpauth:// address that the app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=site)


def qr_svg(address: str) -> str:
    """Return the address as a QR code in SVG, made here: the secret goes to no other host."""
    import segno  # for officers, once each: not kept in the memory of every server

    out = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(out, kind="svg", scale=5, border=4, light="#fff", dark="#000", xmldecl=False)
    return out.getvalue().decode().strip()


def enable(user: User, secret: str, code: str, now: datetime) -> tuple[str, ...]:
    """Set up the second factor once the app has shown a right code; return the recovery codes.

    They are kept only as hashes: this is the one time they can be read. Raises WrongCodeError.
    """
    counter = _matching_counter(secret, code, 0, now)
    if counter is None:
        raise WrongCodeError(N_("The code is incorrect. Use the code the app shows now."))
    codes, hashes = _make_codes()
    user_id, name = user.id, user.name
    with transaction(public=False) as session:
        kept = session.get_one(User, user_id)
        kept.totp_secret, kept.totp_counter = seal(secret, _key()), counter
        _replace_codes(session, user_id, hashes)
        record(session, now, name, "second-factor-on", name)
    return codes


def disable(user: User, now: datetime) -> None:
    """Take the officer's app away; the recovery codes too unless passkeys need them."""
    user_id, name = user.id, user.name
    with transaction(public=False) as session:
        kept = session.get_one(User, user_id)
        kept.totp_secret, kept.totp_counter = "", 0
        if not kept.passkeys:
            _replace_codes(session, user_id, ())
        record(session, now, name, "second-factor-off", name)


def renew_codes(user: User, now: datetime) -> tuple[str, ...]:
    """Return new recovery codes; the old ones are void."""
    codes, hashes = _make_codes()
    user_id, name = user.id, user.name
    with transaction(public=False) as session:
        _replace_codes(session, user_id, hashes)
        record(session, now, name, "recovery-codes", name)
    return codes


def codes_left(user: User) -> int:
    """Return how many recovery codes the officer has not used."""
    query = select(func.count()).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(query) or 0


def check(user: User, code: str, caller: Caller, now: datetime) -> str:
    """Return what the code was, `totp` or `recovery-code`, and use it up.

    Raises WrongCodeError; TooManyAttemptsError before the code is looked at.
    """
    user_id, name, key = user.id, user.name, f"second:{user.id}"
    if caller.mark:
        key += f":mark:{hashlib.sha256(caller.mark.encode()).hexdigest()}"
    typed = "".join(code.split()).replace("-", "").lower()
    with transaction(public=False) as session:
        count_attempt(session, key, MAX_ATTEMPTS, WINDOW, now)
    how = "totp" if _use_totp(user_id, typed, now) else ""
    if not how and len(typed) == 16 and _use_recovery_code(user_id, typed):
        how = "recovery-code"
    if not how:
        if attempts(key, now) == MAX_ATTEMPTS:
            where = {"address": caller.address, "browser": caller.browser[:200]}
            with transaction(public=False) as session:
                record(session, now, name, GUESSED, **where)
        raise WrongCodeError(N_("The code is incorrect or has already been used."))
    with transaction(public=False) as session:
        session.execute(delete(Attempt).where(Attempt.key == key))
    return how


def _use_totp(user_id: int, code: str, now: datetime) -> bool:
    # Under the write lock from the look to the change: a code sent twice at once opens one session.
    with transaction(public=False) as session:
        user = session.get_one(User, user_id, populate_existing=True)
        secret = unseal(user.totp_secret, _key()) if user.totp_secret else ""
        counter = _matching_counter(secret, code, user.totp_counter, now)
        if counter is None:
            return False
        user.totp_counter = counter
        return True


def _use_recovery_code(user_id: int, code: str) -> bool:
    for row in db.session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user_id)):
        row_id, code_hash = row.id, row.code_hash
        if verify_password(code_hash, code):
            with transaction(public=False) as session:
                # Codes made anew meanwhile may have the numbers of the old ones.
                mine = (RecoveryCode.id == row_id, RecoveryCode.code_hash == code_hash)
                gone = session.execute(delete(RecoveryCode).where(*mine))
                return bool(gone.rowcount)  # type: ignore[attr-defined]
    return False


def _matching_counter(secret: str, code: str, last: int, now: datetime) -> int | None:
    if not secret or len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    present = int(now.timestamp()) // STEP
    totp = pyotp.HOTP(secret)
    for counter in range(present - DRIFT, present + DRIFT + 1):
        if counter > last and secrets.compare_digest(totp.at(counter), code):
            return counter
    return None


def _key() -> str:
    return str(current_app.secret_key)


def _make_codes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    codes = tuple(random_groups() for _ in range(CODES))
    return codes, tuple(hash_password(code.replace("-", "")) for code in codes)


def _replace_codes(session: Session, user_id: int, hashes: Iterable[str]) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(user_id=user_id, code_hash=hashed) for hashed in hashes)
