"""What needs an officer now: three short lists, each line with the one thing to do about it.

Only what the officer may act on is listed, the worst first.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from textwrap import shorten

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wardsite.accounts.service import SignedIn
from wardsite.core.vi import short_date, to_local
from wardsite.feedback import service as feedback
from wardsite.mandate import service as mandates
from wardsite.news import service as news
from wardsite.pages import service as pages
from wardsite.sources import service as sources

SHOWN = 5
"""Lines of a list that are open; the rest is folded, or one link away."""
STALE_TOPIC = timedelta(days=30)
STALE_SECTION = timedelta(days=90)
STALE_PAGE = {"menu": timedelta(days=8), "disclosure": timedelta(days=366)}
"""Kinds of pages that a school renews: the meals by the week, what it discloses by the year."""


@dataclass(frozen=True)
class Duty:
    """A line: what it is, what more to know, and the action with its address."""

    title: str
    detail: str
    action: str
    url: str
    late: bool = False


@dataclass(frozen=True)
class Duties:
    """The three lists and how many there are of each.

    What is overdue or out of date is listed nowhere else together, so all that is out of date is
    in it; of what has a page of its own, no more than is shown or than that page holds.
    """

    approve: list[Duty]
    overdue: list[Duty]
    unanswered: list[Duty]
    approve_count: int
    overdue_count: int
    unanswered_count: int


def duties(officer: SignedIn, now: datetime) -> Duties:
    """Return what needs this officer at `now`."""
    today = to_local(now).date()
    approve, approve_count = _to_approve(officer, now)
    late = feedback.inbox(officer, "overdue", today, 1)
    stale = _stale(now) if officer.may("editor") else []
    overdue = [_message(row.id, row.subject, row.due_on, late=True) for row in late.items]
    open_, late_count = feedback.counts(officer, today)
    unanswered = [
        _message(row.id, row.subject, row.due_on, late=False)
        for row in feedback.inbox(officer, "in-time", today, 1).items
    ]
    return Duties(
        approve=approve[:SHOWN],
        overdue=overdue + stale,
        unanswered=unanswered[:SHOWN],
        approve_count=approve_count,
        overdue_count=late_count + len(stale),
        unanswered_count=open_ - late_count,
    )


def _to_approve(officer: SignedIn, now: datetime) -> tuple[list[Duty], int]:
    back = [
        Duty(
            post.title,
            shorten(post.return_comment, 140, placeholder="…"),
            _("Edit"),
            url_for("news_admin.edit", post_id=post.id),
        )
        for post in news.returned(officer)
    ]
    if not officer.may("editor"):
        return back, len(back)
    page = news.officers_page(officer, now, news.Wanted(status="submitted"))
    found = [
        Duty(
            post.title,
            post.author.display_name or post.author.name if post.author else "",
            _("Review and approve"),
            url_for("news_admin.edit", post_id=post.id),
        )
        for post in page.items
    ]
    waiting = sources.pending_count()
    if waiting:
        title = ngettext(
            "%(num)d headline awaiting approval", "%(num)d headlines awaiting approval", waiting
        )
        found.insert(
            0, Duty(title, "", _("Go to the approval queue"), url_for("sources_admin.index"))
        )
    return back + found, len(back) + page.total + (1 if waiting else 0)


def _message(message_id: int, subject: str, due: date, *, late: bool) -> Duty:
    detail = f"{_('Due date')} {short_date(due)}"
    url = url_for("feedback_admin.message", feedback_id=message_id)
    return Duty(subject, detail, _("Handle"), url, late)


def _stale(now: datetime) -> list[Duty]:
    """Return sections and pages that residents would find too old, those of the centre first."""
    topics = mandates.at(now).topics
    newest = news.newest_by_section(now, [topic.id for topic in topics])
    found = []
    for topic in topics:
        last = newest.pop(topic.id, None)
        if last is None or now - last > STALE_TOPIC:
            found.append(_stale_section(topic.label, last))
    names = {row.slug: row.name for row in news.categories()}
    found += [
        _stale_section(names[slug], last)
        for slug, last in sorted(newest.items(), key=lambda item: item[1])
        if slug in names and now - last > STALE_SECTION
    ]
    return found + _stale_pages(now) + _stale_calendars(now)


def _stale_section(name: str, last: datetime | None) -> Duty:
    detail = _("No new posts since %(day)s", day=short_date(last)) if last else _("No posts yet")
    return Duty(name, detail, _("Write a post"), url_for("news_admin.new"))


def _stale_pages(now: datetime) -> list[Duty]:
    return [
        Duty(
            page.title,
            _("Not updated since %(day)s", day=short_date(page.updated_at)),
            _("Update"),
            url_for("pages_admin.edit", name="trang", row_id=page.id),
        )
        for page in pages.published()
        if now - page.updated_at > STALE_PAGE.get(page.kind, timedelta.max)
    ]


def _stale_calendars(now: datetime) -> list[Duty]:
    today = to_local(now).date()
    return [
        Duty(
            _(pages.CALENDARS[kind]),
            _("Nothing is scheduled from today."),
            _("Add a calendar entry"),
            url_for("pages_admin.new", name="lich"),
        )
        for kind in pages.calendars_run_out(today)
    ]
