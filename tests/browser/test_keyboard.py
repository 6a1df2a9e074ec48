"""The ways of someone who has no pointer: menu, search, forms, and where the focus is seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import sign_in
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
