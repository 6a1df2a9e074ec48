"""Whether an address within this site leads anywhere: asked of the routes, then of the rooms."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from wardsite.core.editorial import internal_links
from wardsite.core.errors import NotFoundError
from wardsite.media.files import files
from wardsite.news import service

Check = Callable[[Mapping[str, Any]], bool]


def _post(values: Mapping[str, Any]) -> bool:
    now = datetime.now(UTC)
    try:
        service.public_post(values["slug"], now)
    except NotFoundError:
        return service.moved_to(values["slug"], now) is not None
    return True


def _category(values: Mapping[str, Any]) -> bool:
    try:
        service.category(values["category"])
    except NotFoundError:
        return False
    return True


def _picture(values: Mapping[str, Any]) -> bool:
    return files().has(str(values["name"]))


CHECKS: dict[str, Check] = {
    "news.post": _post,
    "news.category": _category,
    "media.picture": _picture,
}
"""By endpoint; the rooms above add theirs. Without one, an address that has a route is right."""


def broken_links(body_html: str) -> list[str]:
    """Return the addresses within this site that the text links to and that are not there."""
    return [address for address in internal_links(body_html) if not leads_somewhere(address)]


def leads_somewhere(address: str) -> bool:
    """Tell whether an address of this site, such as /tin-tuc/thong-bao, is there for residents."""
    path = unquote(urlsplit(address).path)
    path = path.removeprefix("/en") if path == "/en" or path.startswith("/en/") else path
    if path.startswith("/quan-tri"):
        return False
    try:
        endpoint, values = current_app.url_map.bind("localhost").match(path or "/", method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    check = CHECKS.get(str(endpoint))
    return check is None or check(values)
