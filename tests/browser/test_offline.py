"""Without a network: what a device kept is shown with its time; switched off, nothing is kept."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.served import PHONE, serving, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

READY = "navigator.serviceWorker.ready.then((found) => found.active.state)"
STAMP = re.compile(r"[0-9]{2}:[0-9]{2} ngày [0-9]{2}/[0-9]{2}/[0-9]{4}")


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A telephone of its own, with nothing kept yet."""
    context = chromium.new_context(viewport=PHONE, locale="vi-VN")
    yield context
    context.close()


def read(context: BrowserContext, site: str, *paths: str) -> Page:
    """Visit the site until the worker is in charge, then the pages."""
    page = context.new_page()
    page.goto(f"{site}/")
    page.evaluate(READY)
    for path in paths:
        page.goto(f"{site}{path}", wait_until="networkidle")
    return page


def test_what_a_device_kept_is_shown_with_its_time_and_only_without_a_network(
    site: str, context: BrowserContext
) -> None:
    page = read(context, site, "/tin-tuc", "/gioi-thieu")
    # With a network the page is always the present one, although it is kept.
    answer = page.goto(f"{site}/tin-tuc")
    assert answer is not None
    assert answer.header_value("x-stored-at") is None
    expect(page.locator(".stored")).to_be_hidden()
    context.set_offline(True)
    page.goto(f"{site}/tin-tuc")
    expect(page.get_by_role("heading", name="Tin tức", level=1)).to_be_visible()
    expect(page.locator(".stored")).to_be_visible()
    expect(page.locator(".stored time")).to_have_text(STAMP)
    # A page never read leads to what is kept.
    page.goto(f"{site}/van-ban")
    expect(page.get_by_role("heading", name="Đọc khi không có mạng", level=1)).to_be_visible()
    expect(page.locator("#main").get_by_role("link", name="Giới thiệu")).to_be_visible()
    expect(page.get_by_role("link", name="1900 9095")).to_be_visible()
    # Nor do searches, feedback and further pages of a list, which are never kept, end in nothing.
    for path in ("/tim-kiem?q=covid", "/phan-anh", "/tin-tuc?trang=2"):
        page.goto(f"{site}{path}")
        expect(page.get_by_role("heading", name="Đọc khi không có mạng", level=1)).to_be_visible()


def test_hotlines_contact_and_mandated_topics_are_kept_from_the_first_visit(
    site: str, context: BrowserContext
) -> None:
    page = read(context, site)
    context.set_offline(True)
    for path in ("/lien-he", "/covid-19"):
        page.goto(f"{site}{path}")
        expect(page.locator(".stored time")).to_have_text(STAMP)
        expect(page.get_by_role("link", name="1900 9095").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-stored", "")


def test_officers_pages_and_searches_are_never_kept(site: str, context: BrowserContext) -> None:
    page = read(context, site)
    sign_in(page, site, "the-admin", PASSWORD)
    for path in ("/quan-tri", "/tim-kiem?q=covid", "/phan-anh"):
        page.goto(f"{site}{path}", wait_until="networkidle")
    kept = page.evaluate(
        "caches.open('wardsite-pages').then((cache) => cache.keys())"
        ".then((keys) => keys.map((key) => new URL(key.url).pathname))"
    )
    assert "/" in kept
    assert not [path for path in kept if re.match("/(quan-tri|tim-kiem|phan-anh|dang)", path)]


def test_switched_off_in_the_settings_the_worker_clears_up_and_leaves(
    pristine: Path, tmp_path: Path, context: BrowserContext
) -> None:
    shutil.copytree(pristine, tmp_path / "instance")
    with serving(tmp_path / "instance") as site:
        page = read(context, site, "/tin-tuc")
        sign_in(page, site, "the-admin", PASSWORD)
        page.goto(f"{site}/quan-tri/cai-dat")
        page.locator("#offline").uncheck()
        page.locator("form.form").get_by_role("button", name="Lưu", exact=True).last.click()
        page.goto(f"{site}/")
        gone = "navigator.serviceWorker.getRegistrations().then((found) => found.length === 0)"
        page.wait_for_function(f"() => {gone}")
        page.goto(f"{site}/", wait_until="networkidle")
        assert page.evaluate("caches.keys()") == []


def test_the_site_can_be_installed(site: str, page: Page) -> None:
    page.goto(f"{site}/")
    manifest = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((found) => found.json())"
    )
    assert (manifest["start_url"], manifest["scope"]) == ("/", "/")
    for icon in manifest["icons"]:
        size = page.evaluate(
            "src => new Promise((done) => { const image = new Image();"
            " image.onload = () => done(`${image.width}x${image.height}`); image.src = src; })",
            icon["src"],
        )
        assert size == icon["sizes"]
