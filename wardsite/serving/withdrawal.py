"""What is taken away leaves the kept pages too, in memory and in the proxy in front.

Kept pages stand in for a day when the application fails. One that was made before something was
withdrawn may not: it could show it. So the commit that takes something away leaves its moment as
the time of a file, which every process can look at whatever becomes of the database, and empties
the proxy's folder (deploy/nginx/wardsite.conf).
"""

import logging
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from wardsite.extensions import current_settings, db
from wardsite.models import (
    Attachment,
    CalendarEntry,
    CentralState,
    Document,
    Feedback,
    Headline,
    Image,
    OwnLink,
    OwnPage,
    Person,
    Post,
    Source,
)
from wardsite.settings import Settings

MARK = "withdrawn"
# What residents can see, and the values with which they do; a row that loses its value, or goes,
# is withdrawn. Without a column: every row is on show.
_ON_SHOW: dict[type, tuple[str, Callable[[Any], bool]] | None] = {
    Post: ("status", "published".__eq__),
    Document: ("status", "published".__eq__),
    OwnPage: ("status", "published".__eq__),
    Headline: ("status", "approved".__eq__),
    Feedback: ("published_at", lambda value: value is not None),
    Source: ("active", bool),
    CentralState: ("sha256", lambda value: value is not None),
    **dict.fromkeys((Attachment, Image, Person, OwnLink, CalendarEntry)),
}
_FLAG = "wardsite.withdrawn"
_KEPT = re.compile(r"[0-9a-f]{32}(\.[0-9]+)?")  # how nginx names what it keeps
_FILLING = 10.0  # seconds in which a page asked for before a withdrawal may still be stored

_log = logging.getLogger(__name__)


def last_withdrawal(settings: Settings) -> Callable[[], float]:
    """Return what tells when something was last withdrawn: seconds since the epoch, 0 for never."""
    path = settings.instance / MARK

    def read() -> float:
        try:
            return path.stat().st_mtime
        except OSError:
            return 0.0

    return read


def take_back(settings: Settings) -> None:
    """Let no page made until now stand in for anything; what fails is logged, never raised."""
    try:
        path = settings.instance / MARK
        path.touch()
        now = time.time()  # the file system's own clock may lag behind by a tick
        os.utime(path, (now, now))
    except OSError as error:
        _log.warning("withdrawal not noted: %s", error)
    _empty(settings, time.time())


def sweep(settings: Settings) -> None:
    """Drop what a proxy was still storing when the last withdrawal emptied its folder."""
    _empty(settings, last_withdrawal(settings)() + _FILLING)


def _empty(settings: Settings, until: float) -> None:
    if not settings.proxy_cache_folder:
        return
    try:
        for entry in os.scandir(settings.proxy_cache_folder):
            if _KEPT.fullmatch(entry.name) and entry.stat().st_mtime <= until:
                Path(entry.path).unlink(missing_ok=True)
    except OSError as error:
        _log.warning("the proxy's cache was not emptied: %s", error)


@event.listens_for(db.session, "after_flush")
def _note(session: Session, _context: object) -> None:
    if any(map(_was_on_show, session.deleted)) or any(map(_is_hidden, session.dirty)):
        session.info[_FLAG] = True


def _was_on_show(row: object) -> bool:
    if type(row) not in _ON_SHOW:
        return False
    rule = _ON_SHOW[type(row)]
    return rule is None or rule[1](getattr(row, rule[0]))


def _is_hidden(row: object) -> bool:
    rule = _ON_SHOW.get(type(row))
    if rule is None:
        return False
    name, shown = rule
    change = inspect(row).attrs[name].history
    return any(map(shown, change.deleted or ())) and change.added != change.deleted


@event.listens_for(db.session, "after_commit")
def _tell(session: Session) -> None:
    if session.info.pop(_FLAG, False):
        take_back(current_settings())


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_FLAG, None)
