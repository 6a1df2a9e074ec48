"""A locked database, a damaged page, a clock put back a year: what residents and officers see."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.conftest import PASSWORD
from tests.page import Browser
from tests.writing import BODY, NEW, category_id, write_post
from wardsite.extensions import db
from wardsite.settings import Settings

pytestmark = pytest.mark.sqlite
PAGES = ("/", "/tin-tuc", "/van-ban", "/lien-he")


def test_while_the_database_is_locked_pages_are_read_and_officers_told(
    app: Flask, settings: Settings, signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    for path in PAGES:
        client.get(path)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    _impatient(app)
    form = {"category_id": category_id(editor, "Thông báo"), "title": "Tin", "body_html": BODY}
    with closing(sqlite3.connect(settings.instance / "wardsite.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        for path in PAGES:
            client.get(path)
        page = editor.post(NEW, 507, **form, then="save")
        assert "Cơ sở dữ liệu đang bận" in page.text
        assert page.one("input", id="title")["value"] == "Tin"
    editor.post(NEW, **form, then="publish")
    assert "Tin" in client.get("/tin-tuc").text


def _impatient(app: Flask) -> None:
    """Shorten SQLite's wait for a lock from ten seconds: this one outlasts any patience."""
    from sqlalchemy import event

    with app.app_context():

        @event.listens_for(db.engine, "connect")
        def shorten(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout=100")


def test_a_damaged_page_of_the_database_takes_no_other_page_away(
    app: Flask, settings: Settings, signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    write_post(editor, "Tin trước khi hỏng")
    kept = {path: client.get(path).text for path in PAGES}
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["content_version"].close()
    path = settings.instance / "wardsite.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'post'")
        at = (root.fetchone()[0] - 1) * size
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + b"\xa5" * size + whole[at + size :])
    for address, text in kept.items():
        assert client.get(address).text == text
    page = editor.get("/quan-tri/tin-tuc", 503)
    assert "Cơ sở dữ liệu bị hỏng" in page.text
    assert client.get("/healthz").status == 200  # what is whole is served


def test_a_clock_put_back_by_a_year_locks_nobody_out_and_lets_nobody_in(
    app: Flask, settings: Settings, client: Browser
) -> None:
    now, back = datetime.now(UTC), timedelta(days=365)
    stranger, editor = Browser(app), Browser(app)
    editor.sign_in("the-editor", PASSWORD)
    write_post(editor, "Tin của hôm nay")
    client.get("/")
    for _ in range(12):
        stranger.client.post("/dang-nhap", data=_sign_in(stranger, "sai-mat-khau"))
    with time_machine.travel(now - back, tick=True):
        for path in PAGES:
            client.get(path)
        year = (now - back).astimezone().year
        assert str(year) in client.get("/").one("header").one("time")["datetime"]
        # A session of the future ends: nobody may stay signed in for a year.
        assert editor.client.get("/quan-tri").status_code == 302
        # Failures of the future are not held against anybody for a year.
        answer = stranger.client.post("/dang-nhap", data=_sign_in(stranger, PASSWORD))
        assert answer.status_code == 302, answer.text
        write_post(stranger, "Tin của năm trước")
    assert "Tin của hôm nay" in client.get("/tin-tuc").text


def _sign_in(browser: Browser, password: str) -> dict[str, str]:
    token = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', browser.client.get("/dang-nhap").text
    )
    assert token
    return {"csrf_token": token[1], "name": "the-editor", "password": password}
