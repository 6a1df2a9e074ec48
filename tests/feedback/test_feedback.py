"""Feedback of residents: from the form to the published answer to deletion, by the front door."""

import csv
import io
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook

from tests.conftest import PASSWORD
from tests.page import Browser, Page
from wardsite.core.residents import due_on, keep_until, personal_data_in
from wardsite.extensions import db
from wardsite.feedback import service
from wardsite.models import Attempt, AuditEntry, Feedback, User

START = datetime(2026, 11, 24, 2, tzinfo=UTC)
MESSAGE = {
    "subject": "Đèn đường hỏng",
    "body": "Đèn ở ngõ 85 hỏng ba hôm nay.",
    "name": "Nguyễn Thị Hoa",
    "contact": "+84912345678",
    "may_publish": "y",
    "consent": "y",
}
Open = Callable[[str], Browser]


def send(browser: Browser, status: int = 200, wait: int = 60, **fields: str) -> Page:
    """Open the form, take a while, send it."""
    with time_machine.travel(START, tick=False) as clock:
        page = browser.client.get("/phan-anh").text
        values = dict(re.findall(r'name="(seal|csrf_token)"[^>]*value="([^"]+)"', page))
        clock.shift(timedelta(seconds=wait))
        answer = browser.client.post("/phan-anh", data={**values, **MESSAGE, **fields})
        return browser._page(answer, "/phan-anh", status)


def code_of(page: Page) -> str:
    return page.one("strong", class_="code").text


def only(app: Flask) -> Feedback:
    with app.app_context():
        return db.session.query(Feedback).one()


def test_a_message_goes_from_the_form_to_a_published_answer_and_is_forgotten(
    app: Flask, client: Browser, signed_in: Open
) -> None:
    code = code_of(send(client))
    row = only(app)
    assert row.due_on == date(2026, 12, 15)  # 15 working days
    editor = signed_in("editor")
    inbox = editor.get("/quan-tri/phan-anh")
    assert "Đèn đường hỏng" in inbox.text
    address = f"/quan-tri/phan-anh/{row.id}"
    with app.app_context():
        author_id = db.session.query(User).filter_by(name="the-author").one().id
    editor.post(f"{address}/giao", page=address, assignee=str(author_id))
    author = signed_in("author")
    page = author.post(f"{address}/tra-loi", page=address, answer="Đã thay bóng đèn hôm nay.")
    assert "Đã trả lời" in page.text
    status = client.post("/phan-anh/tra-cuu", page="/phan-anh", code=code.lower())
    assert "Đã thay bóng đèn hôm nay." in status.text
    public = {"subject": "Đèn ngõ 85", "reply": "Đã thay bóng đèn."}
    refused = editor.post(
        f"{address}/cong-khai", 422, page=address, body="Bà Nguyễn  Thị Hoa báo đèn hỏng.", **public
    )
    assert "Nguyễn Thị Hoa" in refused.one(id="errors").text
    editor.post(f"{address}/cong-khai", page=address, body="Đèn hỏng ba hôm.", **public)
    shown = Browser(app).get("/phan-anh/tra-loi").text
    assert "Đã thay bóng đèn." in shown
    found = Browser(app).get("/tim-kiem?q=thay+bong+den")
    assert f"/phan-anh/tra-loi/{row.id}" in found.links
    assert "Đã thay bóng đèn." in Browser(app).get(f"/phan-anh/tra-loi/{row.id}").text
    assert (
        not Browser(app)
        .get("/tim-kiem?q=Nguyen+Thi+Hoa")
        .all("a", href=f"/phan-anh/tra-loi/{row.id}")
    )
    for secret in ("Hoa", "912345678", "ba hôm nay", code):
        assert secret not in shown
    with app.app_context():
        assert service.tidy(datetime.now(UTC) + timedelta(days=360)) == 0
        assert service.tidy(datetime.now(UTC) + timedelta(days=370)) == 1
    row = only(app)
    assert (row.name, row.contact, row.body, row.subject, row.answer) == ("", "", "", "", "")
    assert "Đã thay bóng đèn." in Browser(app).get("/phan-anh/tra-loi").text
    editor.get(address, 404)
    Browser(app).get(f"/phan-anh/tra-loi/{row.id + 1}", 404)
    client.post("/phan-anh/tra-cuu", 422, page="/phan-anh", code=code)


def test_the_form_says_what_becomes_of_the_data_and_ticks_nothing(client: Browser) -> None:
    page = client.get("/phan-anh")
    assert "12 tháng" in page.text
    assert "15 ngày làm việc" in page.text
    for box in page.all("input", type="checkbox"):
        assert "checked" not in box.attributes
    names = {node.get("name") for node in page.all("input")}
    assert not names & {"cccd", "health", "birthday", "symptoms"}
    assert page.response.headers["Cache-Control"] == "no-store"


def test_name_and_contact_may_stay_empty_but_consent_may_not(app: Flask, client: Browser) -> None:
    send(client, name="", contact="", may_publish="")
    assert only(app).name == ""
    page = send(client, 422, consent="")
    assert "Đèn ở ngõ 85" in page.text  # nothing typed is lost


def test_a_robot_that_fills_the_trap_or_is_too_quick_leaves_nothing(
    app: Flask, client: Browser
) -> None:
    send(client, website="https://spam.example")
    problems = send(client, 422, wait=1).one(id="errors")
    assert problems.text.endswith("Gửi: Biểu mẫu được gửi quá nhanh. Xin bấm gửi lần nữa.")
    assert problems.one("a")["href"] == "#send"
    answer = client.client.post("/phan-anh", data={**MESSAGE, "seal": "x"})
    assert answer.status_code == 400  # no token
    with app.app_context():
        assert db.session.query(Feedback).count() == 0


def test_an_address_sends_no_more_than_five_an_hour_and_is_not_kept(
    app: Flask, client: Browser
) -> None:
    for _each in range(5):
        send(client)
    page = send(client, 429)
    assert "Đèn ở ngõ 85" in page.text
    with app.app_context():
        assert db.session.query(Feedback).count() == 5
        keys = [attempt.key for attempt in db.session.query(Attempt)]
        assert keys
        assert not any("127.0.0.1" in key for key in keys if key.startswith("feedback"))


def test_one_ipv6_subscriber_sends_no_more_than_an_address_does(client: Browser) -> None:
    for number in range(5):
        client.client.environ_base["REMOTE_ADDR"] = f"2001:db8:7:1::{number}"
        send(client)
    client.client.environ_base["REMOTE_ADDR"] = "2001:db8:7:1::5"
    send(client, 429)


NUMBERS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def test_under_attack_everyone_is_asked_a_sum_that_can_be_said_in_words_and_counts_once(
    app: Flask, client: Browser
) -> None:
    with app.app_context():
        end = START + timedelta(hours=1)
        db.session.add(Attempt(key="feedback:all", count=30, window_ends_at=end))
        db.session.commit()
    send(client, 422)
    with time_machine.travel(START, tick=False) as clock:
        page = client.get("/phan-anh")
        found = re.search(r"(\w+) cộng (\w+)", page.one(id="sum-hint").text)
        assert found
        total = NUMBERS.index(found[1]) + NUMBERS.index(found[2])
        values = dict(
            re.findall(r'name="(seal|csrf_token)"[^>]*value="([^"]+)"', page.response.text)
        )
        clock.shift(timedelta(seconds=60))
        answer = {**values, **MESSAGE, "sum": NUMBERS[total]}
        wrong = client.client.post("/phan-anh", data={**answer, "sum": str(total + 1)})
        assert wrong.status_code == 422
        assert client.client.post("/phan-anh", data=answer).status_code == 200
        for again in (NUMBERS[total], str(total)):
            replayed = client.client.post("/phan-anh", data={**answer, "sum": again})
            assert replayed.status_code == 422
            assert "đã được gửi trước đó" in replayed.text
            assert MESSAGE["body"] in replayed.text  # what was typed is not lost
    assert only(app).subject == "Đèn đường hỏng"


@pytest.mark.parametrize("role", ["author", "editor", "admin"])
def test_who_may_see_assign_publish_export_and_delete(
    role: str, app: Flask, client: Browser, signed_in: Open
) -> None:
    send(client)
    feedback_id = only(app).id
    browser = signed_in(role)
    address = f"/quan-tri/phan-anh/{feedback_id}"
    senior = role != "author"
    browser.get(address, 200 if senior else 403)
    assert ("Đèn đường hỏng" in browser.get("/quan-tri/phan-anh").text) is senior
    browser.get("/quan-tri/phan-anh/phan-anh.xlsx", 200 if senior else 403)
    browser.get("/quan-tri/phan-anh/cai-dat", 200 if role == "admin" else 403)
    token = browser.get("/quan-tri/tai-khoan/mat-khau").one("input", id="csrf_token")["value"]
    for action in ("giao", "cong-khai", "go", "xoa", "tra-loi"):
        data = {"csrf_token": token, "answer": "x", "assignee": "0"}
        answer = browser.client.post(f"{address}/{action}", data=data)
        assert (answer.status_code == 403) is not senior, action
        if action == "xoa":
            break


def test_all_messages_are_taken_away_by_who_types_the_password_again(signed_in: Open) -> None:
    export = "/quan-tri/phan-anh/phan-anh.csv"
    with time_machine.travel(START, tick=False) as clock:
        editor = signed_in("editor")
        editor.get(export)
        clock.shift(timedelta(minutes=16))
        asked = editor.client.get(export).location
        assert asked.startswith("/quan-tri/tai-khoan/xac-nhan")
        answer = editor.post(asked, page=asked, password=PASSWORD)
        assert answer.response.mimetype == "text/csv"


EVIL = '=HYPERLINK("https://evil.example","x")'


def test_the_export_opens_in_a_real_reader_with_nothing_run_and_nothing_lost(
    client: Browser, signed_in: Open
) -> None:
    send(client, subject=EVIL, body="Dòng một\nDòng hai: ờ, ữ, đ")
    editor = signed_in("editor")
    book = load_workbook(io.BytesIO(editor.get("/quan-tri/phan-anh/phan-anh.xlsx").response.data))
    cells = list(book.active[2])  # type: ignore[index]
    values = [cell.value for cell in cells]
    assert EVIL in values
    assert "+84912345678" in values
    assert "Dòng một\nDòng hai: ờ, ữ, đ" in values
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert not any(cell.data_type == "f" for cell in cells)
    text = editor.get("/quan-tri/phan-anh/phan-anh.csv").response.data.decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(text)))[1]
    assert f"'{EVIL}" in row
    assert "'+84912345678" in row


def test_codes_cannot_be_tried_at_will(client: Browser) -> None:
    for _each in range(service.MAX_LOOKUPS):
        client.post("/phan-anh/tra-cuu", 422, page="/phan-anh", code="AAAA-BBBB-CCCC")
    page = client.post("/phan-anh/tra-cuu", 422, page="/phan-anh", code="AAAA-BBBB-CCCC")
    assert "Quá nhiều" in page.text or "thử lại" in page.text


def test_the_unit_sets_days_months_and_days_off_and_may_close_the_desk(
    app: Flask, client: Browser, signed_in: Open
) -> None:
    admin = signed_in("admin")
    address = "/quan-tri/phan-anh/cai-dat"
    admin.post(address, open="y", days="2", keep_months="6", holidays="25/11/2026")
    send(client)
    assert only(app).due_on == date(2026, 11, 27)
    admin.post(address, 422, open="y", days="2", keep_months="6", holidays="mai")
    admin.post(address, days="2", keep_months="6", holidays="")
    assert not client.get("/phan-anh").all("textarea")


def test_due_days_and_retention_by_the_calendar() -> None:
    evening = datetime(2026, 4, 28, 18, tzinfo=UTC)  # already the 29th in Vietnam
    assert due_on(evening, 1) == date(2026, 5, 4)  # 30/4, 1/5 and a weekend between
    assert keep_until(datetime(2026, 1, 31, 3, tzinfo=UTC), 1) == date(2026, 2, 28)
    assert keep_until(datetime(2026, 12, 5, 3, tzinfo=UTC), 12) == date(2027, 12, 5)


def test_what_tells_who_somebody_is_is_found() -> None:
    text = "Liên hệ 0912 345 678 hoặc a.b@c.vn, CCCD 001203004567, công văn 1208/UBND-VHTT"
    found = personal_data_in(text, "Lê Văn A", "")
    assert found == ["0912 345 678", "001203004567", "a.b@c.vn,"] or len(found) == 3
    assert personal_data_in("ong le van a noi", "Lê Văn A", "") == ["Lê Văn A"]
    assert personal_data_in("Ngõ 85, ngày 24/11/2026, số 15/QĐ-UBND", "Lê Văn A", "x") == []


def test_a_sender_takes_a_copy_away_and_erases_who_they_are(
    app: Flask, client: Browser, signed_in: Open
) -> None:
    code = code_of(send(client))
    row = only(app)
    stand = client.post("/phan-anh/tra-cuu", page="/phan-anh", code=code)
    for held in ("Nguyễn Thị Hoa", "+84912345678", "Đèn ở ngõ 85 hỏng ba hôm nay."):
        assert held in stand.text
    file = client.post("/phan-anh/ban-sao", page="/phan-anh", code=code, form="json").response
    held = json.loads(file.data)
    assert {MESSAGE[field] for field in ("subject", "body", "name", "contact")} <= {*held.values()}
    # Every column is in the copy, but for what is the unit's own.
    columns = {column.name for column in Feedback.__table__.columns}
    assert columns - held.keys() == {
        *("id", "assignee_id", "updated_at", "erased_at"),
        *("sender_erased_contact_at", "sender_erased_message_at"),
    }
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["Cache-Control"] == "no-store"
    page = client.post("/phan-anh/ban-sao", page="/phan-anh", code=code, form="html").response
    assert page.headers["Content-Disposition"].endswith('.html"')
    assert "Nguyễn Thị Hoa" in page.text
    erase = {"page": "/phan-anh", "code": code, "what": "contact"}
    asked = client.post("/phan-anh/xoa", **erase)
    assert only(app).name  # asked, not done
    assert "vẫn được trả lời" in asked.text
    client.post("/phan-anh/xoa", sure="y", **erase)
    after = only(app)
    assert (after.name, after.contact, after.body) == ("", "", row.body)
    desk = signed_in("editor").get(f"/quan-tri/phan-anh/{row.id}")
    assert desk.text.count("Người gửi đã xóa") == 2
    assert "Xóa họ tên" not in client.post("/phan-anh/tra-cuu", page="/phan-anh", code=code).text


def test_a_sender_deletes_a_message_and_nothing_but_its_days_is_left(
    app: Flask, client: Browser, signed_in: Open
) -> None:
    code = code_of(send(client))
    row = only(app)
    editor = signed_in("editor")
    address = f"/quan-tri/phan-anh/{row.id}"
    editor.post(f"{address}/tra-loi", page=address, answer="Đã thay bóng đèn hôm nay.")
    public = {"subject": "Đèn ngõ 85", "body": "Đèn hỏng ba hôm.", "reply": "Đã thay bóng đèn."}
    editor.post(f"{address}/cong-khai", page=address, **public)
    token = editor.get(address).one("input", id="csrf-answer")["value"]
    erase = {"page": "/phan-anh", "code": code, "what": "message"}
    assert "Nhật ký" in client.post("/phan-anh/xoa", **erase).text
    done = client.post("/phan-anh/xoa", sure="y", **erase)
    assert done.one("h1").text == "Phản ánh của ông/bà đã được xóa"
    with app.app_context():
        left = db.session.execute(db.select(Feedback.__table__)).one()._asdict()
        words = {value for value in left.values() if isinstance(value, str)}
        assert words == {"", "answered", left["code"]}
        assert left["code"] != code.replace("-", "")
        line = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert line is not None
        found = (line.user_name, line.action, line.subject, line.detail)
        assert found == ("system", "feedback-sender-message", str(row.id), {})
    client.post("/phan-anh/tra-cuu", 422, page="/phan-anh", code=code)
    client.get(f"/phan-anh/tra-loi/{row.id}", 404)
    assert f"/phan-anh/tra-loi/{row.id}" not in client.get("/tim-kiem?q=bong+den").links
    # The officer who had it open, or was about to answer, is told; nothing comes back.
    assert "Người gửi đã xóa" in editor.get(address, 410).text
    data = {"csrf_token": token, "answer": "Một câu trả lời nữa."}
    assert editor.client.post(f"{address}/tra-loi", data=data).status_code == 410
    assert address in editor.get("/quan-tri/phan-anh?trang-thai=erased").links
    assert address not in editor.get("/quan-tri/phan-anh?trang-thai=answered").links
    with app.app_context():
        assert service.tidy(datetime.now(UTC) + timedelta(days=370)) == 0
        assert db.session.query(Feedback).count() == 0


def test_only_who_has_the_code_erases_and_no_more_often_than_codes_are_looked_up(
    app: Flask, client: Browser
) -> None:
    code = code_of(send(client))
    erase = {"page": "/phan-anh", "what": "message", "sure": "y"}
    client.post("/phan-anh/xoa", 422, code="AAAA-BBBB-CCCC", **erase)
    client.post("/phan-anh/xoa", 422, code=code, **{**erase, "what": "everything"})
    answer = client.client.post("/phan-anh/xoa", data={**erase, "code": code})
    assert answer.status_code == 400  # no token
    for _each in range(service.MAX_LOOKUPS):
        client.post("/phan-anh/ban-sao", 422, page="/phan-anh", code="AAAA-BBBB-CCCC")
    client.post("/phan-anh/xoa", 422, code=code, **erase)
    assert only(app).name == "Nguyễn Thị Hoa"


@pytest.mark.parametrize("piece", ["a", "a.", "1", "1 ", "a@", "@a."])
def test_looking_for_personal_data_takes_no_time_that_grows_with_the_square(piece: str) -> None:
    began = time.process_time()
    personal_data_in(piece * (60_000 // len(piece)), "Lê Văn A", "0912345678")
    assert time.process_time() - began < 2  # from each letter to the end it took a minute
