"""A database server that is full, takes no writing, has lost a table, or is away: told as such."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from tests.conftest import PASSWORD
from tests.faults.conftest import Disk
from tests.page import Browser
from tests.postgres import databases, server_user
from tests.terminal import wardsite
from tests.writing import write_post
from wardsite.application import close_app, create_app
from wardsite.extensions import db
from wardsite.settings import load_settings

pytestmark = pytest.mark.sqlite  # makes its own PostgreSQL


@pytest.fixture
def small() -> Iterator[Disk]:
    """A small disk that the server may write to."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = Path(tempfile.mkdtemp(prefix="wardsite-small-"))
    disk = Disk(folder)
    shutil.chown(folder, server_user())
    yield disk
    disk.close()
    folder.rmdir()


def test_what_is_wrong_with_the_server_is_told_and_nothing_fails_as_unexpected(
    pristine: Path, tmp_path: Path, small: Disk
) -> None:
    instance = tmp_path / "instance"
    shutil.copytree(pristine, instance)
    with databases() as made:
        url = made.create()
        moved = wardsite(instance, "move-database", url)
        assert moved.returncode == 0, moved.stderr
        app = create_app(load_settings(instance, {}))
        try:
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
                _tell(app, server, small, away=lambda: made.shut(url))
        finally:
            close_app(app)


def _tell(app: Flask, server: psycopg.Connection, small: Disk, away: Callable[[], None]) -> None:
    resident, editor = Browser(app), Browser(app)
    editor.sign_in("the-editor", PASSWORD)

    server.execute(f"CREATE TABLESPACE small LOCATION '{small.folder}'".encode())
    server.execute("ALTER TABLE post SET TABLESPACE small")
    small.fill()
    told = write_post(editor, "Tin khi đầy", status=507).text
    assert "Đĩa của máy chủ cơ sở dữ liệu đã đầy" in told
    resident.get("/tin-tuc")
    small.empty()
    write_post(editor, "Tin khi có chỗ")
    assert "Tin khi có chỗ" in resident.get("/tin-tuc").text
    assert "Tin khi đầy" not in resident.get("/tin-tuc").text

    server.execute("ALTER ROLE ward SET default_transaction_read_only = on")
    with app.app_context():
        db.engine.dispose()  # a role's settings are those of new connections
    told = write_post(editor, "Tin khi chỉ đọc", status=503).text
    assert "Máy chủ cơ sở dữ liệu không nhận ghi" in told
    server.execute("ALTER ROLE ward RESET default_transaction_read_only")
    with app.app_context():
        db.engine.dispose()

    server.execute("ALTER TABLE post RENAME TO away")
    told = editor.get("/quan-tri/tin-tuc", 503).text
    assert "Cơ sở dữ liệu bị hỏng" in told
    assert "wardsite ha-dinh doctor" in told
    doctor = wardsite(app.extensions["wardsite"].instance, "doctor").stdout
    assert "Cơ sở dữ liệu bị hỏng: thiếu bảng “post”." in doctor
    assert "pg_restore" in doctor
    assert "Tin khi có chỗ" in resident.get("/tin-tuc").text  # kept
    assert "hỏng" not in resident.get("/tin-tuc/thong-bao", 503).text
    server.execute("ALTER TABLE away RENAME TO post")
    assert resident.get("/tin-tuc/thong-bao").status == 200

    away()
    told = editor.get("/quan-tri/tin-tuc", 503).text
    assert "Máy chủ cơ sở dữ liệu không trả lời" in told
    assert "Tin khi có chỗ" in resident.get("/tin-tuc").text
