"""/tim-kiem: one box over everything public."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wardsite.core.central_schema import App
from wardsite.core.errors import N_
from wardsite.core.mandate import Mandate
from wardsite.core.search import is_found, joined, parse, slips, without_keys, words
from wardsite.core.text import clean_pasted, fold
from wardsite.core.vi import TIMEZONE, DateFormatError, parse_date
from wardsite.mandate import service as mandates
from wardsite.search import service
from wardsite.search.service import Filter
from wardsite.serving.paging import page_number

HOTLINE, SECTION, APP = N_("Hotline"), N_("Section"), N_("Application")
SOURCE, BANNER, NOTICE = N_("Official source"), N_("Mandated by the parent unit"), N_("Notice")

bp = Blueprint("search", __name__)


@dataclass(frozen=True)
class Kind:
    """A kind of thing to narrow the search to: its word in the address, its name, one of it."""

    slug: str
    kind: str
    name: str
    one: str


KINDS = (
    Kind("tin-tuc", "post", N_("News"), N_("News item")),
    Kind("chi-dao", "directive", N_("Direction from higher authorities"), N_("Directive document")),
    Kind("van-ban", "document", N_("Documents"), N_("Document")),
    Kind("trang", "page", N_("The unit’s pages"), N_("Page")),
    Kind("tra-loi", "answer", N_("Answers to feedback"), N_("Answer to feedback")),
    Kind("nguon-tin", "headline", N_("Headlines from official sources"), N_("Headline")),
)


@dataclass(frozen=True)
class Ordered:
    """Something small that the centre orders: what it is, its words, where it leads."""

    kind: str
    title: str
    url: str


def ordered(mandate: Mandate, asked: str) -> list[Ordered]:
    """Return what is in force of the centre's small things that a search names.

    They are not in the index, as nothing that is only shown is in the database.
    """
    query = parse(asked)
    named: dict[str, Ordered] = {}
    for said, item in _worded(mandate):
        if is_found(query, said):
            named.setdefault(item.url, item)
    return list(named.values())


def _worded(mandate: Mandate) -> Iterator[tuple[str, Ordered]]:
    """Yield each with its words, the first to be shown first where two lead to one place.

    Its kind is among them in Vietnamese: who types “đường dây nóng” wants the numbers.
    """
    for line in mandate.hotlines:
        said = f"đường dây nóng {line.label} {line.display} {line.number}"
        yield said, Ordered(HOTLINE, f"{line.label}: {line.display}", f"tel:{line.number}")
    for topic in mandate.topics:
        said = f"chuyên mục {topic.label} {topic.description or ''} {' '.join(topic.keywords)}"
        there = url_for("site.topic", topic_id=topic.id)
        yield said, Ordered(SECTION, topic.label, there)
    for app in mandate.apps:
        said = f"ứng dụng {app.name} {app.purpose} {' '.join(app.actions)}"
        yield said, Ordered(APP, app.name, _place(app, mandate))
    for source in mandate.sources:
        said = f"nguồn tin chính thống {source.name}"
        yield said, Ordered(SOURCE, source.name, source.site_url)
    for banner in mandate.banners:
        yield f"{banner.title} {banner.alt}", Ordered(BANNER, banner.title, banner.link_url)
    for notice in mandate.notices:
        there = notice.link_url or url_for("site.home")
        yield f"thông báo {notice.title} {notice.body}", Ordered(NOTICE, notice.title, there)


def _meant(mandate: Mandate, asked: str) -> str:
    """Return a search that names something the centre orders, where this one has slips, or ""."""
    known = {word.folded for said, _ in _worded(mandate) for word in words(said)}
    mended = " ".join(
        word if word in known else min(slips(word) & known, default=word)
        for word in without_keys(asked).split()
    )
    others = (*joined(fold(asked).split()), mended)
    return next((other for other in others if ordered(mandate, other)), "")


def _place(app: App, mandate: Mandate) -> str:
    """Return where an application is got, or the page that tells of it."""
    there = (
        url_for("site.topic", topic_id=mandate.topics[0].id)
        if mandate.topics
        else url_for("site.home")
    )
    return app.web_url or app.android_url or app.ios_url or there


@bp.get("/tim-kiem")
def index() -> ResponseReturnValue:
    """What was found, or how to search."""
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    gates = open_gates(mandate)
    asked = clean_pasted(request.args.get("q", ""))[:200]
    since, until = _day("tu"), _day("den")
    kind = next((kind for kind in KINDS if kind.slug == request.args.get("loai")), None)
    chosen = Filter(
        kinds=(kind.kind,) if kind else (),
        since=_start(since) if since else None,
        until=_start(until) + timedelta(days=1) if until else None,
    )
    results = service.find(asked, now, gates, chosen, page_number())
    named = ordered(mandate, asked) if chosen == Filter() and page_number() == 1 else []
    return render_template(
        "site/search.html",
        asked=asked,
        results=results,
        kinds=KINDS,
        kind=kind,
        since=since,
        until=until,
        ordered=named,
        suggestion=""
        if results.total or named
        else (_meant(mandate, asked) if chosen == Filter() else "")
        or service.suggestion(asked, now, gates, chosen),
        names={kind.kind: kind.one for kind in KINDS},
    )


def open_gates(mandate: Mandate) -> set[str]:
    """Return the names of what the centre has on show now (`search.index.Entry.gate`)."""
    documents = {f"document:{name}" for name in mandate.document_ids}
    return documents | {f"source:{source.id}" for source in mandate.sources}


def _day(name: str) -> date | None:
    try:
        day = parse_date(request.args.get(name, "")[:40])
    except DateFormatError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=TIMEZONE)
