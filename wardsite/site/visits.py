"""How often pages are opened, by day: no cookie, no address, nothing of any person.

The page cache says which pages went out (serving/cache.py). They are counted in memory and written
in batches: a visit costs no disk write. Up to a minute of counts is lost when a process dies, or
counted to the day before at midnight, which is all that these figures are worth.
"""

import re
import threading
import time
from collections import Counter
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from wardsite.core.vi import TIMEZONE
from wardsite.extensions import db, transaction
from wardsite.models import Visits
from wardsite.serving.cache import COOKIE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

EVERY = 60.0  # seconds between two writes
MOST_PATHS = 500  # kept in memory and a day, so that made-up addresses cannot fill the disk
LONGEST_PATH, LONGEST_AGENT = 200, 500  # characters; what is longer is not counted
KEEP_DAYS = 400
"""Rows older than this go (`tidy`): thirteen months, to set a month beside that of last year."""
_NOT_PAGES = re.compile(
    r"/(static|media|tep|quan-tri|healthz|\.well-known|dang-|robots|sitemap)|.*\.xml$"
)
_ROBOT = re.compile(r"bot|crawl|spider|slurp|curl|wget|python|monitor|preview|headless", re.I)


class VisitCounter:
    """Counts GETs of pages by people, roughly: robots by their own word."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._unwritten: Counter[tuple[date, str]] = Counter()
        self._begin()

    def note(self, environ: "WSGIEnvironment") -> None:
        """Count a page that went out, asked for by this request, if a person opened it."""
        if not _is_visit(environ):
            return
        path = environ["PATH_INFO"]
        with self._lock:
            due = time.monotonic() >= self._ends
            if due:
                self._end()
            if path in self._paths or len(self._paths) + len(self._unwritten) < MOST_PATHS:
                self._paths[path] = self._paths.get(path, 0) + 1
        if due:
            # On its own: nobody who reads waits for a database that is locked.
            threading.Thread(target=self.write, name="visits", daemon=True).start()

    def write(self) -> None:
        """Add what was counted to the table; a busy database gets it next time."""
        with self._lock:
            self._end()
            counts, self._unwritten = self._unwritten, Counter()
        if not counts:
            return
        try:
            with self.app.app_context():
                add(counts)
        except SQLAlchemyError:
            self.app.logger.warning("visits: not written, kept for later")
            with self._lock:
                self._unwritten.update(counts)

    def _begin(self) -> None:
        self._day = datetime.now(TIMEZONE).date()
        self._paths: dict[str, int] = {}
        self._ends = time.monotonic() + EVERY

    def _end(self) -> None:
        self._unwritten.update({(self._day, path): count for path, count in self._paths.items()})
        self._begin()


def add(counts: Counter[tuple[date, str]]) -> None:
    """Add counts to the table in one transaction."""
    with transaction(public=False) as session:
        for (day, path), count in counts.items():
            row = session.get(Visits, (day, path))
            if row is None:
                session.add(Visits(day=day, path=path, count=count))
            else:
                row.count += count


def tidy(today: date) -> None:
    """Delete the counts that are older than KEEP_DAYS."""
    with transaction(public=False) as session:
        session.execute(delete(Visits).where(Visits.day < today - timedelta(days=KEEP_DAYS)))


def by_day(today: date, days: int = 30) -> list[tuple[date, int]]:
    """Return the visits of each of the last `days` days, today included."""
    since = today - timedelta(days=days - 1)
    rows = select(Visits.day, func.sum(Visits.count)).where(Visits.day >= since)
    found = {day: int(count) for day, count in db.session.execute(rows.group_by(Visits.day))}
    return [(day, found.get(day, 0)) for day in (since + timedelta(days=n) for n in range(days))]


def by_page(today: date, days: int = 30, limit: int = 8) -> list[tuple[str, int]]:
    """Return the pages opened most in the last `days` days."""
    total = func.sum(Visits.count)
    rows = (
        select(Visits.path, total)
        .where(Visits.day > today - timedelta(days=days))
        .group_by(Visits.path)
        .order_by(total.desc(), Visits.path)
        .limit(limit)
    )
    return [(path, int(count)) for path, count in db.session.execute(rows)]


def _is_visit(environ: "WSGIEnvironment") -> bool:
    path, agent = environ.get("PATH_INFO", "/"), environ.get("HTTP_USER_AGENT", "")
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and 0 < len(agent) <= LONGEST_AGENT
        and len(path) <= LONGEST_PATH
        and _is_person(agent)
        and _is_page(path)
        and COOKIE not in environ.get("HTTP_COOKIE", "")
    )


# A whole ward has fewer kinds of browser than that in an hour, and opens fewer pages.
@lru_cache(maxsize=256)
def _is_person(agent: str) -> bool:
    return not _ROBOT.search(agent)


@lru_cache(maxsize=1024)
def _is_page(path: str) -> bool:
    return not _NOT_PAGES.match(path.removeprefix("/en"))
