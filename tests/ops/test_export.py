"""`wardsite export`: what is in the folder works from any web server, and stays up to date."""

import functools
import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium

from tests.page import Browser, parse
from tests.terminal import wardsite
from wardsite.core.static_copy import copy_of, static_address
from wardsite.ops.export import MANIFEST, Exported, export
from wardsite.settings import Settings


def run(app: Flask, out: Path, ahead: timedelta = timedelta()) -> Exported:
    return export(app, out, datetime.now(UTC) + ahead, lambda _done, _known: None)


def publish(officer: Browser, title: str) -> None:
    fields = {"category_id": "1", "body_html": "<p>Nội dung của bài.</p>", "then": "publish"}
    officer.post("/quan-tri/tin-tuc/viet", title=title, **fields)


def stamps(out: Path) -> dict[str, int]:
    return {
        path.relative_to(out).as_posix(): path.stat().st_mtime_ns
        for path in out.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def test_every_address_in_the_folder_leads_to_a_file_and_nothing_needs_the_server(
    app: Flask, tmp_path: Path, signed_in: Callable[[str], Browser]
) -> None:
    editor = signed_in("editor")
    for number in range(14):  # more than one page of news
        publish(editor, f"Bài số {number}")
    out = tmp_path / "out"
    done = run(app, out)
    assert done.missing == []
    pages = sorted(out.rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        root = parse(page.read_text("utf-8"))
        here = "/" + page.relative_to(out).as_posix().removesuffix("index.html")
        for node in root.walk():
            for name in ("href", "src", "action"):
                address = node.get(name)
                if not address or re.match(r"[a-z]+:|#", address):
                    continue
                path = unquote(urlsplit(urljoin(here, address)).path).strip("/")
                assert not urlsplit(address).query, address
                assert not re.match(r"(en/)?(quan-tri|dang-|phan-anh$)", path), address
                target = out / path
                assert target.is_file() or (target / "index.html").is_file(), (here, address)
        for form in root.all("form"):
            assert form["action"] in ("/tim-kiem", "/en/tim-kiem")
        assert not root.one("div", class_="strip").all("time")
    assert (out / "tin-tuc/_trang-2/index.html").is_file()
    assert "Bài số 1<" in (out / "tin-tuc/_trang-2/index.html").read_text("utf-8")
    assert "Bản sao ngày" in (out / "index.html").read_text("utf-8")
    sheet = next(out.glob("static/css/site.*.css")).read_text("utf-8")
    for picture in re.findall(r"url\(\"?\.\./(img/[\w.-]+)", sheet):
        assert (out / "static" / picture).is_file()
    assert "Set-Cookie" not in "".join(path.name for path in pages)


def test_only_what_changed_is_written_and_what_was_withdrawn_is_removed(
    app: Flask, tmp_path: Path, signed_in: Callable[[str], Browser]
) -> None:
    out, editor = tmp_path / "out", signed_in("editor")
    publish(editor, "Bài thứ nhất")
    first = run(app, out)
    assert first.written == len(stamps(out))
    before = stamps(out)
    assert run(app, out).written == 0
    # The day alone rewrites no page: it would be all of them, each night.
    tomorrow = run(app, out, timedelta(days=1))
    assert tomorrow.written < 5
    assert stamps(out)["lien-he/index.html"] == before["lien-he/index.html"]
    publish(editor, "Bài thứ hai")
    assert 5 < run(app, out).written < first.written / 2
    after = stamps(out)
    new = "tin-tuc/tin-tuc-su-kien/bai-thu-hai/index.html"
    assert new in after
    assert after["index.html"] != before["index.html"]
    assert after["van-ban/index.html"] == before["van-ban/index.html"]
    (out / "CNAME").write_text("not ours")
    editor.post("/quan-tri/tin-tuc/2/go", reason="Sai ngày")
    assert run(app, out).removed >= 2
    assert not (out / new).parent.exists()
    assert "Bài thứ hai" not in (out / "index.html").read_text("utf-8")
    assert "bai-thu-hai" not in (out / "search-index.json").read_text("utf-8")
    assert (out / "CNAME").exists()
    listed = json.loads((out / MANIFEST).read_text("utf-8"))["files"]
    assert set(listed) == set(stamps(out)) - {"CNAME"}


def test_a_folder_with_other_files_is_refused_in_one_line(
    settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "home"
    out.mkdir()
    (out / "thesis.odt").write_text("x")
    refused = wardsite(settings.instance, "export", str(out))
    assert (refused.returncode, len(refused.stderr.strip().splitlines())) == (1, 1)
    (out / "thesis.odt").rename(out / MANIFEST)
    refused = wardsite(settings.instance, "export", str(out))
    assert (refused.returncode, len(refused.stderr.strip().splitlines())) == (1, 1)
    assert [path.name for path in out.iterdir()] == [MANIFEST]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/", "/"),
        ("/en/", "/en"),
        ("/tin-tuc?trang=2", "/tin-tuc/_trang-2"),
        ("/tin-tuc?trang=1#a", "/tin-tuc#a"),
        ("/tep/1/a.pdf?tai-ve=1", "/tep/1/a.pdf"),
        ("/tim-kiem?q=a", None),
        ("?ban-in=1", None),
        ("/en/quan-tri", None),
        ("/phan-anh", None),
        ("/quan-tri-vien", "/quan-tri-vien"),
        ("https://example.gov.vn/quan-tri", "https://example.gov.vn/quan-tri"),
        ("//evil.example/x", "//evil.example/x"),
    ],
)
def test_an_address_among_files(address: str, expected: str | None) -> None:
    assert static_address(address) == expected


def test_a_link_that_is_left_out_takes_its_own_line_with_it_and_no_other() -> None:
    html = (
        '<ul><li><a href="/dang-nhap">x <b>y</b></a></li><li><a href="/a">a</a></li></ul>'
        '<p>Xem <a href="/phan-anh">phản ánh</a> &amp; <a href="/b">b</a>.</p>'
        '<li><a href="/c">c</a> <a href="/quan-tri">sửa</a></li>'
        '<form method="post" action="/dang-xuat"><p>t</p></form><br>'
    )
    left = (
        '<ul><li><a href="/a">a</a></li></ul><p>Xem  &amp; <a href="/b">b</a>.</p>'
        '<li><a href="/c">c</a> </li><br>'
    )
    assert copy_of(html).text == left


@contextmanager
def any_web_server(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.browser
def test_the_search_of_the_copy_finds_with_and_without_marks(
    app: Flask,
    tmp_path: Path,
    chromium: Chromium,
    signed_in: Callable[[str], Browser],
) -> None:
    publish(signed_in("editor"), "Đường dây nóng tiêm chủng")
    run(app, tmp_path / "out")
    with any_web_server(tmp_path / "out") as url:
        page = chromium.new_page()
        page.set_default_timeout(15_000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("response", lambda r: r.status >= 400 and faults.append(r.url))
        page.goto(url)
        page.locator("header form").get_by_role("searchbox").fill("duong day TIÊM")
        page.locator("header form").get_by_role("button").click()
        page.locator("main").get_by_role("link", name="Đường dây nóng tiêm chủng").click()
        assert page.locator("h1").inner_text() == "Đường dây nóng tiêm chủng"
        page.goto(f"{url}/tim-kiem/?q=khongcochu")
        page.get_by_text("Không tìm thấy").first.wait_for()
        page.close()
    assert faults == []


@pytest.mark.browser
@pytest.mark.parametrize("away", ["the server is away", "the index is missing", "it is no index"])
def test_the_search_of_the_copy_says_so_when_its_index_cannot_be_had(
    app: Flask, tmp_path: Path, chromium: Chromium, away: str
) -> None:
    run(app, tmp_path / "out")
    with any_web_server(tmp_path / "out") as url:
        page = chromium.new_page()
        page.set_default_timeout(15_000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        if away == "the server is away":
            page.route("**/search-index.json", lambda route: route.abort())
        elif away == "the index is missing":
            (tmp_path / "out" / "search-index.json").unlink()
        else:
            (tmp_path / "out" / "search-index.json").write_text("<p>Xin chào", "utf-8")
        page.goto(f"{url}/tim-kiem/?q=tiem")
        page.get_by_role("status").get_by_text("Không tải được dữ liệu tìm kiếm").wait_for()
        page.close()
    assert faults == []
