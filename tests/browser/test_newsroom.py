"""Writing a post in a real browser: autosave, a lost line, an ended session, two officers."""

import io
import re
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Route, expect

from tests.browser.served import clean, serving, shared
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

NEW = "/quan-tri/tin-tuc/viet"
STATUS = "[data-autosave-status]"
KEPT = "Đã tự giữ"
PIXELS = io.BytesIO()
Image.new("RGB", (60, 40), "green").save(PIXELS, "PNG")
PICTURE: Any = {"name": "ngo-85.png", "mimeType": "image/png", "buffer": PIXELS.getvalue()}
PASTE = """text => { const data = new DataTransfer(); data.setData("text/plain", text);
document.querySelector(".wse-content").dispatchEvent(
new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: data})); }"""


@pytest.fixture(scope="module")
def instance(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "instance"
    shutil.copytree(pristine, folder)
    return folder


@pytest.fixture(scope="module")
def site(instance: Path) -> Iterator[str]:
    """The address of a served site."""
    with serving(instance) as url:
        yield url


def sign_in(page: Page, site: str, role: str) -> None:
    page.goto(f"{site}/dang-nhap")
    page.fill("#name", f"the-{role}")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{site}/quan-tri")


@pytest.fixture(scope="module")
def desk(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser on a desk."""
    with shared(chromium, viewport={"width": 1280, "height": 800}, locale="vi-VN") as context:
        yield context


@pytest.fixture(scope="module")
def session(desk: BrowserContext, site: str) -> Any:
    """The cookies of the editor, who signed in."""
    sign_in(desk.new_page(), site, "editor")
    cookies = desk.cookies()
    clean(desk)
    return cookies


@pytest.fixture
def officer(desk: BrowserContext, session: Any) -> Iterator[BrowserContext]:
    """A browser in which the editor is signed in."""
    desk.add_cookies(session)
    yield desk
    clean(desk)


def type_post(page: Page, title: str, text: str) -> None:
    page.fill("#title", title)
    page.click(".wse-content")
    page.keyboard.type(text)


def test_what_was_typed_is_there_after_the_browser_was_closed(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    type_post(page, "Bài viết dở", "Chưa kịp lưu.")
    expect(page.locator(STATUS)).to_contain_text(KEPT)
    page.close()
    again = officer.new_page()
    again.goto(site + NEW)
    again.click("text=Bài viết dở")
    expect(again.locator("#title")).to_have_value("Bài viết dở")
    expect(again.locator(".wse-content")).to_contain_text("Chưa kịp lưu.")


def test_what_was_typed_without_a_line_is_offered_when_the_page_is_opened_again(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    page.route("**/tu-luu", lambda route: route.abort())
    type_post(page, "Mất mạng", "Gõ khi mất mạng.")
    expect(page.locator(STATUS)).to_contain_text("Không kết nối được máy chủ")
    key = page.input_value("[name=copy_key]")
    kept = page.evaluate("key => Object.keys(localStorage).find(k => k.endsWith(key))", key)
    assert "Gõ khi mất mạng." in page.evaluate("k => localStorage.getItem(k)", kept)
    page.unroute("**/tu-luu")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(STATUS)).to_contain_text(KEPT)
    assert page.evaluate("k => localStorage.getItem(k)", kept) is None


def test_autosave_goes_on_after_signing_in_again_in_another_tab(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    cookies = officer.cookies()
    officer.clear_cookies()
    type_post(page, "Hết phiên", "Gõ khi phiên đã hết.")
    expect(page.locator(STATUS)).to_contain_text("Phiên làm việc đã hết")
    assert cookies
    sign_in(officer.new_page(), site, "editor")
    page.fill("#summary", "Gõ tiếp")
    expect(page.locator(STATUS)).to_contain_text(KEPT, timeout=30_000)


def test_nothing_is_kept_among_the_drafts_of_another_officer_who_signed_in_meanwhile(
    officer: BrowserContext, site: str
) -> None:
    page, other = officer.new_page(), officer.new_page()
    page.goto(site + NEW)
    officer.clear_cookies()
    sign_in(other, site, "author")
    type_post(page, "Của biên tập viên", "Không lẫn sang người khác.")
    expect(page.locator(STATUS)).to_contain_text("bằng tài khoản của cán bộ khác")
    other.goto(site + NEW)
    expect(other.locator("main")).not_to_contain_text("Của biên tập viên")
    officer.clear_cookies()
    sign_in(other, site, "editor")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(STATUS)).to_contain_text(KEPT)


def test_a_picture_goes_in_after_signing_in_again_in_another_tab(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    officer.clear_cookies()
    sign_in(officer.new_page(), site, "editor")
    page.click(".wse-content")
    page.locator('.wse button[aria-label="Ảnh"], .wse button[aria-label^="Ảnh "]').first.click()
    page.set_input_files("dialog[open] input[type=file]", PICTURE)
    page.fill("dialog[open] textarea", "Ngõ 85 sau khi dọn")
    page.click("dialog[open] button[type=submit], dialog[open] .wse-primary")
    expect(page.locator(".wse-content img")).to_have_attribute("alt", "Ngõ 85 sau khi dọn")


def test_text_of_an_old_font_is_shown_before_and_after_and_turned_on_request(
    officer: BrowserContext, site: str
) -> None:
    for typed, shown in (
        ("Uû ban nh©n d©n ph\u00adêng th«ng b¸o lÞch tiÕp d©n", "Uỷ ban nhân dân phường thông báo"),
        ("Uyû ban nhaân daân phöôøng thoâng baùo lòch tieáp daân", "Uyỷ ban nhân dân phường"),
    ):
        page = officer.new_page()
        page.goto(site + NEW)
        page.click(".wse-content")
        page.evaluate(PASTE, f"{typed}\n{typed}")
        dialog = page.locator("#legacy[open]")
        expect(dialog.locator("[data-after]")).to_contain_text(shown.removeprefix("Uyỷ "))
        for place in ("before", "after"):  # a line stays a line, for the two to be compared
            assert len(dialog.locator(f"[data-{place}]").inner_text().split("\n")) == 2
        expect(page.locator(".wse-content")).not_to_contain_text("phường")
        dialog.locator("[data-accept]").press("Enter")
        expect(page.locator(".wse-content")).to_contain_text("nhân dân phường")
        page.keyboard.press("Control+z")
        expect(page.locator(".wse-content")).not_to_contain_text("phường")
        page.close()


def test_a_title_in_an_old_font_is_offered_for_conversion_too(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    dialog = page.locator("#legacy[open]")
    for field, typed in (
        ("#title", "Th«ng b¸o lÞch tiÕp c«ng d©n th¸ng 12"),
        ("#summary", "Thoâng baùo lòch tieáp coâng daân thaùng 12"),
    ):
        page.fill(field, typed)
        page.locator(field).press("Tab")
        expect(dialog.locator("[data-before]")).to_have_text(typed)
        dialog.locator("[data-accept]").click()
        expect(page.locator(field)).to_have_value("Thông báo lịch tiếp công dân tháng 12")
    page.fill("#title", "Thông báo lịch tiếp công dân")
    with page.expect_response("**/chuyen-ma"):
        page.locator("#title").press("Tab")
    expect(dialog).to_have_count(0)


def test_a_picture_of_the_library_is_found_and_put_into_text_and_cover(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(f"{site}/quan-tri/hinh-anh")
    page.evaluate("document.querySelector('main details').open = true")
    page.set_input_files("input[name=files]", PICTURE | {"name": "tram.png"})
    page.fill("input[name=alt]", "Trạm Y tế phường")
    page.click("main form[method=post] button")
    expect(page.locator(".gallery")).to_contain_text("Trạm Y tế phường")
    page.goto(site + NEW)
    for place, shown in (("body", ".wse-content img"), ("cover", "[data-cover-shown] img")):
        page.click(f"[data-open-library={place}]")
        library = page.locator("#library[open]")
        expect(library.locator(".pick").first).to_be_visible()
        page.fill("#library-q", "khong co anh nay")
        page.keyboard.press("Enter")
        expect(library.locator("[data-found]")).to_contain_text("Không có ảnh")
        page.fill("#library-q", "tram y te")
        page.keyboard.press("Enter")
        library.locator(".pick").first.press("Enter")
        expect(page.locator(shown)).to_have_attribute("alt", "Trạm Y tế phường")
        expect(page.locator("#library")).to_be_hidden()


def test_the_library_shows_what_was_asked_last_and_tells_of_a_lost_line(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    found = page.locator("#library [data-found]")
    late: list[Route] = []
    page.route("**/hinh-anh/chon?*", lambda route: late.append(route), times=1)
    with page.expect_request("**/hinh-anh/chon?*"):
        page.click("[data-open-library=body]")
    page.fill("#library-q", "khong co anh nay")
    with page.expect_event("requestfailed"):  # the first question is not waited for any more
        page.keyboard.press("Enter")
    expect(found).to_contain_text("Không có ảnh")
    officer.set_offline(True)
    page.keyboard.press("Enter")
    expect(found).to_have_text(re.compile("^Chưa lấy được danh sách ảnh"))
    officer.set_offline(False)
    page.keyboard.press("Enter")
    expect(found).to_have_text(re.compile("^Không có ảnh"))
    assert len(late) == 1


def test_the_answers_of_a_template_outlive_a_lost_line_and_are_let_go_once_saved(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    kind = f"{site}/quan-tri/tin-tuc/mau/giay-moi"
    page.goto(kind)
    page.fill("#title", "Giấy mời họp tổ dân phố")
    for name in ("guests", "event", "when", "where", "contact"):
        page.fill(f"#{name}", f"Trả lời {name}")
    officer.set_offline(True)
    with page.expect_event("requestfailed"), suppress(Error):
        page.click("main form .btn:not([type=button])")
    officer.set_offline(False)
    page.close()
    page = officer.new_page()
    page.goto(kind)
    expect(page.locator("[data-kept]")).to_be_visible()
    expect(page.locator("#event")).to_have_value("Trả lời event")
    page.click("main form .btn:not([type=button])")
    expect(page.locator(".flash.success")).to_be_visible()
    page.wait_for_load_state()  # nobody leaves before the page's scripts have run
    page.goto(kind)
    expect(page.locator("#event")).to_have_value("")
    expect(page.locator("[data-kept]")).to_be_hidden()


def test_a_full_disk_takes_nothing_that_was_typed(
    officer: BrowserContext, site: str, instance: Path
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    with full_disk(instance):
        type_post(page, "Đĩa đầy", "Không được mất chữ nào.")
        expect(page.locator(STATUS)).to_contain_text("không ghi được")
        page.route("**/tu-luu", lambda route: route.abort())
        page.click("button[value=save]")
        expect(page.locator(".flash.error")).to_contain_text("không ghi được")
    expect(page.locator("#title")).to_have_value("Đĩa đầy")
    expect(page.locator(".wse-content")).to_contain_text("Không được mất chữ nào.")
    page.click("button[value=save]")
    expect(page.locator(".flash.success")).to_be_visible()
    expect(page.locator(".wse-content")).to_contain_text("Không được mất chữ nào.")


@contextmanager
def full_disk(instance: Path) -> Iterator[None]:
    """Let the processes that serve the instance write no file any further."""
    own = f"WARDSITE_INSTANCE={instance}".encode()
    servers = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # of another user, or ended meanwhile
            if own in (folder / "environ").read_bytes().split(b"\0"):
                servers.append(int(folder.name))
    assert servers
    for process in servers:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for process in servers:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


def test_two_officers_see_both_texts_and_lose_none(
    officer: BrowserContext, chromium: Browser, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    type_post(page, "Lịch họp", "Họp sáng thứ Hai.")
    page.click("button[value=save]")
    page.wait_for_url("**/quan-tri/tin-tuc/*")
    other = chromium.new_context(locale="vi-VN")
    colleague = other.new_page()
    sign_in(colleague, site, "admin")
    colleague.goto(page.url)
    colleague.fill("#title", "Lịch họp của đồng nghiệp")
    colleague.click("button[value=save]")
    expect(colleague.locator(".flash.success")).to_be_visible()
    page.fill("#title", "Lịch họp của tôi")
    page.click("button[value=save]")
    expect(page.locator("#conflict")).to_be_visible()
    expect(page.locator("#title")).to_have_value("Lịch họp của tôi")
    expect(page.locator(".difference del").first).to_contain_text("đồng nghiệp")
    page.click("button[value=save]")
    expect(page.locator(".flash.success")).to_be_visible()
    other.close()


def test_the_preview_shows_what_is_not_saved_at_both_widths(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    type_post(page, "Xem thử", "Chữ chưa lưu.")
    page.click("button[value=preview]")
    page.wait_for_url("**/xem-truoc/**")
    for name, width in (("phone", 360), ("desktop", 1280)):
        frame = page.frame_locator(f"iframe.{name}")
        expect(frame.locator("h1")).to_have_text("Xem thử")
        expect(frame.locator(".prose")).to_contain_text("Chữ chưa lưu.")
        assert page.locator(f"iframe.{name}").evaluate("f => f.contentWindow.innerWidth") == width


def test_a_picture_larger_than_the_server_takes_is_made_smaller_before_it_is_sent(
    officer: BrowserContext, site: str
) -> None:
    pixels = io.BytesIO()
    with Image.new("RGB", (4200, 3000), "navy") as image:  # over 12 million
        image.save(pixels, "WEBP", method=0)
    large: Any = {"name": "le-hoi.webp", "mimeType": "image/webp", "buffer": pixels.getvalue()}
    page = officer.new_page()
    page.goto(f"{site}/quan-tri/hinh-anh")
    page.evaluate("document.querySelector('main details').open = true")
    page.set_input_files("#files", large)
    page.fill("#alt", "Lễ hội")
    page.click("main form[method=post] button")
    expect(page.locator("main")).to_contain_text("Lễ hội")
    page.goto(site + NEW)
    page.click("[data-tool=image]")
    page.set_input_files("dialog input[type=file]", large)
    page.fill("dialog textarea", "Lễ hội của phường")
    page.click("dialog button[type=submit]")
    shown = page.locator(".wse-content img")
    expect(shown).to_have_attribute("alt", "Lễ hội của phường")
    expect(shown).to_have_attribute("width", "1600")


def test_what_became_of_files_that_were_sent_is_told(officer: BrowserContext, site: str) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    expect(page.locator("main")).to_contain_text("Để đính kèm tệp")
    type_post(page, "Lịch họp có tệp", "Tổ dân phố số 5 họp.")
    page.click("button[value=save]")
    expect(page.locator("h1")).to_contain_text("Sửa bài viết")
    for name, content, told in (
        ("ke-hoach.zip", b"PK\x05\x06" + bytes(18), "ke-hoach.zip:"),
        ("gia.pdf", b"<script>alert(1)</script>", "gia.pdf:"),
        ("that.pdf", b"%PDF-1.4\n%%EOF", "Đã đính kèm"),
    ):
        file: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        page.set_input_files("#files", file)
        page.click("form[action$='/tep'] button")
        expect(page.locator(".flash").filter(has_text=told)).to_be_visible()
    page.goto(f"{site}/quan-tri/hinh-anh")
    page.evaluate("document.querySelector('main details').open = true")
    text: Any = {"name": "ghi-chu.png", "mimeType": "image/png", "buffer": b"not a picture"}
    page.set_input_files("#files", text)
    page.click("main form[method=post] button")
    expect(page.locator(".flash").filter(has_text="ghi-chu.png:")).to_be_visible()


def test_files_outlive_a_lost_line_and_are_sent_once_however_often_the_button_is_pressed(
    officer: BrowserContext, site: str
) -> None:
    page = officer.new_page()
    page.goto(f"{site}/quan-tri/hinh-anh")
    page.evaluate("document.querySelector('main details').open = true")
    page.set_input_files("#files", PICTURE | {"name": "mot-lan.png"})
    page.fill("#alt", "Ảnh gửi một lần")
    add = page.locator("main form[method=post] .actions button")
    officer.set_offline(True)
    add.click()
    expect(page.locator("[data-upload]")).to_contain_text("Chưa gửi được tệp")
    assert page.evaluate("document.getElementById('files').files[0].name") == "mot-lan.png"
    officer.set_offline(False)
    sent: list[Route] = []
    page.route(page.url, lambda route: sent.append(route), times=1)
    with page.expect_request(page.url):
        add.click()
    again: list[Request] = []
    page.on("request", lambda request: again.append(request))
    add.click()
    expect(page.locator("#alt")).to_have_value("Ảnh gửi một lần")
    assert not again
    sent[0].continue_()
    expect(page.locator(".gallery")).to_contain_text("Ảnh gửi một lần")


def test_what_was_saved_is_not_offered_as_never_sent(officer: BrowserContext, site: str) -> None:
    page = officer.new_page()
    page.goto(site + NEW)
    type_post(page, "Bài đã lưu", "Một câu.")
    page.click("button[value=publish]")
    expect(page.locator("h1")).to_contain_text("Sửa bài viết")
    page.click(".wse-content")
    page.keyboard.type("Thêm. ")
    page.fill("#change_note", "Thêm một câu")
    page.click("button[value=save]")
    expect(page.locator(".flash").filter(has_text="Đã lưu")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("chưa gửi được")
