"""Signing in and out, through the front door."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.conftest import PASSWORD
from tests.page import Browser
from wardsite.accounts import service, sessions
from wardsite.extensions import db
from wardsite.models import AuditEntry, UserSession
from wardsite.serving.refusals import caller_code

REFUSED = "Tên đăng nhập hoặc mật khẩu không đúng."


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("wardsite")
    return found.value if found else ""


def test_an_officer_who_signs_in_is_where_they_wanted_to_go(client: Browser) -> None:
    asked = client.client.get("/quan-tri/tin-tuc?trang-thai=draft")
    page = client.post(asked.location, name="the-author", password=PASSWORD)
    assert page.response.request.full_path == "/quan-tri/tin-tuc?trang-thai=draft"


def test_the_name_is_taken_without_regard_to_case_and_spaces(client: Browser) -> None:
    assert client.sign_in(" The-Author ", PASSWORD).url == "/quan-tri"


@pytest.mark.parametrize(
    ("name", "password"), [("the-author", "không phải mật khẩu"), ("nobody", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    client: Browser, name: str, password: str
) -> None:
    page = client.post("/dang-nhap", 422, name=name, password=password)
    assert page.one("div", id="errors").text.endswith(REFUSED)
    assert page.one("input", id="name")["value"] == name
    assert not page.one("input", id="password").get("value")
    client.get("/quan-tri", 302)


def test_empty_fields_are_asked_for_in_vietnamese_and_in_english(client: Browser) -> None:
    assert "Hãy nhập" in client.post("/dang-nhap", 422, name="", password="").text
    assert "Enter your username." in client.post("/en/dang-nhap", 422, name="", password="").text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "/\t/x",
    ],
)
def test_signing_in_leads_nowhere_off_this_site(client: Browser, target: str) -> None:
    token = client.get("/dang-nhap").one("input", name_="csrf_token")["value"]
    answer = client.client.post(
        "/dang-nhap",
        query_string={"next": target},
        data={"csrf_token": token, "name": "the-author", "password": PASSWORD},
    )
    assert (answer.status_code, answer.location) == (302, "/quan-tri")
    again = client.client.get("/dang-nhap", query_string={"next": target})
    assert (again.status_code, again.location) == (302, "/quan-tri")


def test_a_session_planted_before_signing_in_is_worth_nothing_after(
    app: Flask, client: Browser
) -> None:
    client.get("/dang-nhap")
    planted = cookie(client)
    assert planted
    client.sign_in("the-author", PASSWORD)
    assert cookie(client) != planted
    attacker = Browser(app)
    attacker.client.set_cookie("wardsite", planted)
    attacker.get("/quan-tri", 302)


def test_a_cookie_copied_before_signing_out_is_dead_after(app: Flask, client: Browser) -> None:
    client.sign_in("the-author", PASSWORD)
    copied = Browser(app)
    copied.client.set_cookie("wardsite", cookie(client))
    copied.get("/quan-tri")
    client.post("/dang-xuat", page="/quan-tri")
    client.get("/quan-tri", 302)
    copied.get("/quan-tri", 302)


def test_signing_out_needs_the_token(client: Browser) -> None:
    client.sign_in("the-author", PASSWORD)
    assert client.client.get("/dang-xuat").status_code == 405
    assert client.client.post("/dang-xuat").status_code == 400
    client.get("/quan-tri")


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(client: Browser) -> None:
    client.sign_in("the-author", PASSWORD)
    found = client.client.get_cookie("wardsite")
    assert found is not None
    assert found.http_only
    assert found.same_site == "Lax"


def test_residents_get_no_cookie(client: Browser) -> None:
    for path in ("/", "/covid-19", "/tin-tuc", "/van-ban", "/lien-he", "/khong-co"):
        assert "Set-Cookie" not in client.client.get(path).headers, path


def test_the_database_holds_no_token_that_would_open_a_session(app: Flask, client: Browser) -> None:
    client.sign_in("the-author", PASSWORD)
    with client.client.session_transaction() as kept:
        token = kept["_user_id"]
    with app.app_context():
        stored = db.session.scalars(select(UserSession.token_sha256)).all()
    assert token not in stored
    assert len(stored) == 1


def test_five_failures_shut_the_door_to_that_account_from_there_for_a_while(
    client: Browser, app: Flask
) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 8, tzinfo=UTC), tick=False) as clock:
        for _attempt in range(5):
            client.post("/dang-nhap", 422, name="the-author", password="sai")
        page = client.post("/dang-nhap", 429, name="the-author", password=PASSWORD)
        assert "15 phút" in page.one("div", id="errors").text
        # Neither another officer here nor this one elsewhere is kept out.
        Browser(app).sign_in("the-editor", PASSWORD)
        elsewhere = Browser(app)
        elsewhere.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        assert elsewhere.sign_in("the-author", PASSWORD).url == "/quan-tri"
        clock.shift(timedelta(minutes=15))
        assert client.sign_in("the-author", PASSWORD).url == "/quan-tri"


def test_all_addresses_of_one_ipv6_subscriber_are_counted_as_one(
    client: Browser, app: Flask
) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 8, tzinfo=UTC), tick=False):
        for number in range(5):
            client.client.environ_base["REMOTE_ADDR"] = f"2001:db8:7:1:{number}::{number}"
            client.post("/dang-nhap", 422, name="the-author", password="sai")
        client.client.environ_base["REMOTE_ADDR"] = "2001:db8:7:1:ffff::1"
        client.post("/dang-nhap", 429, name="the-author", password=PASSWORD)
        neighbour = Browser(app)
        neighbour.client.environ_base["REMOTE_ADDR"] = "2001:db8:7:2::1"
        assert neighbour.sign_in("the-author", PASSWORD).url == "/quan-tri"


def test_guessing_at_many_names_is_throttled_by_address(client: Browser) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 8, tzinfo=UTC), tick=False):
        for number in range(30):
            client.post("/dang-nhap", 422, name=f"user-{number}", password="x" * 201)
        client.post("/dang-nhap", 429, name="the-author", password=PASSWORD)


def test_a_session_ends_when_idle_and_at_last(client: Browser) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 8, tzinfo=UTC), tick=False) as clock:
        client.sign_in("the-author", PASSWORD)
        clock.shift(sessions.IDLE_LIMIT - timedelta(seconds=1))
        client.get("/quan-tri")
        clock.shift(sessions.IDLE_LIMIT - timedelta(seconds=1))
        client.get("/quan-tri")
        clock.shift(sessions.IDLE_LIMIT)
        client.get("/quan-tri", 302)
        client.sign_in("the-author", PASSWORD)
        for _half_day in range(28):
            client.get("/quan-tri")
            clock.shift(sessions.IDLE_LIMIT - timedelta(seconds=1))
        clock.shift(timedelta(seconds=30))
        client.get("/quan-tri", 302)


def test_signing_in_is_on_record(app: Flask, client: Browser) -> None:
    client.sign_in("the-author", PASSWORD)
    with app.app_context():
        actions = db.session.execute(select(AuditEntry.user_name, AuditEntry.action)).all()
    assert ("the-author", "sign-in") in [tuple(row) for row in actions]


def test_a_closed_account_is_out_at_once(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    author = signed_in("author")
    with app.app_context():
        service.disable_user("the-author", datetime.now(UTC))
    author.get("/quan-tri", 302)
    page = author.post("/dang-nhap", 422, name="the-author", password=PASSWORD)
    assert REFUSED in page.text


def test_refusals_are_in_the_servers_log_without_what_was_typed(
    app: Flask,
    client: Browser,
    signed_in: Callable[[str], Browser],
    caplog: pytest.LogCaptureFixture,
) -> None:
    client.post("/dang-nhap", 422, name="mat-khau-go-nham", password="sai mật khẩu")
    client.client.post("/dang-nhap", data={"name": "x"})
    signed_in("author").get("/quan-tri/can-bo", 403)
    lines = [record.getMessage() for record in caplog.records if "refused" in record.message]
    assert [line.partition(":")[0] for line in lines] == [f"refused {n}" for n in (422, 400, 403)]
    assert "password POST /dang-nhap from " in lines[0]
    assert " /quan-tri/can-bo from " in lines[2]
    codes = [line.partition(" from ")[2].partition(",")[0] for line in lines]
    assert len(set(codes)) == 1  # one caller is seen to be one
    assert re.fullmatch("[0-9a-f]{8}", codes[0])
    assert not [line for line in lines if "127.0.0.1" in line]
    with app.app_context():
        tomorrow = caller_code("127.0.0.1", datetime.now(UTC) + timedelta(days=1))
    assert tomorrow != codes[0]  # and cannot be followed from day to day
    assert not lines[2].endswith("account -")
    assert not [line for line in lines if "nham" in line or "sai" in line]
