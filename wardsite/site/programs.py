"""What other programs read: RSS, the sitemap, robots.txt, security.txt, urgent notices as CAP 1.2.

Addresses come from settings. None of it is more than residents can see.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from wardsite.core.central_schema import Notice
from wardsite.core.mandate import Mandate
from wardsite.core.vi import TIMEZONE, to_local
from wardsite.documents import service as documents
from wardsite.extensions import current_settings
from wardsite.mandate import service as mandates
from wardsite.models import Document, Post
from wardsite.news import service as news
from wardsite.search import service as search
from wardsite.site.search import open_gates
from wardsite.site.service import profile
from wardsite.site.structured import absolute

bp = Blueprint("programs", __name__)

FEED_ITEMS = 30
SITEMAP_MOST = 20_000
SECURITY_DAYS = 180
FIXED = ("/", "/tin-tuc", "/van-ban", "/nguon-tin", "/gioi-thieu", "/lien-he")


@dataclass(frozen=True)
class Item:
    """An item of a feed; `url` is its lasting name too."""

    title: str
    url: str
    summary: str
    at: datetime
    category: str

    @property
    def stamp(self) -> str:
        """The time as RSS writes it."""
        return format_datetime(to_local(self.at))


@dataclass(frozen=True)
class Place:
    """A line of the sitemap."""

    url: str
    changed: str


@bp.get("/rss.xml")
def everything() -> ResponseReturnValue:
    """The newest news and documents."""
    now = datetime.now(UTC)
    shown = mandates.at(now).document_ids
    items = [_of_post(post) for post in news.latest(now, FEED_ITEMS)]
    items += [_of_document(document) for document in documents.latest(shown, FEED_ITEMS)]
    newest = sorted(items, key=lambda item: item.at, reverse=True)[:FEED_ITEMS]
    return _feed(profile().name, "/", "/rss.xml", newest)


@bp.get("/tin-tuc/<category>/rss.xml")
def category(category: str) -> ResponseReturnValue:
    """The newest news of a section."""
    chosen = news.category(category)
    posts = news.latest(datetime.now(UTC), FEED_ITEMS, category_slug=chosen.slug)
    path = url_for("news.category", category=chosen.slug)
    title = f"{chosen.name} – {profile().name}"
    return _feed(title, path, f"/tin-tuc/{chosen.slug}/rss.xml", [_of_post(post) for post in posts])


@bp.get("/van-ban/rss.xml")
def document_feed() -> ResponseReturnValue:
    """The newest documents."""
    shown = mandates.at(datetime.now(UTC)).document_ids
    items = [_of_document(document) for document in documents.latest(shown, FEED_ITEMS)]
    title = f"{_('Documents')} – {profile().name}"
    return _feed(title, url_for("documents.index"), "/van-ban/rss.xml", items)


@bp.get("/sitemap.xml")
def sitemap() -> ResponseReturnValue:
    """Every page that can be found, by what the search itself may show now."""
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    fixed = [*FIXED, *(url_for("site.topic", topic_id=topic.id) for topic in mandate.topics)]
    found = search.public_pages(now, open_gates(mandate), SITEMAP_MOST)
    places = {path: Place(absolute(path), "") for path in fixed}
    for path, at in found:
        places[path] = Place(absolute(path), to_local(at).date().isoformat())
    return _xml(render_template("site/sitemap.xml", places=places.values()), "application/xml")


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """What robots should leave alone: the officers' side, and searches."""
    lines = ["User-agent: *"]
    for path in ("/quan-tri", "/dang-nhap", "/tim-kiem"):
        lines += [f"Disallow: {path}", f"Disallow: /en{path}"]
    lines += ["", f"Sitemap: {absolute('/sitemap.xml')}", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@bp.get("/.well-known/security.txt")
def security() -> ResponseReturnValue:
    """Whom to tell of a weakness (RFC 9116); only when the settings name someone."""
    settings = current_settings()
    if not settings.security_contact:
        abort(404)
    today = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    expires = today + timedelta(days=SECURITY_DAYS)
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: vi, en",
        f"Canonical: {absolute('/.well-known/security.txt')}",
        "",
    ]
    return Response("\n".join(lines), mimetype="text/plain")


@bp.get("/cap.xml")
def cap() -> ResponseReturnValue:
    """The urgent notices in force as one alert of the Common Alerting Protocol 1.2.

    Without any the alert is of status System, says so in its note, and has no `info`. How severe
    and how certain a matter is the notices do not say, so neither does the alert.
    """
    mandate = mandates.at(datetime.now(UTC))
    urgent = [notice for notice in mandate.notices if notice.severity == "urgent"]
    page = render_template(
        "site/cap.xml",
        notices=urgent,
        identifier=_identifier(urgent, mandate),
        sent=_sent(urgent, mandate),
        stamp=lambda moment: to_local(moment).replace(microsecond=0).isoformat(),
        publisher=mandate.parent.name if mandate.parent else profile().name,
        home=absolute("/"),
    )
    return _xml(page, "application/cap+xml")


def _identifier(urgent: list[Notice], mandate: Mandate) -> str:
    """Return a name that changes when what is told does; no spaces, commas or angle brackets."""
    told = "\n".join(f"{n.id} {n.valid_from} {n.valid_to} {n.title} {n.body}" for n in urgent)
    digest = hashlib.sha256(told.encode()).hexdigest()[:12]
    revision = mandate.config.revision if mandate.config else 0
    return f"{mandates.unit().id}.{revision}.{digest}"


def _sent(urgent: list[Notice], mandate: Mandate) -> datetime:
    moments = [notice.valid_from for notice in urgent]
    if mandate.config:
        moments.append(mandate.config.effective_from)
    return max(moments, default=datetime(2020, 8, 12, tzinfo=TIMEZONE))


def _of_post(post: Post) -> Item:
    path = url_for("news.post", category=post.category.slug, slug=post.slug)
    at = post.published_at or post.updated_at
    return Item(post.title, absolute(path), post.summary, at, post.category.name)


def _of_document(document: Document) -> Item:
    return Item(
        title=f"{document.code}: {document.summary}",
        url=absolute(url_for("documents.document", slug=document.slug)),
        summary=document.summary,
        at=datetime.combine(document.issued_on, time(), TIMEZONE),
        category=document.issuer,
    )


def _feed(title: str, path: str, own_path: str, items: list[Item]) -> ResponseReturnValue:
    page = render_template(
        "site/rss.xml", title=title, home=absolute(path), own=absolute(own_path), items=items
    )
    return _xml(page, "application/rss+xml")


def _xml(text: str, mimetype: str) -> Response:
    return Response(text.strip() + "\n", content_type=f"{mimetype}; charset=utf-8")
