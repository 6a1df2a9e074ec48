"""How the unit's own pages are found by a search: who it is, how to reach it, when it receives.

What is labelled on a page is found by its label too: who types “giờ làm việc” wants the hours. The
labels are of the index, which is Vietnamese whatever language the searcher reads.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from wardsite.core.markup import plain_text
from wardsite.core.vi import TIMEZONE, short_date
from wardsite.models import CalendarEntry, OwnPage, Person, SiteProfile
from wardsite.search.index import Entry, searchable

_CALENDARS = {"reception": "Lịch tiếp công dân", "work": "Lịch công tác"}


def register() -> None:
    """Keep what the unit says of itself findable."""
    searchable(SiteProfile, entries)
    searchable(OwnPage, page_entries)
    searchable(Person, person_entries)
    searchable(CalendarEntry, calendar_entries)


def _labelled(*lines: tuple[str, str]) -> str:
    return "; ".join(f"{label}: {words}" for label, words in lines if words)


def entries(profile: SiteProfile) -> Iterable[Entry]:
    """Return what is found of the profile: the page about the unit, and the contact page."""
    contact = _labelled(
        ("Cơ quan chủ quản", profile.organisation),
        ("Địa chỉ", profile.address),
        ("Điện thoại", profile.phone),
        ("Thư điện tử", profile.email),
        ("Giờ làm việc", profile.hours),
        ("Chịu trách nhiệm nội dung", profile.responsible_name),
        ("Chức vụ", profile.responsible_title if profile.responsible_name else ""),
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
            body=contact,
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


def person_entries(person: Person) -> Iterable[Entry]:
    """Return how somebody of the unit is found: by name, position, and how to reach them."""
    return (
        Entry(
            kind="page",
            title=" – ".join(filter(None, (person.name, person.title))),
            body=_labelled(
                ("Đơn vị, bộ phận", person.department),
                ("Điện thoại", person.phone),
                ("Thư điện tử", person.email),
            ),
            url="/gioi-thieu#people",
            at=person.updated_at,
        ),
    )


def calendar_entries(entry: CalendarEntry) -> Iterable[Entry]:
    """Return how a line of the calendar is found, until its day is over in Vietnam."""
    start = datetime.combine(entry.day, time(), TIMEZONE)
    return (
        Entry(
            kind="page",
            title=f"{short_date(entry.day)}: {entry.subject}",
            body=_labelled(
                (_CALENDARS[entry.kind], entry.hours or short_date(entry.day)),
                ("Người thực hiện", entry.host),
                ("Địa điểm", entry.place),
            ),
            url=f"/lich#{entry.kind}",
            at=start,
            visible_to=start + timedelta(days=1),
        ),
    )
