"""The ways of someone who has no pointer: menu, search, forms, and where the focus is seen."""

import re
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import press, sign_in
from tests.conftest import PASSWORD
from wardsite.site.guides import TOUR

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement"


def test_the_menu_opens_closes_and_gives_the_focus_back(site: str, page: Page) -> None:
    page.goto(f"{site}/")
    opener = page.locator("header [popovertarget=menu]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#menu")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.closest('#menu') !== null")
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    expect(opener).to_be_focused()


def test_tab_reaches_everything_in_order_and_shows_where_it_is(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{site}/covid-19")
    places = []
    for _ in range(200):
        page.keyboard.press("Tab")
        place = page.evaluate(
            f"(() => {{ const node = {FOCUSED}; if (node === document.body) return null;"
            " const style = getComputedStyle(node);"
            " return [node.outerHTML.slice(0, 80), style.outlineStyle, style.outlineWidth]; })()"
        )
        if place is None:
            break
        places.append(place)
    controls = "a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']"
    visible = page.locator(controls).evaluate_all(
        "nodes => nodes.filter((node) => node.tabIndex >= 0 && node.checkVisibility()).length"
    )
    assert len(places) == visible
    assert not [place for place in places if place[1] == "none" or place[2] == "0px"]


def test_a_search_is_made_with_the_keyboard(site: str, page: Page) -> None:
    page.goto(f"{site}/tim-kiem")
    page.locator("#q").focus()
    page.keyboard.type("bluezone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="kết quả")).to_be_visible()


def test_a_faulty_form_leads_to_the_field_that_is_wrong(site: str, page: Page) -> None:
    page.goto(f"{site}/dang-nhap")
    page.locator("#password").focus()
    page.keyboard.press("Enter")
    link = page.locator("#errors a").first
    expect(link).to_be_visible()
    link.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUSED}.matches('.field.bad input')")
    described = page.evaluate(f"{FOCUSED}.getAttribute('aria-describedby')")
    assert page.locator(f"#{described.split()[-1]}").inner_text() != ""


def test_what_is_touched_is_large_enough(site: str, page: Page) -> None:
    for path in ("/", "/covid-19", "/lien-he"):
        page.goto(f"{site}{path}")
        small = page.locator("header button, header a, #menu a, .btn, .phones a").evaluate_all(
            "nodes => nodes.filter((node) => node.checkVisibility()).map((node) => "
            "[node.outerHTML.slice(0, 90), node.getBoundingClientRect()])"
            ".filter(([, box]) => box.height < 44 || box.width < 44).map(([html]) => html)"
        )
        assert small == [], path


def test_the_tour_is_walked_with_the_keyboard_to_its_end(site: str, page: Page) -> None:
    sign_in(page, site, "the-author", PASSWORD)
    tour = page.locator("#tour")
    for number in range(1, len(TOUR)):
        expect(tour).to_contain_text(f"bước {number}/{len(TOUR)}")
        if number > 1:
            expect(tour).to_be_focused()  # what is read out next, and where Tab goes on from
        else:
            tour.focus()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Bước tiếp")).to_be_focused()
        page.keyboard.press("Enter")
    expect(tour).to_contain_text(f"bước {len(TOUR)}/{len(TOUR)}")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Xong")).to_be_focused()
    page.keyboard.press("Enter")
    expect(tour).to_have_count(0)


def test_an_officers_own_account_is_kept_with_the_keyboard(site: str, page: Page) -> None:
    page.goto(f"{site}/dang-nhap")
    page.locator("#name").focus()
    page.keyboard.type("the-editor")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/quan-tri")
    page.goto(f"{site}/quan-tri/tai-khoan")
    press(page, page.get_by_role("link", name="Thiết lập xác thực hai bước"))
    secret = page.locator("main code").first.inner_text().replace(" ", "")
    page.locator("#code").focus()
    page.keyboard.type(pyotp.TOTP(secret).at(datetime.now(UTC)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thẻ cứu hộ")).to_be_visible()
    codes = page.locator("ol.codes code").all_inner_texts()
    # The way on lies behind the card, and the printer is reached before it.
    press(page, page.get_by_role("link", name="Đã cất thẻ"))
    page.wait_for_url(f"{site}/quan-tri/tai-khoan")
    # Elsewhere, with a code of the card: another session, to be ended from here.
    other = page.context.browser.new_context(locale="vi-VN")  # type: ignore[union-attr]
    there = other.new_page()
    sign_in(there, site, "the-editor", PASSWORD)
    there.locator("#code").focus()
    there.keyboard.type(codes[0])
    there.keyboard.press("Enter")
    there.wait_for_url(f"{site}/quan-tri")
    page.reload()
    expect(page.get_by_text("Mã khôi phục còn lại: 7")).to_be_visible()
    press(page, page.get_by_role("button", name="Kết thúc mọi phiên khác"))
    expect(page.get_by_role("status").filter(has_text="Đã kết thúc")).to_be_visible()
    there.goto(f"{site}/quan-tri")
    expect(there).to_have_url(re.compile("/dang-nhap"))
    other.close()
    press(page, page.get_by_role("button", name="Tạo mã khôi phục mới"))
    expect(page.get_by_role("heading", name="Thẻ cứu hộ")).to_be_visible()
    assert not set(codes) & set(page.locator("ol.codes code").all_inner_texts())
