"""The way of a post through the house, as its officers and residents see it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.page import Browser, Page
from tests.writing import BODY, category_id, post_id, write_post
from wardsite.core.vi import to_local
from wardsite.extensions import db
from wardsite.models import AuditEntry, Post
from wardsite.news import lifecycle, service

SignedIn = Callable[[str], Browser]
LIST = "/quan-tri/tin-tuc"


def at(number: int, action: str = "") -> str:
    return f"{LIST}/{number}{action}"


def save(browser: Browser, number: int, version: int, status: int = 200, **fields: str) -> Page:
    form = {
        "title": "Tiêm chủng",
        "body_html": BODY,
        "category_id": category_id(browser, "Thông báo"),
        "version": str(version),
        "then": "save",
        **fields,
    }
    return browser.post(at(number), status, page=f"{LIST}/viet", **form)


def actions(app: Flask) -> list[str]:
    with app.app_context():
        rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [row.action for row in rows if row.action.startswith("post-")]


def test_an_author_hands_in_an_editor_returns_it_and_then_publishes(
    app: Flask, signed_in: SignedIn, client: Browser
) -> None:
    author, editor = signed_in("author"), signed_in("editor")
    page = write_post(author, "Lịch tiêm", then="submit")
    assert "Đã gửi duyệt" in page.text
    assert author.get(at(1), 403)
    assert "Chờ duyệt" in editor.get("/quan-tri").text

    assert "Trả lại tác giả" in editor.get(at(1)).one("aside").text  # beside “Đăng”
    editor.post(at(1, "/tra-lai"), 422, comment="  ")
    editor.post(at(1, "/tra-lai"), comment="Thiếu giờ tiêm")
    assert "Thiếu giờ tiêm" in author.get(at(1)).text
    told = author.get("/quan-tri").one("section", **{"aria-labelledby": "approve"})
    assert "Bị trả lại" in told.text
    assert "Thiếu giờ tiêm" in told.text
    assert at(1) in [link["href"] for link in told.all("a")]
    save(author, 1, 1, title="Lịch tiêm buổi sáng", then="submit")

    editor.post(at(1, "/dang"))
    assert "Lịch tiêm buổi sáng" in client.get("/tin-tuc").text
    assert author.get(at(1), 403)
    steps = ["save", "submitted", "return", "save", "submitted", "published"]
    assert actions(app) == [f"post-{step}" for step in steps]


def test_an_author_takes_a_submitted_post_back(signed_in: SignedIn) -> None:
    author = signed_in("author")
    write_post(author, "Lịch tiêm", then="submit")
    read = author.get(at(1, "/xem-truoc"))
    assert at(1, "/xem-truoc") in author.get(LIST).links
    assert at(1) not in read.links  # nothing leads to a form that is closed to the author
    assert [form["action"] for form in read.all("form") if "rut-lai" in form["action"]]
    page = author.post(at(1, "/rut-lai"), page=LIST)
    assert "đã trở lại thành bản nháp" in page.text
    assert at(1) in author.get(at(1, "/xem-truoc")).links


def test_one_officer_publishes_in_one_step(signed_in: SignedIn, client: Browser) -> None:
    page = write_post(signed_in("editor"), "Lịch tiêm", then="publish")
    assert "Đã đăng" in page.text
    client.get("/tin-tuc/thong-bao/lich-tiem")


def test_a_button_pressed_twice_writes_one_post(app: Flask, signed_in: SignedIn) -> None:
    author = signed_in("author")
    for title in ("Lịch tiêm", "Lịch tiêm", "Lịch tiêm đợt hai"):
        write_post(author, title)
    with app.app_context():
        titles = [post.title for post in db.session.query(Post).order_by(Post.id)]
    assert titles == ["Lịch tiêm", "Lịch tiêm đợt hai"]


def test_what_was_withdrawn_meanwhile_is_not_published_by_a_page_left_open(
    signed_in: SignedIn, client: Browser
) -> None:
    first, second = signed_in("editor"), signed_in("admin")
    write_post(first, "Lịch tiêm", then="draft")
    form = first.get(at(1, "/dang")).one("form", action=at(1, "/dang"))
    left_open = {node["name"]: node["value"] for node in form.all("input")}
    second.post(at(1, "/dang"), version="1", state="draft")
    second.post(at(1, "/go"), reason="Sai ngày")
    first.post(at(1, "/dang"), 409, **left_open)
    assert "Sai ngày" in client.get("/tin-tuc/thong-bao/lich-tiem", 410).text


def test_a_post_appears_and_ends_to_the_minute_with_no_job(
    app: Flask, signed_in: SignedIn, client: Browser
) -> None:
    start = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        begins, ends = start + timedelta(minutes=30), start + timedelta(hours=2)
        moments = {
            "publish_at": f"{to_local(begins):%Y-%m-%dT%H:%M}",
            "withdraw_at": f"{to_local(ends):%Y-%m-%dT%H:%M}",
        }
        page = write_post(signed_in("editor"), "Giấy mời họp", **moments)
        assert "sẽ hiển thị từ Thứ Hai, ngày 02/11/2026, 08:30" in page.text
        address = "/tin-tuc/thong-bao/giay-moi-hop"
        with app.app_context():
            assert service.next_change(start) == begins
        clock.move_to(begins - timedelta(seconds=1))
        client.get(address, 404)
        clock.move_to(begins)
        assert "Giấy mời họp" in client.get("/tin-tuc").text
        client.get(address)
        with app.app_context():
            assert service.next_change(begins) == ends
        clock.move_to(ends)
        assert "Giấy mời họp" not in client.get("/tin-tuc").text
        gone = client.get(address, 410)
        assert "Nội dung này đã hết hạn" in gone.text
        assert "7 giờ 30" not in gone.text


def test_a_scheduled_post_that_nobody_saw_becomes_a_draft_without_a_reason(
    signed_in: SignedIn, client: Browser
) -> None:
    editor = signed_in("editor")
    write_post(editor, "Lịch tiêm", publish_at="2100-01-01T08:00")
    assert "Hẹn giờ đăng" in editor.get(at(1)).text
    assert "đã trở lại thành bản nháp" in editor.post(at(1, "/go")).text
    client.get("/tin-tuc/thong-bao/lich-tiem", 404)


def test_it_cannot_end_before_it_begins(signed_in: SignedIn) -> None:
    times = {"publish_at": "2100-01-02T08:00", "withdraw_at": "2100-01-02T08:00"}
    page = write_post(signed_in("editor"), "Lịch", status=422, **times)
    assert "Thời điểm gỡ phải sau thời điểm đăng." in page.text


def test_a_withdrawn_post_keeps_its_address_and_its_reason(
    signed_in: SignedIn, client: Browser
) -> None:
    editor = signed_in("editor")
    write_post(editor, "Lịch tiêm")
    assert "Hãy nêu lý do" in editor.post(at(1, "/go"), 422, reason=" ").text
    editor.post(at(1, "/go"), reason="Lịch đã thay đổi")
    page = client.get("/tin-tuc/thong-bao/lich-tiem", 410)
    assert "Lịch đã thay đổi" in page.text
    assert "7 giờ 30" not in page.text
    for listing in ("/tin-tuc", "/tin-tuc/thong-bao", "/"):
        assert "Lịch tiêm" not in client.get(listing).one("main").text
    editor.post(at(1, "/dang"))
    client.get("/tin-tuc/thong-bao/lich-tiem")


def test_the_address_stays_when_the_title_changes_and_the_old_one_leads_to_a_new_one(
    signed_in: SignedIn, client: Browser
) -> None:
    editor = signed_in("editor")
    write_post(editor, "Lịch tiêm")
    save(editor, 1, 1, title="Lịch tiêm tháng mười hai")
    assert "tháng mười hai" in client.get("/tin-tuc/thong-bao/lich-tiem").title
    save(editor, 1, 2, title="Lịch tiêm mới", new_address="y")
    moved = client.get("/tin-tuc/thong-bao/lich-tiem", 301)
    assert moved.response.location == "/tin-tuc/thong-bao/lich-tiem-moi"
    # Nobody else gets the old address, and it may be taken back.
    write_post(editor, "Lịch tiêm")
    client.get("/tin-tuc/thong-bao/lich-tiem-2")
    save(editor, 1, 3, title="Lịch tiêm", new_address="y")
    assert client.get("/tin-tuc/thong-bao/lich-tiem").title.startswith("Lịch tiêm")
    client.get("/tin-tuc/thong-bao/lich-tiem-moi", 301)


def test_residents_see_when_and_what_was_changed(signed_in: SignedIn, client: Browser) -> None:
    editor = signed_in("editor")
    write_post(editor, "Lịch tiêm")
    assert "Cập nhật" not in client.get("/tin-tuc/thong-bao/lich-tiem").one("article").text
    save(editor, 1, 1, body_html="<p>Dời sang buổi chiều.</p>", change_note="Đổi giờ tiêm")
    article = client.get("/tin-tuc/thong-bao/lich-tiem").one("article").text
    assert "Cập nhật" in article
    assert "Đổi giờ tiêm" in article


def test_a_repost_without_its_source_is_refused_and_kept_in_the_form(signed_in: SignedIn) -> None:
    editor, told = signed_in("editor"), "Bài đăng lại phải ghi rõ nguồn và đường dẫn đến nguồn."
    page = write_post(editor, "Tin đăng lại", repost="y", status=422)
    assert page.one("div", role="alert").text.count(told) == 2
    assert page.one("input", id="title")["value"] == "Tin đăng lại"
    cover = (io.BytesIO(b"GIF89a"), "a.gif")
    page = write_post(editor, "Tin đăng lại", repost="y", cover=cover, status=422)
    assert page.one("div", role="alert").text.count(told) == 2
    assert "Hãy mô tả ảnh đại diện" in page.one("div", role="alert").text
    for missing in ({"source_name": "Báo"}, {"source_url": "https://bao.example/1"}):
        assert write_post(editor, "Tin đăng lại", repost="y", status=422, **missing)
    assert write_post(
        editor, "Tin đăng lại", repost="y", source_name="Báo", source_url="https://bao.example/1"
    )


def test_an_address_typed_without_its_beginning_is_understood_and_a_bad_one_told_once(
    app: Flask, signed_in: SignedIn
) -> None:
    editor = signed_in("editor")
    for bad in ("không phải", "ftp://hanoimoi.vn/1", "javascript:alert(1)"):
        page = write_post(editor, "Tin", source_name="Báo", source_url=bad, status=422)
        assert page.one("div", role="alert").text.count("Hãy nhập địa chỉ đầy đủ") == 1
    write_post(editor, "Tin", source_name="Hà Nội mới", source_url="hanoimoi.vn/tin?so=1")
    with app.app_context():
        assert db.session.scalars(select(Post.source_url)).all() == ["https://hanoimoi.vn/tin?so=1"]


def test_what_is_being_written_is_not_offered_as_begun_and_not_saved(signed_in: SignedIn) -> None:
    editor = signed_in("editor")
    kept = {"copy_key": "new-1234567890abcdef", "title": "Bài đang viết", "body_html": BODY}
    editor.post(f"{LIST}/tu-luu", page=f"{LIST}/viet", **kept)
    assert "Bài đang viết" in editor.get(f"{LIST}/viet").one("section").text
    page = write_post(editor, "", status=422, copy_key=kept["copy_key"])
    assert page.all("section", id="unfinished") == []
    assert "chưa lưu" not in page.one("main").text


def test_two_officers_on_one_post_lose_nothing(app: Flask, signed_in: SignedIn) -> None:
    first, second = signed_in("editor"), signed_in("admin")
    write_post(first, "Lịch tiêm", then="save")
    save(second, 1, 1, title="Bản của người kia", body_html="<p>Sáng thứ Hai.</p>")
    page = save(first, 1, 1, 409, title="Bản của tôi", body_html="<p>Chiều thứ Ba.</p>")
    assert "the-admin đã lưu" in page.text
    assert page.one("input", id="title")["value"] == "Bản của tôi"
    assert "Sáng" in " ".join(node.text for node in page.all("del"))
    assert "Chiều" in " ".join(node.text for node in page.all("ins"))
    # Mine is kept on the server too; saving again from what is shown goes through.
    assert first.get(at(1)).one("input", id="title")["value"] == "Bản của tôi"
    version = page.one("input", name_="version")["value"]
    # The attribute is called name, which the finder takes for the element.
    assert version == "2"
    save(first, 1, 2, title="Bản của tôi", body_html="<p>Chiều thứ Ba.</p>")
    revision = first.get(at(1, "/lich-su/2"))
    assert "Bản của người kia" in revision.text


def test_what_is_typed_into_a_post_that_was_taken_away_meanwhile_comes_back(
    signed_in: SignedIn,
) -> None:
    author, editor = signed_in("author"), signed_in("editor")
    write_post(author, "Lịch tiêm", then="save")
    editor.post(at(1, "/dang"))
    page = save(author, 1, 1, 403, title="Công sức cả buổi")
    assert page.one("input", id="title")["value"] == "Công sức cả buổi"
    assert page.one("form", action=f"{LIST}/viet")


def test_the_history_shows_what_changed_and_brings_it_back(
    signed_in: SignedIn, client: Browser
) -> None:
    editor = signed_in("editor")
    text = "<p>Sáng thứ {day}.</p><p>Mang căn cước.</p>"
    same = {"title": "Lịch tiêm", "summary": "Lịch của Trạm Y tế"}
    write_post(editor, body=text.format(day="Hai"), **same)
    save(editor, 1, 1, body_html=text.format(day="Ba"), **same)
    page = editor.get(at(1, "/lich-su/2"))
    assert [node.text for node in page.all("del")] == ["Hai."]
    assert [node.text for node in page.all("ins")] == ["Ba."]
    assert "giống nhau" in editor.get(at(1, "/lich-su/2?so-voi=nay")).text
    editor.post(at(1, "/lich-su/1/khoi-phuc"), page=at(1, "/lich-su/1"))
    assert "thứ Hai" in client.get("/tin-tuc/thong-bao/lich-tiem").text
    assert editor.get(at(1, "/lich-su/3"))


def test_words_changed_side_by_side_are_read_as_one_change(signed_in: SignedIn) -> None:
    editor = signed_in("editor")
    write_post(editor, "Lịch tiêm cúm mùa tháng 12", then="save")
    save(editor, 1, 1, title="Lịch tiêm sởi và rubella tháng 12")
    title = editor.get(at(1, "/lich-su/2")).one("div", class_="difference").all("b")[0]
    assert [node.text for node in title.all("del")] == ["cúm mùa"]
    assert [node.text for node in title.all("ins")] == ["sởi và rubella"]


def test_a_picture_names_the_posts_that_use_it_to_whom_may_read_them(signed_in: SignedIn) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40)).save(picture, "PNG")
    editor, author = signed_in("editor"), signed_in("author")
    cover = (io.BytesIO(picture.getvalue()), "a.png")
    write_post(editor, "Họp tổ dân phố", then="save", cover=cover, cover_alt="Buổi họp")
    page = editor.get("/quan-tri/hinh-anh/1")
    assert "Họp tổ dân phố" in page.one("aside").text
    assert at(1, "/xem-truoc") in page.links
    unread = author.get("/quan-tri/hinh-anh/1").one("aside").text
    assert "Họp tổ dân phố" not in unread
    assert "Bài số 1" in unread


def test_the_bin_gives_back_for_thirty_days_and_then_lets_go(
    app: Flask, signed_in: SignedIn, client: Browser
) -> None:
    start = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        editor = signed_in("editor")
        write_post(editor, "Lịch tiêm")
        editor.post(at(1, "/xoa"))
        client.get("/tin-tuc/thong-bao/lich-tiem", 404)
        assert "Lịch tiêm" not in editor.get(LIST).one("main").text
        bin_page = f"{LIST}?trang-thai=binned"
        assert "Lịch tiêm" in editor.get(bin_page).text
        page = editor.post(at(1, "/khoi-phuc"), page=bin_page)
        assert "Bản nháp" in page.text
        client.get("/tin-tuc/thong-bao/lich-tiem", 404)
        editor.post(at(1, "/xoa"))
    with app.app_context():
        assert lifecycle.empty_bin(start + timedelta(days=30) - timedelta(seconds=1)) == 0
        assert lifecycle.empty_bin(start + timedelta(days=30)) == 1
        assert db.session.scalar(select(Post)) is None


def test_only_an_admin_deletes_for_good(signed_in: SignedIn) -> None:
    editor, admin = signed_in("editor"), signed_in("admin")
    write_post(editor, "Lịch tiêm", then="save")
    bin_page = f"{LIST}?trang-thai=binned"
    admin.post(at(1, "/xoa-han"), 409, page=LIST + "/viet")
    editor.post(at(1, "/xoa"))
    editor.post(at(1, "/xoa-han"), 403, page=bin_page)
    admin.post(at(1, "/xoa-han"), page=bin_page)
    admin.get(at(1), 404)


def test_pinned_posts_lead_the_lists_and_featured_ones_the_home_page(
    signed_in: SignedIn, client: Browser
) -> None:
    editor = signed_in("editor")
    write_post(editor, "Tin ghim", pinned="y")
    write_post(editor, "Tin nổi bật", featured="y")
    write_post(editor, "Tin mới")
    text = client.get("/tin-tuc").one("main").text
    assert text.index("Tin ghim") < text.index("Tin mới")
    text = client.get("/").one("main").text
    assert text.index("Tin nổi bật") < text.index("Tin mới")


def test_an_author_cannot_pin_by_a_forged_field(app: Flask, signed_in: SignedIn) -> None:
    write_post(signed_in("author"), "Tin", then="save", pinned="y", featured="y")
    with app.app_context():
        post = db.session.get_one(Post, 1)
        assert not post.pinned
        assert not post.featured


def test_a_post_with_the_topic_stands_on_the_topic_s_page(
    signed_in: SignedIn, client: Browser
) -> None:
    write_post(signed_in("editor"), "Phân luồng tiêm chủng", topic="covid-19")
    assert "Phân luồng tiêm chủng" in client.get("/covid-19").text


def test_warnings_come_first_and_the_officer_decides(signed_in: SignedIn, client: Browser) -> None:
    editor = signed_in("editor")
    body = '<p>Liên hệ anh Nam 0912 345 678. <a href="/tin-tuc/khong-co">Xem</a></p>'
    page = write_post(editor, "THÔNG BÁO LỊCH TIÊM CHỦNG", body=body)
    assert page.url.endswith("/dang")
    for words in ("số điện thoại của cá nhân", "trang không tồn tại", "viết hoa toàn bộ"):
        assert words in page.text
    client.get("/tin-tuc/thong-bao/thong-bao-lich-tiem-chung", 404)
    editor.post(at(1, "/dang"), version="1")
    client.get("/tin-tuc/thong-bao/thong-bao-lich-tiem-chung")


def test_what_changed_after_the_warnings_were_read_is_not_published_unread(
    signed_in: SignedIn, client: Browser
) -> None:
    editor = signed_in("editor")
    write_post(editor, "Lịch tiêm", then="save")
    save(signed_in("admin"), 1, 1, title="Lịch tiêm")
    page = editor.post(at(1, "/dang"), version="1")
    assert "Cán bộ khác đã lưu bài này" in page.text
    client.get("/tin-tuc/thong-bao/lich-tiem", 404)


def test_a_summary_made_of_the_text_goes_on_with_the_text(signed_in: SignedIn) -> None:
    editor = signed_in("editor")
    write_post(editor, "Tiêm chủng", then="save", body="<p>Gọi anh Nam 0912 345 678.</p>")
    made = editor.get(at(1)).one("textarea", id="summary").text
    assert "0912 345 678" in made
    save(editor, 1, 1, summary=made, body_html="<p>Gọi Trạm Y tế.</p>")
    assert editor.get(at(1)).one("textarea", id="summary").text.strip() == "Gọi Trạm Y tế."
    save(editor, 1, 2, summary="Lời của cán bộ.", body_html="<p>Đổi nữa.</p>")
    assert editor.get(at(1)).one("textarea", id="summary").text.strip() == "Lời của cán bộ."


def test_a_pattern_asks_for_all_that_must_not_be_forgotten_its_title_too(
    signed_in: SignedIn,
) -> None:
    author, path = signed_in("author"), f"{LIST}/mau/giay-moi"
    form = author.get(path)
    title = form.one("input", id="title")["value"]
    answers = {
        field["name"]: "Đã trả lời"
        for kind in ("input", "textarea")
        for field in form.all(kind)
        if field.get("type") != "hidden"
    }
    refused = author.post(path, 422, **(answers | {"title": title}))
    assert "Hãy viết tiếp tiêu đề." in refused.text
    assert "Không được bỏ trống" in author.post(path, 422, **(answers | {"where": ""})).text
    draft = author.post(path, **(answers | {"title": "Giấy mời họp tổ dân phố…"}))
    assert "Chỗ này còn phải điền." in draft.text
    assert "“Giấy mời họp tổ dân phố…”" in draft.text


def test_the_desk_finds_posts_by_words_without_marks(signed_in: SignedIn) -> None:
    editor = signed_in("editor")
    write_post(editor, "Lịch tiêm chủng Đợt 2", then="save")
    write_post(editor, "Họp tổ dân phố", then="save")
    text = editor.get(f"{LIST}?q=tiem+dot").one("main").text
    assert "Lịch tiêm chủng" in text
    assert "Họp tổ" not in text
    assert post_id(editor.get(at(1))) == 1
