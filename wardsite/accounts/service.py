"""The verbs of accounts: users and the sessions they open with name and password."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from wardsite.accounts.audit import record as record  # the door other rooms use
from wardsite.accounts.passwords import (
    check_password_strength,
    hash_password,
    random_groups,
    verify_password,
)
from wardsite.accounts.second_factor import is_required
from wardsite.accounts.sign_ins import is_known
from wardsite.accounts.throttle import CLOCK_SLACK, Caller, count_attempt
from wardsite.core.errors import N_, NotAllowedError, WardsiteError
from wardsite.core.network import subscriber
from wardsite.core.text import nfc
from wardsite.core.vi import short_date, to_local
from wardsite.extensions import db, transaction
from wardsite.models import Attempt, Passkey, RecoveryCode, User, UserSession

ROLES = ("author", "editor", "admin")
SESSION_LIFETIME = timedelta(days=14)
IDLE_LIMIT = timedelta(hours=12)
ONE_TIME_DAYS = 7  # after the day on which a one-time password is made
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


class UserExistsError(WardsiteError):
    """The sign-in name is taken."""


class UnknownUserError(WardsiteError):
    """No account has this name."""


class UnknownRoleError(WardsiteError):
    """The role is none of author, editor, admin."""


class LastAdminError(WardsiteError):
    """The deed would leave the site without an active admin."""


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The officer of this request, as Flask-Login wants it; its id is the session's token.

    `confirmed_at`: when this browser last proved to know the password.
    """

    user: User
    token: str
    confirmed_at: datetime | None = None

    def get_id(self) -> str:
        return self.token

    @property
    def name(self) -> str:
        return self.user.display_name or self.user.name

    @property
    def owes(self) -> str:
        """What must be done before anything else: `password`, `second-factor`, or "" for nothing.

        A one-time password is changed first. Whoever has no second step where the unit demands one
        sets it up with the password alone: nobody is locked out by the demand.
        """
        if self.user.must_change_password:
            return "password"
        return "second-factor" if is_required() and not self.user.second_step else ""

    def may(self, role: str) -> bool:
        """Tell whether the officer has `role` or a higher one."""
        return ROLES.index(self.user.role) >= ROLES.index(role)

    def demand(self, role: str) -> None:
        """Raise NotAllowedError unless the officer has `role` or a higher one."""
        if not self.may(role):
            raise NotAllowedError(N_("Your role does not allow you to do this."))


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


def add_user(
    name: str,
    role: str,
    now: datetime,
    *,
    password: str | None = None,
    display_name: str = "",
    by: str = "system",
) -> str | None:
    """Add an account; return the one-time password made when none was given.

    Raises UserExistsError, UnknownRoleError, WeakPasswordError.
    """
    name = account_name(name)
    _check_role(role)
    made = None if password is not None else random_groups()
    secret = password if password is not None else made or ""
    check_password_strength(secret, name)
    hashed = hash_password(secret)
    with transaction() as session:
        if session.scalar(select(User.id).where(User.name == name)) is not None:
            raise UserExistsError(N_("The user “%(name)s” already exists."), name=name)
        session.add(
            User(
                name=name,
                display_name=nfc(display_name).strip(),
                role=role,
                password_hash=hashed,
                must_change_password=made is not None,
                password_last_day=one_time_last_day(now) if made else None,
                created_at=now,
            )
        )
        record(session, now, by, "user-add", name, role=role)
    return made


def one_time_last_day(now: datetime) -> date:
    """Return the last day in Vietnam on which a one-time password made now can be used."""
    return to_local(now).date() + timedelta(days=ONE_TIME_DAYS)


def set_password(
    name: str,
    now: datetime,
    *,
    password: str | None = None,
    by: str = "system",
    keep: str = "",
    passkeys_too: bool = False,
) -> str | None:
    """Set a password (a one-time one when None, returned) and end all sessions but `keep`'s.

    Passkeys open the account without any password: `passkeys_too` takes them away as well, and
    with the last second step its recovery codes. Raises UnknownUserError, WeakPasswordError.
    """
    made = None if password is not None else random_groups()
    secret = password if password is not None else made or ""
    check_password_strength(secret, name)
    hashed = hash_password(secret)
    with transaction() as session:
        user = _user_named(session, name)
        user.password_hash = hashed
        user.must_change_password = made is not None
        user.password_last_day = one_time_last_day(now) if made else None
        _end_sessions(session, user, keep)
        record(session, now, by, "user-password", user.name)
        if passkeys_too:
            _drop_passkeys(session, user, now, by)
    return made


def disable_user(name: str, now: datetime, *, by: str = "system") -> None:
    """Close an account and end its sessions. Raises UnknownUserError, LastAdminError."""
    with transaction() as session:
        user = _user_named(session, name)
        _demand_another_admin(session, user)
        user.active = False
        _end_sessions(session, user)
        record(session, now, by, "user-disable", user.name)


def change_user(name: str, display_name: str, role: str, now: datetime, *, by: str) -> None:
    """Give an account another full name or role; the role counts from the officer's next click.

    Raises UnknownUserError, UnknownRoleError, LastAdminError; then nothing is changed.
    """
    _check_role(role)
    display_name = nfc(display_name).strip()
    with transaction() as session:
        user = _user_named(session, name)
        if display_name != user.display_name:
            user.display_name = display_name
            record(session, now, by, "user-name", user.name, name=display_name)
        if role != user.role:
            _demand_another_admin(session, user)
            user.role = role
            record(session, now, by, "user-role", user.name, role=role)


def enable_user(name: str, now: datetime, *, by: str = "system") -> None:
    """Open a closed account again; its old sessions stay ended. Raises UnknownUserError."""
    with transaction(public=False) as session:
        user = _user_named(session, name)
        user.active = True
        record(session, now, by, "user-enable", user.name)


def reset_second_factor(name: str, now: datetime, *, by: str = "system") -> None:
    """Take away an account's app, passkeys and recovery codes, and end its sessions.

    For an officer who lost the telephone. Raises UnknownUserError.
    """
    with transaction() as session:
        user = _user_named(session, name)
        user.totp_secret, user.totp_counter = "", 0
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        session.execute(delete(Passkey).where(Passkey.user_id == user.id))
        _end_sessions(session, user)
        record(session, now, by, "second-factor-reset", user.name)


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
        _end_sessions(session, session.get_one(User, user_id), officer.token)
        record(session, now, name, "session-end-others")


def end_sessions_of(name: str, now: datetime, *, by: str) -> None:
    """End all sessions of an account; it can sign in again. Raises UnknownUserError."""
    with transaction(public=False) as session:
        user = _user_named(session, name)
        _end_sessions(session, user)
        record(session, now, by, "user-sessions-end", user.name)


def is_this_session(officer: SignedIn, token_sha256: str) -> bool:
    """Tell whether the session is the one of this request."""
    return secrets.compare_digest(_digest(officer.token), token_sha256)


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


def finish_tour(user_id: int) -> None:
    """Note that the officer has seen the tour of the first sign-in, or does not want to."""
    with transaction(public=False) as session:
        session.execute(update(User).where(User.id == user_id).values(tour_done=True))


def account_name(typed: str) -> str:
    """Return the sign-in name as it is stored: NFC, lower case, without spaces around."""
    return nfc(typed).strip().lower()


def users() -> list[User]:
    """Return all accounts by name."""
    return list(db.session.scalars(select(User).order_by(User.name)))


def _sign_in_refused() -> SignInRefusedError:
    return SignInRefusedError(N_("The username or password is incorrect."))


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UnknownRoleError(
            N_("“%(role)s” is not a role; the roles are: %(roles)s."),
            role=role,
            roles=", ".join(ROLES),
        )


def _demand_another_admin(session: Session, user: User) -> None:
    others = select(User.id).where(User.role == "admin", User.active, User.id != user.id).limit(1)
    if user.role == "admin" and session.scalar(others) is None:
        raise LastAdminError(N_("“%(name)s” is the last active administrator."), name=user.name)


def _user_named(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == account_name(name)))
    if user is None:
        raise UnknownUserError(N_("The user “%(name)s” does not exist."), name=name)
    return user


def _drop_passkeys(session: Session, user: User, now: datetime, by: str) -> None:
    for passkey in user.passkeys:
        record(session, now, by, "passkey-remove", user.name, name=passkey.name)
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    if not user.totp_secret:
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _end_sessions(session: Session, user: User, keep: str = "") -> None:
    session.execute(
        delete(UserSession).where(
            UserSession.user_id == user.id, UserSession.token_sha256 != _digest(keep)
        )
    )


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
