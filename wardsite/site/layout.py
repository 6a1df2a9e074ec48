"""What every page shows: the unit, the mandate, the menu, today; and the templates' filters."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import Flask, request
from flask_login import current_user
from markupsafe import Markup, escape

from wardsite.central import service as central
from wardsite.core import vi
from wardsite.core.browsers import browser_name
from wardsite.core.mandate import Mandate, links_by_group
from wardsite.core.typography import bind_markup, curl_quotes
from wardsite.documents.kinds import KINDS
from wardsite.extensions import current_language, current_settings, explain
from wardsite.extensions import say as _
from wardsite.mandate import service as mandates
from wardsite.media.service import variants
from wardsite.media.views import attachment_url
from wardsite.models import OwnLink, Post
from wardsite.news import service as news
from wardsite.serving.language import path_in, plain_url, url_for
from wardsite.site import service
from wardsite.site.embedded import beside, rich_text
from wardsite.site.guides import guide_of
from wardsite.site.qr import qr
from wardsite.site.structured import (
    announcements,
    canonical,
    json_ld,
    news_article,
    organisation,
)
from wardsite.site.themes import theme_of

ROW = 156  # letters that a row of the menu holds on 1280 px at the site's own size
GAP = 4  # letters' room around each label


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu; `mandated` ones come from the centre.

    `typed`: somebody wrote the label, the centre or the unit, in Vietnamese on every page.
    """

    label: str
    url: str
    current: bool
    mandated: bool = False
    typed: bool = False


def register_layout(app: Flask) -> None:
    """Give templates what all of them need."""
    app.context_processor(_page_context)
    # The newsroom stands below the centre and may not ask it: its topics are handed down.
    app.extensions["wardsite.topics"] = _topics
    app.jinja_env.globals.update(
        browser_name=browser_name,
        plain_url=plain_url,
        url_for=url_for,
        path_in=path_in,
        current_language=current_language,
        picture_sizes=picture_sizes,
        document_kind=document_kind,
        canonical=canonical,
        json_ld=json_ld,
        organisation=organisation,
        news_article=news_article,
        announcements=announcements,
        attachment_url=attachment_url,
        post_state=lambda post: news.state(post, datetime.now(UTC)),
        post_lead=news.lead,
        post_title=lambda number: news.title_for(current_user, int(number), datetime.now(UTC)),
        post_admin_url=post_admin_url,
        basis_of=lambda item: central.basis_of(item, datetime.now(UTC)),
        banner_image=mandates.image_of,
        explain=explain,
        own_links=own_links,
        links_by_group=links_by_group,
        topic_label=topic_label,
        lang_vi=lang_vi,
        lang_page=lang_page,
        menu_rows=menu_rows,
        qr=qr,
        guide_of=guide_of,
    )
    app.jinja_env.filters.update(
        long_date=lambda value: vi.long_date(value, language=current_language()),
        long_stamp=lambda value: vi.long_stamp(value, language=current_language()),
        short_date=lambda value: vi.short_date(value, language=current_language()),
        short_stamp=lambda value: vi.short_stamp(value, language=current_language()),
        iso=lambda value: value.isoformat(),
        heading=heading,
        rich_text=rich_text,
        beside=beside,
        set_heading=set_heading,
        set_text=set_text,
        phones=vi.phones_in,
        number=lambda value: vi.number(value, language=current_language()),
        file_size=lambda size: vi.file_size(size, language=current_language()),
    )


def topic_label(topic_id: str) -> str:
    """Return the name of a topic of the centre; what is no topic's id, as it is."""
    topics = mandates.at(datetime.now(UTC)).topics
    return next((topic.label for topic in topics if topic.id == topic_id), topic_id)


def heading(text: str) -> Markup:
    """Return the program's own words as a heading sets them: no common compound is parted.

    What has been set already is left as it is; what a template's `_()` returns is escaped, not set.
    """
    if isinstance(text, Markup) and "<" in text:
        return text
    return _heading(escape(text))


@lru_cache(maxsize=512)
def _heading(words: Markup) -> Markup:
    return Markup(bind_markup(str(words), compounds=True))  # noqa: S704


def set_heading(text: str | None) -> Markup:
    """Return what `set_text` does, for a heading: no common compound is parted."""
    return set_text(text, compounds=True)


def set_text(text: str | None, compounds: bool = False) -> Markup:
    """Return plain text of the unit or its centre, set with care and marked as Vietnamese.

    On a page in another language the text says that it is Vietnamese (WCAG 3.1.2).
    """
    return _set(str(text or ""), current_language(), compounds)


@lru_cache(maxsize=512)  # the same titles and names stand on page after page
def _set(text: str, language: str, compounds: bool) -> Markup:
    words = bind_markup(str(escape(curl_quotes(text))), compounds)
    if words and language != "vi":
        words = f'<span lang="vi">{words}</span>'
    return Markup(words)  # noqa: S704


def lang_vi() -> Markup:
    """Return the attribute that marks an element as Vietnamese where the page is not."""
    return Markup("" if current_language() == "vi" else ' lang="vi"')  # noqa: S704


def lang_page() -> Markup:
    """Return the attribute that takes up the page's own language again, within Vietnamese."""
    language = current_language()
    return Markup("" if language == "vi" else f' lang="{language}"')  # noqa: S704


def picture_sizes(name: str, width: int) -> str:
    """Return the srcset of a stored picture."""
    return ", ".join(
        f"{plain_url('media.picture', name=file)} {px}w" for file, px in variants(name, width)
    )


def document_kind(kind: str) -> str:
    """Return the name of a kind of document; an unknown one as it is."""
    return _(KINDS[kind]) if kind in KINDS else kind


def post_admin_url(post: Post) -> str:
    """Return where an officer goes from a list: to the form, or to reading only."""
    if news.may_edit(current_user, post):
        return url_for("news_admin.edit", post_id=post.id)
    return url_for("news_admin.preview", post_id=post.id)


def _topics(now: datetime) -> list[tuple[str, str]]:
    return [(topic.id, topic.label) for topic in mandates.at(now).topics]


def menu(mandate: Mandate) -> list[MenuItem]:
    """Return the main menu; topics that the centre mandates stand right after the home page."""
    topics = [topic for topic in mandate.topics if topic.mandatory]
    return [
        _entry(_("Home"), url_for("site.home")),
        *(
            _entry(topic.label, url_for("site.topic", topic_id=topic.id), mandated=True, typed=True)
            for topic in topics
        ),
        _entry(_("About"), url_for("pages.about")),
        _entry(_("News"), url_for("news.index")),
        _entry(_("Documents"), url_for("documents.index")),
        _entry(_("Official sources"), url_for("sources.index")),
        *_own_entries(),
        _entry(_("Feedback"), url_for("feedback.index")),
        _entry(_("Contact"), url_for("pages.contact")),
    ]


def menu_rows(items: list[MenuItem]) -> str:
    """Return how many rows of a wide screen the menu takes: empty for one, `two` or `many`.

    A guess by letters, so that the server says it and nothing moves once the page is there.
    """
    letters = sum(len(item.label) + GAP for item in items)
    return "" if letters <= ROW else "two" if letters <= 2 * ROW else "many"


def own_links(place: str) -> list[OwnLink]:
    """Return the unit's own links at a place: menu, links or banner."""
    return service.own(datetime.now(UTC)).links[place]


def _entry(label: str, url: str, mandated: bool = False, typed: bool = False) -> MenuItem:
    here = request.script_root + request.path
    return MenuItem(label, url, _is_current(url, here), mandated, typed)


def _own_entries() -> list[MenuItem]:
    """Return the unit's own entries of the menu: after all that the centre mandates."""
    own = service.own(datetime.now(UTC))
    entries = [
        _entry(title, url_for("pages.page", slug=slug), typed=True) for slug, title in own.pages
    ]
    if own.has_calendar:
        entries.append(_entry(_("Reception and work calendar"), url_for("pages.calendar")))
    return entries + [_entry(link.label, link.url, typed=True) for link in own_links("menu")]


def _is_current(url: str, here: str) -> bool:
    home = url_for("site.home")
    return here == url or (url != home and here.startswith(url + "/"))


def _page_context() -> dict[str, Any]:
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    settings = current_settings()
    profile = service.profile()
    return {
        "language": current_language(),
        "mandate": mandate,
        "menu": menu(mandate),
        "now": now,
        "profile": profile,
        "unit_kind": settings.unit_kind,
        "theme": theme_of(profile.theme, settings.unit_kind),
        "base_url": settings.base_url,
        "unset_address": "" if settings.base_url else settings.public_url,
    }
