"""The verbs of accounts: added, changed, closed; with `record` and `SignedIn` other rooms' door."""

import re
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from wardsite.accounts.audit import record as record
from wardsite.accounts.officer import ROLES, account_name
from wardsite.accounts.officer import SignedIn as SignedIn
from wardsite.accounts.passwords import check_password_strength, hash_password, random_groups
from wardsite.accounts.sessions import end_all
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import nfc
from wardsite.core.vi import to_local
from wardsite.extensions import db, transaction
from wardsite.models import Passkey, RecoveryCode, User

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
ONE_TIME_DAYS = 7  # after the day on which a one-time password is made


class UserExistsError(WardsiteError):
    """The sign-in name is taken."""


class BadNameError(WardsiteError):
    """The sign-in name cannot be typed on any keyboard, or is empty or too long."""


class UnknownUserError(WardsiteError):
    """No account has this name."""


class UnknownRoleError(WardsiteError):
    """The role is none of author, editor, admin."""


class LastAdminError(WardsiteError):
    """The deed would leave the site without an active admin."""


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

    Raises BadNameError, UserExistsError, UnknownRoleError, WeakPasswordError.
    """
    name = account_name(name)
    if not _NAME.fullmatch(name):
        raise BadNameError(
            N_(
                "A username has at most 60 unaccented letters, digits, full stops, hyphens or "
                "underscores, without spaces, and begins with a letter or a digit."
            )
        )
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
        end_all(session, user, keep)
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
        end_all(session, user)
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
        end_all(session, user)
        record(session, now, by, "second-factor-reset", user.name)


def end_sessions_of(name: str, now: datetime, *, by: str) -> None:
    """End all sessions of an account; it can sign in again. Raises UnknownUserError."""
    with transaction(public=False) as session:
        user = _user_named(session, name)
        end_all(session, user)
        record(session, now, by, "user-sessions-end", user.name)


def finish_tour(user_id: int) -> None:
    """Note that the officer has seen the tour of the first sign-in, or does not want to."""
    with transaction(public=False) as session:
        session.execute(update(User).where(User.id == user_id).values(tour_done=True))


def users() -> list[User]:
    """Return all accounts by name."""
    return list(db.session.scalars(select(User).order_by(User.name)))


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
