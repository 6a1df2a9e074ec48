"""The site's settings, as an admin changes them."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from tests.page import Browser

URL = "/quan-tri/cai-dat"
FIELDS = {
    "name": "Phường Hạ Đình",
    "organisation": "Ủy ban nhân dân phường Hạ Đình",
    "address": "Trụ sở để thử",
    "phone": "024.3858.0000",
    "email": "thu@example.gov.vn",
    "hours": "Thứ 2 đến Thứ 6: 7h30–11h30\n13h30–17h00",
    "responsible_name": "Trần Thị Thử",
    "responsible_title": "Chủ tịch UBND phường",
    "about_html": "<p>Giới thiệu</p><script>x()</script>",
}


def logo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGBA", (300, 200), (0, 80, 120, 128)).save(file, "PNG")
    file.seek(0)
    return file


def test_what_an_admin_fills_in_shows_on_the_site(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    signed_in("admin").post(URL, **FIELDS)
    footer = client.get("/").one("footer")
    for name in ("organisation", "address", "phone", "responsible_name", "responsible_title"):
        assert FIELDS[name] in footer.text
    assert footer.one("a", href="tel:02438580000")
    assert "13h30–17h00" in client.get("/lien-he").text
    about = client.get("/gioi-thieu")
    assert about.one("div", class_="prose article").text == "Giới thiệu"


def test_of_two_telephones_in_one_line_each_can_be_called(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    signed_in("admin").post(URL, **{**FIELDS, "phone": "024 3858 1234 - 024 3858 1235"})
    calls = [a["href"] for a in client.get("/").one("footer").all("a") if "tel:" in a["href"]]
    assert calls == ["tel:02438581234", "tel:02438581235"]


def test_the_units_own_logo_takes_the_place_of_the_emblem_and_may_be_removed(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    admin = signed_in("admin")
    admin.post(URL, logo=(logo(), "huy hiệu.png"), **FIELDS)
    image = client.get("/").one("header").one("img")
    assert image["src"].startswith("/media/")
    assert (image["width"], image["height"]) == ("300", "200")
    admin.post(URL, remove_logo="y", **FIELDS)
    header = client.get("/").one("header")
    assert header.one("svg", class_="emblem")
    assert not header.all("img")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 251), ("email", "không phải thư"), ("hours", "x" * 1001)],
)
def test_a_fault_is_told_in_vietnamese_and_nothing_is_changed(
    signed_in: Callable[[str], Browser], client: Browser, field: str, value: str
) -> None:
    page = signed_in("admin").post(URL, 422, **{**FIELDS, field: value})
    errors = page.one("div", id="errors").text
    assert not [word for word in ("Field", "longer", "cannot", "address.") if word in errors]
    assert page.one("input", id="address")["value"] == FIELDS["address"]
    assert FIELDS["address"] not in client.get("/").text


def test_a_logo_that_is_no_picture_is_refused(signed_in: Callable[[str], Browser]) -> None:
    bad = (io.BytesIO(b"<svg onload='x()'/>"), "logo.png")
    page = signed_in("admin").post(URL, 422, logo=bad, **FIELDS)
    assert "JPEG" in page.one("div", id="errors").text
