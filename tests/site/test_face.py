"""Strip of the moment, codes on paper, the statement, the theme: as a resident gets them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.page import Browser
from wardsite.site.moment import moment_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "/quan-tri/cai-dat"


def test_advice_is_overdue_from_the_first_limit_on() -> None:
    found = moment_of(NOW, NOW - DAY, NOW + 30 * DAY, None, 14 * DAY)
    assert (found.overdue, found.overdue_at) == (False, NOW + 13 * DAY)
    found = moment_of(NOW, NOW - DAY, NOW + DAY, None, 14 * DAY)
    assert found.overdue_at == NOW + DAY
    assert moment_of(NOW, NOW - 14 * DAY, NOW + DAY, None, 14 * DAY).overdue
    assert moment_of(NOW, NOW, NOW, None, 14 * DAY).overdue


@pytest.mark.parametrize(("contact", "expires"), [(None, NOW + DAY), (NOW, None), (None, None)])
def test_what_nobody_confirmed_never_looks_current(
    contact: datetime | None, expires: datetime | None
) -> None:
    assert moment_of(NOW, contact, expires, None, 14 * DAY).overdue


def test_the_strip_greys_by_itself_when_the_parent_unit_is_not_reached(client: Browser) -> None:
    strip = client.get("/covid-19").one("section", class_="now-strip")
    assert strip["data-state"] == "current"
    assert strip.one("a", href="https://www.bluezone.gov.vn/")
    with time_machine.travel(datetime.now(UTC) + 15 * DAY):
        strip = client.get("/covid-19").one("section", class_="now-strip")
    assert strip["data-state"] == "overdue"
    assert "quá hạn rà soát" in strip.text


def test_paper_carries_codes_of_the_banner(client: Browser) -> None:
    page = client.get("/van-ban")
    path = next(link for link in page.links if link.startswith("/van-ban/"))
    codes = client.get(f"{path}?ban-in=1").one("div", class_="paper-only codes")
    assert codes.one("svg", role="img")["aria-label"].startswith("Mã QR: ")
    assert "https://www.bluezone.gov.vn/" in codes.text


def test_headings_keep_their_compounds_whole(client: Browser) -> None:
    page = client.get("/covid-19")
    held = [node.text for node in page.one("footer").one("h2").all("span", class_="nb")]
    assert held[:2] == ["thông tin", "điện tử"]  # the program's own words
    held = [node.text for node in page.all("h2", id="directives")[0].all("span", class_="nb")]
    assert held == ["Chỉ đạo", "điều hành"]


def test_every_page_leads_to_the_statement(client: Browser) -> None:
    assert "/tiep-can" in client.get("/").links
    page = client.get("/tiep-can")
    assert "WCAG" in page.text
    assert "Chưa kiểm thử với người khuyết tật" in page.text


def test_the_theme_and_offline_reading_are_settings(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    html = client.get("/").one("html")
    assert (html["data-theme"], html["data-offline"]) == ("ho", "on")
    assert "const SHELL" in client.client.get("/sw.js").text
    signed_in("admin").post(URL, name="Phường Hạ Đình", theme="sen")
    html = client.get("/").one("html")
    assert (html["data-theme"], html["data-offline"]) == ("sen", "off")
    assert client.client.get("/manifest.webmanifest").json["theme_color"] == "#4a1630"
    worker = client.client.get("/sw.js")
    assert "unregister" in worker.text
    assert worker.headers["Cache-Control"] == "no-cache"


def test_a_theme_that_is_not_offered_is_refused(signed_in: Callable[[str], Browser]) -> None:
    signed_in("admin").post(URL, 422, name="Phường Hạ Đình", theme="do")
    assert signed_in("admin").get("/").one("html")["data-theme"] == "ho"


def test_officers_see_every_part_of_the_design(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("author").get("/quan-tri/giao-dien")
    for theme in ("ho", "ngoc", "sen", "cham", "nau"):
        assert page.all("div", data_theme=theme)
    assert [part["data-state"] for part in page.all("div", class_="now-strip")] == [
        "current",
        "overdue",
    ]


def test_a_text_browser_which_shows_what_is_hidden_is_not_told_that_the_network_is_gone(
    client: Browser,
) -> None:
    html = client.client.get("/").text
    assert "Không có mạng" in html
    assert "Không có mạng" not in re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)


def test_what_stands_side_by_side_is_apart_without_styles_too(client: Browser) -> None:
    html = client.client.get("/van-ban").text
    text = " ".join(re.sub(r"<[^>]+>", "", html).split())
    assert "1208/UBND-VHTT 12/08/2020 Công văn" in text
