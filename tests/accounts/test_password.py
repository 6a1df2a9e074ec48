"""An officer's own password."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.conftest import PASSWORD
from tests.page import Browser
from wardsite.accounts.service import add_user, set_password

OWN = "/quan-tri/tai-khoan/mat-khau"
NEW = "một câu ngắn dễ nhớ"


@pytest.fixture
def newcomer(app: Flask, client: Browser) -> tuple[Browser, str]:
    """Someone signed in with a one-time password, and that password."""
    with app.app_context():
        password = add_user("newcomer", "editor", datetime.now(UTC))
    assert password is not None
    client.sign_in("newcomer", password)
    return client, password


def test_a_one_time_password_opens_nothing_but_the_page_to_change_it(
    newcomer: tuple[Browser, str],
) -> None:
    browser, password = newcomer
    for path in ("/quan-tri", "/quan-tri/tin-tuc", "/quan-tri/tin-tuc/viet"):
        assert browser.client.get(path).location == OWN
    page = browser.post(OWN, current=password, new=NEW, again=NEW)
    assert page.url == "/quan-tri"
    browser.get("/quan-tri/tin-tuc/viet")


def test_a_one_time_password_opens_nothing_after_its_last_day(
    app: Flask, client: Browser, signed_in: Callable[[str], Browser]
) -> None:
    made_at = datetime(2026, 11, 27, 16, 59, tzinfo=UTC)  # one minute before midnight in Vietnam
    with time_machine.travel(made_at, tick=False) as clock:
        admin = signed_in("admin")
        page = admin.post(
            "/quan-tri/can-bo/them", page="/quan-tri/can-bo", name="moi", role="author"
        )
        assert "chậm nhất là ngày 04/12/2026" in page.text
        password = page.one("strong", class_="code").text
        clock.shift(timedelta(days=7))
        assert client.sign_in("moi", password).url == OWN
        clock.shift(timedelta(minutes=1))
        over = Browser(app).post("/dang-nhap", 422, name="moi", password=password)
        assert "đến hết ngày 04/12/2026" in over.text
        wrong = Browser(app).post("/dang-nhap", 422, name="moi", password="sai mật khẩu rồi")
        assert "04/12/2026" not in wrong.text
        with app.app_context():
            renewed = set_password("moi", datetime.now(UTC))
        late = Browser(app)
        assert late.sign_in("moi", renewed or "").url == OWN
        late.post(OWN, current=renewed, new=NEW, again=NEW)
        clock.shift(timedelta(days=400))
        assert Browser(app).sign_in("moi", NEW).url == "/quan-tri"


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    here, elsewhere = signed_in("author"), signed_in("author")
    here.post(OWN, current=PASSWORD, new=NEW, again=NEW)
    here.get("/quan-tri")
    elsewhere.get("/quan-tri", 302)
    assert Browser(app).sign_in("the-author", NEW).url == "/quan-tri"


@pytest.mark.parametrize(
    ("current", "new", "again", "told"),
    [
        ("không đúng", NEW, NEW, "Mật khẩu hiện tại không đúng."),
        (PASSWORD, "ngắn", "ngắn", "từ 10 đến 200 ký tự"),
        (PASSWORD, "x" * 201, "x" * 201, "từ 10 đến 200 ký tự"),
        (PASSWORD, NEW, NEW + ".", "Hai lần nhập mật khẩu mới không giống nhau."),
    ],
)
def test_a_password_that_cannot_be_is_refused_with_the_reason(
    signed_in: Callable[[str], Browser], current: str, new: str, again: str, told: str
) -> None:
    author = signed_in("author")
    page = author.post(OWN, 422, current=current, new=new, again=again)
    assert told in page.one("div", id="errors").text
    assert NEW not in page.response.text


def test_a_password_typed_in_another_composition_is_the_same(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    import unicodedata

    signed_in("author").post(OWN, current=PASSWORD, new=NEW, again=NEW)
    decomposed = unicodedata.normalize("NFD", NEW)
    assert decomposed != NEW
    assert Browser(app).sign_in("the-author", decomposed).url == "/quan-tri"
