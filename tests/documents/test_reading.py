"""Official documents as residents find them."""

import pytest

from tests.page import Browser, Page


def found(page: Page) -> list[str]:
    return [node.text for node in page.all("span", class_="doc-code")]


def test_the_list_has_what_the_centre_publishes_newest_first(client: Browser) -> None:
    page = client.get("/van-ban")
    assert found(page) == ["1208/UBND-VHTT", "1979/STTTT-TTĐT"]


def test_a_document_has_the_fields_that_officials_cite(client: Browser) -> None:
    link = next(
        link
        for link in client.get("/van-ban").links
        if link.startswith("/van-ban/") and "1208" in link
    )
    page = client.get(link)
    for fact in ("1208/UBND-VHTT", "Công văn", "12/08/2020", "Nguyễn Mạnh Đạt", "Thanh Xuân"):
        assert fact in page.one("main").text, fact
    assert "V/v tăng cường tuyên truyền" in page.one("h1").text
    english = client.get(f"/en{link}")
    assert "1208/UBND-VHTT" in english.one("main").text


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("nam=2020", ["1208/UBND-VHTT", "1979/STTTT-TTĐT"]),
        ("nam=1999", []),
        ("loai=cong-van", ["1208/UBND-VHTT", "1979/STTTT-TTĐT"]),
        ("loai=nghi-quyet", []),
        ("nam=20x0&loai=%00%22%3E", []),
    ],
)
def test_the_list_is_narrowed_by_kind_and_year(
    client: Browser, query: str, codes: list[str]
) -> None:
    assert found(client.get(f"/van-ban?{query}")) == codes
