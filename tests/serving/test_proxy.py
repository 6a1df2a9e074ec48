"""The shipped nginx: pages outlive the application, and nothing private or withdrawn is kept."""

import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.page import Browser
from tests.serving.proxy import HOST, Proxy, Told, nginx, told, wait_for
from tests.terminal import WARDSITE, environment
from wardsite.application import close_app, create_app
from wardsite.serving import withdrawal
from wardsite.settings import Settings


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, Told]]:
    base = tmp_path_factory.mktemp("proxy")
    path = base / "http.sock"
    with told(path) as application, nginx(base, path, files_open=False) as proxy:
        yield proxy, application


@pytest.fixture
def proxy(pair: tuple[Proxy, Told]) -> Proxy:
    for kept in pair[0].folder.iterdir():
        kept.unlink()
    return pair[0]


@pytest.fixture
def behind(pair: tuple[Proxy, Told]) -> Told:
    state = pair[1]
    state.status, state.headers, state.delay, state.dead = 200, {}, 0.0, False
    state.asked.clear()
    state.fresh(60)
    return state


@pytest.fixture(scope="module")
def aged(pair: tuple[Proxy, Told]) -> tuple[Proxy, dict[str, bytes]]:
    """Pages that were kept and are no longer fresh, and what they say; each is for one test."""
    proxy, told = pair
    bodies = {}
    for path, renewing, failing in (("/a", 0, 86400), ("/second", 0, 1), ("/renewed", 60, 86400)):
        told.fresh(1, renewing, failing)
        bodies[path] = proxy.get(path).body
    time.sleep(3.2)  # nginx counts whole seconds
    return proxy, bodies


def test_a_page_is_kept_for_all_and_its_head_too(proxy: Proxy, behind: Told) -> None:
    first = proxy.get("/tin-tuc")
    assert proxy.get("/tin-tuc", Cookie="theme=dark; other=1").body == first.body
    head = proxy.get("/tin-tuc", method="HEAD")
    assert head.headers["Content-Length"] == str(len(first.body))
    assert behind.asked == {"/tin-tuc": 1}
    assert "Cookie" not in behind.seen


def test_one_request_fills_a_page(proxy: Proxy, behind: Told) -> None:
    behind.delay = 0.5
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: answers.append(proxy.get("/dong").body)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert behind.asked == {"/dong": 1}
    assert len(answers) == 12
    assert len(set(answers)) == 1


def test_three_kinds_of_body_and_no_more(proxy: Proxy, behind: Told) -> None:
    ways = {
        "gzip": ("gzip", "gzip, deflate", "deflate;q=0.5, GZIP", "gzip, br;q=0"),
        "br": ("gzip, deflate, br, zstd", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8"),
        "": ("", "identity", "gzip;q=0", "zstd"),
    }
    for kind, written in ways.items():
        for way in written:
            answer = proxy.get("/", Accept_Encoding=way)
            assert answer.body.decode().split(" ")[2] == kind, way
    assert behind.asked == {"/": 3}


def test_an_officer_is_never_answered_from_the_cache_nor_kept(proxy: Proxy, behind: Told) -> None:
    residents = proxy.get("/").body
    # Over https, as here, the cookie has the prefix; without it is what a plain site sets.
    over_https = [proxy.get("/", Cookie="a=1; __Host-wardsite=x.y").body for _ in range(2)]
    assert over_https[0] != over_https[1]
    assert behind.seen["Cookie"] == "a=1; __Host-wardsite=x.y"
    officers = [proxy.get("/", Cookie="a=1; wardsite=x.y").body for _ in range(2)]
    assert len({residents, *officers}) == 3
    assert behind.seen["Cookie"] == "a=1; wardsite=x.y"
    assert proxy.get("/").body == residents
    proxy.get("/rieng", Cookie="wardsite=x.y")
    assert proxy.kept() == 1


def test_a_cookie_is_never_kept_nor_what_the_application_calls_private(
    proxy: Proxy, behind: Told
) -> None:
    for headers in (
        {**behind.headers, "Set-Cookie": "wardsite=secret"},
        {"Cache-Control": "private, no-cache"},
        {"Cache-Control": "no-store"},
        {"Cache-Control": "no-cache"},
        {},
    ):
        behind.headers = headers
        proxy.get("/x")
    assert behind.asked == {"/x": 5}
    assert proxy.kept() == 0


def test_officers_addresses_and_forms_are_not_for_the_cache(proxy: Proxy, behind: Told) -> None:
    for path in ("/quan-tri", "/quan-tri/a.css", "/en/dang-nhap", "/phan-anh", "/tim-kiem?q=a"):
        proxy.get(path)
        assert proxy.get(path).status == 200
        assert behind.asked[path] == 2
    assert proxy.get("/tin-tuc", method="POST", body=b"a=1").status == 200
    behind.status = 503
    assert proxy.get("/quan-tri", method="POST", body=b"a=1").body.startswith(b"/quan-tri")
    assert proxy.kept() == 0


@pytest.mark.parametrize(
    "path", ["/quan-tri/..%2f", "/%71uan-tri", "//quan-tri", "/tin-tuc/%2e%2e/quan-tri", "/a%3fb"]
)
def test_a_path_is_kept_as_it_was_asked_and_passed_on(
    proxy: Proxy, behind: Told, path: str
) -> None:
    proxy.get(path)
    assert behind.asked == {path: 1}


def test_marks_of_shared_links_make_no_pages_of_their_own(proxy: Proxy, behind: Told) -> None:
    for query in ("", "?fbclid=IwAR0_a", "?utm_source=zalo&utm_medium=x", "?zarsrc=30&fbclid=b"):
        proxy.get(f"/tin-tuc{query}")
    assert behind.asked == {"/tin-tuc": 1}
    for query in ("?trang=2", "?trang=2&fbclid=b", "?fbclid=b&trang=2", "?xfbclid=1"):
        proxy.get(f"/tin-tuc{query}")
        assert behind.asked[f"/tin-tuc{query}"] == 1


def test_what_a_visitor_claims_about_itself_goes_no_further(proxy: Proxy, behind: Told) -> None:
    claims = {
        "X_Forwarded_For": "10.9.9.9",
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Prefix": "/evil",
        "Forwarded": "host=evil.example",
    }
    for path in ("/", "/dang-nhap"):
        proxy.get(path, **claims)
        assert behind.seen["Host"] == HOST
        assert behind.seen["X-Forwarded-For"] == "127.0.0.1"
        assert behind.seen["X-Forwarded-Proto"] == "https"
        assert "evil" not in str(behind.seen)


def test_another_host_has_no_pages_here(proxy: Proxy, behind: Told) -> None:
    with pytest.raises(urllib.error.HTTPError, match="301") as moved:
        urllib.request.build_opener(_Still).open(f"http://127.0.0.1:{proxy.plain_port}/a?b=1")
    assert moved.value.headers["Location"] == f"https://{HOST}/a?b=1"
    moved.value.close()
    proxy.get("/", Host="evil.example")
    assert proxy.get("/").body.split()[1] == b"2"


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Go nowhere."""


def test_stale_pages_stand_in_for_failures_of_every_kind_but_not_for_a_withdrawal(
    aged: tuple[Proxy, dict[str, bytes]], behind: Told
) -> None:
    proxy, old = aged
    behind.headers = {}
    for status in (500, 502, 503):
        behind.status = status
        assert proxy.get("/a").body == old["/a"]
        unread = proxy.get("/never-read")
        assert (unread.status, unread.headers["Retry-After"]) == (502, "60")
        assert "Xin ông/bà thử lại" in unread.body.decode()
        assert proxy.get("/a", Cookie="wardsite=x.y").body != old["/a"]
    behind.dead = True
    assert proxy.get("/a").body == old["/a"]
    assert proxy.get("/second").status == 502  # for as long as the application said
    # Not found and gone are answers, not failures.
    behind.dead, behind.status = False, 404
    assert proxy.get("/a").status == 404
    behind.status, behind.headers = 410, {"Cache-Control": "public, max-age=0, s-maxage=1"}
    assert proxy.get("/a").status == 410
    behind.dead = True
    assert proxy.get("/a").status == 410


def test_while_one_request_renews_a_page_the_others_get_the_old_one_for_a_second(
    aged: tuple[Proxy, dict[str, bytes]], behind: Told
) -> None:
    proxy, old = aged
    behind.answers.clear()
    renewing = threading.Thread(target=lambda: proxy.get("/renewed"))
    renewing.start()
    try:
        wait_for(lambda: behind.asked["/renewed"] == 1)
        assert proxy.get("/renewed").body == old["/renewed"]
    finally:
        behind.answers.set()
        renewing.join()
    assert behind.asked == {"/renewed": 1}


def test_a_page_that_was_deleted_while_its_file_is_open_is_soon_gone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "http.sock"
    with told(path) as application, nginx(tmp_path, path) as proxy:
        application.fresh(60)
        assert {proxy.get("/").body for _ in range(3)} == {b"/ 1 "}
        for kept in proxy.folder.iterdir():
            kept.unlink()
        deleted = time.monotonic()
        wait_for(lambda: proxy.get("/").body != b"/ 1 ")
        assert time.monotonic() - deleted < 20  # a second, and the slowness of the machine


@pytest.fixture
def kept_folder(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


@pytest.fixture
def app(settings: Settings, kept_folder: Path) -> Iterator[Flask]:
    app = create_app(replace(settings, proxy_cache_folder=str(kept_folder)))
    app.testing = True
    yield app
    close_app(app)


def test_withdrawing_empties_the_proxys_folder_and_nothing_else_does(
    kept_folder: Path, signed_in: Callable[[str], Browser], app: Flask
) -> None:
    page, other = kept_folder / ("0" * 32), kept_folder / "README"
    other.touch()
    editor = signed_in("editor")
    address = "/quan-tri/tin-tuc"
    fields = {"category_id": "1", "body_html": "<p>x</p>", "then": "publish"}
    page.touch()
    editor.post(f"{address}/viet", title="Bài một", **fields)
    assert page.exists()
    editor.post(f"{address}/1/go", reason="Sai ngày")
    assert not page.exists()
    assert other.exists()
    # What nginx was still storing goes with the next tick; what came later stays.
    page.touch()
    withdrawal.sweep(app.extensions["wardsite"])
    assert not page.exists()


def test_with_the_application_killed_every_page_that_was_read_still_answers(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "http.sock"
    more = {
        "WARDSITE_SOCKET": str(path),
        "WARDSITE_BASE_URL": f"https://{HOST}",
        "WARDSITE_TRUSTED_PROXIES": "1",
    }
    pages = ("/", "/en/", "/covid-19", "/tin-tuc", "/van-ban", "/nguon-tin", "/lien-he", "/rss.xml")
    log = (tmp_path / "log").open("wb")
    server = subprocess.Popen(
        [WARDSITE, "serve"],
        env=environment(settings.instance, **more),
        stdout=log,
        stderr=log,
        start_new_session=True,  # workers die with their parent
    )
    try:
        # The server binds first and sets the mode after.
        wait_for(lambda: path.exists() and path.stat().st_mode & 0o777 == 0o660, 40)
        with nginx(tmp_path, path) as proxy:
            wait_for(lambda: proxy.get("/healthz").status == 200, 40)
            style = proxy.get("/").body.decode().split('stylesheet" href="')[1].split('"')[0]
            read = {page: proxy.get(page) for page in (*pages, style)}
            assert {answer.status for answer in read.values()} == {200}
            assert "max-age=31536000" in read[style].headers["Cache-Control"]
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            time.sleep(4.1)
            for page, answer in read.items():
                assert proxy.get(page).body == answer.body
            assert proxy.get("/healthz").status == 502
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        log.close()
