"""From one text to the notice board and to Zalo: a post or a mandated notice as poster and picture.

Drawn anew at each click and kept nowhere. What leaves here is for residents, so it is in Vietnamese
whatever language the officer reads.
"""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint
from wardsite.core import vi
from wardsite.core.central_schema import Notice
from wardsite.core.errors import N_, NotFoundError
from wardsite.core.outline import Block, outline
from wardsite.core.text import slugify
from wardsite.extensions import current_settings
from wardsite.mandate import service as mandates
from wardsite.media.files import files
from wardsite.media.sheet import Sheet
from wardsite.models import Image
from wardsite.news import service as news
from wardsite.serving.language import plain_url
from wardsite.site import service
from wardsite.site.structured import absolute
from wardsite.site.themes import theme_of

admin_bp = officers_blueprint("paper", __name__, "/in")

PDF, JPEG = "application/pdf", "image/jpeg"


@admin_bp.get("/tin-tuc/<int:post_id>/ap-phich.pdf")
def post_poster(post_id: int) -> ResponseReturnValue:
    """Send the A4 poster of a post."""
    return _sent(_poster, PDF, _of_post(post_id))


@admin_bp.get("/tin-tuc/<int:post_id>/anh-zalo.jpg")
def post_card(post_id: int) -> ResponseReturnValue:
    """Send the square picture of a post."""
    return _sent(_card, JPEG, _of_post(post_id))


@admin_bp.get("/thong-bao/<notice_id>/ap-phich.pdf")
def notice_poster(notice_id: str) -> ResponseReturnValue:
    """Send the A4 poster of a notice that the parent unit mandates."""
    return _sent(_poster, PDF, _of_notice(notice_id))


@admin_bp.get("/thong-bao/<notice_id>/anh-zalo.jpg")
def notice_card(notice_id: str) -> ResponseReturnValue:
    """Send the square picture of a mandated notice."""
    return _sent(_card, JPEG, _of_notice(notice_id))


def _poster(sheet: Sheet) -> bytes:
    # Imported here: drawing takes libraries that a server holds only once an officer draws.
    from wardsite.media.poster import poster

    return poster(sheet)


def _card(sheet: Sheet) -> bytes:
    from wardsite.media.card import card

    return card(sheet)


def _sent(draw: Callable[[Sheet], bytes], kind: str, sheet: Sheet) -> ResponseReturnValue:
    ending = "ap-phich.pdf" if kind == PDF else "zalo.jpg"
    return send_file(
        io.BytesIO(draw(sheet)),
        mimetype=kind,
        as_attachment=True,
        download_name=f"{slugify(sheet.title)[:60].strip('-') or 'tin'}-{ending}",
    )


def _of_post(post_id: int) -> Sheet:
    """Return what is drawn of a post; until it is published it says so and has no code."""
    now = datetime.now(UTC)
    post = news.readable(current_user, post_id, now)
    state = news.state(post, now)
    if state in ("withdrawn", "binned", "ended"):
        raise NotFoundError(N_("A post that is no longer public cannot be made into a poster."))
    with force_locale("vi"):
        shown = state in ("public", "scheduled")
        path = plain_url("news.post", category=post.category.slug, slug=post.slug)
        return _sheet(
            title=post.title,
            label=post.category.name.upper(),
            lead=news.lead(post),
            blocks=outline(post.body_html),
            day=vi.to_local(post.published_at or post.publish_at or now).date(),
            address=absolute(path) if shown else "",
            mark="" if shown else _("Draft – not published").upper(),
            picture=post.cover,
        )


def _of_notice(notice_id: str) -> Sheet:
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    notice = next((row for row in mandate.notices if row.id == notice_id), None)
    if notice is None:
        raise NotFoundError
    with force_locale("vi"):
        return _sheet(
            title=notice.title,
            label=_label(notice),
            lead="",
            blocks=[Block("text", line) for line in notice.body.splitlines() if line.strip()],
            day=vi.to_local(notice.valid_from).date(),
            address=notice.link_url or absolute(plain_url("site.home")),
            mark="",
            picture=None,
            urgent=notice.severity == "urgent",
        )


def _label(notice: Notice) -> str:
    label: str = _("Urgent notice") if notice.severity == "urgent" else _("Notice")
    return label.upper()


def _sheet(
    *,
    title: str,
    label: str,
    lead: str,
    blocks: list[Block],
    day: date,
    address: str,
    mark: str,
    picture: Image | None,
    urgent: bool = False,
) -> Sheet:
    profile = service.profile()
    parent = mandates.at(datetime.now(UTC)).parent
    reach = " · ".join(filter(None, (_reach(profile.phone), profile.email)))
    kind = current_settings().unit_kind
    return Sheet(
        unit=profile.organisation or profile.name,
        over=parent.name if parent else "",
        title=title,
        label=label,
        lead=lead,
        blocks=blocks,
        day=vi.short_date(day),
        contact=tuple(filter(None, (profile.address, reach))),
        address=address,
        host=urlsplit(absolute(url_for("site.home"))).netloc,
        invitation=_("Scan the code to read the full text"),
        more=_("… Continued: scan the code to read the full text.") if address else "…",
        mark=mark,
        colour=theme_of(profile.theme, kind).deep,
        urgent=urgent,
        picture=_file(picture),
        logo=_file(profile.logo),
    )


def _reach(phone: str) -> str:
    return _("Tel. %(number)s", number=phone) if phone else ""


def _file(image: Image | None) -> Path | None:
    """Return a picture's file; a page with a hole must not become a poster that fails."""
    if image is None:
        return None
    path = files().path(image.name)
    return path if path.is_file() else None
