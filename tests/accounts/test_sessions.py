"""Sessions in sight of their officer, notices of new sign-ins, the audit trail for admins."""

import ast
import csv
import io
import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2.exceptions import VerifyMismatchError
from flask import Flask
from sqlalchemy import text

from tests.conftest import COSTLY_HASHER, PASSWORD
from tests.page import Browser
from wardsite.accounts import audit, passwords, service, sessions
from wardsite.accounts.throttle import Caller, TooManyAttemptsError
from wardsite.application import close_app, create_app
from wardsite.extensions import db, transaction
from wardsite.models import POST_STATES
from wardsite.settings import REPOSITORY, Settings, load_settings
from wardsite.site.deeds import DEEDS, DETAILS, VALUES

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
ACCOUNT = "/quan-tri/tai-khoan"


def elsewhere(app: Flask, name: str = "the-author") -> Browser:
    browser = Browser(app)
    browser.client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    browser.client.environ_base["HTTP_USER_AGENT"] = "Lạ/1.0 <script>"
    browser.sign_in(name, PASSWORD)
    return browser


def test_an_officer_sees_their_sessions_and_ends_one(app: Flask, signed_in: Callable) -> None:
    here, there = signed_in("author"), elsewhere(app)
    page = here.get(ACCOUNT)
    assert "203.0.113.7" in page.text
    ends = [form["action"] for form in page.all("form") if form["action"].endswith("/ket-thuc")]
    assert len(ends) == 1
    there.get("/quan-tri")
    here.post(ends[0], page=ACCOUNT)
    there.get("/quan-tri", 302)
    here.get("/quan-tri")


def test_nobody_ends_the_session_of_another(app: Flask, signed_in: Callable) -> None:
    victim, other = signed_in("editor"), signed_in("author")
    with app.app_context():
        row = sessions.sessions_of(service.users()[-2].id, datetime.now(UTC))
        tokens = [session.token_sha256 for session in row]
    assert len(tokens) == 1
    other.post(f"{ACCOUNT}/phien/{tokens[0]}/ket-thuc", page=ACCOUNT)
    victim.get("/quan-tri")


def test_all_others_are_ended_at_once(app: Flask, signed_in: Callable) -> None:
    here, there, third = signed_in("author"), elsewhere(app), elsewhere(app)
    here.post(f"{ACCOUNT}/phien/ket-thuc-khac", page=ACCOUNT)
    there.get("/quan-tri", 302)
    third.get("/quan-tri", 302)
    here.get("/quan-tri")


def test_a_sign_in_from_a_new_place_is_told_until_it_is_seen(
    app: Flask, signed_in: Callable
) -> None:
    here = signed_in("author")
    assert "từ một nơi chưa từng dùng" not in here.get("/quan-tri").text
    intruder = elsewhere(app)
    intruder.post("/dang-xuat", page="/quan-tri")
    notice = here.get("/quan-tri")
    assert "203.0.113.7" in notice.text
    assert "203.0.113.7" not in signed_in("editor").get("/quan-tri").text
    until = notice.one("input", name_="until")["value"]
    here.post(f"{ACCOUNT}/da-xem", page="/quan-tri", until=until)
    assert "từ một nơi chưa từng dùng" not in here.get("/quan-tri").text


def test_strangers_in_the_office_do_not_lock_out_who_has_signed_in_on_this_browser(
    app: Flask,
) -> None:
    office = Browser(app)
    office.sign_in("the-author", PASSWORD)
    office.post("/dang-xuat", page="/quan-tri")
    stranger = Browser(app)
    for _attempt in range(5):
        stranger.post("/dang-nhap", 422, name="the-author", password="x" * 201)
    stranger.post("/dang-nhap", 429, name="the-author", password=PASSWORD)
    assert office.sign_in("the-author", PASSWORD).url == "/quan-tri"


def test_a_mark_serves_its_own_account_only_and_only_as_we_made_it(app: Flask) -> None:
    office = Browser(app)
    office.sign_in("the-author", PASSWORD)
    office.post("/dang-xuat", page="/quan-tri")
    for _attempt in range(5):
        office.post("/dang-nhap", 422, name="the-editor", password="x" * 201)
    office.post("/dang-nhap", 429, name="the-editor", password=PASSWORD)
    forger = Browser(app)
    forger.client.set_cookie("wardsite_mark", "WyJ4IiwieSJd.AAAA", path="/dang-nhap")
    for _attempt in range(5):
        forger.post("/dang-nhap", 422, name="the-author", password="x" * 201)
    forger.post("/dang-nhap", 429, name="the-author", password=PASSWORD)


def _guess(instance: Path, count: int) -> int:
    """Return how many of `count` attempts were let through, in a process of its own."""
    app = create_app(load_settings(instance, {}))
    let_through = 0
    with app.app_context():
        for _attempt in range(count):
            try:
                # Longer than any password: refused without the cost of hashing.
                sessions.check_password("the-author", "x" * 201, Caller("192.0.2.1"), NOW)
            except sessions.SignInRefusedError:
                let_through += 1
            except TooManyAttemptsError:
                continue
    close_app(app)
    return let_through


def test_four_processes_together_let_exactly_the_limit_through(settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        through = pool.starmap(_guess, [(settings.instance, 50)] * 4)
    assert sum(through) == sessions.MAX_ATTEMPTS_ACCOUNT


def test_the_count_is_kept_over_a_restart(settings: Settings) -> None:
    assert _guess(settings.instance, 3) == 3
    assert _guess(settings.instance, 9) == 2


@pytest.mark.parametrize("name", ["the-author", "nobody", "closed"])
def test_every_refusal_costs_one_hash_whoever_it_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with app.app_context():
        monkeypatch.setattr(passwords, "_hasher", COSTLY_HASHER)
        service.set_password("the-author", NOW, password=PASSWORD)
        service.add_user("closed", "author", NOW, password=PASSWORD)
        service.disable_user("closed", NOW)
        hashed: list[str] = []

        class Counting:
            def verify(self, password_hash: str, password: str) -> bool:
                with pytest.raises(VerifyMismatchError):  # a hash of no sense costs nothing
                    hasher.verify(password_hash, password)
                hashed.append(password_hash)
                raise VerifyMismatchError

        hasher = passwords._hasher()
        monkeypatch.setattr(passwords, "_hasher", Counting)
        with pytest.raises(sessions.SignInRefusedError):
            sessions.check_password(name, "không phải", Caller("192.0.2.1"), NOW)
    parameters = [value.split("$")[1:4] for value in hashed]
    assert parameters == [["argon2id", "v=19", "m=19456,t=2,p=1"]]


def test_the_trail_is_read_by_admins_and_taken_away_without_formulas(
    app: Flask, signed_in: Callable
) -> None:
    with app.app_context(), transaction() as session:
        audit.record(session, NOW, '=HYPERLINK("x")', "post-save", "+1", title="@SUM(A1)")
    admin = signed_in("admin")
    assert "nguyên vẹn" in admin.get("/quan-tri/nhat-ky").text
    assert "Lưu bài viết" in admin.get("/quan-tri/nhat-ky?viec=post-save").one("tbody").text
    answer = admin.post("/quan-tri/nhat-ky/xuat", page="/quan-tri/nhat-ky").response
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][0] == "id"
    assert rows[-1][3] == "audit-export"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    for role in ("author", "editor"):
        signed_in(role).get("/quan-tri/nhat-ky", 403)


def test_every_deed_has_a_name_for_who_reads_the_trail() -> None:
    """Read out of the code: what is handed to `record`, and where a status is put in, each one."""
    recorded, details = set(), set()
    for file in (REPOSITORY / "wardsite").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("record"):
                recorded |= {a.value for a in node.args[3:4] if isinstance(a, ast.Constant)}
                details |= {keyword.arg for keyword in node.keywords}
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "_become":
                recorded |= {k.value.value for k in node.keywords if k.arg == "action"}
                details |= {keyword.arg for keyword in node.keywords}
    recorded |= {f"post-{state}" for state in POST_STATES if state != "binned"}
    recorded |= {"document-published", "document-draft", "headline-hidden"}
    recorded |= {"feedback-answered", "feedback-declined"}
    assert len(recorded) > 50
    assert recorded - DEEDS.keys() == set()
    assert details - DETAILS.keys() == {"action", None}
    assert {("how", how) for how in ("password", "totp", "passkey")} <= VALUES.keys()


def test_the_trail_is_read_in_words_and_not_in_keys(signed_in: Callable) -> None:
    text = signed_in("admin").get("/quan-tri/nhat-ky?viec=sign-in").one("tbody").text
    assert "xác thực bằng: mật khẩu" in text
    assert "địa chỉ mạng: 127.0.0.1" in text
    assert "how:" not in text
    assert "False" not in text


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entry SET user_name = 'ai-khac' WHERE id = 2",
        "UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE id = 2",
        "UPDATE audit_entry SET detail = '{}' WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
def test_a_line_changed_behind_the_triggers_breaks_the_chain(
    app: Flask, signed_in: Callable, tampering: str
) -> None:
    with app.app_context():
        with db.engine.begin() as connection:
            sqlite = connection.dialect.name == "sqlite"
            for name in audit.TRIGGERS if sqlite else ("audit_entry_only_grows ON audit_entry",):
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text(tampering))
            gone = sorted(audit.TRIGGERS) if sqlite else ["audit_entry_only_grows"]
            assert audit.missing_triggers(connection) == gone
        with pytest.raises(audit.BrokenChainError):
            audit.verify()
    admin = signed_in("admin")
    assert "đã bị sửa" in admin.get("/quan-tri/nhat-ky").text
    assert (
        "đã bị sửa" not in admin.get("/quan-tri/nhat-ky?viec=sign-in").text
    )  # read once, not twice


@pytest.mark.parametrize(
    "password",
    [
        "matkhau123456",
        "Mật khẩu 2024!",
        "anhyeuem@123",
        "1234567890",
        "0123456789",
        "aaaaaaaaaaaa",
        "Hà Nội 2026",
        "Password123!",
        "abcabcabcabc",
        "qwertyuiop",
        "1q2w3e4r5t",
        "Việt Nam 1945",
        "nguyễn-văn-a-1990",
    ],
)
def test_the_first_guesses_are_refused_as_passwords(password: str) -> None:
    with pytest.raises(passwords.WeakPasswordError):
        passwords.check_password_strength(password)


def test_the_most_frequent_passwords_of_a_great_leak_are_refused() -> None:
    lines = passwords.COMMON[1].read_text(encoding="utf-8").splitlines()
    leaked = [line for line in lines if not line.startswith("#")]
    assert len(leaked) > 2500  # of 3,000; the others are repetition, or alike once compared
    for typed in (
        "Q1w2e3r4t5!",
        "usuckballz1",
        "Manchester",
        "1029384756",
        "NuttertoolS",
        "aaaaaaaaaa",
    ):
        with pytest.raises(passwords.WeakPasswordError):
            passwords.check_password_strength(typed)


@pytest.mark.parametrize(
    "password", [PASSWORD, "con mèo ngủ trên mái", "đi chợ mua 3 quả bưởi", "jk4-tr9s-xx2m"]
)
def test_sentences_and_random_letters_are_good_passwords(password: str) -> None:
    passwords.check_password_strength(password)


def test_the_accounts_own_name_is_no_password(signed_in: Callable) -> None:
    with pytest.raises(passwords.WeakPasswordError):
        passwords.check_password_strength("nguyenhoaan77", "nguyenhoaan")
    page = signed_in("author").post(
        f"{ACCOUNT}/mat-khau", 422, current=PASSWORD, new="matkhau123456", again="matkhau123456"
    )
    assert "dễ bị đoán" in page.text
