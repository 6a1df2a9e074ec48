"""Accounts in the officers' side, the handover, the dashboard's duties and visits."""

import math
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.conftest import PASSWORD
from tests.documents.test_admin import enter
from tests.feedback.test_feedback import only, send
from tests.page import Browser, Page
from wardsite import schedule
from wardsite.core.vi import short_date, to_local
from wardsite.extensions import db, transaction
from wardsite.models import (
    AuditEntry,
    CalendarEntry,
    Category,
    Document,
    Feedback,
    OwnPage,
    Post,
    User,
    Visits,
)
from wardsite.schedule import Done
from wardsite.settings import Settings
from wardsite.site import visits
from wardsite.site.visits import VisitCounter

Open = Callable[[str], Browser]
ADDRESS = "/quan-tri/can-bo"


def user_id(app: Flask, name: str) -> int:
    with app.app_context():
        return db.session.query(User).filter_by(name=name).one().id


def test_an_admin_changes_a_role_at_once_and_one_admin_is_always_left(
    app: Flask, signed_in: Open
) -> None:
    admin, author = signed_in("admin"), signed_in("author")
    author.get("/quan-tri/van-ban/tu-bang", 403)
    number = user_id(app, "the-author")
    theirs = f"{ADDRESS}/{number}"
    page = admin.post(theirs, page=theirs, role="editor")
    assert page.one("select", id="role").one("option", selected="")["value"] == "editor"
    author.get("/quan-tri/van-ban/tu-bang")
    admin.post(theirs, 422, page=theirs, role="root")
    author.get(ADDRESS, 403)
    author.post(theirs, 403, page="/quan-tri", role="admin")
    # An admin's own role is another admin's to change, so that a slip can be undone.
    for name in ("admin", "the-admin"):
        address = f"{ADDRESS}/{user_id(app, name)}"
        admin.post(address, page=address, role="author")
    admin.get(ADDRESS)
    with app.app_context():
        assert [u.name for u in db.session.query(User).filter_by(role="admin")] == ["the-admin"]
        lines = db.session.query(AuditEntry).filter_by(action="user-role").all()
        assert [(line.subject, line.detail["role"]) for line in lines] == [
            ("the-author", "editor"),
            ("admin", "author"),
        ]


def test_the_list_leads_to_a_page_for_each_account_with_what_may_be_done_to_it(
    app: Flask, signed_in: Open
) -> None:
    admin, author, number = signed_in("admin"), signed_in("author"), user_id(app, "the-author")
    listed = admin.get(ADDRESS)
    assert not listed.one("table").all("button")
    assert f"{ADDRESS}/{number}" in [a["href"] for a in listed.one("table").all("a")]
    page = admin.get(f"{ADDRESS}/{number}")
    assert deeds(page) == ["", "mat-khau", "phien", "dong"]
    assert f"{ADDRESS}/{number}/ban-giao" in page.links
    own = admin.get(f"{ADDRESS}/{user_id(app, 'the-admin')}")
    assert deeds(own) == [""]
    assert "/quan-tri/tai-khoan" in [a["href"] for a in own.one("main").all("a")]
    page = admin.post(f"{ADDRESS}/{number}/dong", page=f"{ADDRESS}/{number}")
    assert page.url == f"{ADDRESS}/{number}"
    assert deeds(page) == ["", "mo"]
    admin.get(f"{ADDRESS}/9999", 404)
    author.get("/quan-tri", 302)


def deeds(page: Page) -> list[str]:
    """Return the last part of each address that the page's forms send to; "" is the account's."""
    return [f["action"].removeprefix(page.url).strip("/") for f in page.one("main").all("form")]


def test_an_admin_corrects_the_full_name_of_an_account(app: Flask, signed_in: Open) -> None:
    address = f"{ADDRESS}/{user_id(app, 'the-author')}"
    admin, named = signed_in("admin"), {"display_name": "  Nguyễn Thị Lan ", "role": "author"}
    admin.post(address, page=address, **named)
    page = admin.post(address, page=address, **named)
    assert page.one("h1").text == "Nguyễn Thị Lan"
    assert "Nguyễn Thị Lan" in admin.get(ADDRESS).one("table").text
    with app.app_context():
        [line] = db.session.query(AuditEntry).filter_by(action="user-name")
        assert (line.subject, line.detail) == ("the-author", {"name": "Nguyễn Thị Lan"})


def test_an_account_is_added_signs_in_gets_a_new_password_and_is_closed(
    app: Flask, signed_in: Open
) -> None:
    admin = signed_in("admin")
    page = admin.post(
        f"{ADDRESS}/them", page=ADDRESS, name="lan", role="author", display_name="Lan"
    )
    password = page.one("strong", class_="code").text
    assert re.fullmatch(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", password)
    assert Browser(app).sign_in("lan", password).url == "/quan-tri/tai-khoan/mat-khau"
    admin.post(f"{ADDRESS}/them", 422, page=ADDRESS, name="lan", role="author")
    admin.post(f"{ADDRESS}/them", 422, page=ADDRESS, name="Lân hai", role="author")
    admin.post(f"{ADDRESS}/them", 422, page=ADDRESS, name="a" * 61, role="author")
    number = user_id(app, "lan")
    second = admin.post(f"{ADDRESS}/{number}/mat-khau", page=ADDRESS).one("strong", class_="code")
    assert second.text != password
    admin.post(f"{ADDRESS}/{number}/dong", page=ADDRESS)
    Browser(app).post("/dang-nhap", 422, name="lan", password=second.text)
    admin.post(f"{ADDRESS}/{number}/mo", page=ADDRESS)
    Browser(app).sign_in("lan", second.text)


def test_an_admin_signs_a_colleague_out_everywhere_who_may_sign_in_again(
    app: Flask, signed_in: Open
) -> None:
    here, there, admin = signed_in("author"), signed_in("author"), signed_in("admin")
    admin.post(f"{ADDRESS}/{user_id(app, 'the-author')}/phien", page=ADDRESS)
    here.get("/quan-tri", 302)
    there.get("/quan-tri", 302)
    admin.get("/quan-tri")
    signed_in("author").get("/quan-tri")


def test_the_last_admin_cannot_be_closed(app: Flask, signed_in: Open) -> None:
    admin = signed_in("admin")
    page = admin.post(f"{ADDRESS}/{user_id(app, 'admin')}/dong", page=ADDRESS)
    page = admin.post(f"{ADDRESS}/{user_id(app, 'the-admin')}/dong", page=ADDRESS)
    assert "quản trị" in page.text
    with app.app_context():
        assert db.session.query(User).filter_by(role="admin", active=True).count() == 1


@pytest.mark.parametrize("role", ["author", "editor"])
def test_only_admins_see_accounts(role: str, app: Flask, signed_in: Open) -> None:
    browser = signed_in(role)
    browser.get(ADDRESS, 403)
    browser.get(f"{ADDRESS}/{user_id(app, 'the-author')}", 403)
    browser.get(f"{ADDRESS}/{user_id(app, 'the-author')}/ban-giao", 403)


def test_when_an_officer_leaves_one_screen_moves_all_that_is_in_hand(
    app: Flask, client: Browser, signed_in: Open
) -> None:
    author, editor, admin = signed_in("author"), signed_in("editor"), signed_in("admin")
    enter(author, then="save")
    send(client)
    leaving, staying = user_id(app, "the-author"), user_id(app, "the-editor")
    address = f"/quan-tri/phan-anh/{only(app).id}"
    editor.post(f"{address}/giao", page=address, assignee=str(leaving))
    page = admin.get(f"{ADDRESS}/{leaving}/ban-giao")
    assert "15/QĐ-UBND" in page.text
    assert "Đèn đường hỏng" in page.text
    admin.post(f"{ADDRESS}/{leaving}/ban-giao", successor=str(staying), then="close")
    with app.app_context():
        assert db.session.query(Document).filter_by(author_id=staying, status="draft").count() == 1
        assert only(app).assignee_id == staying
        assert not db.session.get_one(User, leaving).active
        assert db.session.query(AuditEntry).filter_by(action="handover").count() == 1
    Browser(app).post("/dang-nhap", 422, name="the-author", password=PASSWORD)


def test_the_dashboard_names_what_waits_for_an_answer(client: Browser, signed_in: Open) -> None:
    send(client)
    assert "Đèn đường hỏng" in signed_in("editor").get("/quan-tri").text
    assert "Đèn đường hỏng" not in signed_in("author").get("/quan-tri").text


def listed(page: Page, name: str) -> list[tuple[str, str]]:
    """What one of the dashboard's lists says: what it is, and where its one action leads."""
    rows = next(node for node in page.all("section") if node.get("aria-labelledby") == name)
    for row in rows.all("li"):
        assert len(row.all("a")) == 1
    return [(row.one("b").text, row.one("a")["href"]) for row in rows.all("li")]


def test_the_dashboard_lists_what_needs_each_role_with_one_action_each(
    app: Flask, client: Browser, signed_in: Open
) -> None:
    send(client)
    late = only(app).id
    send(client, subject="Còn hạn")
    now = datetime.now(UTC)
    with app.app_context(), transaction() as session:
        session.get_one(Feedback, late).due_on = date(2026, 1, 5)
        section = session.query(Category).filter_by(slug="thong-bao").one()
        for slug, days in (("cu", 91), ("moi-hon", 200)):
            session.add(
                Post(
                    title=slug, slug=slug, category_id=section.id, status="published",
                    published_at=now - timedelta(days), created_at=now, updated_at=now,
                )
            )  # fmt: skip
        session.add(
            Post(title="Chờ", slug="cho", category_id=section.id, status="submitted",
                 created_at=now, updated_at=now)
        )  # fmt: skip
        session.add_all(
            OwnPage(slug=kind, title=f"Trang {kind}", kind=kind, status="published",
                    created_at=now, updated_at=now - timedelta(9))
            for kind in ("menu", "disclosure", "page")
        )  # fmt: skip
        session.add(CalendarEntry(kind="work", day=date(2026, 1, 5), subject="x", updated_at=now))
    page = signed_in("editor").get("/quan-tri")
    assert [title for title, _url in listed(page, "approve")] == ["Chờ"]
    assert listed(page, "overdue") == [
        ("Đèn đường hỏng", f"/quan-tri/phan-anh/{late}"),
        ("Phòng, chống dịch Covid-19", "/quan-tri/tin-tuc/viet"),
        ("Thông báo", "/quan-tri/tin-tuc/viet"),
        ("Trang menu", "/quan-tri/trang/trang/1"),
        ("Lịch công tác", "/quan-tri/trang/lich/them"),
    ]
    assert f"Chưa có bài mới từ {short_date(now - timedelta(91))}" in page.text
    assert [title for title, _url in listed(page, "unanswered")] == ["Còn hạn"]
    assert "Bản sao lưu gần nhất đã kiểm chứng Chưa có" in page.text
    author = signed_in("author").get("/quan-tri")
    assert [listed(author, name) for name in ("approve", "overdue", "unanswered")] == [[], [], []]


def test_all_that_is_out_of_date_is_on_the_dashboard_however_much_it_is(
    app: Flask, signed_in: Open
) -> None:
    now = datetime.now(UTC)
    with app.app_context(), transaction() as session:
        session.add_all(
            OwnPage(slug=f"tuan-{n}", title=f"Thực đơn tuần {n}", kind="menu", status="published",
                    created_at=now, updated_at=now - timedelta(9))
            for n in range(12)
        )  # fmt: skip
    duties = signed_in("editor").get("/quan-tri").one("section", **{"aria-labelledby": "overdue"})
    titles = [b.text for b in duties.all("b")]
    assert len(titles) == int(duties.one("span", class_="count").text)
    assert {f"Thực đơn tuần {n}" for n in range(12)} < set(titles)
    folded = duties.one("details")
    assert folded.one("summary").text.startswith(f"Còn {len(titles) - 5} việc nữa")
    assert len(folded.all("li")) == len(titles) - 5
    assert not [a for a in duties.all("a") if "phan-anh" in a["href"]]


PEOPLE = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/150.0"}
AGENT = {"HTTP_USER_AGENT": PEOPLE["User-Agent"]}


def test_visits_are_counted_by_page_and_day_without_robots_officers_or_anybodys_data(
    app: Flask, client: Browser, signed_in: Open
) -> None:
    counter = app.extensions["visits"]
    assert isinstance(counter, VisitCounter)
    for _each in range(3):
        client.client.get("/van-ban", headers=PEOPLE)
    client.client.get("/lien-he?x=1", headers=PEOPLE)
    client.client.get("/tim-kiem?q=tiem", headers=PEOPLE)  # a page that is never kept
    for path in ("/quan-tri", "/khong-co", "/healthz", "/static/css/site.css"):
        client.client.get(path, headers=PEOPLE)
    client.client.get("/van-ban", headers={"User-Agent": "Googlebot/2.1"})
    client.client.get("/van-ban", headers={"User-Agent": ""})
    signed_in("editor").client.get("/van-ban", headers=PEOPLE)
    counter.write()
    today = to_local(datetime.now(UTC)).date()
    with app.app_context():
        assert visits.by_page(today) == [("/van-ban", 3), ("/lien-he", 1), ("/tim-kiem", 1)]
        assert visits.by_day(today)[-1] == (today, 5)
        assert set(Visits.__table__.columns.keys()) == {"day", "path", "count"}
    page = signed_in("editor").get("/quan-tri")
    assert "5 lượt" in page.one("svg", class_="chart")["aria-label"]


@pytest.mark.sqlite
def test_who_reads_does_not_wait_for_a_locked_database_to_be_counted(
    app: Flask, settings: Settings, client: Browser
) -> None:
    counter = app.extensions["visits"]
    assert isinstance(counter, VisitCounter)
    client.client.get("/van-ban", headers=PEOPLE)
    counter._ends = -math.inf  # a minute and more ago
    with closing(sqlite3.connect(settings.instance / "wardsite.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        client.client.get("/van-ban", headers=PEOPLE)
        writing = [thread for thread in threading.enumerate() if thread.name == "visits"]
    for thread in writing:
        thread.join(40)
    with app.app_context():
        assert visits.by_page(to_local(datetime.now(UTC)).date()) == [("/van-ban", 2)]


def test_made_up_addresses_cannot_fill_the_table(app: Flask) -> None:
    counter = VisitCounter(app)
    for number in range(visits.MOST_PATHS + 50):
        counter.note({"REQUEST_METHOD": "GET", "PATH_INFO": f"/{number}", **AGENT})
    counter.write()
    with app.app_context():
        assert db.session.query(Visits).count() == visits.MOST_PATHS
        assert visits.by_day(date(2020, 1, 1)) == [
            (day, 0) for day, _count in visits.by_day(date(2020, 1, 1))
        ]


def test_the_timer_deletes_counts_older_than_thirteen_months(
    app: Flask, settings: Settings
) -> None:
    now = datetime(2026, 11, 25, 3, tzinfo=UTC)
    old, kept = date(2025, 10, 20), date(2025, 10, 25)
    with app.app_context():
        visits.add(Counter({(old, "/"): 3, (kept, "/"): 4, (date(2026, 11, 25), "/"): 5}))
        failed = [done for done in schedule.tick(settings, now) if done.name == "clean-up"]
        assert failed == [Done("clean-up")]
        assert sorted(row.day for row in db.session.query(Visits)) == [kept, date(2026, 11, 25)]
