"""Until when a page is true: the next moment at which anything appears or expires by itself."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from flask import Flask, Response, g, request

from wardsite.core.vi import to_local
from wardsite.mandate import service as mandates
from wardsite.news import service as news
from wardsite.serving.assets import ONE_YEAR
from wardsite.serving.cache import COOKIE, FRESH_UNTIL
from wardsite.serving.kept import kept
from wardsite.site.moment import next_overdue
from wardsite.sources import service as sources

# One for each room in which time alone makes something appear or expire.
NEXT_CHANGES = (mandates.next_change, news.next_change, sources.next_change, next_overdue)


def register_freshness(app: Flask) -> None:
    """Let every public page say until when it is true, for the page cache."""
    app.before_request(_note_start)
    app.after_request(_say_fresh_until)


def fresh_until(now: datetime) -> datetime:
    """Return when a page made at `now` stops being true; at midnight the date on it changes."""
    # The moment found last still is the next one, until it passes or something is committed.
    since, until = kept("fresh-until", lambda: (now, _fresh_until(now)))
    return until if since <= now < until else _fresh_until(now)


def _fresh_until(now: datetime) -> datetime:
    local = to_local(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    changes = [change(now) for change in NEXT_CHANGES]
    return min([moment for moment in changes if moment is not None] + [midnight.astimezone(UTC)])


def _note_start() -> None:
    g.started_at = datetime.now(UTC)


def _say_fresh_until(response: Response) -> Response:
    if response.status_code == HTTPStatus.GONE and not _signed_in():
        # Kept for a moment in the place of the page that a proxy still has.
        response.headers["Cache-Control"] = "public, max-age=0, s-maxage=1"
    if response.status_code != 200 or request.method != "GET" or "started_at" not in g:
        return response
    if request.endpoint == "assets.static":
        response.headers[FRESH_UNTIL] = str(g.started_at.timestamp() + ONE_YEAR)
    elif "no-store" not in response.headers.get("Cache-Control", "") and not _signed_in():
        response.headers[FRESH_UNTIL] = str(fresh_until(g.started_at).timestamp())
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _signed_in() -> bool:
    return COOKIE in request.headers.get("Cookie", "")
