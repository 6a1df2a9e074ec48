"""The site in a real browser: the first day of a ward, what fits on a phone, what axe finds."""

import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.browser.served import PHONE, document_path, serving, sign_in
from tests.conftest import EXAMPLE, PASSWORD
from tests.terminal import wardsite

pytestmark = pytest.mark.browser

PUBLIC = ("/", "/covid-19", "/tin-tuc", "/tin-tuc/thong-bao", "/van-ban", "/nguon-tin")
PUBLIC += ("/gioi-thieu", "/lien-he", "/tinh-trang", "/dang-nhap", "/khong-co-trang-nay")
ARTICLE = "/tin-tuc/thong-bao/mau-lich-tiep-cong-dan-trong-thang"
OFFICERS = ("/quan-tri", "/quan-tri/tin-tuc", "/quan-tri/tin-tuc/viet", "/quan-tri/chi-dao")
OFFICERS += ("/quan-tri/cai-dat", "/quan-tri/tai-khoan/mat-khau")
HOME_LIMIT = 60 * 1024  # bytes, compressed, without images


def test_the_first_day_of_a_ward(tmp_path: Path, chromium: Browser, page: Page) -> None:
    instance = tmp_path / "instance"
    made = wardsite(
        instance,
        "init",
        *("--id", "ha-dinh", "--kind", "ward", "--name", "Phường Hạ Đình"),
        *("--district-url", str(EXAMPLE / "district.toml")),
        *("--district-key", str(EXAMPLE / "EXAMPLE-DO-NOT-USE.pub")),
    )
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", made.stdout)
    assert found, made.stdout
    with serving(instance) as site:
        resident = chromium.new_context(viewport=PHONE).new_page()
        resident.goto(site)
        expect(resident.get_by_role("heading", name="Phường Hạ Đình", level=1)).to_be_visible()
        expect(resident.locator("[data-slot=bluezone] a")).to_be_visible()

        page.set_viewport_size({"width": 1280, "height": 800})
        sign_in(page, site, "admin", found[0])
        page.get_by_label("Mật khẩu hiện tại").fill(found[0])
        page.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
        page.get_by_label(re.compile("Nhập lại mật khẩu mới|Mật khẩu mới lần nữa")).fill(PASSWORD)
        page.locator("main").get_by_role("button").last.click()
        expect(page).to_have_url(f"{site}/quan-tri")

        page.get_by_role("link", name="Viết bài").first.click()
        page.locator("#title").fill("Lịch tiêm chủng tại Trạm Y tế phường")
        page.locator("#category_id").select_option(label="Thông báo")
        editor = page.locator("[contenteditable=true]")
        editor.click()
        editor.press_sequentially("Tiêm chủng từ 7 giờ 30.")
        page.locator("button[value=publish]").click()
        expect(page.locator(".flash.success")).to_be_visible()

        resident.reload()
        resident.get_by_role("link", name="Lịch tiêm chủng tại Trạm Y tế phường").first.click()
        expect(resident.locator(".prose")).to_have_text("Tiêm chủng từ 7 giờ 30.")
        assert resident.url.endswith("/tin-tuc/thong-bao/lich-tiem-chung-tai-tram-y-te-phuong")
        resident.context.close()


def test_the_covid_page_on_a4_starts_its_directives_at_once_and_gives_each_source_one_address(
    site: str, page: Page
) -> None:
    page.goto(f"{site}/covid-19")
    paper = PdfReader(io.BytesIO(page.pdf(format="A4")))
    sheets = [re.sub(r"\s+", "", sheet.extract_text()) for sheet in paper.pages]
    assert "Chỉđạo,điềuhànhcủacáccấp" in sheets[0]
    assert "Chưacóvănbảntrêntrang" in sheets[0]
    assert sum(sheet.count("soyte.hanoi.gov.vn") for sheet in sheets) == 1
    (panel,) = [sheet for sheet in sheets if "NguồntinchínhthốngCổng" in sheet]
    assert "soyte.hanoi.gov.vn" in panel  # a panel is not cut in two


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_banner_is_whole_on_a_phones_first_screen_and_nothing_is_wider(
    site: str, page: Page, prefix: str
) -> None:
    """Other widths are tried in test_accessibility.py, on every page."""
    paths = [*PUBLIC, ARTICLE, document_path(page, site)]
    for path in paths:
        page.goto(f"{site}{prefix}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        box = page.locator("[data-slot=bluezone] a").bounding_box()
        assert box is not None, path
        assert box["y"] >= 0, path
        assert box["y"] + box["height"] <= PHONE["height"], path
        assert box["x"] >= 0, path
        assert box["x"] + box["width"] <= PHONE["width"], path
        assert box["height"] >= 44, path  # a finger's width, WCAG 2.5.5


def test_everything_reads_and_the_menu_leads_without_javascript(
    site: str, chromium: Browser
) -> None:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    for path in PUBLIC:
        page.goto(f"{site}{path}")
        expect(page.locator("h1")).to_be_visible()
    page.goto(f"{site}/")
    page.locator("[popovertarget=menu]").first.click()
    page.locator("#menu").get_by_role("link", name="Văn bản").click()
    expect(page).to_have_url(f"{site}/van-ban")
    page.goto(f"{site}/dang-nhap")
    sign_in(page, site, "the-editor", PASSWORD)
    page.goto(f"{site}/quan-tri/tin-tuc/viet")
    page.locator("#title").fill("Viết không cần JavaScript")
    page.locator("textarea#body_html").fill("<p>Một đoạn.</p>")
    page.locator("button[value=publish]").click()
    page.goto(f"{site}/tin-tuc")
    expect(page.get_by_role("link", name="Viết không cần JavaScript")).to_be_visible()
    context.close()


def test_the_page_is_reached_by_keyboard_from_the_skip_link(site: str, page: Page) -> None:
    page.goto(f"{site}/tin-tuc")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
