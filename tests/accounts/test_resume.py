"""What an officer typed survives the end of the session."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask

from tests.conftest import PASSWORD
from tests.page import Browser, Page
from tests.writing import BODY, NEW, category_id
from wardsite.accounts.service import set_password
from wardsite.accounts.sessions import IDLE_LIMIT

TYPED = "Thông báo “viết lâu” & chưa lưu"


def hidden(page: Page, action: str) -> dict[str, str]:
    form = page.one("form", action=action)
    return {node["name"]: node["value"] for node in form.all("input", type="hidden")}


def test_a_post_sent_after_the_session_ended_arrives_after_signing_in(client: Browser) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 8, tzinfo=UTC), tick=False) as clock:
        client.sign_in("the-editor", PASSWORD)
        form = {
            "csrf_token": client.get(NEW).one("form", action=NEW).all("input")[0]["value"],
            "title": TYPED,
            "body_html": BODY,
            "category_id": category_id(client, "Thông báo"),
            "then": "publish",
        }
        clock.shift(IDLE_LIMIT + timedelta(minutes=1))

        answer = client._page(client.client.post(NEW, data=form), NEW, 401)
        assert "Phiên làm việc đã hết." in answer.text
        kept = hidden(answer, "/dang-nhap")
        wrong = client.post("/dang-nhap", 422, **{**kept, "name": "the-editor", "password": "sai"})
        assert hidden(wrong, "/dang-nhap")["kept:title"] == TYPED

        kept = hidden(wrong, "/dang-nhap")
        data = {**kept, "name": "the-editor", "password": PASSWORD}
        confirm = client._page(client.client.post("/dang-nhap", data=data), "/dang-nhap", 200)
        fields = hidden(confirm, NEW)
        assert (fields["title"], fields["body_html"], fields["then"]) == (TYPED, BODY, "publish")

        done = client.client.post(NEW, data=fields, follow_redirects=True)
        assert client._page(done, done.request.path, 200).one("input", id="title")["value"] == TYPED
    client.get("/tin-tuc/thong-bao/thong-bao-viet-lau-chua-luu")


def test_a_stale_token_in_a_live_session_costs_a_click_and_no_text(
    signed_in: Callable[[str], Browser],
) -> None:
    editor = signed_in("editor")
    answer = editor.client.post(NEW, data={"csrf_token": "cũ", "title": TYPED})
    page = editor._page(answer, NEW, 400)
    assert hidden(page, NEW)["title"] == TYPED


def test_passwords_are_never_kept_in_a_page(client: Browser) -> None:
    secret = "mật khẩu bí mật 123"
    fields = dict.fromkeys(("current", "new", "again", "password"), secret)
    answer = client.client.post("/quan-tri/tai-khoan/mat-khau", data=fields)
    assert answer.status_code == 401
    assert secret not in answer.text


def test_what_is_kept_is_sent_to_this_site_only(app: Flask, client: Browser) -> None:
    page = client.post(
        "/dang-nhap",
        name="the-editor",
        password=PASSWORD,
        resume_to="//evil.example/",
        **{"kept:title": TYPED},
    )
    assert page.url == "/quan-tri"
    assert TYPED not in page.text


def test_kept_text_is_text_and_no_markup(client: Browser) -> None:
    answer = client.client.post(NEW, data={"title": '"><script src="x"></script>'})
    page = client._page(answer, NEW, 401)
    assert hidden(page, "/dang-nhap")["kept:title"] == '"><script src="x"></script>'
    assert not page.all("script", src="x")


def test_a_one_time_password_changed_first_costs_no_text(app: Flask, client: Browser) -> None:
    with app.app_context():
        once = set_password("the-editor", datetime.now(UTC))
    assert once is not None
    client.sign_in("the-editor", once)
    page = client._page(client.client.post(NEW, data={"title": TYPED}), NEW, 400)

    asked = client.client.post(NEW, data=hidden(page, NEW))
    page = client._page(asked, NEW, 401)
    assert "hãy đổi mật khẩu để gửi tiếp" in page.text
    change = "/quan-tri/tai-khoan/mat-khau"
    own = "con trâu đi trước cái cày"
    wrong = {**hidden(page, change), "current": once, "new": own, "again": "khác"}
    page = client._page(client.client.post(change, data=wrong), change, 422)
    right = {**hidden(page, change), "current": once, "new": own, "again": own}
    page = client._page(client.client.post(change, data=right), change, 200)
    assert hidden(page, NEW)["title"] == TYPED
