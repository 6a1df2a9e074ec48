"""What pages tell programs in schema.org's words, as JSON-LD. Only what the page itself says.

Addresses come from the setting `base_url`; without one there is nothing to tell.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from markupsafe import Markup

from wardsite.core.central_schema import Notice
from wardsite.core.mandate import Mandate
from wardsite.extensions import current_language, current_settings
from wardsite.models import Image, Post, SiteProfile
from wardsite.serving.language import plain_url
from wardsite.site.service import profile


def canonical() -> str:
    """Return the page's one address, or nothing: of settings and path, never of the Host header."""
    settings = current_settings()
    if not settings.base_url or request.endpoint is None:
        return ""
    number = request.args.get("trang", "")
    query = f"?trang={number}" if number.isascii() and number.isdigit() and number != "1" else ""
    return f"{settings.base_url}{request.script_root}{request.path}{query}"


def absolute(path: str) -> str:
    """Return a path of this site as a whole address."""
    settings = current_settings()
    return settings.public_url + path


def json_ld(*things: dict[str, Any] | None) -> Markup:
    """Return a data block of what there is to tell; the policy lets it in, since it never runs."""
    told = [thing for thing in things if thing]
    if not told:
        return Markup("")
    text = current_app.json.dumps({"@context": "https://schema.org", "@graph": told})
    # Within a script element only "<" could end it.
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(safe))  # noqa: S704


def organisation() -> dict[str, Any] | None:
    """Return the unit, as an organisation of the state."""
    if not canonical():
        return None
    own = profile()
    kind = current_settings().unit_kind
    return _filled(
        {
            "@type": "School" if kind == "school" else "GovernmentOrganization",
            "@id": absolute("/#unit"),
            "name": own.organisation or own.name,
            "url": absolute("/"),
            "address": own.address,
            "telephone": own.phone,
            "email": own.email,
            "logo": _image(own.logo),
        }
    )


def news_article(post: Post) -> dict[str, Any] | None:
    """Return a post; a repost says on what it is based."""
    if not canonical() or post.published_at is None:
        return None
    return _filled(
        {
            "@type": "NewsArticle",
            "headline": post.title[:110],
            "description": post.summary,
            "datePublished": post.published_at.isoformat(),
            "dateModified": max(post.updated_at, post.published_at).isoformat(),
            "mainEntityOfPage": canonical(),
            "inLanguage": current_language(),
            "image": _image(post.cover),
            "isBasedOn": post.source_url,
            "publisher": {"@id": absolute("/#unit")},
        }
    )


def announcements(mandate: Mandate) -> list[dict[str, Any]]:
    """Return the notices in force that matter, on the page that shows them."""
    if not canonical():
        return []
    shown = [notice for notice in mandate.notices if notice.severity != "info"]
    return [_announcement(notice, mandate) for notice in shown]


def _announcement(notice: Notice, mandate: Mandate) -> dict[str, Any]:
    publisher = mandate.parent.name if mandate.parent else _unit_name(profile())
    return _filled(
        {
            "@type": "SpecialAnnouncement",
            "name": notice.title,
            "text": notice.body,
            "datePosted": notice.valid_from.isoformat(),
            "expires": notice.valid_to.isoformat() if notice.valid_to else "",
            "url": canonical(),
            "category": "https://www.wikidata.org/wiki/Q81068910"
            if notice.topic == "covid-19"
            else "",
            "publisher": {"@type": "GovernmentOrganization", "name": publisher},
        }
    )


def _image(image: Image | None) -> str:
    return absolute(plain_url("media.picture", name=image.name)) if image else ""


def _unit_name(own: SiteProfile) -> str:
    return own.organisation or own.name


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
