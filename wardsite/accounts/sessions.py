"""Sessions: opened with name and password, found again, confirmed, ended.

The second step of signing in is in second_factor.py and passkeys.py.
"""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from wardsite.accounts.audit import record
from wardsite.accounts.officer import SignedIn, account_name
from wardsite.accounts.passwords import verify_password
from wardsite.accounts.sign_ins import is_known
from wardsite.accounts.throttle import CLOCK_SLACK, Caller, count_attempt
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.network import subscriber
from wardsite.core.vi import short_date, to_local
from wardsite.extensions import db, transaction
from wardsite.models import Attempt, User, UserSession

SESSION_LIFETIME = timedelta(days=14)
IDLE_LIMIT = timedelta(hours=12)
ATTEMPT_WINDOW = timedelta(minutes=15)
# An address has more, since an office shares one; a stranger cannot lock an account for others.
MAX_ATTEMPTS_ACCOUNT = 5
MAX_ATTEMPTS_ADDRESS = 30


class SignInRefusedError(WardsiteError):
    """Name and password do not match an active account; deliberately says no more."""


class OneTimePasswordOverError(SignInRefusedError):
    """The one-time password is right, but its last day is over."""

    def __init__(self, last_day: date) -> None:
        super().__init__(
            N_("This one-time password was valid until %(day)s. Ask an administrator for another."),
            day=short_date(last_day),
        )


@dataclass(frozen=True)
class Proved:
    """Whose password was right; `tail` ends the hash it matched: once that changes it is void."""

    user: User
    tail: str


def check_password(name: str, password: str, caller: Caller, now: datetime) -> Proved:
    """Return the active account that has this name and password; the second factor is not asked.

    Raises SignInRefusedError, the same for every reason but that a right one-time password is over;
    TooManyAttemptsError before any hashing.
    A browser with a mark has a count of its own: strangers who share the office's address cannot
    use up the attempts of officers who have signed in on that browser before.
    """
    name = account_name(name)
    account, keys = _attempt_keys(name, caller)
    with transaction(public=False) as session:
        for key, limit in keys.items():
            count_attempt(session, key, limit, ATTEMPT_WINDOW, now)
    user = db.session.scalar(select(User).where(User.name == name))
    password_hash = user.password_hash if user and user.active else None
    if not verify_password(password_hash, password) or user is None or password_hash is None:
        raise _sign_in_refused()
    if user.password_last_day is not None and to_local(now).date() > user.password_last_day:
        raise OneTimePasswordOverError(user.password_last_day)
    with transaction(public=False) as session:
        session.execute(delete(Attempt).where(Attempt.key == account))
    return Proved(user, password_hash[-16:])


def open_session(
    user: User, caller: Caller, now: datetime, how: str = "password", tail: str = ""
) -> SignedIn:
    """Open a session for an officer who has proved who they are, `how` says with what.

    Raises SignInRefusedError when the account was closed meanwhile, or its password is no longer
    the one that was proved (`tail`, see Proved).
    """
    token = secrets.token_urlsafe(32)
    user_id, name = user.id, user.name
    browser = caller.browser[:200]
    known = is_known(name, caller.address, browser)
    with transaction(public=False) as session:
        present = session.get(User, user_id)
        if present is None or not present.active or not present.password_hash.endswith(tail):
            raise _sign_in_refused()
        session.execute(delete(UserSession).where(UserSession.expires_at <= now))
        session.add(
            UserSession(
                token_sha256=_digest(token),
                user_id=user_id,
                created_at=now,
                last_seen_at=now,
                expires_at=now + SESSION_LIFETIME,
                confirmed_at=now,
                address=caller.address,
                browser=browser,
            )
        )
        record(
            session,
            now,
            name,
            "sign-in",
            address=caller.address,
            browser=browser,
            how=how,
            new=not known,
        )
    return SignedIn(user, token, now)


def session_of(token: str, now: datetime) -> SignedIn | None:
    """Return the officer whose live session has this token, or None."""
    row = db.session.get(UserSession, _digest(token))
    if row is None or row.expires_at <= now or row.last_seen_at + IDLE_LIMIT <= now:
        return None
    if row.last_seen_at > now + CLOCK_SLACK:  # the clock was put back: it must not last for years
        return None
    if not row.user.active:
        return None
    if now - row.last_seen_at > timedelta(minutes=10):
        # A disk that takes no writing is no reason to keep the officer from reading.
        with suppress(OperationalError), transaction(public=False) as session:
            session.execute(
                update(UserSession)
                .where(UserSession.token_sha256 == _digest(token))
                .values(last_seen_at=now)
            )
    return SignedIn(row.user, token, row.confirmed_at)


def sign_out(token: str) -> None:
    """End the session for good: its token is worthless afterwards."""
    with transaction(public=False) as session:
        session.execute(delete(UserSession).where(UserSession.token_sha256 == _digest(token)))


def confirm(officer: SignedIn, password: str, now: datetime) -> None:
    """Note that the officer has just typed the password again.

    Raises SignInRefusedError; TooManyAttemptsError, which only who is signed in can bring about.
    """
    user = officer.user
    user_id, password_hash = user.id, user.password_hash
    with transaction(public=False) as session:
        count_attempt(session, f"confirm:{user_id}", MAX_ATTEMPTS_ACCOUNT, ATTEMPT_WINDOW, now)
    if not verify_password(password_hash, password):
        raise SignInRefusedError(N_("The password is incorrect."))
    with transaction(public=False) as session:
        session.execute(delete(Attempt).where(Attempt.key == f"confirm:{user_id}"))
        session.execute(
            update(UserSession)
            .where(UserSession.token_sha256 == _digest(officer.token))
            .values(confirmed_at=now)
        )


def sessions_of(user_id: int, now: datetime) -> list[UserSession]:
    """Return the sessions of an account that are still good, the last used first."""
    query = (
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - IDLE_LIMIT,
        )
        .order_by(UserSession.last_seen_at.desc())
    )
    return list(db.session.scalars(query))


def is_this_session(officer: SignedIn, token_sha256: str) -> bool:
    """Tell whether the session is the one of this request."""
    return secrets.compare_digest(_digest(officer.token), token_sha256)


def end_session(officer: SignedIn, token_sha256: str, now: datetime) -> None:
    """End one of the officer's own sessions; one that is not theirs, or gone, is left alone."""
    user = officer.user
    user_id, name = user.id, user.name
    with transaction(public=False) as session:
        row = session.get(UserSession, token_sha256)
        if row is not None and row.user_id == user_id:
            session.delete(row)
            record(session, now, name, "session-end", browser=row.browser, address=row.address)


def end_other_sessions(officer: SignedIn, now: datetime) -> None:
    """End all of the officer's sessions but this one."""
    user_id, name = officer.user.id, officer.user.name
    with transaction(public=False) as session:
        end_all(session, session.get_one(User, user_id), officer.token)
        record(session, now, name, "session-end-others")


def end_all(session: Session, user: User, keep: str = "") -> None:
    """End an account's sessions in the caller's transaction, but the one with the token `keep`."""
    session.execute(
        delete(UserSession).where(
            UserSession.user_id == user.id, UserSession.token_sha256 != _digest(keep)
        )
    )


def _attempt_keys(name: str, caller: Caller) -> tuple[str, dict[str, int]]:
    if caller.mark:
        account = f"account:{_digest(name)}:mark:{_digest(caller.mark)}"
        return account, {account: MAX_ATTEMPTS_ACCOUNT}
    where = subscriber(caller.address)
    account = f"account:{_digest(name)}:{where}"
    return account, {
        account: MAX_ATTEMPTS_ACCOUNT,
        f"address:{where}": MAX_ATTEMPTS_ADDRESS,
    }


def _sign_in_refused() -> SignInRefusedError:
    return SignInRefusedError(N_("The username or password is incorrect."))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
