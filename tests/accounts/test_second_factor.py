"""The second factor and the ways back in, through the front door."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask

from tests.conftest import PASSWORD
from tests.page import Browser, Page
from tests.terminal import wardsite
from wardsite.accounts import sealing, second_factor
from wardsite.extensions import db
from wardsite.models import AuditEntry, Post, RecoveryCode, User
from wardsite.settings import Settings

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
SET_UP = "/quan-tri/tai-khoan/hai-buoc"
OPEN = ("the-author", PASSWORD)
CODE = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC))


def set_up(browser: Browser) -> tuple[str, list[str]]:
    """Switch the second factor on; return the secret and the recovery codes."""
    secret = browser.get(SET_UP).one("code").text.replace(" ", "")
    card = browser.post(SET_UP, code=code_of(secret))
    return secret, [node.text for node in card.one("ol", class_="codes").all("code")]


def first_step(browser: Browser, **more: str) -> Page:
    return browser.post("/dang-nhap", name=OPEN[0], password=OPEN[1], **more)


def test_a_stolen_password_alone_opens_nothing(app: Flask, signed_in: Callable) -> None:
    secret, _codes = set_up(signed_in("author"))
    thief = Browser(app)
    page = first_step(thief)
    assert page.one("h1").text == "Bước thứ hai"
    thief.get("/quan-tri", 302)
    thief.post("/dang-nhap/ma", 422, code="000000" if code_of(secret) != "000000" else "111111")
    thief.get("/quan-tri", 302)


def test_the_code_of_the_app_opens_the_session_once_only(app: Flask, signed_in: Callable) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        secret, _codes = set_up(signed_in("author"))
        officer, watcher = Browser(app), Browser(app)
        first_step(officer)
        # The code that set it up was used with that.
        officer.post("/dang-nhap/ma", 422, code=code_of(secret))
        clock.shift(30)
        code = code_of(secret)
        assert officer.post("/dang-nhap/ma", code=f"{code[:3]} {code[3:]}").url == "/quan-tri"
        first_step(watcher)
        watcher.post("/dang-nhap/ma", 422, code=code)
        clock.shift(30)
        # A telephone that is half a minute slow is let in, one of two minutes is not.
        watcher.post("/dang-nhap/ma", 422, code=pyotp.TOTP(secret).at(NOW - timedelta(minutes=2)))
        clock.shift(30)
        slow = pyotp.TOTP(secret).at(datetime.now(UTC) - timedelta(seconds=30))
        assert watcher.post("/dang-nhap/ma", code=slow).url == "/quan-tri"


def test_a_recovery_code_opens_the_session_once_and_is_kept_as_a_hash(
    app: Flask, signed_in: Callable
) -> None:
    _secret, codes = set_up(signed_in("author"))
    assert len(set(codes)) == second_factor.CODES
    assert all(CODE.fullmatch(code) for code in codes)
    with app.app_context():
        stored = db.session.query(RecoveryCode.code_hash).all()
    assert all(row[0].startswith("$argon2id$") for row in stored)
    officer, finder = Browser(app), Browser(app)
    first_step(officer)
    assert officer.post("/dang-nhap/ma", code=codes[3].upper()).url == "/quan-tri"
    assert "Mã khôi phục còn lại: 7" in officer.get("/quan-tri/tai-khoan").text
    first_step(finder)
    finder.post("/dang-nhap/ma", 422, code=codes[3])


def test_the_key_of_the_app_is_kept_sealed_and_no_other_key_opens_it(
    app: Flask, signed_in: Callable
) -> None:
    secret, codes = set_up(signed_in("author"))
    with app.app_context():
        kept = db.session.scalar(db.select(User.totp_secret).where(User.name == "the-author"))
        path = app.extensions["wardsite"].instance
        written = b"".join(file.read_bytes() for file in path.glob("wardsite.db*"))
    assert secret.encode() not in written
    key = str(app.secret_key)
    assert sealing.unseal(kept, key) == secret
    assert sealing.unseal(kept, f"{key}x") == sealing.unseal(f"{kept[:-4]}AAA=", key) == ""
    assert sealing.seal(secret, key) != kept
    # An instance whose key was lost and made anew: the app's codes are wrong, paper still opens.
    app.secret_key = "another key of this instance, of length"
    officer = Browser(app)
    first_step(officer)
    officer.post("/dang-nhap/ma", 422, code=code_of(secret))
    assert officer.post("/dang-nhap/ma", code=codes[0]).url == "/quan-tri"


def test_new_recovery_codes_void_the_old_ones(app: Flask, signed_in: Callable) -> None:
    officer = signed_in("author")
    _secret, codes = set_up(officer)
    card = officer.post(f"{SET_UP}/ma-khoi-phuc", page="/quan-tri/tai-khoan")
    fresh = [node.text for node in card.one("ol", class_="codes").all("code")]
    assert not set(codes) & set(fresh)
    other = Browser(app)
    first_step(other)
    other.post("/dang-nhap/ma", 422, code=codes[0])
    assert other.post("/dang-nhap/ma", code=fresh[0]).url == "/quan-tri"


def test_guessing_codes_stops_after_five_even_from_many_places(
    app: Flask, signed_in: Callable
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        secret, codes = set_up(signed_in("author"))
        for number in range(5):
            thief = Browser(app)
            thief.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
            first_step(thief)
            thief.post("/dang-nhap/ma", 422, code="wrong")
        thief.post("/dang-nhap/ma", 429, code=codes[0])
        clock.shift(timedelta(minutes=15))
        officer = Browser(app)
        first_step(officer)
        assert officer.post("/dang-nhap/ma", code=code_of(secret)).url == "/quan-tri"


def test_who_has_the_password_cannot_use_up_the_officers_own_attempts_and_is_told_of(
    app: Flask, signed_in: Callable
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        secret, codes = set_up(signed_in("author"))
        officer = Browser(app)
        first_step(officer)
        officer.post("/dang-nhap/ma", code=codes[0])  # from now on this browser is known
        officer.post("/dang-xuat", page="/quan-tri/tai-khoan")
        clock.shift(60)
        thief = Browser(app)
        thief.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        first_step(thief)
        for _ in range(5):
            thief.post("/dang-nhap/ma", 422, code="wrong")
        thief.post("/dang-nhap/ma", 429, code="wrong")
        first_step(officer)
        assert officer.post("/dang-nhap/ma", code=code_of(secret)).url == "/quan-tri"
        for path in ("/quan-tri", "/quan-tri/tai-khoan"):
            told = officer.get(path).one("section", class_="flash error")
            assert "mật khẩu" in told.text
            assert "203.0.113.9" in told.text
        with app.app_context():
            line = db.session.query(AuditEntry).filter_by(action="second-step-guessed").one()
            assert (line.user_name, line.detail["address"]) == (OPEN[0], "203.0.113.9")
        clock.shift(1)
        until = next(field["value"] for field in told.all("input") if field.get("name") == "until")
        officer.post("/quan-tri/tai-khoan/da-xem", page="/quan-tri/tai-khoan", until=until)
        assert not officer.get("/quan-tri").all("section", class_="flash error")
        officer.post("/dang-xuat", page="/quan-tri/tai-khoan")
        first_step(officer)
        for _ in range(5):
            officer.post("/dang-nhap/ma", 422, code="wrong")
        officer.post("/dang-nhap/ma", 429, code=codes[1])


def test_the_second_step_waits_five_minutes_and_never_without_the_first(
    app: Flask, signed_in: Callable
) -> None:
    assert Browser(app).client.get("/dang-nhap/ma").location.startswith("/dang-nhap")
    with time_machine.travel(NOW, tick=False) as clock:
        secret, _codes = set_up(signed_in("author"))
        officer = Browser(app)
        first_step(officer)
        clock.shift(-2)  # another host, whose clock is a little behind
        assert officer.client.get("/dang-nhap/ma").status_code == 200
        clock.shift(-400)  # one that was put back is not believed
        assert officer.client.get("/dang-nhap/ma").status_code == 302
        clock.shift(703)
        assert officer.client.get("/dang-nhap/ma").status_code == 302
        assert code_of(secret)


def test_what_was_typed_before_the_session_ended_survives_both_steps(
    app: Flask, signed_in: Callable
) -> None:
    _secret, codes = set_up(signed_in("author"))
    officer = Browser(app)
    page = first_step(officer, **{"resume_to": "/quan-tri/tin-tuc/viet", "kept:title": "Đã gõ"})
    assert page.one("input", name_="kept:title")["value"] == "Đã gõ"
    page = officer.post(
        "/dang-nhap/ma",
        code=codes[0],
        **{"resume_to": "/quan-tri/tin-tuc/viet", "kept:title": "Đã gõ"},
    )
    assert page.one("input", name_="title")["value"] == "Đã gõ"


def test_dropping_it_asks_for_the_password_again_and_goes_on_after(
    signed_in: Callable,
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        officer = signed_in("author")
        set_up(officer)
        clock.shift(timedelta(minutes=16))
        page = officer.post(f"{SET_UP}/tat", 401, page="/quan-tri/tai-khoan")
        assert "Nhập lại mật khẩu" in page.text
        kept = {"resume_to": f"{SET_UP}/tat"}
        officer.post("/quan-tri/tai-khoan/xac-nhan", 422, password="sai", **kept)
        page = officer.post("/quan-tri/tai-khoan/xac-nhan", password=PASSWORD, **kept)
        assert page.one("form", class_="actions")["action"] == f"{SET_UP}/tat"
        assert "Đang tắt" in officer.post(f"{SET_UP}/tat", page="/quan-tri/tai-khoan").text


def test_a_dangerous_page_asks_first_and_then_opens(signed_in: Callable) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        officer = signed_in("author")
        clock.shift(timedelta(minutes=16))
        asked = officer.client.get(SET_UP)
        assert asked.location == f"/quan-tri/tai-khoan/xac-nhan?next={SET_UP}"
        page = officer.post(asked.location, password=PASSWORD)
        assert page.url == SET_UP


def test_an_open_browser_does_not_help_to_guess_the_password(signed_in: Callable) -> None:
    officer = signed_in("author")
    for _attempt in range(5):
        officer.post("/quan-tri/tai-khoan/xac-nhan", 422, password="sai")
    page = officer.post("/quan-tri/tai-khoan/xac-nhan", 422, password=PASSWORD)
    assert "phút" in page.one("div", id="errors").text


def test_who_looks_after_the_server_lets_an_officer_in_again(
    app: Flask, signed_in: Callable
) -> None:
    officer = signed_in("author")
    set_up(officer)
    instance = app.extensions["wardsite"].instance
    with app.app_context():
        db.engine.dispose()
    done = wardsite(instance, "user", "reset-2fa", "the-author")
    assert done.returncode == 0, done.stderr
    officer.get("/quan-tri", 302)
    assert first_step(Browser(app)).url == "/quan-tri"
    assert wardsite(instance, "user", "reset-2fa", "nobody").returncode == 1


def test_an_admin_takes_the_second_factor_of_a_colleague_away_with_the_password_again(
    signed_in: Callable,
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        author, admin = signed_in("author"), signed_in("admin")
        set_up(author)
        table = admin.get("/quan-tri/can-bo").one("table")
        [theirs] = [a["href"] for a in table.all("a") if a.text == "the-author"]
        page = admin.get(theirs)
        [form] = [f for f in page.all("form") if f["action"].endswith("/hai-buoc")]
        clock.shift(timedelta(minutes=16))
        assert "Nhập lại" in admin.post(form["action"], 401, page="/quan-tri/can-bo").text
        signed_in("admin").post(form["action"], page="/quan-tri/can-bo")
        assert first_step(author).url == "/quan-tri"
        signed_in("editor").post(form["action"], 403, page="/quan-tri/tai-khoan")


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "12345a", "x" * 41, "-" * 30])
def test_odd_codes_are_refused_politely(app: Flask, signed_in: Callable, code: str) -> None:
    set_up(signed_in("author"))
    officer = Browser(app)
    first_step(officer)
    officer.post("/dang-nhap/ma", 422, code=code)


def test_the_qr_code_is_drawn_here(signed_in: Callable) -> None:
    page = signed_in("author").get(SET_UP)
    assert page.one("div", class_="qr").all("svg")
    assert not page.one("main").all("img")
    assert "b'" not in page.one("div", class_="qr").text


OFFICERS = "/quan-tri/can-bo"


def test_where_a_second_factor_is_demanded_nothing_else_opens_until_it_is_set_up(
    app: Flask, signed_in: Callable
) -> None:
    admin, author = signed_in("admin"), signed_in("author")
    # Who demands it has one: so there is always somebody who can end the demand.
    refused = admin.post(f"{OFFICERS}/quy-dinh", page=OFFICERS, required="y")
    assert "Trước hết" in refused.text
    author.get("/quan-tri/tin-tuc/viet")
    set_up(admin)
    page = admin.post(f"{OFFICERS}/quy-dinh", page=OFFICERS, required="y")
    assert page.one("input", id="required").get("checked") is not None
    admin.get("/quan-tri/tin-tuc")
    for path in ("/quan-tri", "/quan-tri/tin-tuc/viet", "/quan-tri/van-ban"):
        assert author.client.get(path).location == "/quan-tri/tai-khoan"
    assert "bắt buộc" in author.get("/quan-tri/tai-khoan").one(class_="flash warning").text
    # What was being typed is not lost: it is sent on once the second factor is there.
    typed = {"title": "Đang viết dở", "body_html": "<p>Nội dung</p>", "category_id": "1"}
    kept = author.post("/quan-tri/tin-tuc/viet", 401, page="/quan-tri/tai-khoan", **typed)
    with app.app_context():
        assert db.session.query(Post).count() == 0
    author.get("/quan-tri/tai-khoan/mat-khau")
    set_up(author)
    author.get("/quan-tri/tin-tuc/viet")
    form = kept.one("form", action="/quan-tri/tin-tuc/viet")
    fields = {node["name"]: node["value"] for node in form.all("input")}
    author.post("/quan-tri/tin-tuc/viet", **fields)
    with app.app_context():
        assert db.session.query(Post).one().title == "Đang viết dở"


def test_the_demand_for_a_second_factor_is_ended_by_an_admin_or_on_the_server(
    app: Flask, signed_in: Callable, settings: Settings
) -> None:
    author = signed_in("author")
    assert wardsite(settings.instance, "user", "require-2fa").returncode == 0
    author.get("/quan-tri", 302)
    assert wardsite(settings.instance, "user", "require-2fa", "--off").returncode == 0
    author.get("/quan-tri")
    with app.app_context():
        lines = db.session.query(AuditEntry).filter_by(action="second-factor-rule")
        assert [line.detail["required"] for line in lines] == [True, False]
