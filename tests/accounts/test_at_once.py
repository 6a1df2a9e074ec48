"""What must count once although requests meet: codes, proofs, the last administrator."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask

from tests.accounts.test_second_factor import first_step, set_up
from tests.conftest import PASSWORD
from tests.page import Browser
from wardsite.accounts import second_factor, service, sessions, sign_ins
from wardsite.accounts.sessions import SignInRefusedError
from wardsite.accounts.throttle import Caller, attempts, count_attempt
from wardsite.extensions import db, transaction
from wardsite.models import User, UserSession

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AT_ONCE = 4
PATIENCE = 40.0


def in_threads(app: Flask, *deeds: Callable[[], object]) -> list[object]:
    """Do all of them at once, each in a thread with the app's context; return what came of each."""
    start = threading.Barrier(len(deeds), timeout=PATIENCE)

    def do(deed: Callable[[], object]) -> object:
        with app.app_context():
            start.wait()
            return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def test_who_writes_waits_until_another_has_looked_and_changed(app: Flask) -> None:
    counted = threading.Event()

    def count() -> None:
        with app.app_context():
            with transaction(public=False) as session:
                count_attempt(session, "a key", 5, MINUTE, NOW)
            counted.set()

    with app.app_context():
        with transaction(public=False) as session:
            count_attempt(session, "a key", 5, MINUTE, NOW)
            session.flush()
            other = threading.Thread(target=count)
            other.start()
            # Only ever too early, never too late: who must wait cannot finish in it.
            assert not counted.wait(0.3)
        other.join(PATIENCE)
        assert counted.is_set()
        db.session.rollback()
        assert attempts("a key", NOW) == 2


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_a_code_sent_many_times_at_once_opens_one_session(
    app: Flask, signed_in: Callable[[str], Browser], kind: str
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        secret, codes = set_up(signed_in("author"))
        clock.shift(30)
        code = pyotp.TOTP(secret).at(datetime.now(UTC)) if kind == "app" else codes[2]
        browsers = [Browser(app) for _each in range(AT_ONCE)]
        tokens = [first_step(b).one("input", id="csrf_token")["value"] for b in browsers]

        def send(number: int) -> Callable[[], object]:
            data = {"csrf_token": tokens[number], "code": code}
            client = browsers[number].client
            return lambda: client.post("/dang-nhap/ma", data=data).status_code

        answers = in_threads(app, *(send(number) for number in range(AT_ONCE)))
    assert sorted(answers, key=str) == [302, *[422] * (AT_ONCE - 1)]


def test_two_administrators_who_close_each_other_at_once_leave_one(app: Flask) -> None:
    with app.app_context():
        service.add_user("second-admin", "admin", NOW, password=PASSWORD)
        service.disable_user("admin", NOW)  # the one that the instance came with

    def close(name: str) -> Callable[[], object]:
        def deed() -> str:
            try:
                service.disable_user(name, NOW)
            except service.LastAdminError:
                return "refused"
            return "closed"

        return deed

    done = in_threads(app, close("the-admin"), close("second-admin"))
    assert sorted(map(str, done)) == ["closed", "refused"]


def test_an_old_code_does_not_pass_for_the_new_one_that_took_its_number(
    app: Flask, signed_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    _secret, codes = set_up(signed_in("author"))
    with app.app_context():
        user = db.session.query(User).filter_by(name="the-author").one()
        verify = second_factor.verify_password

        def renewed_meanwhile(code_hash: str, code: str) -> bool:
            right = verify(code_hash, code)
            if right:
                second_factor.renew_codes(db.session.get_one(User, user.id), NOW)
            return right

        monkeypatch.setattr(second_factor, "verify_password", renewed_meanwhile)
        with pytest.raises(second_factor.WrongCodeError):
            second_factor.check(user, codes[0], Caller("192.0.2.1"), NOW)
        assert second_factor.codes_left(user) == second_factor.CODES


def test_a_password_changed_between_its_proof_and_the_session_opens_none(app: Flask) -> None:
    caller = Caller("192.0.2.1")
    with app.app_context():
        proved = sessions.check_password("the-author", PASSWORD, caller, NOW)
        service.set_password("the-author", NOW)
        with pytest.raises(SignInRefusedError):
            sessions.open_session(proved.user, caller, NOW, tail=proved.tail)
        service.disable_user("the-editor", NOW)
        editor = db.session.query(User).filter_by(name="the-editor").one()
        with pytest.raises(SignInRefusedError):
            sessions.open_session(editor, caller, NOW, "passkey")
        assert db.session.query(UserSession).count() == 0


def test_a_sign_in_that_came_after_the_page_is_not_taken_for_seen(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    here = signed_in("author")

    def from_elsewhere(address: str) -> None:
        browser = Browser(app)
        browser.client.environ_base["REMOTE_ADDR"] = address
        browser.sign_in("the-author", PASSWORD)

    from_elsewhere("203.0.113.7")
    shown = here.get("/quan-tri").one("input", name_="until")["value"]
    from_elsewhere("203.0.113.8")
    seen = {"page": "/quan-tri", "until": shown}
    here.post("/quan-tri/tai-khoan/da-xem", **seen)
    notice = here.get("/quan-tri").one("section", aria_label="Đăng nhập mới").text
    assert "203.0.113.8" in notice
    assert "203.0.113.7" not in notice
    for forged in ("9999-12-31T00:00:00+00:00", "2026-11-02", "x"):
        here.post("/quan-tri/tai-khoan/da-xem", **{**seen, "until": forged})
        with app.app_context():
            user = db.session.query(User).filter_by(name="the-author").one()
            assert [at.address for at in sign_ins.unseen(user)] == ["203.0.113.8"]
