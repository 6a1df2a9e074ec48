"""What the centre names stands whatever happens; officers decide the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.page import Browser
from tests.sources.conftest import NOW, Desk, feed, item
from wardsite.core.central_schema import Source as CentralSource
from wardsite.core.central_schema import Topic
from wardsite.core.errors import MandatedItemError
from wardsite.extensions import db, transaction
from wardsite.models import Headline, JobLease, Post, Source
from wardsite.schedule import JobRunsError, only_one, tick
from wardsite.sources import service

OFFICIAL = {
    "Cổng thông tin điện tử Bộ Y tế": "https://moh.gov.vn/",
    "Báo Sức khỏe và Đời sống": "https://suckhoedoisong.vn/",
    "Cổng thông tin điện tử Sở Y tế Hà Nội": "https://soyte.hanoi.gov.vn/",
}


def mandated_feed(desk: Desk) -> Source:
    """The one source of the example that is read as a feed."""
    return db.session.scalars(select(Source).where(Source.central_id == "suckhoedoisong")).one()


def test_the_sources_of_the_district_file_have_rows_with_its_rules(desk: Desk) -> None:
    rows = {row.name: row for row in service.all_sources()}
    assert {name: rows[name].site_url for name in OFFICIAL} == OFFICIAL
    row = mandated_feed(desk)
    assert (row.mode, row.publish, row.keep_days, row.max_items) == ("feed", "review", 90, 20)
    assert "covid" in [word.lower() for word in row.match]


def test_with_every_feed_down_the_three_sources_stand(client: Browser, desk: Desk) -> None:
    with transaction() as session:
        for row in session.scalars(select(Source)):
            row.failures, row.error_msgid, row.error_since = 9, "x", NOW
    for path in ("/covid-19", "/nguon-tin"):
        links = {link["href"] for link in client.get(path).all("a")}
        assert set(OFFICIAL.values()) <= links


def test_a_page_is_fresh_until_its_oldest_headline_gets_too_old(
    client: Browser, desk: Desk
) -> None:
    assert service.next_change(NOW) is None
    now = datetime.now(UTC)
    gone_at = now + timedelta(seconds=2)
    with transaction() as session:
        source = session.merge(mandated_feed(desk))
        row = headline(source, "Sắp hết hạn", "approved")
        row.published_at = gone_at - timedelta(days=90)
        session.add_all([row, headline(source, "Chưa duyệt", "pending")])
    with time_machine.travel(now, tick=False) as clock:
        assert "Sắp hết hạn" in client.get("/nguon-tin").text
        answer = client.client.get("/nguon-tin")
        told = dict(
            word.partition("=")[::2] for word in answer.headers["Cache-Control"].split(", ")
        )
        assert int(told["s-maxage"]) + int(told["stale-while-revalidate"]) <= 2
        found = service.next_change(now)
        assert found is not None
        assert timedelta(0) < found - gone_at < timedelta(seconds=1)
        clock.move_to(found)
        assert "Sắp hết hạn" not in client.get("/nguon-tin").text


def test_approved_headlines_of_a_mandated_source_show_on_both_pages(
    client: Browser, desk: Desk
) -> None:
    with transaction() as session:
        source = session.merge(mandated_feed(desk))
        session.add(headline(source, "Bản tin Covid-19", "approved"))
        session.add(headline(source, "Chưa duyệt", "pending"))
    for path in ("/covid-19", "/nguon-tin"):
        page = client.get(path)
        assert "Bản tin Covid-19" in page.text
        assert "Chưa duyệt" not in page.text
    assert client.get("/tim-kiem?q=ban+tin").all("mark")


def headline(source: Source, title: str, status: str) -> Headline:
    now = datetime.now(UTC)
    return Headline(
        source_id=source.id,
        key=title,
        link=f"https://suckhoedoisong.vn/{abs(hash(title))}",
        link_key=title,
        title=title,
        published_at=now - timedelta(hours=1),
        status=status,
        first_seen_at=now,
        last_seen_at=now,
    )


def central_source(**changes: object) -> CentralSource:
    values = {"id": "bao", "name": "Báo", "site_url": "https://bao.example/", "mode": "feed"}
    values |= {"feed_url": "https://bao.example/rss", "feed_kind": "rss"}
    return CentralSource(**(values | changes))  # type: ignore[arg-type]


def test_a_new_revision_changes_what_it_changes_and_forgets_the_rest(desk: Desk) -> None:
    topic = Topic(id="t", label="T", slug="t", mandatory=True, keywords=("covid",))
    rules = {"match": "topic-keywords", "topic": "t"}
    with transaction() as session:
        service.project(session, [central_source(**rules)], [topic])
    (row,) = service.all_sources()
    assert row.match == ["covid"]
    with transaction() as session:
        session.get(Source, row.id).etag = "v1"
        session.add(headline(row, "Cũ", "approved"))
    with transaction() as session:
        service.project(session, [central_source(**rules, name="Báo mới")], [topic])
    (row,) = service.all_sources()
    assert (row.name, row.etag) == ("Báo mới", "v1")
    with transaction() as session:
        service.project(session, [central_source(feed_url="https://bao.example/2")], [topic])
    (row,) = service.all_sources()
    assert (row.etag, row.match) == ("", []), "another feed is read from its beginning"
    with transaction() as session:
        service.project(session, [], [])
    assert service.all_sources() == []
    assert desk.headlines() == []


def test_an_officer_cannot_touch_a_source_of_the_centre(
    desk: Desk, signed_in: Callable[[str], Browser]
) -> None:
    number = mandated_feed(desk).id
    with pytest.raises(MandatedItemError):
        service.delete_source(desk.officer(), number, NOW)
    admin = signed_in("admin")
    page = admin.get("/quan-tri/nguon-tin/nguon")
    assert not page.all("a", href=f"/quan-tri/nguon-tin/nguon/{number}")
    admin.get(f"/quan-tri/nguon-tin/nguon/{number}", 403)


def test_officers_approve_and_hide_in_bulk_and_one_by_one(desk: Desk, editor: Browser) -> None:
    desk.source(desk.serve(feed(*(item(n, hours=n) for n in range(1, 6)))))
    desk.fetch()
    page = editor.get("/quan-tri/nguon-tin")
    ids = [box["value"] for box in page.all("input", type="checkbox") if box.get("name") == "id"]
    assert len(ids) == 5
    queue = "/quan-tri/nguon-tin"
    editor.post("/quan-tri/nguon-tin/duyet", page=queue, deed="duyet", id=ids[:2])
    editor.post("/quan-tri/nguon-tin/duyet", page=queue, deed=f"an:{ids[2]}")
    assert desk.headlines(status="approved") == ["Tin số 1", "Tin số 2"]
    assert desk.headlines(status="hidden") == ["Tin số 3"]
    page = editor.post("/quan-tri/nguon-tin/duyet", page=queue, deed="duyet")
    assert page.all("div", class_="flash warning"), "nothing was ticked"
    hidden = "/quan-tri/nguon-tin?trang-thai=da-an"
    editor.post("/quan-tri/nguon-tin/duyet", page=hidden, deed=f"duyet:{ids[2]}")
    assert desk.headlines(status="hidden") == []


def test_an_author_may_look_and_begin_a_post_but_not_decide(
    desk: Desk, signed_in: Callable[[str], Browser]
) -> None:
    desk.source(desk.serve(feed(item(1))), topic="covid-19")
    desk.fetch()
    author = signed_in("author")
    page = author.get("/quan-tri/nguon-tin")
    assert not page.all("input", type="checkbox")
    author.post("/quan-tri/nguon-tin/duyet", 403, page="/quan-tri/nguon-tin", deed="duyet:1")
    number = db.session.scalars(select(Headline.id)).one()
    author.post(f"/quan-tri/nguon-tin/{number}/viet-bai", page="/quan-tri/nguon-tin")
    post = db.session.scalars(select(Post)).one()
    assert (post.status, post.title) == ("draft", "Tin số 1")
    assert (post.source_name, post.source_url) == ("Báo", "https://bao.example/1")
    assert post.category.slug == "covid-19"
    assert desk.headlines(status="pending") == []


def test_an_admin_adds_changes_and_deletes_a_source_of_the_unit_s_own(
    desk: Desk, signed_in: Callable[[str], Browser], client: Browser
) -> None:
    admin = signed_in("admin")
    fields = {
        "name": "Cổng thông tin Thành phố",
        "site_url": "https://hanoi.gov.vn/",
        "feed_url": "",
        "publish": "review",
        "match": "dịch, y tế",
        "topic": "",
        "interval_minutes": "60",
        "max_items": "20",
        "keep_days": "30",
        "active": "y",
    }
    form = "/quan-tri/nguon-tin/nguon/them"
    bad = admin.post(form, 422, **(fields | {"site_url": "http://x", "keep_days": "0"}))
    assert bad.one("div", id="errors").all("li")
    admin.post(form, **fields)
    row = service.all_sources()[-1]
    assert (row.central_id, row.mode, row.match) == (None, "link", ["dịch", "y tế"])
    shown = [link["href"] for link in client.get("/nguon-tin").all("a")]
    assert shown.index("https://hanoi.gov.vn/") > shown.index("https://soyte.hanoi.gov.vn/")
    edit = f"/quan-tri/nguon-tin/nguon/{row.id}"
    assert admin.get(edit).one("input", id="match")["value"] == "dịch, y tế"
    changed = {key: value for key, value in fields.items() if key != "active"}
    admin.post(edit, **(changed | {"name": "Cổng mới"}))
    assert "Cổng mới" not in client.get("/nguon-tin").text, "not in use"
    admin.post(f"{edit}/xoa")
    assert [row for row in service.all_sources() if row.central_id is None] == []


def test_the_dashboard_tells_what_waits_and_what_ails(desk: Desk, editor: Browser) -> None:
    desk.source(desk.serve(feed(item(1))), name="Báo khoẻ")
    desk.source(desk.serve("", "/loi", status=500), name="Báo ốm")
    desk.fetch()
    page = editor.get("/quan-tri")
    assert "Báo ốm:" in page.text
    assert "500" in page.text
    assert page.all("a", href="/quan-tri/nguon-tin")


def test_an_editor_reads_a_source_now(desk: Desk, editor: Browser) -> None:
    source = desk.source(desk.serve(feed(item(1))))
    url = f"/quan-tri/nguon-tin/nguon/{source.id}/doc"
    editor.post(url, page="/quan-tri/nguon-tin/nguon")
    assert desk.headlines() == ["Tin số 1"]


def test_a_job_is_done_by_one_at_a_time_and_not_lost_with_its_process(inside: Flask) -> None:
    with only_one("feeds", NOW):
        with pytest.raises(JobRunsError), only_one("feeds", NOW + timedelta(minutes=1)):
            pass
        with only_one("other", NOW):
            pass
        with only_one("feeds", NOW + timedelta(minutes=16)):
            pass
    assert db.session.scalars(select(JobLease)).all() == []


def test_a_tick_does_everything_and_twice_at_once_once(desk: Desk) -> None:
    desk.source(desk.serve(feed(item(1))))
    done = {job.name: job.error for job in tick(desk.settings, NOW)}
    assert {"sync", "feeds", "clean-up", "backup"} <= done.keys()
    assert set(done.values()) == {None}
    assert desk.headlines() == ["Tin số 1"]
    with only_one("feeds", NOW):
        assert "feeds" not in {done.name for done in tick(desk.settings, NOW)}
