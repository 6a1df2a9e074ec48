"""The box that finds everything finds what the centre orders too, though it is in no table."""

from urllib.parse import quote

import pytest

from tests.page import Browser


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
    ],
)
def test_numbers_sources_and_applications_that_are_ordered_are_found(
    client: Browser, query: str, leads_to: str
) -> None:
    assert leads_to in hits(client, query)


def test_they_are_left_out_where_they_are_not_asked_for(client: Browser) -> None:
    assert hits(client, "bộ y tế", "&loai=tin-tuc") == []
    assert hits(client, "bộ y tế", "&trang=2") == []
    assert hits(client, "Bộ Y tế ngừng") == []
    assert hits(client, "'\"%") == []
    page = client.get("/tim-kiem?q=smartcity")
    assert "Không tìm thấy" not in page.text
    assert "Kết quả: 1" in page.text
