"""Documents and feedback of an office in full use: how its pages look and lead.

Axe, width and sizes are tried in test_accessibility.py, on an office as full.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import full_desk
from tests.browser.served import serving, sign_in
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
    "documents": "/van-ban", "document-full": "/van-ban/15-qd-ubnd", "feedback": "/phan-anh",
    "about": "/gioi-thieu", "calendar": "/lich",
}  # fmt: skip
OFFICERS = {
    "dashboard": "", "document-edit": "/van-ban/5", "inbox": "/phan-anh",
    "message-answered": "/phan-anh/3", "handover": "/can-bo/2/ban-giao",
    "officer": "/can-bo/2",
}  # fmt: skip


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


def test_the_pages_of_the_desk_look_as_they_did(site: str, page: Page, admin: Page) -> None:
    for who, base, paths in ((page, "", PUBLIC), (admin, "/quan-tri", OFFICERS)):
        for name, path in paths.items():
            looks_as_it_did(who, f"{site}{base}{path}", name)


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
