"""The unit's own pages, people, calendars and links; and who may change them."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from PIL import Image

from tests.page import Browser
from wardsite.core.vi import short_date
from wardsite.extensions import db
from wardsite.media import service as media
from wardsite.models import OwnLink

Open = Callable[[str], Browser]
ADDRESS = "/quan-tri/trang"


def put(browser: Browser, address: str, fields: dict[str, Any], expected: int = 302) -> None:
    """Post a form; `status` and `name` are fields of its own."""
    token = browser.get(f"{ADDRESS}/trang").all("input", type="hidden")[0]["value"]
    answer = browser.client.post(f"{ADDRESS}/{address}", data={"csrf_token": token, **fields})
    assert answer.status_code == expected, re.findall(r"<li><a href=.#[^<]*", answer.text)


def add(browser: Browser, section: str, expected: int = 302, **fields: str) -> None:
    put(browser, f"{section}/them", fields, expected)


def test_people_stand_by_rank_then_by_given_name_and_contacts_are_told(
    signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    for name, rank in (
        ("Nguyễn Văn Ước", "9"), ("Trần Đình An", "9"), ("Lê Thị Đào", "9"), ("Vũ Dung", "9"),
        ("Phạm Thị Zung", "1"),
    ):  # fmt: skip
        add(editor, "can-bo", name=name, rank=rank, is_contact="y" if "Đào" in name else "")
    rows = client.get("/gioi-thieu").one("ul", class_="people").all("b")
    assert [row.text for row in rows] == [
        "Phạm Thị Zung", "Trần Đình An", "Vũ Dung", "Lê Thị Đào", "Nguyễn Văn Ước"
    ]  # fmt: skip
    contact = client.get("/lien-he").text
    assert "Lê Thị Đào" in contact
    assert "Vũ Dung" not in contact


@pytest.mark.parametrize("kind", ["page", "disclosure", "admission", "menu"])
def test_a_page_is_public_found_and_in_the_menu_once_published(
    kind: str, signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    body = "<p>Cháo cá</p><script>1</script>"
    fields = {"title": "Thực đơn tuần", "kind": kind, "body_html": body,
              "in_menu": "y", "order": "1"}  # fmt: skip
    add(editor, "trang", **fields, status="draft")
    client.get("/trang/thuc-don-tuan", 404)
    assert "Thực đơn tuần" not in client.get("/tim-kiem?q=chao+ca").all("main")[0].text
    put(editor, "trang/1", {**fields, "status": "published"})
    assert "Cháo cá" in client.get("/trang/thuc-don-tuan").text
    assert "/trang/thuc-don-tuan" in client.get("/").links
    assert "/trang/thuc-don-tuan" in client.get("/tim-kiem?q=chao+ca").links
    put(editor, "trang/1/xoa", {})
    client.get("/trang/thuc-don-tuan", 404)


def test_calendars_show_what_is_to_come(signed_in: Open, client: Browser) -> None:
    editor = signed_in("editor")
    now = datetime.now(UTC)
    for kind, days, subject in (
        ("reception", 3, "Chủ tịch tiếp công dân"), ("work", 1, "Họp giao ban"),
        ("work", -2, "Việc đã qua"),
    ):  # fmt: skip
        add(editor, "lich", kind=kind, day=short_date(now + timedelta(days=days)), subject=subject)
    page = client.get("/lich")
    assert "Chủ tịch tiếp công dân" in page.text
    assert "Họp giao ban" in page.text
    assert "Việc đã qua" not in page.text
    assert "/lich" in client.get("/").links


def test_people_hours_and_calendars_are_found_by_what_residents_call_them(
    signed_in: Open, client: Browser
) -> None:
    admin = signed_in("admin")
    today = datetime.now(UTC)
    add(admin, "can-bo", name="Nguyễn Văn Hùng", title="Chủ tịch", phone="024 3858 1234")
    for days, subject in ((3, "Chủ tịch tiếp công dân định kỳ"), (-2, "Buổi tiếp đã qua")):
        day = short_date(today + timedelta(days=days))
        add(admin, "lich", kind="reception", day=day, subject=subject)
    admin.post(
        "/quan-tri/cai-dat",
        name="Phường Hạ Đình",
        organisation="UBND phường",
        hours="8 giờ đến 17 giờ",
    )

    def found(words: str) -> list[str]:
        page = client.get(f"/tim-kiem?q={quote(words)}")
        return [title.one("a")["href"] for title in page.all("h2", class_="hit")]

    for words in ("nguyen van hung", "điện thoại chủ tịch", "024 3858 1234"):
        assert found(words) == ["/gioi-thieu#people"], words
    assert client.get("/gioi-thieu").one("h2", id="people")
    assert found("giờ làm việc") == ["/lien-he"]
    assert found("lịch tiếp công dân chủ tịch") == ["/lich#reception"]
    assert client.get("/lich").one("h2", id="reception")
    assert found("buổi tiếp đã qua") == []
    assert "#" not in client.get("/sitemap.xml").response.text
    put(admin, "can-bo/1/xoa", {})
    assert found("nguyen van hung") == []


def test_own_links_come_after_the_mandated_and_go_when_their_time_is_over(
    signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    tomorrow = short_date(datetime.now(UTC) + timedelta(days=1))
    yesterday = short_date(datetime.now(UTC) - timedelta(days=1))
    for place, label, until in (
        ("menu", "Mục riêng", ""), ("links", "Cổng dịch vụ", tomorrow), ("banner", "Cuộc thi", ""),
        ("links", "Đã hết hạn", yesterday),
    ):  # fmt: skip
        add(editor, "lien-ket", place=place, label=label, url="https://example.vn/",
            shown_until=until, order="0")  # fmt: skip
    text = client.get("/").text
    assert "Đã hết hạn" not in text
    for label in ("Mục riêng", "Cổng dịch vụ", "Cuộc thi"):
        assert text.index("Bluezone") < text.index(label)
    # Each stands once on every page: among the panels where it has them, else at the foot.
    for path in ("/", "/covid-19", "/lien-he", "/van-ban"):
        page = client.get(path)
        shown = [page.text.count(label) for label in ("Cổng dịch vụ", "Cuộc thi")]
        assert shown == [1, 1], path
        assert page.text.index("Cuộc thi") > page.text.rindex("Bluezone"), path
    foot = client.get("/van-ban").one("nav", class_="own-foot")
    assert [node.text for node in foot.all("a")] == ["Cổng dịch vụ", "Cuộc thi"]
    menu = [node.text for node in client.get("/").one("nav", id="menu").all("a")]
    assert menu.index("Phòng, chống dịch Covid-19") < menu.index("Mục riêng")
    english = client.get("/en/").one("nav", id="menu").all("span", lang="vi")
    assert [node.text for node in english] == ["Phòng, chống dịch Covid-19", "Mục riêng"]


def test_a_form_that_comes_back_says_that_its_picture_must_be_chosen_again(
    signed_in: Open,
) -> None:
    editor = signed_in("editor")
    picture = io.BytesIO()
    Image.new("RGB", (40, 10)).save(picture, "PNG")
    picture.seek(0)
    page = editor.post(
        f"{ADDRESS}/lien-ket/them", 422, place="banner", label="",
        picture=(picture, "bieu-ngu.png"),
    )  # fmt: skip
    assert "Tệp vừa chọn không được giữ lại" in page.text
    page = editor.post(f"{ADDRESS}/lien-ket/them", 422, place="banner", label="")
    assert "Tệp vừa chọn" not in page.text


def test_an_address_may_be_typed_as_people_say_it(signed_in: Open, client: Browser) -> None:
    add(signed_in("editor"), "lien-ket", place="links", label="Cổng dịch vụ",
        url="dichvucong.gov.vn/p/home", order="0")  # fmt: skip
    assert client.get("/").one("a", href="https://dichvucong.gov.vn/p/home")


def test_each_list_names_its_first_column_for_what_it_holds(signed_in: Open) -> None:
    editor = signed_in("editor")
    add(editor, "can-bo", name="Vũ Dung", rank="9")
    table = editor.get(f"{ADDRESS}/can-bo").one("table")
    assert table.all("th", scope="col")[0].text == "Họ và tên"


def test_a_menu_too_long_for_one_row_stands_in_two_or_in_columns(
    signed_in: Open, client: Browser
) -> None:
    def rows() -> str:
        return client.get("/").one("nav", id="menu").one("ul").get("class")

    assert rows() == ""
    editor = signed_in("editor")
    for label in ("Dịch vụ công trực tuyến", "Thực đơn tuần 48"):
        add(editor, "lien-ket", place="menu", label=label, url="https://example.vn/", order="0")
    assert rows() == "two-rows"
    for number in range(12):
        label = f"Mục riêng số {number}"
        add(editor, "lien-ket", place="menu", label=label, url="https://example.vn/", order="0")
    assert rows() == "many-rows"
    foot = client.get("/").one("footer").text
    assert "Mục riêng số 3" not in foot
    assert "Phòng, chống dịch Covid-19" in foot


def test_a_banner_has_a_picture_with_the_words_for_who_cannot_see_it(
    app: Flask, signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    content = io.BytesIO()
    Image.new("RGB", (600, 200), "navy").save(content, "PNG")
    fields = {"place": "banner", "label": "Cuộc thi", "url": "/tin-tuc", "order": "0"}
    put(editor, "lien-ket/them", {**fields, "picture": (io.BytesIO(content.getvalue()), "b.png")})
    for path in ("/", "/covid-19"):
        shown = client.get(path).one("div", class_="own-banners").one("img")
        assert (shown["alt"], shown["width"], shown["height"]) == ("Cuộc thi", "600", "200")
    with app.app_context():
        image_id = db.session.query(OwnLink).one().image_id
        assert image_id
    kept = editor.get(f"/quan-tri/hinh-anh/{image_id}")
    assert "Liên kết số 1" in kept.text
    assert "Xóa" not in kept.one("aside").text  # what is in use stays
    put(editor, "lien-ket/1", {**fields, "picture": (io.BytesIO(b"<svg/>"), "b.png")}, 422)
    put(editor, "lien-ket/1", {**fields, "remove_picture": "y"})
    assert "Cuộc thi" in client.get("/").one("div", class_="own-banners").text
    assert not client.get("/").one("div", class_="own-banners").all("img")


def test_a_picture_on_a_page_of_the_unit_counts_as_used(app: Flask, signed_in: Open) -> None:
    editor = signed_in("editor")
    with app.app_context():
        content = io.BytesIO()
        Image.new("RGB", (40, 30)).save(content, "PNG")
        image = media.add_image(content.getvalue(), "a.png", "", None, datetime.now(UTC))
        image_id, name = image.id, image.name
    fields = {"title": "Có hình", "kind": "page", "status": "published", "order": "0"}
    put(editor, "trang/them", {**fields, "body_html": f'<p><img src="/media/{name}" alt="h"></p>'})
    with app.app_context():
        assert [use.owner for use in media.uses(image_id)] == ["own_page:1"]
    put(editor, "trang/1/xoa", {})
    with app.app_context():
        assert media.uses(image_id) == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "ftp://x"]
)
def test_a_link_leads_to_the_web_or_to_this_site(url: str, signed_in: Open) -> None:
    add(signed_in("editor"), "lien-ket", 422, place="menu", label="x", url=url, order="0")


def test_authors_keep_out_of_pages_and_people(signed_in: Open) -> None:
    author = signed_in("author")
    for path in ("", "/can-bo", "/lich/them", "/lien-ket/1", "/trang/1/xoa"):
        author.get(ADDRESS + path, 403)
