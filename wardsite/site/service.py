"""The verbs of the site: the only writer of its profile."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from flask import g
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.vi import to_local
from wardsite.extensions import db, transaction
from wardsite.models import OwnLink, SiteProfile, User
from wardsite.pages import service as pages
from wardsite.serving.kept import kept

EDITABLE = (
    "name",
    "organisation",
    "slogan",
    "address",
    "phone",
    "email",
    "hours",
    "responsible_name",
    "responsible_title",
    "licence",
    "about_html",
    "theme",
)
REQUIRED = ("organisation", "address", "phone", "responsible_name", "responsible_title")
"""What the customary footer cannot do without (NĐ 42/2022/NĐ-CP, article 4)."""


class SecondFactorMissingError(WardsiteError):
    """Who demands a second factor of all has none."""


def add_profile(session: Session, name: str, kind: str, now: datetime) -> None:
    """Give a new instance its profile: the name, and blanks."""
    organisation = ""
    if kind == "ward" and name.lower().startswith("phường "):
        organisation = "Ủy ban nhân dân phường " + name[len("phường ") :]
    session.add(SiteProfile(id=1, name=name, organisation=organisation or name, updated_at=now))


@dataclass(frozen=True)
class Own:
    """What every page shows of the unit's own; `links` by place, `pages` slug and title."""

    profile: SiteProfile
    pages: list[tuple[str, str]]
    has_calendar: bool
    links: dict[str, list[OwnLink]]


def own(now: datetime) -> Own:
    """Return what every page shows of the unit's own, read once a request."""
    if "site_own" not in g:
        today = to_local(now).date()
        g.site_own = kept(("own", today), lambda: _own(today))
    found: Own = g.site_own
    return found


def _own(today: date) -> Own:
    return Own(
        db.session.scalars(_profile()).one(),
        pages.menu_pages(),
        pages.has_calendar(),
        pages.links(today),
    )


def profile() -> SiteProfile:
    """Return the site's profile."""
    return own(datetime.now(UTC)).profile


@cache
def _profile() -> Select[SiteProfile]:
    return select(SiteProfile).where(SiteProfile.id == 1)


def blanks() -> list[str]:
    """Return the names of the required fields that are still empty."""
    own = profile()
    return [name for name in REQUIRED if not getattr(own, name)]


def require_second_factor(required: bool, now: datetime, *, by: User | None = None) -> None:
    """Demand a second step of every officer, or no longer; `by` an admin, None on the terminal.

    Raises SecondFactorMissingError: who demands it has one, so that there is one who can end it.
    """
    if required and by is not None and not by.second_step:
        raise SecondFactorMissingError(N_("Set up your own two-step verification first."))
    name = by.name if by is not None else "terminal"
    with transaction(public=False) as session:
        session.get_one(SiteProfile, 1).second_factor_required = required
        record(session, now, name, "second-factor-rule", required=required)


def save_profile(
    officer: SignedIn,
    values: dict[str, str],
    logo_id: int | None,
    now: datetime,
    *,
    offline: bool = True,
) -> None:
    """Change the profile; `offline` lets visitors' devices keep pages to read without a network."""
    with transaction() as session:
        own = session.get_one(SiteProfile, 1)
        for name in EDITABLE:
            setattr(own, name, values[name])
        own.logo_id = logo_id
        own.offline = offline
        own.updated_at = now
        record(session, now, officer.user.name, "site-profile")
