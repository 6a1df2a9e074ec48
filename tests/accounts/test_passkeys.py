"""Passkeys: made, named, removed, accepted as the only and as the second step; lies are refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.accounts.authenticator import PRESENT, Device
from tests.conftest import PASSWORD
from tests.page import Browser, Page
from wardsite.accounts.passkeys import PasskeyRefusedError, Site, ask_to_sign, check
from wardsite.accounts.service import disable_user
from wardsite.extensions import db
from wardsite.models import AuditEntry, Passkey, RecoveryCode, User

PAGE = "/quan-tri/tai-khoan/khoa-truy-cap"
FIRST = "/dang-nhap/khoa-truy-cap"
SECOND = "/dang-nhap/ma/khoa-truy-cap"
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _named_site(app: Flask) -> None:
    """Give the site a name: browsers make no passkeys for a bare address."""
    known = app.extensions["wardsite"]
    app.extensions["wardsite"] = replace(known, base_url="http://localhost")


def asked(page: Page) -> str:
    """Return what the page asks of the device."""
    [form] = [f for f in page.all("form") if f.get("data-passkey")]
    return form["data-options"]


def token_of(page: Page) -> str:
    return page.one("form", action=FIRST).one("input", name_="csrf_token")["value"]


def add_passkey(browser: Browser, device: Device, name: str = "Điện thoại") -> Page:
    return browser.post(PAGE, name=name, credential=device.make(asked(browser.get(PAGE))))


def answer(browser: Browser, device: Device, status: int = 200, **lies: Any) -> Page:
    """Sign in with the device alone."""
    signed = device.sign(asked(browser.get("/dang-nhap")), **lies)
    return browser.post(FIRST, status, page="/dang-nhap", credential=signed)


def second_page(browser: Browser, name: str = "the-author") -> Page:
    return browser.post("/dang-nhap", name=name, password=PASSWORD)


def last_entry(app: Flask, action: str) -> AuditEntry:
    with app.app_context():
        query = db.select(AuditEntry).where(AuditEntry.action == action)
        return db.session.scalars(query.order_by(AuditEntry.id.desc())).first()


def test_the_first_passkey_comes_with_a_rescue_card_and_signs_in_alone(
    app: Flask, signed_in: Callable
) -> None:
    officer, device = signed_in("author"), Device()
    assert not [f for f in Browser(app).get("/dang-nhap").all("form") if f.get("data-passkey")]
    card = add_passkey(officer, device)
    assert len(card.one("ol", class_="codes").all("code")) == 8
    assert "Điện thoại" in officer.get("/quan-tri/tai-khoan").text
    assert answer(Browser(app), device).url == "/quan-tri"
    assert last_entry(app, "sign-in").detail["how"] == "passkey"
    assert "Điện thoại" in add_passkey(officer, Device(), "Khóa USB").text  # no second card


def test_a_passkey_makes_the_password_alone_worth_nothing_and_is_the_second_step(
    app: Flask, signed_in: Callable
) -> None:
    device, other = Device(), Device()
    card = add_passkey(signed_in("author"), device)
    add_passkey(signed_in("editor"), other)
    browser = Browser(app)
    page = second_page(browser)
    assert page.one("h1").text == "Bước thứ hai"
    browser.get("/quan-tri", 302)
    # A security key without PIN is enough after the password; a colleague's passkey is not.
    browser.post(SECOND, 422, page="/dang-nhap/ma", credential=other.sign(asked(page)))
    page = browser.get("/dang-nhap/ma")
    signed = device.sign(asked(page), flags=PRESENT)
    done = browser.post(SECOND, page="/dang-nhap/ma", credential=signed)
    assert done.url == "/quan-tri"
    by_paper = Browser(app)
    second_page(by_paper)
    code = card.one("ol", class_="codes").all("code")[0].text
    assert by_paper.post("/dang-nhap/ma", code=code).url == "/quan-tri"


def test_a_false_answer_is_refused(app: Flask, signed_in: Callable) -> None:
    device = Device()
    add_passkey(signed_in("author"), device)
    lies: dict[str, dict[str, Any]] = {
        "another origin": {"origin": "https://evil.example"},
        "an origin below ours": {"origin": "http://a.localhost"},
        "our name over another scheme": {"origin": "https://localhost"},
        "another challenge": {"challenge": b"x" * 32},
        "another host": {"host": "evil.example"},
        "nobody there": {"flags": 0},
        "no PIN or finger": {"flags": PRESENT},
        "another key": {"key": ec.generate_private_key(ec.SECP256R1())},
        "another account's handle": {"handle": Device().id.hex()},
        "an answer to another question": {"kind": "webauthn.create"},
    }
    thief = Browser(app)
    for name, lie in lies.items():
        page = answer(thief, device, 422, **lie)
        assert "không được chấp nhận" in page.text, name
        thief.get("/quan-tri", 302)
    stranger = Device()
    stranger.handle = device.handle
    answer(thief, stranger, 422)
    assert answer(thief, device).url == "/quan-tri"


def test_an_answer_is_good_once_and_for_five_minutes(app: Flask, signed_in: Callable) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        device = Device()
        add_passkey(signed_in("author"), device)
        browser, copy = Browser(app), Browser(app)
        page = browser.get("/dang-nhap")
        clock.shift(-2)  # another host, whose clock is a little behind
        copy.client.set_cookie("wardsite", browser.client.get_cookie("wardsite").value)
        # A device that does not count: only the challenge stands in the way.
        sent = {"credential": device.sign(asked(page), step=0), "csrf_token": token_of(page)}
        assert browser.client.post(FIRST, data=sent).status_code == 302
        # The same session cookie, token and answer, taken from the wire and sent again.
        assert copy.client.post(FIRST, data=sent).status_code == 422
        late = Browser(app)
        page = late.get("/dang-nhap")
        clock.shift(timedelta(seconds=301))
        sent = {"credential": device.sign(asked(page), step=0), "csrf_token": token_of(page)}
        assert late.client.post(FIRST, data=sent).status_code == 422


def test_a_counter_that_goes_back_tells_of_a_copy(app: Flask, signed_in: Callable) -> None:
    device = Device(counter=10)
    add_passkey(signed_in("author"), device)
    assert answer(Browser(app), device).url == "/quan-tri"
    for step in (0, -5):
        answer(Browser(app), device, 422, step=step)
    assert last_entry(app, "passkey-copied").subject == "the-author"
    with app.app_context():
        assert db.session.scalar(db.select(Passkey.counter)) == 11


def test_an_admin_who_resets_a_password_is_told_of_passkeys_and_may_remove_them(
    app: Flask, signed_in: Callable
) -> None:
    device = Device()
    add_passkey(signed_in("author"), device, "Máy lạ")
    admin = signed_in("admin")
    with app.app_context():
        number = db.session.query(User).filter_by(name="the-author").one().id
    account = f"/quan-tri/can-bo/{number}"
    assert "không cần mật khẩu: Máy lạ" in admin.get(account).text
    admin.post(f"{account}/mat-khau", page=account)
    assert "Máy lạ" in admin.get(account).text, "a forgotten password is no reason to lose them"
    admin.post(f"{account}/mat-khau", page=account, passkeys="remove")
    page = admin.get(account)
    assert "Máy lạ" not in page.text
    assert not page.all("input", name_="passkeys")
    entry = last_entry(app, "passkey-remove")
    assert (entry.user_name, entry.subject) == ("the-admin", "the-author")
    with app.app_context():
        assert db.session.query(Passkey).count() == db.session.query(RecoveryCode).count() == 0


def test_a_false_new_passkey_is_refused(app: Flask, signed_in: Callable) -> None:
    officer, device = signed_in("author"), Device()
    add_passkey(officer, device)
    for lie in ({"origin": "https://evil.example"}, {"challenge": b"x" * 32}, {"host": "evil"}):
        made = Device().make(asked(officer.get(PAGE)), **lie)
        officer.post(PAGE, 422, name="x", credential=made)
    # A colleague cannot take over what is kept for another, nor answer the other's question.
    colleague = signed_in("editor")
    colleague.post(PAGE, 422, name="x", credential=device.make(asked(colleague.get(PAGE))))
    made = Device().make(asked(officer.get(PAGE)))
    colleague.post(PAGE, 422, name="x", credential=made)
    officer.post(PAGE, 422, name="  ", credential=Device().make(asked(officer.get(PAGE))))
    with app.app_context():
        assert db.session.query(Passkey).count() == 1


def test_a_removed_passkey_opens_nothing_and_the_last_takes_the_codes_along(
    app: Flask, signed_in: Callable
) -> None:
    officer, device = signed_in("author"), Device()
    add_passkey(officer, device)
    account = officer.get("/quan-tri/tai-khoan")
    [form] = [f for f in account.all("form") if f["action"].endswith("/xoa")]
    signed_in("editor").post(form["action"], page="/quan-tri/tai-khoan")
    with app.app_context():
        assert db.session.query(Passkey).count() == 1  # not the colleague's to remove
    officer.post(form["action"], page="/quan-tri/tai-khoan")
    with app.app_context():
        assert db.session.query(Passkey).count() == db.session.query(RecoveryCode).count() == 0
    assert second_page(Browser(app)).url == "/quan-tri"
    assert last_entry(app, "passkey-remove").detail["name"] == "Điện thoại"


def test_a_closed_account_stays_closed_to_its_passkey(app: Flask, signed_in: Callable) -> None:
    device = Device()
    add_passkey(signed_in("author"), device)
    with app.app_context():
        disable_user("the-author", datetime.now(UTC))
    answer(Browser(app), device, 422)


def test_new_passkeys_want_the_password_again(signed_in: Callable) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        officer = signed_in("author")
        clock.shift(timedelta(minutes=16))
        assert "/xac-nhan?next=" in officer.client.get(PAGE).location


def test_browsers_make_passkeys_only_for_a_name_over_https_or_for_this_machine() -> None:
    usable = {
        "https://hadinh.example": True,
        "http://localhost:8000": True,
        "http://hadinh.example": False,
        "https://203.0.113.7": False,
        "http://127.0.0.1:8000": False,
    }
    assert {origin: Site(origin, "x").usable for origin in usable} == usable


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=9), children)
    ),
    max_leaves=8,
)
PARTS = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")


def test_any_other_text_is_refused_and_never_an_error(app: Flask, signed_in: Callable) -> None:
    device = Device()
    add_passkey(signed_in("author"), device)
    site = Site("http://localhost", "x")
    with app.app_context():
        question = ask_to_sign(site, None, None, NOW)
        whole = json.loads(device.sign(question.options))

        @hypothesis_settings(max_examples=60)
        @given(part=st.sampled_from(PARTS), value=JSON, cut=st.integers(0, 90))
        def refuse(part: str, value: Any, cut: int) -> None:
            spoilt = {**whole, "response": {**whole["response"], part: value}}
            short = {**whole, "response": {k: v[:cut] for k, v in whole["response"].items()}}
            texts = [json.dumps(spoilt), json.dumps(value), json.dumps(short), "[" * 8000, "{"]
            if part in ("userHandle", "attestationObject"):
                del texts[0]  # not needed for a signature
            for text in texts:
                with pytest.raises(PasskeyRefusedError):
                    check(site, None, text, question.state, NOW)

        refuse()
