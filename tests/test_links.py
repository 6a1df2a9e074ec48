"""A crawl over every link of the site: nothing is broken, everything is well made."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.page import Browser
from tests.writing import write_post
from wardsite.application import close_app, create_app
from wardsite.ops.demo import add_samples
from wardsite.ops.instance import make_instance

LEAST_PAGES = 25


def crawl(browser: Browser, *starts: str, within: str = "") -> set[str]:
    """Open every address reachable from the starts and return them; fails on one that is broken.

    Only pages whose addresses match `within` are read on.
    """
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = browser.client.get(url, follow_redirects=True)
        page = browser._page(answer, url, 200)
        if re.match(within, url):
            waiting += sorted(page.links - seen)
        answer.close()
    return seen


def with_samples(app: Flask) -> None:
    with app.app_context():
        add_samples(datetime.now(UTC))


def test_a_resident_finds_no_broken_link(app: Flask, client: Browser) -> None:
    with_samples(app)
    found = crawl(client, "/")
    assert len(found) >= LEAST_PAGES
    assert any(url.startswith("/en/van-ban/") for url in found)
    assert any(url.startswith("/tin-tuc/thong-bao/") for url in found)


def test_an_admin_finds_no_broken_link(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    with_samples(app)
    admin = signed_in("admin")
    write_post(admin, "Một bản nháp", then="save")
    found = crawl(admin, "/quan-tri", "/en/quan-tri", within="(/en)?/quan-tri")
    assert any(url.startswith("/quan-tri/tin-tuc/") for url in found)
    assert {"/quan-tri/cai-dat", "/en/quan-tri/cai-dat"} <= found


@pytest.mark.parametrize(
    ("kind", "name"), [("school", "Trường Tiểu học Hạ Đình"), ("office", "Phòng Văn hóa")]
)
def test_a_unit_without_a_district_file_has_a_whole_site(
    tmp_path: Path, kind: str, name: str
) -> None:
    made = make_instance(tmp_path / "instance", "don-vi", kind, name, datetime.now(UTC))
    app = create_app(made.settings)
    browser = Browser(app)
    assert "/covid-19" in crawl(browser, "/")
    assert browser.get("/covid-19").all("a", href="https://soyte.hanoi.gov.vn/")
    banner = browser.get("/").one(data_slot="bluezone").one("a")
    assert banner["href"] == "https://www.bluezone.gov.vn/"
    close_app(app)
