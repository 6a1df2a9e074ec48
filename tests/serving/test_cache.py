"""Pages kept in memory: quick, exact, closed to poison."""

import gzip
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest
import time_machine
from flask import Flask, template_rendered
from flask.testing import FlaskClient

from tests.page import Browser
from wardsite.models import Post
from wardsite.serving.cache import FRESH_UNTIL, PageCache
from wardsite.settings import Settings


@contextmanager
def renderings(app: Flask) -> Iterator[list[str]]:
    """Collect the names of the templates that are rendered."""
    names: list[str] = []

    def note(_sender: Flask, template: Any, **_context: Any) -> None:
        names.append(template.name)

    with template_rendered.connected_to(note, app):
        yield names


@pytest.fixture
def resident(app: Flask) -> FlaskClient:
    return app.test_client()


def cache_of(app: Flask) -> PageCache:
    layer: Any = app.wsgi_app
    while not isinstance(layer, PageCache):
        layer = layer.application
    return layer


def publish(signed_in: Callable[[str], Browser], title: str) -> None:
    signed_in("editor").post(
        "/quan-tri/tin-tuc/viet",
        title=title,
        category_id="1",
        body_html="<p>Nội dung.</p>",
        then="publish",
    )


def test_a_page_is_rendered_once_for_all_residents(app: Flask, resident: FlaskClient) -> None:
    with renderings(app) as names:
        first = resident.get("/")
        second = app.test_client().get("/")
    assert names.count("site/home.html") == 1
    assert first.data == second.data


def test_what_is_published_shows_at_the_next_request(
    resident: FlaskClient, signed_in: Callable[[str], Browser]
) -> None:
    assert "Tiêm đợt hai" not in resident.get("/").text
    publish(signed_in, "Tiêm đợt hai")
    assert "Tiêm đợt hai" in resident.get("/").text


def test_signing_in_and_out_empties_nothing(
    app: Flask, resident: FlaskClient, signed_in: Callable[[str], Browser]
) -> None:
    resident.get("/")
    officer = signed_in("author")
    with renderings(app) as names:
        resident.get("/")
    assert names == []
    assert officer.get("/quan-tri").status == 200


def test_a_post_appears_at_its_moment_with_no_job_running(
    app: Flask, resident: FlaskClient, signed_in: Callable[[str], Browser]
) -> None:
    publish(signed_in, "Tin hẹn giờ")
    moment = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    with app.app_context():
        from wardsite.extensions import transaction

        with transaction() as session:
            session.query(Post).update({"published_at": moment})
    with time_machine.travel(moment - timedelta(seconds=20), tick=False) as clock:
        assert "Tin hẹn giờ" not in resident.get("/").text
        clock.shift(19.9)
        assert "Tin hẹn giờ" not in resident.get("/").text
        clock.shift(0.2)
        assert "Tin hẹn giờ" in resident.get("/").text


def test_the_date_in_the_heading_changes_at_midnight_in_hanoi(resident: FlaskClient) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 16, 59, 59, tzinfo=UTC), tick=False) as clock:
        assert "Thứ Ba, ngày 24/11/2026" in resident.get("/").text.replace("\xa0", " ")
        clock.shift(1.5)
        assert "Thứ Tư, ngày 25/11/2026" in resident.get("/").text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("encoding", "open_up"), [("br", brotli.decompress), ("gzip", gzip.decompress)]
)
def test_a_page_goes_out_compressed_and_the_same(
    resident: FlaskClient, encoding: str, open_up: Callable[[bytes], bytes]
) -> None:
    plain = resident.get("/")
    packed = resident.get("/", headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert open_up(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*", "br"),
        ("brotli-like, xgzip", None),
        ("gzip, " * 40, None),
    ],
)
def test_only_what_a_browser_accepts_is_sent(
    resident: FlaskClient, accepted: str, sent: str | None
) -> None:
    assert resident.get("/", headers={"Accept-Encoding": accepted}).content_encoding == sent


def test_a_browser_that_has_the_page_is_told_so(resident: FlaskClient) -> None:
    etag = resident.get("/").headers["ETag"]
    again = resident.get("/", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == etag
    assert "s-maxage" in again.headers["Cache-Control"]
    assert "Content-Length" not in again.headers


def test_head_has_the_headers_of_get_and_no_body(resident: FlaskClient) -> None:
    head, get = resident.head("/covid-19"), resident.get("/covid-19")
    assert head.data == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_proxies_may_keep_a_page_for_seconds_only(resident: FlaskClient) -> None:
    told = "public, max-age=0, s-maxage=3, stale-while-revalidate=1, stale-if-error=86400"
    assert resident.get("/").headers["Cache-Control"] == told


def test_no_proxy_keeps_a_page_past_the_moment_it_changes(
    resident: FlaskClient, signed_in: Callable[[str], Browser]
) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 16, 59, 50, tzinfo=UTC), tick=False) as clock:
        for left in (10, 4, 3.5, 2.2, 0.8):
            clock.move_to(datetime(2026, 11, 24, 17, tzinfo=UTC) - timedelta(seconds=left))
            words = resident.get("/").headers["Cache-Control"].split(", ")
            told = dict(word.partition("=")[::2] for word in words)
            assert int(told["s-maxage"]) + int(told["stale-while-revalidate"]) <= min(4, left)


@pytest.mark.parametrize(
    "query",
    ["utm=x", "fbclid=1&q=x", "trang=1&x=1", "trang=9999", "a=" + "b" * 500, "&" * 200, "%ff=%ff"],
)
def test_unknown_queries_never_grow_the_cache(
    app: Flask, resident: FlaskClient, query: str
) -> None:
    resident.get("/tin-tuc")
    before = len(cache_of(app)._entries)
    resident.get(f"/tin-tuc?{query}")
    assert len(cache_of(app)._entries) == before


def test_the_cache_keeps_to_its_bytes(app: Flask, resident: FlaskClient) -> None:
    cache = cache_of(app)
    cache.max_bytes = 60_000
    for path in ("/", "/covid-19", "/tin-tuc", "/van-ban", "/nguon-tin", "/lien-he", "/gioi-thieu"):
        assert resident.get(path).status_code == 200
    assert 0 < cache._bytes <= 60_000
    assert cache._bytes == sum(entry.size for entry in cache._entries.values())


@pytest.mark.parametrize(
    "path", ["/dang-nhap", "/khong-co", "/quan-tri", "/healthz", "/tin-tuc/khong-co/bai"]
)
def test_what_is_not_for_everyone_is_never_kept(
    app: Flask, resident: FlaskClient, path: str
) -> None:
    resident.get(path)
    assert not any(f"\n{path}\n" in key for key in cache_of(app)._entries)


def test_an_officers_page_is_not_what_residents_get(
    app: Flask, resident: FlaskClient, signed_in: Callable[[str], Browser]
) -> None:
    officer = signed_in("admin")
    with renderings(app) as names:
        officer.get("/")
        officer.get("/")
    assert names.count("site/home.html") == 2
    assert "Set-Cookie" not in resident.get("/").headers


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "gopher"},
        {"X-Original-URL": "/quan-tri"},
        {"X-Rewrite-URL": "/quan-tri"},
        {"Accept-Language": "en"},
        {"X-HTTP-Method-Override": "POST"},
        {FRESH_UNTIL: "9999999999"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_headers_that_are_no_part_of_the_key_change_nothing(
    resident: FlaskClient, headers: dict[str, str]
) -> None:
    poisoned = resident.get("/covid-19", headers=headers)
    clean = resident.get("/covid-19")
    assert poisoned.data == clean.data
    assert b"evil.example" not in clean.data
    assert FRESH_UNTIL not in clean.headers


def test_hosts_do_not_share_pages(app: Flask, resident: FlaskClient) -> None:
    resident.get("/", headers={"Host": "evil.example"})
    with renderings(app) as names:
        assert b"evil.example" not in resident.get("/").data
    assert names


@pytest.mark.parametrize("path", ["/tin-tuc/..%2fquan-tri", "/quan-tri/style.css", "//covid-19"])
def test_an_odd_path_deceives_no_one(
    signed_in: Callable[[str], Browser], resident: FlaskClient, path: str
) -> None:
    signed_in("admin").client.get(path)
    answer = resident.get(path)
    assert answer.status_code in (302, 308, 404)
    assert "Đăng xuất" not in answer.text


def test_residents_see_the_last_good_page_while_the_database_fails(
    resident: FlaskClient, lose_database: Callable[[], None]
) -> None:
    good = resident.get("/")
    lose_database()
    assert resident.get("/").data == good.data
    assert resident.get("/lien-he").status_code == 503
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        assert resident.get("/").status_code == 503


def test_a_page_that_was_withdrawn_does_not_stand_in_later(
    app: Flask, resident: FlaskClient, settings: Settings, signed_in: Callable[[str], Browser]
) -> None:
    publish(signed_in, "Bài sẽ gỡ")
    path = "/tin-tuc/tin-tuc-su-kien/bai-se-go"
    assert resident.get(path).status_code == 200
    signed_in("editor").post("/quan-tri/tin-tuc/1/go", reason="Sai ngày")
    assert resident.get(path).status_code == 410
    assert not any(f"\n{path}\n" in key for key in cache_of(app)._entries)


def test_what_was_withdrawn_is_on_no_page_that_stands_in(
    resident: FlaskClient,
    signed_in: Callable[[str], Browser],
    lose_database: Callable[[], None],
) -> None:
    publish(signed_in, "Bài sẽ gỡ")
    for path in ("/", "/tin-tuc"):
        assert "Bài sẽ gỡ" in resident.get(path).text
    signed_in("editor").post("/quan-tri/tin-tuc/1/go", reason="Sai ngày")
    lose_database()
    for path in ("/", "/tin-tuc"):
        assert "Bài sẽ gỡ" not in resident.get(path).text


def test_who_asks_while_what_was_just_published_is_rendered_gets_it_too(
    app: Flask, signed_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wardsite.serving.cache.PATIENCE", 40.0)
    cache = cache_of(app)
    assert app.test_client().get("/").status_code == 200
    publish(signed_in, "Tiêm đợt hai")
    inner, begun, go_on = cache.application, threading.Event(), threading.Event()

    def held(environ: Any, start_response: Any) -> Any:
        begun.set()
        assert go_on.wait(40)
        return inner(environ, start_response)

    cache.application = held
    with ThreadPoolExecutor(2) as pool:
        renders = pool.submit(lambda: app.test_client().get("/").text)
        assert begun.wait(40)
        waits = pool.submit(lambda: app.test_client().get("/").text)
        wait([waits], 0.2)
        go_on.set()
        assert "Tiêm đợt hai" in waits.result()
        assert "Tiêm đợt hai" in renders.result()


def test_while_one_takes_long_to_render_the_others_get_the_page_that_was_good_until_now(
    app: Flask,
) -> None:
    cache = cache_of(app)
    good = app.test_client().get("/").data
    cache.version.read = lambda: -1  # type: ignore[method-assign]
    inner, during = cache.application, []

    def slow(environ: Any, start_response: Any) -> Any:
        cache.application = inner
        during.append(app.test_client().get("/").data)
        return inner(environ, start_response)

    cache.application = slow
    assert app.test_client().get("/").data != b""
    assert during == [good]


def test_marks_of_shared_links_lead_to_the_one_page(app: Flask, resident: FlaskClient) -> None:
    plain = resident.get("/tin-tuc").data
    with renderings(app) as names:
        for query in ("fbclid=IwAR0" + "x" * 200, "utm_source=zalo&utm_medium=a", "zarsrc=30"):
            assert resident.get(f"/tin-tuc?{query}").data == plain
    assert names == []


def test_a_page_that_is_not_kept_tells_no_one_until_when_it_is_true(
    resident: FlaskClient,
) -> None:
    answer = resident.get("/tin-tuc?khong-biet=1")
    assert FRESH_UNTIL not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"
    signed = resident.get("/", headers={"Cookie": "wardsite=x"})
    assert FRESH_UNTIL not in signed.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_no_other_method_fills_or_reads_the_cache(
    app: Flask, resident: FlaskClient, method: str
) -> None:
    before = len(cache_of(app)._entries)
    resident.open("/covid-19", method=method)
    assert len(cache_of(app)._entries) == before
