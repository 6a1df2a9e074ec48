"""Sign-ins as their officer should see them: which are new, and which were not looked at yet.

Read from the audit log, which nobody can shorten: an intruder who ends the session does not take
the notice away.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from wardsite.extensions import db, transaction
from wardsite.models import AuditEntry, User

REMEMBERED = 50
GUESSED = "second-step-guessed"


@dataclass(frozen=True)
class SignIn:
    """One sign-in; `new` when neither address nor browser had been seen together before."""

    at: datetime
    address: str
    browser: str
    new: bool


def recent(name: str, limit: int = REMEMBERED) -> list[SignIn]:
    """Return the last sign-ins of an account, newest first."""
    return _told(name, "sign-in", limit)


def guessed(user: User) -> list[SignIn]:
    """Return, newest first, where all attempts at the second step were used up since the officer
    looked: somebody there knows the password."""
    since = user.sign_ins_seen_at
    found = _told(user.name, GUESSED, REMEMBERED)
    return [guess for guess in found if since is None or guess.at > since]


def _told(name: str, action: str, limit: int) -> list[SignIn]:
    query = (
        select(AuditEntry)
        .where(AuditEntry.user_name == name, AuditEntry.action == action)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [
        SignIn(
            entry.at,
            str(entry.detail.get("address", "")),
            str(entry.detail.get("browser", "")),
            bool(entry.detail.get("new")),
        )
        for entry in db.session.scalars(query)
    ]


def is_known(name: str, address: str, browser: str) -> bool:
    """Tell whether the account has signed in from there before; its very first counts."""
    before = recent(name)
    return not before or any((s.address, s.browser) == (address, browser) for s in before)


def unseen(user: User) -> list[SignIn]:
    """Return the new sign-ins that the officer has not marked as seen."""
    since = user.sign_ins_seen_at
    return [s for s in recent(user.name) if s.new and (since is None or s.at > since)]


def mark_seen(user: User, until: datetime) -> None:
    """Note that the officer has looked at all sign-ins up to `until`, the newest that was shown.

    Not up to now: one that came between the page and the click was not looked at.
    """
    user_id, before = user.id, user.sign_ins_seen_at
    with transaction(public=False) as session:
        latest = max(until, before) if before else until
        session.execute(update(User).where(User.id == user_id).values(sign_ins_seen_at=latest))
