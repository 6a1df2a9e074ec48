"""A source speaks: fetch what is due, read it, decide, store in one short transaction.

Invariants:
- No transaction is open while the network is waited for, and nothing of this runs within a page.
- A feed that fails, in whatever way, changes nothing but the note of its failure.
- Validators are stored with the entries they stand for, or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from urllib.parse import urlsplit

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wardsite import net
from wardsite.core import feeds
from wardsite.core.errors import WardsiteError
from wardsite.core.feeds import FeedEntry, Known, judge, link_key
from wardsite.extensions import db, transaction
from wardsite.models import Headline, Source
from wardsite.settings import Settings
from wardsite.sources.pace import is_due, next_fetch

DEADLINE_SECONDS = 20.0
POLITE_SECONDS = 2.0  # between two requests to one host
MAX_REDIRECTS = 3
SEEN_NOTED_EVERY = timedelta(hours=12)


@dataclass(frozen=True)
class Outcome:
    """What came of one source: `new` and `changed` headlines, or the `error`."""

    name: str
    new: int = 0
    changed: int = 0
    unchanged: bool = False
    error: WardsiteError | None = None


@dataclass(frozen=True)
class _Plan:
    """What a fetch needs of a source, so that no row is held while the network is waited for."""

    source_id: int
    name: str
    url: str
    etag: str
    last_modified: str
    match: tuple[str, ...]
    max_items: int

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def fetch_due(
    settings: Settings,
    now: datetime,
    *,
    only: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Outcome]:
    """Fetch every source that is due, or the one given whether due or not; yield what came of each.

    Needs an app context. Sources of different hosts take turns, those of one host wait in between.
    """
    asked_at: dict[str, float] = {}
    for plan in _in_turns(_plans(now, only)):
        wait = asked_at.get(plan.host, -POLITE_SECONDS) + POLITE_SECONDS - time.monotonic()
        if plan.host in asked_at and wait > 0:
            sleep(wait)
        yield _fetch(settings, plan, now)
        asked_at[plan.host] = time.monotonic()


def _plans(now: datetime, only: int | None) -> list[_Plan]:
    rows = db.session.scalars(
        select(Source).where(Source.mode == "feed", Source.active).order_by(Source.id)
    )
    plans = [
        _Plan(
            row.id,
            row.name,
            row.feed_url,
            row.etag,
            row.last_modified,
            tuple(row.match),
            row.max_items,
        )
        for row in rows
        if (row.id == only if only is not None else is_due(now, row.next_fetch_at))
    ]
    db.session.rollback()  # ends the reading transaction before the network is waited for
    return plans


def _in_turns(plans: list[_Plan]) -> list[_Plan]:
    hosts: dict[str, list[_Plan]] = {}
    for plan in plans:
        hosts.setdefault(plan.host, []).append(plan)
    rounds = zip_longest(*hosts.values())
    return [plan for turn in rounds for plan in turn if plan is not None]


def _fetch(settings: Settings, plan: _Plan, now: datetime) -> Outcome:
    allowed = frozenset(host.lower() for host in settings.allowed_private_hosts)
    try:
        answer = net.get(
            plan.url,
            allowed_hosts=allowed,
            max_bytes=feeds.MAX_BYTES,
            deadline_seconds=DEADLINE_SECONDS,
            max_redirects=MAX_REDIRECTS,
            etag=plan.etag or None,
            last_modified=plan.last_modified or None,
            accept_insecure_http=allowed,
        )
        if answer.not_modified:
            with transaction(public=False) as session:
                _note_success(session, settings, plan, now)
            return Outcome(plan.name, unchanged=True)
        feed = feeds.parse(answer.body, answer.url, answer.content_type or "")
        wanted = (entry for entry in feed.entries if feeds.speaks_of(entry, plan.match))
        entries = feeds.newest(wanted, plan.max_items, now)
        return _store(settings, plan, answer, entries, feed.fault, now)
    except (net.FetchError, feeds.FeedFormatError) as error:
        _note_failure(settings, plan, error, now)
        return Outcome(plan.name, error=error)


def _store(
    settings: Settings,
    plan: _Plan,
    answer: net.Response,
    entries: list[FeedEntry],
    fault: str,
    now: datetime,
) -> Outcome:
    # Only a change that residents could see makes pages be made anew.
    anything = _differs(plan.source_id, entries, now)
    with transaction(public=anything) as session:
        source = session.get(Source, plan.source_id)
        if source is None or source.feed_url != plan.url:
            return Outcome(plan.name, unchanged=True)  # deleted or pointed elsewhere meanwhile
        new, changed = take(session, source, entries, now)
        _note_success(session, settings, plan, now)
        source.etag, source.last_modified = answer.etag or "", answer.last_modified or ""
        source.form_fault = fault
    return Outcome(plan.name, new, changed, unchanged=not (new or changed))


def _differs(source_id: int, entries: list[FeedEntry], now: datetime) -> bool:
    source = db.session.get(Source, source_id)
    if source is None:
        return False
    known = _known(db.session(), source, entries)
    verdicts = (judge(e, _as_known(known.of(e)), now, source.keep_days) for e in entries)
    return any(verdict in ("new", "changed") for verdict in verdicts)


def take(
    session: Session, source: Source, entries: list[FeedEntry], now: datetime
) -> tuple[int, int]:
    """Store what is new or changed of a source; return how many of each."""
    known = _known(session, source, entries)
    new = changed = 0
    for entry in entries:
        row = known.of(entry)
        if row is not None and row.source_id != source.id:
            continue  # another source named this article first
        verdict = judge(entry, _as_known(row), now, source.keep_days)
        if verdict == "new":
            known.add(_new_headline(session, source, entry, now))
            new += 1
        elif row is not None:
            changed += verdict == "changed"
            _amend(row, entry, verdict == "changed", known, now)
    return new, changed


class _Index:
    """Headlines by the feed's own name for them and by what they link to."""

    def __init__(self, source_id: int, rows: list[Headline]) -> None:
        self._source_id = source_id
        self.by_key: dict[str, Headline] = {}
        self.by_link: dict[str, Headline] = {}
        for row in rows:
            self.add(row)

    def add(self, row: Headline) -> None:
        if row.source_id == self._source_id:
            self.by_key[row.key] = row
        self.by_link[row.link_key] = row

    def of(self, entry: FeedEntry) -> Headline | None:
        return self.by_key.get(entry.key) or self.by_link.get(link_key(entry.link))


def _known(session: Session, source: Source, entries: list[FeedEntry]) -> _Index:
    keys = [entry.key for entry in entries]
    links = [link_key(entry.link) for entry in entries]
    query = select(Headline).where(
        or_(
            (Headline.source_id == source.id) & Headline.key.in_(keys), Headline.link_key.in_(links)
        )
    )
    return _Index(source.id, list(session.scalars(query)))


def _as_known(row: Headline | None) -> Known | None:
    if row is None:
        return None
    return Known(row.title, row.summary, row.published_at, row.guessed)


def _new_headline(session: Session, source: Source, entry: FeedEntry, now: datetime) -> Headline:
    row = Headline(
        source_id=source.id,
        key=entry.key,
        link=entry.link,
        link_key=link_key(entry.link),
        title=entry.title,
        summary=entry.summary,
        published_at=entry.published_at or now,
        guessed=entry.published_at is None,
        status="approved" if source.publish == "auto" else "pending",
        first_seen_at=now,
        last_seen_at=now,
    )
    session.add(row)
    return row


def _amend(row: Headline, entry: FeedEntry, changed: bool, known: _Index, now: datetime) -> None:
    if changed:
        row.title, row.summary = entry.title, entry.summary
        if row.guessed and entry.published_at is not None:
            row.published_at, row.guessed = entry.published_at, False
    if link_key(entry.link) not in known.by_link:
        row.link, row.link_key = entry.link, link_key(entry.link)
        known.add(row)
    if now - row.last_seen_at >= SEEN_NOTED_EVERY:
        row.last_seen_at = now


def _note_success(session: Session, settings: Settings, plan: _Plan, now: datetime) -> None:
    row = session.get(Source, plan.source_id)
    if row is None:
        return
    interval = timedelta(minutes=row.interval_minutes)
    row.succeeded_at = now
    row.next_fetch_at = next_fetch(now, interval, 0, f"{settings.unit_id} {row.id}")
    row.failures, row.error_msgid, row.error_params, row.error_since = 0, "", {}, None


def _note_failure(settings: Settings, plan: _Plan, error: WardsiteError, now: datetime) -> None:
    with transaction(public=False) as session:
        row = session.get(Source, plan.source_id)
        if row is None:
            return
        row.failures += 1
        row.next_fetch_at = next_fetch(
            now,
            timedelta(minutes=row.interval_minutes),
            row.failures,
            f"{settings.unit_id} {row.id}",
            getattr(error, "retry_after_seconds", None),
        )
        row.error_since = row.error_since or now
        row.error_msgid = error.msgid
        row.error_params = error.plain_params()
