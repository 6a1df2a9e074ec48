"""The verbs of accounts: the only writer of users, sessions, attempts and the audit trail."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_login import UserMixin
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from wardsite.accounts.passwords import (
    check_password_strength,
    hash_password,
    one_time_password,
    verify_password,
)
from wardsite.accounts.throttle import count_attempt
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import nfc
from wardsite.extensions import db, transaction
from wardsite.models import Attempt, AuditEntry, User, UserSession

ROLES = ("author", "editor", "admin")
SESSION_LIFETIME = timedelta(days=14)
IDLE_LIMIT = timedelta(hours=12)
ATTEMPT_WINDOW = timedelta(minutes=15)
# An address has more, since an office shares one; a stranger cannot lock an account for others.
MAX_ATTEMPTS_ACCOUNT = 5
MAX_ATTEMPTS_ADDRESS = 30


class SignInRefusedError(WardsiteError):
    """Name and password do not match an active account; deliberately says no more."""


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
    """The officer of this request, as Flask-Login wants it; its id is the session's token."""

    user: User
    token: str

    def get_id(self) -> str:
        return self.token

    @property
    def name(self) -> str:
        return self.user.display_name or self.user.name

    def may(self, role: str) -> bool:
        """Tell whether the officer has `role` or a higher one."""
        return ROLES.index(self.user.role) >= ROLES.index(role)


def sign_in(name: str, password: str, address: str, now: datetime) -> SignedIn:
    """Open a session for the right name and password.

    Raises SignInRefusedError, the same for every reason; TooManyAttemptsError before any hashing.
    """
    name = nfc(name).strip().lower()
    keys = {
        f"account:{_digest(name)}:{address}": MAX_ATTEMPTS_ACCOUNT,
        f"address:{address}": MAX_ATTEMPTS_ADDRESS,
    }
    with transaction(public=False) as session:
        for key, limit in keys.items():
            count_attempt(session, key, limit, ATTEMPT_WINDOW, now)
    user = db.session.scalar(select(User).where(User.name == name))
    if not verify_password(user.password_hash if user and user.active else None, password):
        raise SignInRefusedError(N_("The name or the password is not right."))
    if user is None:
        raise AssertionError("verify_password is never true without a hash")
    token = secrets.token_urlsafe(32)
    with transaction(public=False) as session:
        session.execute(delete(Attempt).where(Attempt.key.in_(keys)))
        session.execute(delete(UserSession).where(UserSession.expires_at <= now))
        session.add(
            UserSession(
                token_sha256=_digest(token),
                user_id=user.id,
                created_at=now,
                last_seen_at=now,
                expires_at=now + SESSION_LIFETIME,
            )
        )
        record(session, now, user.name, "sign-in")
    return SignedIn(user, token)


def session_of(token: str, now: datetime) -> SignedIn | None:
    """Return the officer whose live session has this token, or None."""
    row = db.session.get(UserSession, _digest(token))
    if row is None or row.expires_at <= now or row.last_seen_at + IDLE_LIMIT <= now:
        return None
    if not row.user.active:
        return None
    if now - row.last_seen_at > timedelta(minutes=10):
        with transaction(public=False) as session:
            session.execute(
                update(UserSession)
                .where(UserSession.token_sha256 == _digest(token))
                .values(last_seen_at=now)
            )
    return SignedIn(row.user, token)


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
    name = nfc(name).strip().lower()
    _check_role(role)
    made = None if password is not None else one_time_password()
    secret = password if password is not None else made or ""
    check_password_strength(secret)
    hashed = hash_password(secret)
    with transaction() as session:
        if session.scalar(select(User.id).where(User.name == name)) is not None:
            raise UserExistsError(N_("There is a user “%(name)s” already."), name=name)
        session.add(
            User(
                name=name,
                display_name=nfc(display_name).strip(),
                role=role,
                password_hash=hashed,
                must_change_password=made is not None,
                created_at=now,
            )
        )
        record(session, now, by, "user-add", name, role=role)
    return made


def set_password(
    name: str, now: datetime, *, password: str | None = None, by: str = "system", keep: str = ""
) -> str | None:
    """Set a password (a one-time one when None, returned) and end all sessions but `keep`'s.

    Raises UnknownUserError, WeakPasswordError.
    """
    made = None if password is not None else one_time_password()
    secret = password if password is not None else made or ""
    check_password_strength(secret)
    hashed = hash_password(secret)
    with transaction() as session:
        user = _user_named(session, name)
        user.password_hash = hashed
        user.must_change_password = made is not None
        _end_sessions(session, user, keep)
        record(session, now, by, "user-password", user.name)
    return made


def disable_user(name: str, now: datetime, *, by: str = "system") -> None:
    """Close an account and end its sessions. Raises UnknownUserError, LastAdminError."""
    with transaction() as session:
        user = _user_named(session, name)
        others = session.scalar(
            select(User.id).where(User.role == "admin", User.active, User.id != user.id).limit(1)
        )
        if user.role == "admin" and others is None:
            raise LastAdminError(N_("“%(name)s” is the last active admin."), name=user.name)
        user.active = False
        _end_sessions(session, user)
        record(session, now, by, "user-disable", user.name)


def users() -> list[User]:
    """Return all accounts by name."""
    return list(db.session.scalars(select(User).order_by(User.name)))


def record(
    session: Session, now: datetime, user_name: str, action: str, subject: str = "", **detail: Any
) -> None:
    """Write a line of the audit trail in the caller's transaction."""
    session.add(
        AuditEntry(at=now, user_name=user_name, action=action, subject=subject, detail=detail)
    )


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UnknownRoleError(
            N_("“%(role)s” is no role; there are: %(roles)s."), role=role, roles=", ".join(ROLES)
        )


def _user_named(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == nfc(name).strip().lower()))
    if user is None:
        raise UnknownUserError(N_("There is no user “%(name)s”."), name=name)
    return user


def _end_sessions(session: Session, user: User, keep: str = "") -> None:
    session.execute(
        delete(UserSession).where(
            UserSession.user_id == user.id, UserSession.token_sha256 != _digest(keep)
        )
    )


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
