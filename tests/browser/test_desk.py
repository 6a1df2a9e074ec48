"""Documents, feedback, people, pages and accounts of an office in full use, looked at."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import full_desk
from tests.browser.served import PHONE, serving, sign_in
from tests.browser.test_accessibility import faults
from tests.browser.test_screenshots import looks_as_it_did
from tests.conftest import PASSWORD
from tests.official_corpus import DISPATCH
from wardsite.application import create_app
from wardsite.extensions import db
from wardsite.feedback import service as feedback
from wardsite.settings import load_settings

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 800}
PUBLIC = {
    "documents": "/van-ban", "document-full": "/van-ban/15-qd-ubnd",
    "documents-none": "/van-ban?q=zz",
    "feedback": "/phan-anh", "answers": "/phan-anh/tra-loi", "answer": "/phan-anh/tra-loi/3",
    "about": "/gioi-thieu", "contact-full": "/lien-he", "calendar": "/lich",
    "own-page": "/trang/thuc-don-tuan-48",
}  # fmt: skip
OFFICERS = {
    "dashboard": "", "documents-desk": "/van-ban", "document-new": "/van-ban/them",
    "document-edit": "/van-ban/5", "sheet": "/van-ban/tu-bang", "inbox": "/phan-anh",
    "message": "/phan-anh/1", "message-answered": "/phan-anh/3",
    "message-delete": "/phan-anh/1/xoa", "feedback-rules": "/phan-anh/cai-dat",
    "pages-desk": "/trang/trang", "page-form": "/trang/trang/1", "people-desk": "/trang/can-bo",
    "links-desk": "/trang/lien-ket", "link-form": "/trang/lien-ket/them",
    "calendar-desk": "/trang/lich", "officers": "/can-bo", "handover": "/can-bo/2/ban-giao",
}  # fmt: skip
KEPT = ("documents", "document-full", "feedback", "about", "calendar")
KEPT_DESK = ("dashboard", "document-edit", "inbox", "message-answered", "handover")


@pytest.fixture(scope="module")
def instance(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance in full use."""
    folder = tmp_path_factory.mktemp("desk") / "instance"
    shutil.copytree(pristine, folder)
    full_desk.fill(folder)
    return folder


@pytest.fixture(scope="module")
def site(instance: Path) -> Iterator[str]:
    """Its address."""
    with serving(instance) as url:
        yield url


@pytest.fixture(scope="module")
def admin(chromium: Browser, site: str) -> Iterator[Page]:
    """An administrator's page, signed in once for the module."""
    with closing(chromium.new_context(viewport=DESK, locale="vi-VN")) as context:
        page = context.new_page()
        sign_in(page, site, "the-admin", PASSWORD)
        page.wait_for_url("**/quan-tri")
        yield page


def passes(page: Page, url: str, width: int) -> None:
    """Axe finds nothing, nothing is wider than the page, and nothing to touch is too small."""
    page.set_viewport_size({"width": width, "height": PHONE["height"]})
    page.goto(url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    assert faults(page) == [], url
    small = page.locator("main .btn, main .chips a, main .people a, main .file-row a")
    assert not small.evaluate_all(
        "nodes => nodes.filter((node) => node.checkVisibility()"
        " && node.getBoundingClientRect().height < 44).map((node) => node.outerHTML)"
    ), url


def test_axe_and_width_on_every_page_of_the_desk(site: str, page: Page, admin: Page) -> None:
    for who, base, paths in ((page, "", PUBLIC), (admin, "/quan-tri", OFFICERS)):
        for path in paths.values():
            passes(who, f"{site}{base}{path}", 320)


def test_axe_and_width_on_a_desk_in_dark_colours(site: str, page: Page, admin: Page) -> None:
    for who, base, paths, kept in (
        (page, "", PUBLIC, ("document-full", "feedback", "about")),
        (admin, "/quan-tri", OFFICERS, ("dashboard", "message-answered")),
    ):
        who.emulate_media(color_scheme="dark")
        for name in kept:
            passes(who, f"{site}{base}{paths[name]}", 1280)
        who.emulate_media(color_scheme="light")


def test_axe_where_errors_are_shown(site: str, page: Page, admin: Page) -> None:
    for who, path, button in (
        (page, "/phan-anh", "Gửi"), (admin, "/quan-tri/van-ban/them", "Đăng"),
        (admin, "/quan-tri/trang/lien-ket/them", "Lưu"),
        (admin, "/quan-tri/can-bo", "Thêm tài khoản"),
    ):  # fmt: skip
        who.goto(site + path)
        who.locator("main").get_by_role("button", name=button, exact=True).click()
        expect(who.locator("#errors")).to_be_visible()
        assert faults(who) == [], path
        # The first line of the summary leads to the field that is wrong.
        who.locator("#errors a").first.press("Enter")
        assert who.evaluate("document.activeElement.matches('.field.bad :is(input, textarea)')")


def test_the_pages_of_the_desk_look_as_they_did(site: str, page: Page, admin: Page) -> None:
    for width in (360, 1280):
        for who, base, paths, kept in (
            (page, "", PUBLIC, KEPT), (admin, "/quan-tri", OFFICERS, KEPT_DESK),
        ):  # fmt: skip
            for name in kept:
                looks_as_it_did(who, f"{site}{base}{paths[name]}", name, width)


def test_a_document_goes_from_the_dropped_file_to_the_resident_who_looks_for_its_number(
    site: str, admin: Page, page: Page
) -> None:
    admin.goto(f"{site}/quan-tri/van-ban/them")
    content = DISPATCH.as_docx()
    admin.set_input_files(
        "#file", {"name": "cv.docx", "mimeType": "application/x", "buffer": content}
    )
    admin.get_by_role("button", name="Đọc tệp").click()
    expect(admin.locator("#code")).to_have_value("1208/UBND-VHTT")
    expect(admin.locator("#issued_on")).to_have_value("12/08/2020")
    expect(admin.locator("#signer_name")).to_have_value("Nguyễn Mạnh Đạt")
    # The centre has the dispatch already: the officer gives the unit's own number.
    admin.fill("#code", "77/UBND-VHTT")
    admin.get_by_role("button", name="Đăng", exact=True).click()
    expect(admin.locator(".flash.success")).to_be_visible()
    page.goto(f"{site}/van-ban?q=77/ubnd-vhtt")
    page.get_by_role("link", name="V/v tăng cường tuyên truyền").first.click()
    expect(page.locator("main")).to_contain_text("77/UBND-VHTT")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Tải về.*cv.docx")).click()
    assert download.value.path().read_bytes() == content


def test_feedback_goes_from_the_form_to_a_published_answer_and_is_gone_after_its_time(
    site: str, instance: Path, page: Page, admin: Page
) -> None:
    page.goto(f"{site}/phan-anh")
    page.fill("#subject", "Cây gãy trước số nhà 12")
    page.fill("#body", "Cây gãy sau mưa, chắn lối đi.")
    page.fill("#contact", "+84987654321")
    page.check("#may_publish")
    page.check("#consent")
    # Nobody writes in less than four seconds; the form would say so.
    page.wait_for_timeout(max(0, 4500 - page.evaluate("performance.now()")))
    page.locator("main").get_by_role("button", name="Gửi").click()
    code = page.locator("strong.code").inner_text()
    admin.goto(f"{site}/quan-tri/phan-anh")
    admin.get_by_role("link", name="Cây gãy trước số nhà 12").click()
    admin.fill("#answer", "Đã dọn xong sáng nay.")
    admin.get_by_role("button", name="Lưu câu trả lời").click()
    admin.locator("[name=body]").fill("Một cây gãy chắn lối đi.")
    admin.locator("[name=subject]").fill("Cây gãy")
    admin.get_by_role("button", name="Đăng", exact=True).click()
    expect(admin.locator(".flash.success")).to_be_visible()
    page.goto(f"{site}/phan-anh")
    page.get_by_role("link", name="Tra cứu phản ánh đã gửi").click()
    page.fill("#code", code.lower())
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.locator("main")).to_contain_text("Đã dọn xong sáng nay.")
    with create_app(load_settings(instance, {})).app_context():
        assert feedback.tidy(datetime.now(UTC) + timedelta(days=400))
        db.engine.dispose()
    page.goto(f"{site}/phan-anh")
    page.fill("#code", code)
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.locator("#code-error")).to_be_visible()
    page.goto(f"{site}/tim-kiem?q=cây+gãy")
    page.get_by_role("link", name="Cây gãy").click()
    expect(page.locator("main")).to_contain_text("Đã dọn xong sáng nay.")
    assert "987654321" not in page.content()


def test_a_file_is_chosen_and_a_document_published_with_the_keyboard_alone(
    site: str, admin: Page
) -> None:
    admin.goto(f"{site}/quan-tri/van-ban/them")
    values = {
        "code": "88/TB-UBND", "issued_on": "24/11/2026", "summary": "Thử bàn phím",
        "issuer": full_desk.ISSUER,
    }  # fmt: skip
    admin.locator("#code").focus()
    for _step in range(40):
        name = admin.evaluate("document.activeElement.name")
        if name == "then":
            break
        if name in values:
            admin.keyboard.type(values[name])
        admin.keyboard.press("Tab")
    admin.keyboard.press("Enter")
    expect(admin.locator(".flash.success")).to_be_visible()
    expect(admin.locator("#code")).to_have_value("88/TB-UBND")
