"""The front door: home, the Covid-19 page, what is mandated and what is blank."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine

from tests.page import Browser, Page

ALT = "Cài đặt ứng dụng Bluezone: phát hiện, truy vết nhanh người có khả năng bị lây nhiễm Covid-19"
TOUR = "/quan-tri/tro-giup/lam-quen/xong"  # puts the tour of the first sign-in away
SOURCES = ("https://moh.gov.vn/", "https://suckhoedoisong.vn/", "https://soyte.hanoi.gov.vn/")
AUTHORITIES = ("Chính phủ", "Thủ tướng Chính phủ", "Bộ Y tế", "Thành ủy", "UBND Thành phố", "Quận")


def headings(page: Page) -> list[str]:
    return [node.text for node in page.root.walk() if re.fullmatch("h[1-6]", node.name)]


@pytest.mark.parametrize("path", ["/", "/en/"])
def test_home_shows_what_the_dispatch_orders(client: Browser, path: str) -> None:
    page = client.get(path)
    banner = page.one(data_slot="bluezone").one("a")
    assert banner["href"] == "https://www.bluezone.gov.vn/"
    assert re.sub(r"\s*:\s*", ": ", banner.text).startswith(ALT)
    smartcity = page.one("section", aria_labelledby="app-hanoi-smartcity")
    for action in ("Khai báo thông tin", "Báo cáo", "Phản ánh"):
        assert action in smartcity.text
    hrefs = {node["href"] for node in page.all("a")}
    assert set(SOURCES) <= hrefs
    assert "tel:19009095" in hrefs
    assert "Phòng, chống dịch Covid-19" in headings(page)
    assert "1208/UBND-VHTT" in page.text
    assert "1979/STTTT-TTĐT" in page.text


def test_what_the_unit_has_not_said_is_a_blank_and_not_an_invention(client: Browser) -> None:
    page = client.get("/")
    blanks = page.all("span", class_="blank")
    assert len(blanks) >= 5
    assert {node.text for node in blanks} == {"Đơn vị chưa cập nhật"}
    assert "Phường Hạ Đình" in page.title
    assert "UBND quận Thanh Xuân" in page.one("header").text
    for invented in ("lorem", "example.com", "0123456789", "Nguyễn Văn A"):
        assert invented not in page.response.text.lower()


def test_the_date_is_todays_in_vietnam_and_in_the_pages_language(client: Browser) -> None:
    # 17:30 UTC is already the next day in Hà Nội.
    with time_machine.travel(datetime(2026, 11, 23, 17, 30, tzinfo=UTC), tick=False):
        assert "Thứ Ba, ngày 24/11/2026" in client.get("/").text
        assert "Tuesday, 24 November 2026" in client.get("/en/").text


def test_the_covid_page_groups_directives_by_the_six_authorities_in_their_order(
    client: Browser,
) -> None:
    page = client.get("/covid-19")
    groups = page.one("ol", class_="ranks").all("li")
    groups = [node for node in groups if node.parent and node.parent.get("class") == "ranks"]
    assert [node.one("h3").text for node in groups] == list(AUTHORITIES)
    assert "1979/STTTT-TTĐT" in groups[4].text
    assert "1208/UBND-VHTT" in groups[5].text
    hrefs = {node["href"] for node in page.all("a")}
    assert set(SOURCES) <= hrefs


@pytest.mark.parametrize(
    "path", ["/", "/covid-19", "/tin-tuc", "/van-ban", "/lien-he", "/dang-nhap", "/khong-co"]
)
def test_the_banner_stands_before_all_that_is_the_units_own(client: Browser, path: str) -> None:
    page = client.get(path, 404 if path == "/khong-co" else 200)
    order = [
        "banner" if node.get("data-slot") == "bluezone" else node.name
        for node in page.root.walk()
        if node.get("data-slot") == "bluezone" or node.name in ("nav", "main", "h1")
    ]
    order = [name for name in order if name != "h1"]
    assert order[0] == "banner"
    assert not page.one(data_slot="bluezone").all("button")


def test_the_menu_leads_to_the_mandated_topic_right_after_home(client: Browser) -> None:
    menu = client.get("/covid-19").one("nav", id="menu").all("a")
    assert [node["href"] for node in menu][:2] == ["/", "/covid-19"]
    assert menu[1]["aria-current"] == "page"


def test_english_pages_speak_english_and_keep_vietnamese_names(client: Browser) -> None:
    page = client.get("/en/")
    menu = page.one("nav", id="menu")
    assert {"Home", "News", "Documents", "Contact"} <= {node.text for node in menu.all("a")}
    assert "Phường Hạ Đình" in page.text
    assert page.one("a", hreflang="vi")["href"] == "/"
    assert client.get("/tin-tuc?trang=1").one("a", hreflang="en")["href"] == "/en/tin-tuc?trang=1"


@pytest.mark.parametrize(
    ("path", "words", "within"),
    [
        ("/en/nguon-tin", "Báo Sức khỏe và Đời sống", "h2"),
        ("/en/tin-tuc/thong-bao", "Thông báo", "li"),
        ("/en/van-ban", "Ủy ban nhân dân quận Thanh Xuân", "select"),
        ("/en/van-ban", "Phòng, chống dịch Covid-19", "select"),
    ],
)
def test_english_pages_say_which_words_are_vietnamese(
    client: Browser, path: str, words: str, within: str
) -> None:
    marked = [inner.text for node in client.get(path).all(within) for inner in node.all(lang="vi")]
    assert words in marked


def test_officers_see_the_mandate_locked_and_find_nothing_to_switch_off(
    signed_in: Callable[[str], Browser],
) -> None:
    admin = signed_in("admin")
    # The tour of the first sign-in is over: its form concerns nothing that is mandated.
    admin.post("/quan-tri/tro-giup/lam-quen/xong", page="/quan-tri")
    for path in ("/quan-tri", "/quan-tri/chi-dao"):
        page = admin.get(path)
        assert "Cài đặt ứng dụng Bluezone" in page.one("main").text
        for form in page.one("main").all("form"):
            assert form["action"] in ("/quan-tri/chi-dao/dong-bo", TOUR)


def test_officers_are_told_what_the_site_still_lacks(signed_in: Callable[[str], Browser]) -> None:
    steps = signed_in("admin").get("/quan-tri").one("ul", class_="steps")
    assert len(steps.all("li")) == 4
    assert {a["href"].partition("#")[0] for a in steps.all("a")} == {"/quan-tri/cai-dat"}
    assert not signed_in("author").get("/quan-tri").one("ul", class_="steps").all("a")
