"""How the unit's own pages are found by a search: who it is and how to reach it."""

from collections.abc import Iterable

from wardsite.core.markup import plain_text
from wardsite.models import OwnPage, SiteProfile
from wardsite.search.index import Entry, searchable


def register() -> None:
    """Keep the pages made of the profile findable."""
    searchable(SiteProfile, entries)
    searchable(OwnPage, page_entries)


def entries(profile: SiteProfile) -> Iterable[Entry]:
    """Return what is found of the profile: the page about the unit, and the contact page."""
    contact = (
        profile.organisation,
        profile.address,
        profile.phone,
        profile.email,
        profile.hours,
        profile.responsible_name,
        profile.responsible_title,
    )
    return (
        Entry(
            kind="page",
            title=f"Giới thiệu – {profile.name}",
            body=plain_text(profile.about_html),
            url="/gioi-thieu",
            at=profile.updated_at,
        ),
        Entry(
            kind="page",
            title=f"Liên hệ – {profile.name}",
            body="\n".join(part for part in contact if part),
            url="/lien-he",
            at=profile.updated_at,
        ),
    )


def page_entries(page: OwnPage) -> Iterable[Entry]:
    """Return what is found of one of the unit's own pages; nothing of a draft."""
    if page.status != "published":
        return ()
    return (
        Entry(
            kind="page",
            title=page.title,
            body=plain_text(page.body_html),
            url=f"/trang/{page.slug}",
            at=page.updated_at,
        ),
    )
