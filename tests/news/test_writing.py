"""News as officers write it."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.page import Browser
from tests.writing import BODY, NEW, category_id, post_id, write_post
from wardsite.extensions import db
from wardsite.models import AuditEntry

TITLE = "Lịch tiêm chủng tháng 11"


def picture(width: int = 1200, height: int = 800) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (10, 90, 120)).save(file, "JPEG")
    file.seek(0)
    return file


def test_a_post_is_written_previewed_changed_published_and_deleted(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    edit = write_post(editor, TITLE, then="save").url
    for frame in editor.get(f"{edit}/xem-truoc").all("iframe"):
        assert editor.get(frame["src"]).one("h1").text == TITLE
    client.get("/tin-tuc/thong-bao/lich-tiem-chung-thang-11", 404)

    fields = {"category_id": category_id(editor, "Thông báo"), "body_html": BODY}
    editor.post(edit, title="Lịch tiêm chủng tháng 12", then="publish", **fields)
    client.get("/tin-tuc/thong-bao/lich-tiem-chung-thang-12")

    editor.post(edit, title="Lịch mới", then="save", **fields)
    page = client.get("/tin-tuc/thong-bao/lich-tiem-chung-thang-12")
    assert page.one("h1").text == "Lịch mới"

    gone = editor.post(f"{edit}/xoa")
    assert gone.url == "/quan-tri/tin-tuc"
    client.get("/tin-tuc/thong-bao/lich-tiem-chung-thang-12", 404)
    editor.get(edit, 403)


def test_two_posts_of_one_title_have_two_addresses(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    for body in ("<p>một</p>", "<p>hai</p>", "<p>ba</p>"):
        write_post(editor, TITLE, body=body)
    for suffix, word in (("", "một"), ("-2", "hai"), ("-3", "ba")):
        page = client.get(f"/tin-tuc/thong-bao/lich-tiem-chung-thang-11{suffix}")
        assert word in page.one("div", class_="prose").text


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("ĐỐNG ĐA – Ủy ban phường", "dong-da-uy-ban-phuong"),
        ("Công văn 1208/UBND-VHTT", "cong-van-1208-ubnd-vhtt"),
        ("Nha\u0302n Chi\u0301nh", "nhan-chinh"),
        ("!!! ???", "tin"),
    ],
)
def test_addresses_are_made_of_vietnamese_titles(
    signed_in: Callable[[str], Browser], client: Browser, title: str, slug: str
) -> None:
    write_post(signed_in("editor"), title)
    client.get(f"/tin-tuc/thong-bao/{slug}")


def test_markup_is_cleaned_on_the_way_in(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    body = (
        '<p onclick="x()" style="color:red">Chữ <b>đậm</b></p><script>alert(1)</script>'
        '<iframe src="https://evil.example"></iframe><a href="javascript:alert(1)">bấm</a>'
        '<img src="https://evil.example/x.png" onerror="x()">'
    )
    write_post(signed_in("editor"), "Bài có mã <script>alert(2)</script>", body=body)
    page = client.get("/tin-tuc")
    post = client.get(next(link for link in page.links if "bai-co-ma" in link))
    prose = post.one("div", class_="prose")
    assert "Chữ" in prose.text
    assert {"script", "iframe"}.isdisjoint(node.name for node in prose.walk())
    assert "evil.example" not in post.response.text
    assert "javascript:" not in post.response.text
    assert "<script>alert(2)" not in post.response.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"title": ""}, "Hãy nhập tiêu đề."),
        ({"title": "x" * 251}, "250"),
        ({"body_html": "<p> </p>"}, "Hãy viết nội dung."),
        ({"summary": "x" * 501}, "500"),
        ({"source_url": "javascript:alert(1)"}, "https://"),
        ({"source_url": "https://moh.gov.vn/bai"}, "nguồn"),
        ({"category_id": "999999"}, "chọn"),
        ({"category_id": "x"}, "chọn"),
    ],
)
def test_a_fault_is_told_in_vietnamese_and_what_was_typed_stays(
    signed_in: Callable[[str], Browser], fields: dict[str, str], told: str
) -> None:
    editor = signed_in("editor")
    typed = {
        "title": TITLE,
        "summary": "Tóm tắt đã gõ",
        "body_html": BODY,
        "category_id": category_id(editor, "Thông báo"),
    }
    page = editor.post(NEW, 422, **{**typed, **fields})
    errors = page.one("div", id="errors").text
    assert told.lower() in errors.lower()
    english = ("cannot", "must", "valid", "longer", "Not a", "Invalid", "data")
    assert not [word for word in english if word in errors]
    for name, value in {**typed, **fields}.items():
        if name in ("title", "source_url"):
            assert page.one("input", id=name)["value"] == value
        elif name == "summary":
            assert page.one("textarea", id=name).text == value
    assert "Trạm Y tế phường" in page.response.text or "body_html" in fields


def test_a_cover_is_made_anew_with_a_description(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    page = write_post(
        editor, TITLE, cover=(picture(), "ảnh bìa.jpg"), cover_alt="Người dân chờ tiêm"
    )
    shown = client.get("/tin-tuc/thong-bao/lich-tiem-chung-thang-11")
    image = shown.one("img", alt="Người dân chờ tiêm")
    assert image["src"].endswith(".webp")
    for address in [image["src"], *(part.split()[0] for part in image["srcset"].split(", "))]:
        answer = client.client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        answer.close()
    fields = {
        "title": TITLE,
        "body_html": BODY,
        "category_id": category_id(editor, "Thông báo"),
        "remove_cover": "y",
    }
    editor.post(page.url, **fields)
    shown = client.get("/tin-tuc/thong-bao/lich-tiem-chung-thang-11")
    assert not shown.all("img", alt="Người dân chờ tiêm")


def test_a_cover_without_a_description_or_that_is_no_picture_is_refused(
    signed_in: Callable[[str], Browser],
) -> None:
    editor = signed_in("editor")
    page = write_post(editor, TITLE, cover=(picture(), "a.jpg"), status=422)
    assert page.one("input", id="title")["value"] == TITLE
    fake = io.BytesIO(b"<?php system('x'); ?>")
    page = write_post(editor, TITLE, cover=(fake, "a.jpg"), cover_alt="ảnh", status=422)
    assert "JPEG" in page.one("div", id="errors").text


def test_an_upload_that_is_too_large_is_answered_in_the_sites_look(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    editor = signed_in("editor")
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    token = editor.get(NEW).all("input", name_="csrf_token")[0]["value"]
    data = {"csrf_token": token, "cover": (io.BytesIO(b"x" * 200_000), "a.jpg")}
    page = editor._page(editor.client.post(NEW, data=data), NEW, 413)
    assert page.one("h1").text == "Tệp quá lớn"


def test_the_deed_and_its_doer_are_on_record(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    editor = signed_in("editor")
    number = post_id(write_post(editor, TITLE))
    editor.post(f"/quan-tri/tin-tuc/{number}/xoa")
    with app.app_context():
        rows = db.session.execute(
            select(AuditEntry.user_name, AuditEntry.action).where(AuditEntry.subject == str(number))
        )
        deeds = [tuple(row) for row in rows]
    actions = [action for _name, action in deeds]
    assert actions[0] == "post-save"
    assert {"post-published", "post-bin"} <= set(actions)
    assert {name for name, _action in deeds} == {"the-editor"}


def test_the_officers_list_filters_by_state(signed_in: Callable[[str], Browser]) -> None:
    editor = signed_in("editor")
    write_post(editor, "Bài công khai")
    write_post(editor, "Bài còn nháp", then="save")
    for query, shown, hidden in (
        ("?trang-thai=draft", "Bài còn nháp", "Bài công khai"),
        ("?trang-thai=published", "Bài công khai", "Bài còn nháp"),
    ):
        page = editor.get(f"/quan-tri/tin-tuc{query}").one("table").text
        assert shown in page
        assert hidden not in page


def test_the_editor_speaks_the_language_of_the_page(signed_in: Callable[[str], Browser]) -> None:
    editor = signed_in("editor")
    for prefix, language in (("", "vi"), ("/en", "en")):
        field = editor.get(prefix + NEW).one("textarea", id="body_html")
        assert field["data-lang"] == language
