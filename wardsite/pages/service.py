"""The verbs of the unit's own pages, people, calendar, menu items, links and banners."""

from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.core.errors import N_, NotFoundError
from wardsite.core.text import slugify
from wardsite.core.vi import person_sort_key
from wardsite.extensions import db, transaction
from wardsite.media import service as media
from wardsite.models import CalendarEntry, OwnLink, OwnPage, Person

PAGE_KINDS = {
    "page": N_("Page"),
    "disclosure": N_("Public disclosure"),
    "admission": N_("Admissions"),
    "menu": N_("Weekly menu"),
}
"""Kinds of pages; the last three are a school's: công khai, tuyển sinh, thực đơn."""
CALENDARS = {"reception": N_("Citizen reception"), "work": N_("Work calendar")}
PLACES = {
    "menu": N_("In the menu"),
    "links": N_("In the links"),
    "banner": N_("As a banner, below the parent unit’s banners"),
}
Row = TypeVar("Row", OwnPage, Person, OwnLink, CalendarEntry)


def people() -> list[Person]:
    """Return the people: by rank (1 leads), then as Vietnamese lists do, by given name."""
    rows = db.session.scalars(select(Person))
    return sorted(rows, key=lambda person: (person.rank, *person_sort_key(person.name)))


def contacts() -> list[Person]:
    """Return the officials whom residents may turn to (đầu mối liên hệ)."""
    return [person for person in people() if person.is_contact]


def calendar(kind: str, since: date) -> list[CalendarEntry]:
    """Return the entries of a calendar from a day on."""
    rows = select(CalendarEntry).where(CalendarEntry.kind == kind, CalendarEntry.day >= since)
    ordered = rows.order_by(CalendarEntry.day, CalendarEntry.hours, CalendarEntry.id)
    return list(db.session.scalars(ordered.limit(100)))


def has_calendar() -> bool:
    """Tell whether the unit keeps a calendar here."""
    return db.session.scalar(_any_entry()) is not None


def page(slug: str) -> OwnPage:
    """Return a published page; raises NotFoundError."""
    found = db.session.scalar(
        select(OwnPage).where(OwnPage.slug == slug, OwnPage.status == "published")
    )
    if found is None:
        raise NotFoundError
    return found


def menu_pages() -> list[tuple[str, str]]:
    """Return slug and title of the published pages that stand in the menu; no text is read."""
    return [(slug, title) for slug, title in db.session.execute(_in_menu())]


def published() -> list[OwnPage]:
    """Return the published pages, the one changed longest ago first."""
    rows = select(OwnPage).where(OwnPage.status == "published")
    return list(db.session.scalars(rows.order_by(OwnPage.updated_at)))


def calendars_run_out(today: date) -> list[str]:
    """Return the kinds of calendars that the unit keeps and that hold nothing from today on."""
    last = select(CalendarEntry.kind, func.max(CalendarEntry.day)).group_by(CalendarEntry.kind)
    return [kind for kind, day in db.session.execute(last) if day < today]


def links(today: date) -> dict[str, list[OwnLink]]:
    """Return the unit's own links by place (menu, links, banner), without those that ended."""
    found: dict[str, list[OwnLink]] = {"menu": [], "links": [], "banner": []}
    for link in db.session.scalars(_links(), {"today": today}):
        found.setdefault(link.place, []).append(link)
    return found


# What every page asks is built once a process: that takes longer than SQLite takes to answer it.
@cache
def _any_entry() -> Select[int]:
    return select(CalendarEntry.id).limit(1)


@cache
def _in_menu() -> Select[str, str]:
    shown = select(OwnPage.slug, OwnPage.title)
    shown = shown.where(OwnPage.status == "published", OwnPage.in_menu)
    return shown.order_by(OwnPage.order, OwnPage.id)


@cache
def _links() -> Select[OwnLink]:
    today = bindparam("today", type_=Date())
    rows = select(OwnLink).where(or_(OwnLink.shown_until.is_(None), OwnLink.shown_until >= today))
    return rows.order_by(OwnLink.order, OwnLink.id)


def rows(model: type[Row]) -> list[Any]:
    """Return all rows of one of the tables, for officers."""
    if issubclass(model, Person):
        return people()
    if issubclass(model, CalendarEntry):
        newest = select(CalendarEntry).order_by(CalendarEntry.day.desc(), CalendarEntry.id)
        return list(db.session.scalars(newest.limit(200)))
    if issubclass(model, OwnLink):
        return list(db.session.scalars(select(OwnLink).order_by(OwnLink.place, OwnLink.order)))
    return list(db.session.scalars(select(OwnPage).order_by(OwnPage.order, OwnPage.id)))


def row(model: type[Row], row_id: int) -> Row:
    """Return a row; raises NotFoundError."""
    found = db.session.get(model, row_id)
    if found is None:
        raise NotFoundError
    return found


def save(
    officer: SignedIn, model: type[Row], row_id: int | None, values: dict[str, Any], now: datetime
) -> Row:
    """Add a row or change one. Raises NotAllowedError unless an editor, NotFoundError."""
    officer.demand("editor")
    with transaction() as session:
        changed = model() if row_id is None else session.get(model, row_id)
        if changed is None:
            raise NotFoundError
        for name, value in values.items():
            setattr(changed, name, value)
        changed.updated_at = now
        if isinstance(changed, OwnPage) and row_id is None:
            changed.created_at, changed.author_id = now, officer.user.id
            changed.slug = _free_slug(changed.title)
        session.add(changed)
        session.flush()
        _note_pictures(session, changed)
        record(session, now, officer.user.name, f"{model.__tablename__}-save", str(changed.id))
    return changed


def delete(officer: SignedIn, model: type[Row], row_id: int, now: datetime) -> None:
    """Delete a row. Raises NotAllowedError unless an editor, NotFoundError."""
    officer.demand("editor")
    with transaction() as session:
        gone = session.get(model, row_id)
        if gone is None:
            raise NotFoundError
        media.forget_uses(session, _owner(gone))
        session.delete(gone)
        record(session, now, officer.user.name, f"{model.__tablename__}-delete", str(row_id))


def _note_pictures(session: Session, row: Any) -> None:
    """Write down which pictures of the library a page or a link shows, so that they stay."""
    html = row.body_html if isinstance(row, OwnPage) else ""
    image_id = row.image_id if isinstance(row, OwnLink) else None
    more = [image_id] if image_id else []
    media.note_uses(session, _owner(row), html, more, history=False)


def _owner(row: Any) -> str:
    return f"{row.__tablename__}:{row.id}"


def _free_slug(title: str) -> str:
    base = slugify(title, fallback="trang")
    taken = set(db.session.scalars(select(OwnPage.slug).where(OwnPage.slug.startswith(base))))
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)
