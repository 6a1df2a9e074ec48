"""Whether an address within this site leads anywhere: asked of the routes, then of the rooms."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from wardsite.core.editorial import internal_links
from wardsite.core.errors import NotFoundError
from wardsite.media import attachments
from wardsite.media.files import files as stored
from wardsite.media.views import attachment_url
from wardsite.models import Attachment
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
    return stored().has(str(values["name"]))


def _file(values: Mapping[str, Any]) -> bool:
    try:
        row = attachments.attachment(values["attachment_id"])
    except NotFoundError:
        return False
    return attachments.is_public(row, datetime.now(UTC))


CHECKS: dict[str, Check] = {
    "news.post": _post,
    "news.category": _category,
    "media.picture": _picture,
    "media.attachment": _file,
}
"""By endpoint; the rooms above add theirs. Without one, an address that has a route is right."""


def broken_links(body_html: str, files: Collection[Attachment] = ()) -> list[str]:
    """Return the addresses within this site that the text links to and that are not there.

    `files` are the text's own, which become public with it.
    """
    own = {attachment_url(file) for file in files}
    return [
        address
        for address in internal_links(body_html)
        if address not in own and not leads_somewhere(address)
    ]


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
