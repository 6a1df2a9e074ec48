"""The verbs of official sources: the only writer of sources and headlines, the door for others.

Invariants:
- A source of the centre is what the district file says; no officer changes or hides it.
- Whether a headline is public is decided when someone asks: approved, of a source that is in force,
  and not older than the source's `keep_days`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from html import escape

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.core.central_schema import Source as CentralSource
from wardsite.core.central_schema import Topic
from wardsite.core.errors import MandatedItemError, NotFoundError
from wardsite.extensions import db, transaction
from wardsite.models import Headline, Source, UtcDateTime
from wardsite.news import service as news
from wardsite.news.lifecycle import PostText
from wardsite.news.lifecycle import save as save_post
from wardsite.search.index import describe_again
from wardsite.serving.paging import Page, paginate

PAGE_SIZE = 30
STATUSES = ("pending", "approved", "hidden")
_SHOWN = ("name", "keep_days", "active", "central_id")
_FETCHED = ("mode", "feed_url", "match", "max_items")


@dataclass(frozen=True)
class SourceText:
    """What an officer writes of a source of the unit's own."""

    name: str
    site_url: str
    mode: str = "link"
    feed_url: str = ""
    interval_minutes: int = 60
    max_items: int = 20
    keep_days: int = 90
    publish: str = "review"
    topic: str = ""
    match: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True)
class Shelf:
    """A source as residents see it, with its newest public headlines, newest first.

    `mandated` is the centre's item, None for a source of the unit's own.
    """

    name: str
    site_url: str
    topic: str
    mandated: CentralSource | None
    headlines: list[Headline]


def project(session: Session, sources: Iterable[CentralSource], topics: Iterable[Topic]) -> None:
    """Mirror the centre's sources into rows, in the transaction that accepts its file."""
    wanted = {source.id: source for source in sources}
    keywords = {topic.id: list(topic.keywords) for topic in topics}
    rows = {
        row.central_id: row
        for row in session.scalars(select(Source).where(Source.central_id.is_not(None)))
    }
    for central_id in rows.keys() - wanted.keys():
        session.delete(rows[central_id])
    for central_id, source in wanted.items():
        row = rows.get(central_id) or Source(central_id=central_id, active=True)
        session.add(row)
        _copy(session, row, _values(source, keywords))


def shelves(
    mandated: Iterable[CentralSource], now: datetime, *, topic: str = "", limit: int = 0
) -> list[Shelf]:
    """Return the sources to show: the centre's in its order, then the unit's own.

    `mandated` is what the centre has in force; each stands here whatever its feed does. `topic`
    narrows to one section, `limit` the headlines of each source.
    """
    rows = list(db.session.scalars(select(Source).order_by(Source.order, Source.id)))
    by_central = {row.central_id: row for row in rows if row.central_id}
    found = [
        _shelf(source, by_central.get(source.id), now, limit)
        for source in mandated
        if not topic or source.topic == topic
    ]
    own = [row for row in rows if row.central_id is None and row.active]
    return found + [_shelf(None, row, now, limit) for row in own if not topic or row.topic == topic]


def latest(
    mandated: Iterable[CentralSource], now: datetime, *, topic: str, limit: int
) -> list[Headline]:
    """Return the newest headlines of a section, of whatever source, newest first."""
    found = [
        headline
        for shelf in shelves(mandated, now, topic=topic, limit=limit)
        for headline in shelf.headlines
    ]
    return sorted(found, key=lambda headline: headline.published_at, reverse=True)[:limit]


def next_change(now: datetime) -> datetime | None:
    """Return the next moment at which a headline on show gets too old for its source."""
    ends = []
    for source_id, days in db.session.execute(_feeds()):
        asked = {"source": source_id, "since": now - timedelta(days=days)}
        oldest = db.session.scalar(_oldest_shown(), asked)
        if oldest is not None:
            ends.append(oldest + timedelta(days=days, microseconds=1))
    return min(ends, default=None)


# Built once a process, as those of the newsroom.
@cache
def _feeds() -> Select[int, int]:
    return select(Source.id, Source.keep_days).where(Source.mode == "feed", Source.active)


@cache
def _oldest_shown() -> Select[datetime | None]:
    return select(func.min(Headline.published_at)).where(
        Headline.source_id == bindparam("source", type_=Integer()),
        Headline.status == "approved",
        Headline.published_at >= bindparam("since", type_=UtcDateTime()),
    )


def pending_count() -> int:
    """Return how many headlines wait for an officer."""
    return (
        db.session.scalar(
            select(func.count()).select_from(Headline).where(Headline.status == "pending")
        )
        or 0
    )


def officers_page(status: str, source_id: int | None, number: int) -> Page[Headline]:
    """Return a page of headlines for officers, newest first; raises NotFoundError."""
    query = select(Headline).where(Headline.status == status)
    if source_id is not None:
        query = query.where(Headline.source_id == source_id)
    newest = query.order_by(Headline.published_at.desc(), Headline.id.desc())
    return paginate(newest, number, PAGE_SIZE)


def all_sources() -> list[Source]:
    """Return every source: the centre's, then the unit's own."""
    order = (Source.central_id.is_(None), Source.order, Source.id)
    return list(db.session.scalars(select(Source).order_by(*order)))


def ailing() -> list[Source]:
    """Return the sources in use whose feed could not be read when it was last tried."""
    query = select(Source).where(Source.mode == "feed", Source.active, Source.failures > 0)
    return list(db.session.scalars(query.order_by(Source.id)))


def own_source(source_id: int) -> Source:
    """Return a source of the unit's own. Raises NotFoundError, MandatedItemError."""
    return _own(db.session(), source_id)


def decide(officer: SignedIn, ids: Collection[int], status: str, now: datetime) -> int:
    """Approve, hide or send back headlines; return how many changed."""
    if status not in STATUSES:
        raise ValueError(f"no such status: {status}")
    with transaction() as session:
        rows = list(session.scalars(select(Headline).where(Headline.id.in_(list(ids)))))
        changed = [row for row in rows if row.status != status]
        for row in changed:
            row.status = status
        if changed:
            names = ", ".join(str(row.id) for row in changed)
            record(session, now, officer.user.name, f"headline-{status}", names[:200])
    return len(changed)


def to_post(officer: SignedIn, headline_id: int, now: datetime) -> int:
    """Write a draft about a headline, with its source named; return the post's id.

    The headline leaves the queue. Raises NotFoundError and what `news.lifecycle.save` raises.
    """
    headline = db.session.get(Headline, headline_id)
    if headline is None:
        raise NotFoundError
    categories = news.categories()
    topic = headline.source.topic
    category = next((row for row in categories if row.slug == topic), categories[0])
    text = PostText(
        title=headline.title,
        summary=headline.summary,
        body_html=f"<p>{escape(headline.summary or headline.title, quote=False)}</p>",
        category_id=category.id,
        repost=True,
        source_name=headline.source.name,
        source_url=headline.link,
    )
    post = save_post(officer, None, text, now)
    with transaction() as session:
        row = session.get(Headline, headline_id)
        if row is not None:
            row.post_id = post.id
            row.status = "hidden" if row.status == "pending" else row.status
    return post.id


def save_source(
    officer: SignedIn, source_id: int | None, text: SourceText, now: datetime
) -> Source:
    """Add or change a source of the unit's own. Raises NotFoundError, MandatedItemError."""
    with transaction() as session:
        row = Source(central_id=None) if source_id is None else _own(session, source_id)
        session.add(row)
        _copy(session, row, {**text.__dict__, "match": list(text.match)})
        record(session, now, officer.user.name, "source-save", text.name[:200])
    return row


def delete_source(officer: SignedIn, source_id: int, now: datetime) -> None:
    """Delete a source of the unit's own with its headlines. Raises as `own_source` does."""
    with transaction() as session:
        row = _own(session, source_id)
        record(session, now, officer.user.name, "source-delete", row.name[:200])
        session.delete(row)


def tidy(session: Session, now: datetime) -> None:
    """Delete headlines that are too old to be shown and have left their feeds a week ago."""
    for row in session.scalars(select(Source)):
        gone = select(Headline).where(
            Headline.source_id == row.id,
            Headline.published_at < now - timedelta(days=row.keep_days),
            Headline.last_seen_at < now - timedelta(days=7),
        )
        for headline in session.scalars(gone):
            session.delete(headline)


def _shelf(mandated: CentralSource | None, row: Source | None, now: datetime, limit: int) -> Shelf:
    found: list[Headline] = []
    if row is not None and row.mode == "feed":
        most = min(row.max_items, limit) if limit else row.max_items
        found = list(db.session.scalars(_public(row, now).limit(most)))
    if mandated is not None:
        return Shelf(mandated.name, mandated.site_url, mandated.topic or "", mandated, found)
    if row is None:
        raise AssertionError("a shelf is the centre's or has a row")
    return Shelf(row.name, row.site_url, row.topic, None, found)


def _public(row: Source, now: datetime) -> Select[Headline]:
    fresh: ColumnElement[bool] = Headline.published_at >= now - timedelta(days=row.keep_days)
    return (
        select(Headline)
        .where(Headline.source_id == row.id, Headline.status == "approved", fresh)
        .order_by(Headline.published_at.desc(), Headline.id.desc())
    )


def _own(session: Session, source_id: int) -> Source:
    row = session.get(Source, source_id)
    if row is None:
        raise NotFoundError
    if row.central_id is not None:
        raise MandatedItemError("sources", row.central_id)
    return row


def _values(source: CentralSource, keywords: dict[str, list[str]]) -> dict[str, object]:
    matched = source.match == "topic-keywords"
    return {
        "name": source.name,
        "site_url": source.site_url,
        "mode": source.mode,
        "feed_url": source.feed_url or "",
        "match": keywords.get(source.topic or "", []) if matched else [],
        "interval_minutes": source.interval_minutes,
        "max_items": source.max_items,
        "keep_days": source.keep_days,
        "publish": source.publish,
        "topic": source.topic or "",
        "order": source.order,
        "active": True,
    }


def _copy(session: Session, row: Source, values: dict[str, object]) -> None:
    """Set what differs; another feed is read from its beginning, another name is found anew."""
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, values[name])
    if changed & set(_FETCHED):
        row.etag = row.last_modified = ""
        row.next_fetch_at = None
        row.failures, row.error_msgid, row.error_params, row.error_since = 0, "", {}, None
        row.form_fault = ""
    if row.id is not None and changed & set(_SHOWN):
        ids = session.scalars(select(Headline.id).where(Headline.source_id == row.id))
        describe_again(session, Headline, ids)
