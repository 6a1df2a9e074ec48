"""The box that finds everything finds what the centre orders too, though it is in no table."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask import Flask

from tests.page import Browser
from wardsite.core.central_schema import Notice
from wardsite.core.mandate import Mandate
from wardsite.site.search import Ordered, ordered


def hits(client: Browser, query: str, more: str = "") -> list[str]:
    page = client.get(f"/tim-kiem?q={quote(query)}{more}")
    return [a["href"] for title in page.all("h2", class_="hit") for a in title.all("a")]


@pytest.mark.parametrize(
    ("query", "leads_to"),
    [
        ("đường dây nóng", "tel:19009095"),
        ("duong day nong bo y te", "tel:19009095"),
        ("19009095", "tel:19009095"),
        ("1900 9095", "tel:19009095"),
        ("0969.082.115", "tel:0969082115"),
        ("bộ y tế", "https://moh.gov.vn/"),
        ("bo y te", "https://moh.gov.vn/"),
        ("smartcity", "/covid-19"),
        ("bluezone", "https://www.bluezone.gov.vn/"),
        ("bluezon", "https://www.bluezone.gov.vn/"),
        ("cai dat bluezone", "https://www.bluezone.gov.vn/"),
        ("khai báo thông tin", "/covid-19"),
        ("phòng, chống dịch", "/covid-19"),
    ],
)
def test_what_is_ordered_is_found(client: Browser, query: str, leads_to: str) -> None:
    assert leads_to in hits(client, query)


@pytest.mark.parametrize(("language", "home"), [("", "/"), ("/en", "/en/")])
def test_a_notice_that_leads_nowhere_is_shown_on_the_home_page_of_that_language(
    app: Flask, language: str, home: str
) -> None:
    notice = Notice(
        id="khu-khuan",
        severity="info",
        title="Phun khử khuẩn",
        body="Cả phường, sáng thứ Bảy.",
        valid_from=datetime.now(UTC),
    )
    with app.test_request_context("/tim-kiem", environ_overrides={"SCRIPT_NAME": language}):
        found = ordered(Mandate(notices=(notice,)), "phun khử khuẩn")
    assert found == [Ordered("Notice", "Phun khử khuẩn", home)]


def test_they_are_left_out_where_they_are_not_asked_for(client: Browser) -> None:
    assert hits(client, "bộ y tế", "&loai=tin-tuc") == []
    assert hits(client, "bộ y tế", "&trang=2") == []
    assert hits(client, "Bộ Y tế ngừng") == []
    assert hits(client, "'\"%") == []
    page = client.get("/tim-kiem?q=smartcity")
    assert "Không tìm thấy" not in page.text
    assert "Kết quả: 1" in page.text


def documents(client: Browser, query: str) -> list[str]:
    page = client.get(f"/van-ban?q={quote(query)}")
    return [a["href"] for a in page.all("a") if a["href"].startswith("/van-ban/")]


@pytest.mark.parametrize(
    "query",
    [
        "số 1208/UBND-VHTT ngày 12/8/2020",
        "Công văn 1208/UBND-VHTT ngày 12 tháng 8 năm 2020",
        "công văn 1208 UBND VHTT",
        "CV 1208/UBND",
        "so 1208 ngay 12/08/2020",
        "12.8.2020",
    ],
)
def test_a_document_is_found_as_it_is_cited(client: Browser, query: str) -> None:
    assert hits(client, query)[0] == "/van-ban/1208-ubnd-vhtt"
    assert set(documents(client, query)) - {"/van-ban/rss.xml"} == {"/van-ban/1208-ubnd-vhtt"}


@pytest.mark.parametrize(
    ("address", "typed", "offered"),
    [
        ("/tim-kiem", "bluzone", "bluezone"),
        ("/tim-kiem", "blue zone", "bluezone"),
        ("/tim-kiem", "ứng dụng smart city", "ung dung smartcity"),
        ("/tim-kiem", "khai ba1o tho6ng tin", "khai bao thong tin"),
        ("/van-ban", "tawng cuwowngf tuyeen truyeenf", "tăng cường tuyên truyền"),
    ],
)
def test_slips_and_a_keyboard_left_on_english_are_mended(
    client: Browser, address: str, typed: str, offered: str
) -> None:
    page = client.get(f"{address}?q={quote(typed)}")
    links = [a.text for a in page.all("a") if a["href"].startswith(f"{address}?q=")]
    assert links == [offered]
    assert "phù hợp" not in client.get(f"{address}?q={quote(offered)}").text
