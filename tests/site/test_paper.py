"""A post as an A4 poster and as a picture for Zalo, through the front door."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader

from tests.page import Browser
from tests.paper import leads_to, poster_text
from tests.writing import post_id, write_post
from wardsite.core.outline import Block, outline
from wardsite.media.card import SIDE, card
from wardsite.media.poster import poster
from wardsite.media.sheet import Sheet, prepared, printable

TITLE = "Lịch tiêm vắc-xin phòng Covid-19 cho trẻ em từ 12 đến 17 tuổi trên địa bàn phường"
BODY = (
    "<p>Đề nghị ông/bà đưa trẻ đến đúng giờ.</p><table><thead><tr><th>Ngày</th><th>Địa điểm</th>"
    "</tr></thead><tbody><tr><td>01/12/2026</td><td>Trạm Y tế phường</td></tr></tbody></table>"
    "<h2>Giấy tờ</h2><ol><li><p>Căn cước</p></li><li><p>Phiếu đồng ý</p></li></ol>"
)


def test_a_post_becomes_a_poster_and_a_picture_in_one_click(
    signed_in: Callable[[str], Browser], app: Flask
) -> None:
    browser = signed_in("editor")
    page = write_post(browser, TITLE, body=BODY)
    links = [link["href"] for link in page.all("a") if "/quan-tri/in/" in link.get("href")]
    assert len(links) == 2
    printed, picture = (browser.client.get(link) for link in links)
    assert printed.mimetype == "application/pdf"
    assert "filename=lich-tiem" in printed.headers["Content-Disposition"]
    words = poster_text(printed.data)
    for part in (TITLE, "THÔNG BÁO", "01/12/2026 Trạm Y tế phường", "2. Phiếu đồng ý", "Quét mã"):
        assert part in words
    assert picture.mimetype == "image/jpeg"
    path = next(link["href"] for link in page.all("a") if link.text == "Xem trên trang")
    assert leads_to(picture.data, app.extensions["wardsite"].public_url + path)
    # In English the officer reads English; what goes to the board stays Vietnamese.
    assert "Quét mã" in poster_text(browser.client.get("/en" + links[0]).data)


def test_a_draft_says_so_and_has_no_code_and_what_is_withdrawn_makes_none(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    author, editor = signed_in("author"), signed_in("editor")
    number = post_id(write_post(author, TITLE, then="save", body=BODY))
    address = f"/quan-tri/in/tin-tuc/{number}/ap-phich.pdf"
    words = poster_text(author.client.get(address).data)
    assert "BẢN NHÁP – CHƯA ĐĂNG" in words
    assert "Quét mã" not in words
    foreign = post_id(write_post(editor, "Của người khác", then="save"))
    for kind in ("ap-phich.pdf", "anh-zalo.jpg"):
        there = f"/quan-tri/in/tin-tuc/{foreign}/{kind}"
        assert author.client.get(there).status_code == 403
        assert client.client.get(there).status_code == 302
        assert editor.client.get(f"/quan-tri/in/tin-tuc/99999/{kind}").status_code == 404
    editor.post(f"/quan-tri/tin-tuc/{foreign}/xoa")
    assert editor.client.get(f"/quan-tri/in/tin-tuc/{foreign}/ap-phich.pdf").status_code == 404


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Ượ", ""),
        ("Về việc tăng cường công tác phòng, chống dịch " * 5, "<p>" + "Đề nghị. " * 9000 + "</p>"),
        ("W" * 250, "<p>" + "x" * 3000 + "</p>"),
        (
            "🎉 Chào mừng ⅔ ş ﬁ\u0301",
            "<table>" + "<tr>" + "<td>dài lắm</td>" * 30 + "</tr></table>",
        ),
        (
            "Bảng",
            "<table>" + "<tr><td>Ô</td><td>" + "Chữ trong ô. " * 60 + "</td></tr></table>" * 9,
        ),
    ],
)
def test_whatever_is_written_fits_one_sheet(title: str, body: str) -> None:
    sheet = Sheet(
        "Ủy ban nhân dân phường Hạ Đình " * 4,
        title.strip(),
        label="THÔNG BÁO",
        lead="Tóm tắt của tin.",
        blocks=outline(body),
        contact=("Số 9 " * 60,),
        address="https://phuong.example.vn/tin-tuc/thong-bao/" + "a" * 200,
        invitation="Quét mã để đọc toàn văn",
        more="… Còn nữa",
    )
    reader = PdfReader(io.BytesIO(poster(sheet)))
    places: list[tuple[float, float]] = []

    def note(text: str, _cm: object, matrix: list[float], *_font: object) -> None:
        if text.strip():
            places.append((matrix[4], matrix[5]))

    words = reader.pages[0].extract_text(visitor_text=note)
    assert len(reader.pages) == 1
    assert all(40 <= x <= 560 and 0 < y < 842 for x, y in places)
    assert ("Còn nữa" in words) == (len(body) > 2000)
    assert Image.open(io.BytesIO(card(sheet))).size == (SIDE, SIDE)


def test_a_text_is_read_into_blocks() -> None:
    html = "<ul><li><p>Một</p><ul><li>Hai</li></ul></li></ul><ol start='3'><li>Ba<br>bốn</li></ol>"
    assert outline(html) == [
        Block("item", "Một", "•"),
        Block("item", "Hai", "•"),
        Block("item", "Ba", "3."),
        Block("text", "bốn"),
    ]
    assert printable("ngày 12 tháng 8 🎉 ş") == "ngày\u00a012 tháng\u00a08 s"


def test_a_title_on_paper_parts_no_common_word() -> None:
    title = "Vận động người dân cài đặt ứng dụng Bluezone"
    sheet = prepared(Sheet(title=title, unit="Phường"))
    assert sheet.title.replace("\u00a0", "_") == "Vận động người_dân cài_đặt ứng_dụng Bluezone"
