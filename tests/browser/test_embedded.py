"""Documents and files put into a text with the editor, and what residents see of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.served import PHONE, axe_faults, serving, shared, sign_in
from tests.conftest import PASSWORD
from tests.office import pdf

pytestmark = pytest.mark.browser

NEW = "/quan-tri/tin-tuc/viet"
CODE = "1208/UBND-VHTT"
PLAN: Any = {
    "name": "Kế hoạch số 5.pdf",
    "mimeType": "application/pdf",
    "buffer": pdf([[(72, 700, "Kế hoạch phòng, chống dịch")]]),
}


@pytest.fixture(scope="module")
def site(sampled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served site with samples."""
    with serving(Path(shutil.copytree(sampled, tmp_path_factory.mktemp("embed") / "i"))) as url:
        yield url


@pytest.fixture(scope="module")
def officer(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    """A browser on a desk in which the editor is signed in."""
    with shared(chromium, viewport={"width": 1280, "height": 800}, locale="vi-VN") as context:
        sign_in(context.new_page(), site, "the-editor", PASSWORD)
        yield context


def begin(page: Page, site: str, title: str) -> None:
    page.goto(site + NEW)
    page.fill("#title", title)
    page.click(".wse-content")
    page.keyboard.type("Ủy ban nhân dân phường thông báo.")
    page.keyboard.press("Enter")


def test_a_document_and_a_new_file_stand_in_the_text_as_residents_see_them(
    officer: BrowserContext, chromium: Browser, site: str
) -> None:
    page = officer.new_page()
    begin(page, site, "Thông báo có văn bản")
    page.keyboard.press("Alt+F10")
    page.get_by_role("button", name="Văn bản, tệp").press("Enter")
    dialog = page.get_by_role("dialog", name="Chèn văn bản hoặc tệp")
    dialog.get_by_label("Tìm văn bản").fill("1208/ub")
    expect(dialog.get_by_role("status")).to_have_text("Có 1 văn bản.")
    assert not axe_faults(page, ".wse-dialog")
    dialog.get_by_role("radio", name=CODE).check()
    dialog.get_by_role("button", name="Chèn").click()
    expect(page.locator(".wse-embedded")).to_have_text(f"Công văn {CODE}")

    page.click("[data-tool=document]")
    dialog.get_by_label("tải tệp mới").set_input_files(PLAN)
    dialog.get_by_role("button", name="Chèn").click()
    expect(page.locator(".wse-embedded")).to_have_count(2)

    page.click("button[value=publish]")
    expect(page.locator("h1")).to_contain_text("Sửa bài viết")
    with shared(chromium, viewport=PHONE, locale="vi-VN") as resident:
        seen = resident.new_page()
        seen.goto(f"{site}/tin-tuc/thong-bao/thong-bao-co-van-ban")
        document, file = seen.locator(".prose .embedded").all()
        expect(document).to_contain_text("12/08/2020")
        expect(file).to_contain_text("Kế hoạch số 5.pdf")
        expect(seen.get_by_role("heading", name="Tệp đính kèm")).to_have_count(0)
        download = file.get_by_role("link", name="Tải về")
        assert seen.request.get(site + str(download.get_attribute("href"))).ok
        assert seen.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        document.get_by_role("link").first.click()
        expect(seen.locator("main")).to_contain_text(CODE)

    page.goto(f"{site}/tin-tuc/thong-bao/thong-bao-co-van-ban")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.prose'))")
    page.keyboard.press("Control+c")
    begin(page, site, "Chép từ bài cũ")
    page.keyboard.press("Control+v")
    assert page.locator(".wse-embedded").all_inner_texts() == [f"Công văn {CODE}", PLAN["name"]]
    assert "Tải về" not in page.input_value("textarea[data-editor]")


def test_a_refused_file_is_told_in_the_dialog_and_a_file_of_the_post_can_be_chosen_again(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    begin(page, site, "Bài có tệp")
    dialog = page.get_by_role("dialog")
    page.click("[data-tool=document]")
    insert = dialog.get_by_role("button", name="Chèn")
    insert.click()
    expect(dialog.get_by_role("alert")).to_have_text("Hãy chọn một văn bản hoặc một tệp.")
    dialog.get_by_label("tải tệp mới").set_input_files(PLAN | {"buffer": b"GIF89a"})
    insert.click()
    expect(dialog.get_by_role("alert")).to_contain_text("PDF")
    dialog.get_by_label("tải tệp mới").set_input_files(PLAN)
    insert.click()
    expect(page.locator(".wse-embedded")).to_have_text("Kế hoạch số 5.pdf")
    page.keyboard.press("Backspace")  # selects it
    page.keyboard.press("Backspace")
    expect(page.locator(".wse-embedded")).to_have_count(0)
    page.click("[data-tool=document]")
    dialog.get_by_role("radio", name="Kế hoạch số 5.pdf").check()
    insert.click()
    expect(page.locator(".wse-embedded")).to_have_count(1)
    assert "Ủy ban nhân dân phường" in page.input_value("textarea[data-editor]")


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>Căn cứ</li></ul>",
        "<blockquote><p>Căn cứ</p></blockquote>",
        "<table><tr><td>Căn cứ</td><td>Khác</td></tr></table>",
    ],
    ids=["list", "quotation", "table"],
)
def test_what_is_typed_after_a_document_goes_behind_it_wherever_it_stands(
    officer: BrowserContext, site: str, html: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    page.locator("textarea[data-editor]").evaluate(
        "(area, html) => area.dispatchEvent(new CustomEvent('editor-set', {detail: {html}}))", html
    )
    page.locator(".wse-content").get_by_text("Căn cứ").click()
    page.keyboard.press("End")
    page.click("[data-tool=document]")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=CODE).check()
    dialog.get_by_role("button", name="Chèn").click()
    expect(dialog).to_have_count(0)
    page.keyboard.type("Sau đó.")
    written = page.input_value("textarea[data-editor]")
    assert "<p>Căn cứ</p><figure>" in written
    assert "</figure><p>Sau đó.</p>" in written


def test_a_document_that_was_pasted_is_not_lost_to_the_next_key(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    begin(page, site, "Chép thẻ")
    page.click("[data-tool=document]")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=CODE).check()
    dialog.get_by_role("button", name="Chèn").click()
    page.locator(".wse-embedded").click()
    page.keyboard.press("Control+x")
    expect(page.locator(".wse-embedded")).to_have_count(0)
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+v")
    page.keyboard.type("Hết.")
    expect(page.locator(".wse-embedded")).to_have_count(1)
    assert page.input_value("textarea[data-editor]").endswith("</figure>\n<p>Hết.</p>")


def test_a_page_of_the_unit_takes_documents_and_no_files(
    officer: BrowserContext, chromium: Browser, site: str
) -> None:
    page = officer.new_page()
    page.goto(f"{site}/en/quan-tri/trang/trang/them")
    page.fill("#title", "Căn cứ")
    page.click(".wse-content")
    page.get_by_role("button", name="Document or file").click()
    dialog = page.get_by_role("dialog", name="Insert a document")
    expect(dialog.locator("input[type=file]")).to_have_count(0)
    dialog.get_by_role("button", name="Insert").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose a document")
    dialog.get_by_role("radio", name=CODE).check()
    dialog.get_by_role("button", name="Insert").click()
    page.select_option("#status", "published")
    page.click("main form .btn >> nth=0")
    with shared(chromium, viewport=PHONE, locale="vi-VN") as resident:
        seen = resident.new_page()
        seen.goto(f"{site}/trang/can-cu")
        expect(seen.locator(".prose .embedded")).to_contain_text(f"Công văn {CODE}")
