"""A source speaks, from a real server on loopback: well, badly, and not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from werkzeug import Request, Response

from tests.sources.conftest import NOW, Desk, feed, item
from wardsite.extensions import db
from wardsite.models import Headline, Source
from wardsite.net import BadStatusError, RefusedAddressError, TooManyRedirectsError
from wardsite.search.service import find
from wardsite.sources import service
from wardsite.sources.pace import LONGEST_WAIT, is_due, next_fetch

SAMPLES = Path(__file__).parent.parent / "data" / "feeds"
HOUR = timedelta(hours=1)


def test_headlines_wait_for_an_officer_or_appear_at_once(desk: Desk) -> None:
    url = desk.serve(feed(item(1), item(2, hours=2)))
    desk.source(url)
    (outcome,) = desk.fetch()
    assert (outcome.new, outcome.error) == (2, None)
    assert desk.headlines(status="pending") == ["Tin số 1", "Tin số 2"]
    desk.source(desk.serve(feed(item(3)), "/auto"), publish="auto")
    desk.fetch()
    assert desk.headlines(status="approved") == ["Tin số 3"]


def test_what_came_again_is_not_new_and_a_revision_is_the_same_item(desk: Desk) -> None:
    source = desk.source(desk.serve(feed(item(1), item(2))))
    desk.fetch()
    assert desk.fetch(only=source.id)[0].unchanged
    desk.server.clear()
    desk.serve(feed(item(1, title="Tin một, đã sửa"), item(2, guid="mới", link="")))
    (outcome,) = desk.fetch(only=source.id)
    assert (outcome.new, outcome.changed) == (0, 1)
    assert desk.headlines() == ["Tin một, đã sửa", "Tin số 2"]


def test_an_article_that_moved_keeps_its_place(desk: Desk) -> None:
    source = desk.source(desk.serve(feed(item(1, link="https://bao.example/cu"))))
    desk.fetch()
    desk.server.clear()
    desk.serve(feed(item(1, link="https://bao.example/moi")))
    desk.fetch(only=source.id)
    assert [row.link for row in db.session.query(Headline)] == ["https://bao.example/moi"]


def test_two_sources_with_one_article_show_it_once(desk: Desk) -> None:
    desk.source(desk.serve(feed(item(1, link="https://bao.example/a"))))
    desk.source(desk.serve(feed(item(7, link="http://www.bao.example/a/?utm_source=x")), "/2"))
    desk.fetch()
    assert desk.headlines() == ["Tin số 1"]


def test_what_an_officer_hid_does_not_come_back(desk: Desk) -> None:
    source = desk.source(desk.serve(feed(item(1))))
    desk.fetch()
    number = db.session.query(Headline).one().id
    assert service.decide(desk.officer(), [number], "hidden", NOW) == 1
    desk.server.clear()
    desk.serve(feed(item(1, title="Sửa")))
    desk.fetch(only=source.id)
    assert desk.headlines(status="hidden") == ["Sửa"]


def test_only_headlines_with_the_words_and_only_the_newest(desk: Desk) -> None:
    items = [item(n, title=f"Dịch Covid-19 số {n}", hours=n) for n in range(1, 9)]
    url = desk.serve(feed(item(20, title="Bóng đá"), *items))
    desk.source(url, match=("covid",), max_items=3)
    desk.fetch()
    assert desk.headlines() == [f"Dịch Covid-19 số {n}" for n in (1, 2, 3)]


def test_what_is_older_than_is_kept_is_never_taken(desk: Desk) -> None:
    desk.source(desk.serve(feed(item(1), item(2, hours=24 * 31))), keep_days=30)
    desk.fetch()
    assert desk.headlines() == ["Tin số 1"]


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.xml")))
def test_each_sample_comes_in(desk: Desk, name: str) -> None:
    source = desk.source(desk.serve((SAMPLES / name).read_bytes()), keep_days=3650)
    (outcome,) = desk.fetch()
    assert outcome.error is None
    assert outcome.new >= 1
    assert bool(db.session.get(Source, source.id).form_fault) is name.startswith("broken")


def test_the_next_request_is_conditional(desk: Desk) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304)
        return Response(feed(item(1)), headers={"ETag": '"v1"'})

    desk.server.expect_request("/rss").respond_with_handler(answer)
    source = desk.source(desk.server.url_for("/rss"))
    desk.fetch()
    (outcome,) = desk.fetch(only=source.id)
    assert outcome.unchanged
    assert seen[1].headers["If-None-Match"] == '"v1"'
    assert desk.headlines() == ["Tin số 1"]


def test_a_failure_changes_nothing_but_its_note(desk: Desk) -> None:
    source = desk.source(desk.serve(feed(item(1))), publish="auto")
    desk.fetch()
    desk.server.clear()
    desk.serve("xin lỗi", status=503, headers={"Retry-After": "7200"})
    (outcome,) = desk.fetch(NOW + 2 * HOUR)
    assert isinstance(outcome.error, BadStatusError)
    row = db.session.get(Source, source.id)
    assert (row.failures, row.error_since) == (1, NOW + 2 * HOUR)
    assert row.next_fetch_at >= NOW + 4 * HOUR, "as the server asks"
    assert service.ailing() == [row]
    assert desk.headlines(status="approved") == ["Tin số 1"]
    desk.server.clear()
    desk.serve(feed(item(1)))
    desk.fetch(NOW + 24 * HOUR)
    assert service.ailing() == []


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE x [<!ENTITY a 'b'>]><rss/>",
        "<html><body>Bảo trì</body></html>",
        "",
        b"\xff\xfe\x00",
        b"\x00" * 1000,
    ],
)
def test_what_is_no_feed_is_a_failure(desk: Desk, body: str | bytes) -> None:
    source = desk.source(desk.serve(body))
    (outcome,) = desk.fetch()
    assert outcome.error is not None
    assert db.session.get(Source, source.id).failures == 1


def test_scripts_never_get_in(desk: Desk) -> None:
    evil = (
        "<item><title>Tin <![CDATA[<script>alert(1)</script>]]> thật</title><link>/1</link>"
        '<description><![CDATA[<img src=x onerror="alert(1)">Chữ]]></description></item>'
        "<item><title>Xấu</title><link>javascript:alert(1)</link></item>"
    )
    desk.source(desk.serve(feed(evil)))
    desk.fetch()
    row = db.session.query(Headline).one()
    assert (row.title, row.summary) == ("Tin thật", "Chữ")


def test_redirects_are_followed_but_not_for_ever_nor_into_the_house(desk: Desk) -> None:
    desk.serve(feed(item(1)), "/den")
    desk.serve("", "/di", status=301, headers={"Location": "/den"})
    desk.source(desk.server.url_for("/di"))
    assert desk.fetch()[0].new == 1
    desk.serve("", "/vong", status=302, headers={"Location": "/vong"})
    desk.serve("", "/trong", status=302, headers={"Location": "http://192.168.1.1/admin"})
    loop = desk.source(desk.server.url_for("/vong"))
    inward = desk.source(desk.server.url_for("/trong"))
    assert isinstance(desk.fetch(only=loop.id)[0].error, TooManyRedirectsError)
    assert desk.fetch(only=inward.id)[0].error is not None


def test_a_private_address_is_refused_unless_the_settings_name_it(desk: Desk) -> None:
    desk.settings = replace(desk.settings, allowed_private_hosts=())
    source = desk.source("https://127.0.0.1:1/rss")
    assert isinstance(desk.fetch(only=source.id)[0].error, RefusedAddressError)


def test_one_host_is_not_asked_twice_in_a_breath(desk: Desk) -> None:
    for n in range(3):
        desk.source(desk.serve(feed(item(n)), f"/{n}"))
    desk.fetch()
    assert len(desk.naps) == 2
    assert all(1 < nap <= 2 for nap in desk.naps)


def test_a_fetch_is_due_after_its_interval(desk: Desk) -> None:
    desk.source(desk.serve(feed(item(1))), interval_minutes=60)
    assert len(desk.fetch()) == 1
    assert desk.fetch(NOW + timedelta(minutes=50)) == []
    assert len(desk.fetch(NOW + timedelta(minutes=70))) == 1


def test_intervals_grow_with_failures_and_differ_between_units() -> None:
    waits = [next_fetch(NOW, HOUR, failures, "ha-dinh 1") - NOW for failures in range(12)]
    assert all(later > 1.5 * sooner for sooner, later in pairwise(waits[:5]))
    assert max(waits) <= 1.1 * LONGEST_WAIT
    assert len({next_fetch(NOW, HOUR, 0, f"unit-{n}") for n in range(50)}) > 40
    assert is_due(NOW, NOW + timedelta(days=400)), "set by a clock that was far ahead"


def test_old_headlines_go_when_they_have_left_the_feed(desk: Desk) -> None:
    source = desk.source(desk.serve(feed(item(1))), keep_days=5, publish="auto")
    desk.fetch()
    later = NOW + timedelta(days=6)
    assert find("tin số", later, ()).total == 0, "not public any more, before any clean-up"
    assert service.shelves((), later)[0].headlines == []
    service.tidy(db.session(), later)
    db.session.commit()
    assert desk.headlines() == ["Tin số 1"], "still seen within the week"
    service.tidy(db.session(), NOW + timedelta(days=9))
    db.session.commit()
    assert desk.headlines() == []
    assert source is not None


def test_headlines_are_found_once_they_are_public(desk: Desk) -> None:
    source = desk.source(desk.serve(feed(item(1))))
    desk.fetch()
    assert find("tin so 1", NOW, ()).total == 0
    service.decide(desk.officer(), [db.session.query(Headline).one().id], "approved", NOW)
    (hit,) = find("tin so 1", NOW, ()).hits
    assert (hit.entry.kind, hit.entry.label) == ("headline", "Báo")
    assert hit.entry.url == "https://bao.example/1"
    service.delete_source(desk.officer(), source.id, NOW)
    assert find("tin so 1", NOW, ()).total == 0
