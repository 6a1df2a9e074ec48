"""Every item of the district file shows where the file says, and nowhere else."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.central.centre import Centre, district
from tests.central.conftest import UnitUnderTest
from tests.page import Browser, Node, Page
from tests.paper import leads_to, poster_text
from wardsite.accounts.service import add_user

TIMES = {
    "issued_at": "2020-08-12T00:00:00+07:00",
    "effective_from": "2020-08-12T00:00:00+07:00",
    "expires_at": "2099-08-12T00:00:00+07:00",
}
FROM = "valid_from = 2020-08-12T00:00:00+07:00"


def banner(name: str, position: str, scope: str = "all-pages") -> str:
    return f"""
[[banners]]
id = "{name}"
title = "Banner {name}"
alt = "Banner {name}: xin mời xem"
link_url = "https://example.vn/{name}"
position = "{position}"
scope = "{scope}"
mandatory = true
{FROM}
"""


EXTRA = (
    banner("top", "all-pages-top")
    + banner("home-only", "all-pages-top", "home")
    + banner("home-top", "home-top")
    + banner("side", "sidebar")
    + banner("foot", "footer")
    + f"""
[[topics]]
id = "covid-19"
label = "Phòng, chống dịch Covid-19"
slug = "covid-19"
mandatory = true
menu_order = 2
home_items = 1
[[topics]]
id = "chuyen-doi-so"
label = "Chuyển đổi số"
slug = "chuyen-doi-so"
mandatory = true
menu_order = 1
[[hotlines]]
id = "chung"
label = "Đường dây chung"
number = "1022"
display = "1022"
[[hotlines]]
id = "dich"
label = "Đường dây phòng dịch"
number = "19009095"
display = "1900 9095"
topic = "covid-19"
[[links]]
id = "bo-y-te"
label = "Bộ Y tế"
url = "https://moh.gov.vn/"
group = "covid-19"
mandatory = true
[[links]]
id = "chinh-phu"
label = "Cổng Chính phủ"
url = "https://chinhphu.vn/"
mandatory = true
[[notices]]
id = "khap-noi"
severity = "urgent"
title = "Thông báo mọi trang"
body = "Dòng một."
placement = "all-pages"
dismissible = true
mandatory = true
{FROM}
[[notices]]
id = "rieng-dich"
severity = "important"
title = "Thông báo phòng dịch"
body = "Dòng hai."
topic = "covid-19"
mandatory = true
{FROM}
"""
)


@pytest.fixture
def resident(make_unit: Callable[..., UnitUnderTest], centre: Centre) -> Browser:
    unit = make_unit()
    centre.publish(district(1, EXTRA, **TIMES))
    unit.sync(datetime.now(UTC))
    return Browser(unit.app)


def place_of(page: Page, name: str) -> str:
    """Return where the banner stands on the page, or nothing.

    The strip that says what applies today names it too: a line of text, not the banner.
    """
    links = [
        node
        for node in page.all("a", href=f"https://example.vn/{name}")
        if "banner" in node.get("class").split()
    ]
    if not links:
        return ""
    assert len(links) == 1
    node: Node | None = links[0]
    while node is not None:
        if node.get("data-slot") == "bluezone":
            return "slot"
        if node.name in ("aside", "footer"):
            return node.name
        if node.name == "main":
            return "main"
        node = node.parent
    return "elsewhere"


@pytest.mark.parametrize(
    ("name", "at_home", "elsewhere"),
    [
        ("top", "slot", "slot"),
        ("home-only", "slot", ""),
        ("home-top", "main", ""),
        ("side", "aside", "aside"),
        ("foot", "footer", "footer"),
    ],
)
def test_a_banner_stands_where_the_file_places_it(
    resident: Browser, name: str, at_home: str, elsewhere: str
) -> None:
    assert place_of(resident.get("/"), name) == at_home
    assert place_of(resident.get("/covid-19"), name) == elsewhere


def test_topics_stand_in_the_menu_in_their_order(resident: Browser) -> None:
    menu = resident.get("/").one("nav", id="menu").text
    assert menu.index("Chuyển đổi số") < menu.index("Phòng, chống dịch Covid-19")
    assert resident.get("/chuyen-de/chuyen-doi-so").one("h1").text == "Chuyển đổi số"


def test_a_topics_page_leaves_out_the_telephones_of_other_topics(resident: Browser) -> None:
    assert "1900 9095" in resident.get("/covid-19").text
    other = resident.get("/chuyen-de/chuyen-doi-so").text
    assert "1900 9095" not in other
    assert "Đường dây chung" in other


def test_links_stand_in_their_groups(resident: Browser) -> None:
    home = resident.get("/").text
    assert home.index("Cổng Chính phủ") < home.rindex("Phòng, chống dịch Covid-19 Bộ Y tế")
    topic = resident.get("/covid-19")
    assert [a for a in topic.all("a") if a.get("href") == "https://moh.gov.vn/"]
    assert not [a for a in topic.all("a") if a.get("href") == "https://chinhphu.vn/"]


def test_notices_show_on_their_pages(resident: Browser) -> None:
    contact = resident.get("/lien-he")
    assert "Thông báo mọi trang" in contact.text
    assert "Thông báo phòng dịch" not in contact.text
    assert "Thông báo phòng dịch" in resident.get("/covid-19").text
    assert "Thông báo phòng dịch" not in resident.get("/chuyen-de/chuyen-doi-so").text


def test_only_a_dismissible_notice_can_be_hidden_and_only_with_script(resident: Browser) -> None:
    page = resident.get("/covid-19")
    buttons = [node for node in page.all("button") if node.text == "Ẩn thông báo này"]
    assert len(buttons) == 1
    assert "hidden" in buttons[0].attributes


def test_without_any_banner_in_effect_there_is_no_empty_slot(
    make_unit: Callable[..., UnitUnderTest], centre: Centre
) -> None:
    unit = make_unit()
    body = district(1, **TIMES).decode()
    body = body.replace(
        "mandatory = true\nvalid_from = 2020-08-12T00:00:00+07:00\n",
        "mandatory = true\nvalid_from = 2020-08-12T00:00:00+07:00\n"
        "valid_to = 2020-09-12T00:00:00+07:00\n",
        1,
    )
    centre.publish(body.encode())
    unit.sync(datetime.now(UTC))
    assert not Browser(unit.app).get("/").all(data_slot="bluezone")


def test_a_mandated_notice_becomes_a_poster_and_a_picture(resident: Browser) -> None:
    app = resident.client.application
    with app.app_context():
        add_user("can-bo", "author", datetime.now(UTC), password="mat-khau-de-thu-nghiem")
    resident.sign_in("can-bo", "mat-khau-de-thu-nghiem")
    hrefs = [link.get("href") for link in resident.get("/quan-tri/chi-dao").all("a")]
    links = [href for href in hrefs if "/in/thong-bao/khap-noi/" in href]
    words = poster_text(resident.client.get(links[0]).data)
    assert "THÔNG BÁO KHẨN" in words
    assert "Dòng một." in words
    home = app.extensions["wardsite"].public_url + "/"
    assert leads_to(resident.client.get(links[1]).data, home)
    assert resident.client.get("/quan-tri/in/thong-bao/khong-co/ap-phich.pdf").status_code == 404


def test_a_campaign_of_its_own_says_its_title_and_does_not_borrow_bluezones_mark(
    make_unit: Callable[..., UnitUnderTest], centre: Centre
) -> None:
    unit = make_unit()
    campaign = banner("sxh", "all-pages-top").replace(
        'title = "Banner sxh"', 'title = "Không lăng quăng, không sốt xuất huyết"'
    )
    centre.publish(district(1, **TIMES) + campaign.encode())
    unit.sync(datetime.now(UTC))
    bluezone, ours = Browser(unit.app).get("/").one("div", data_slot="bluezone").all("a")
    assert "Không lăng quăng, không sốt xuất huyết" in ours.text
    assert "Banner sxh: xin mời xem" in ours.text
    assert bluezone.all("svg", class_="bluezone-mark")
    assert not ours.all("svg", class_="bluezone-mark")
