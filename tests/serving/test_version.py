"""How a process learns that its pages are old (SQLite)."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from wardsite.extensions import transaction
from wardsite.serving.version import CHECK_SECONDS, FILE, SqliteVersion
from wardsite.settings import Settings

pytestmark = pytest.mark.sqlite


@pytest.fixture
def another(settings: Settings, app: Flask) -> Iterator[SqliteVersion]:
    """What another process asks."""
    version = SqliteVersion(settings.instance / "wardsite.db")
    yield version
    version.close()


def publish(app: Flask) -> None:
    with app.app_context(), transaction():
        pass


def test_each_change_is_known_at_once_in_another_process(
    app: Flask, another: SqliteVersion
) -> None:
    first = another.read()
    for number in range(1, 50):
        publish(app)
        assert another.read() == another.read() == first + number


def test_nothing_is_asked_of_the_database_while_nothing_changes(
    app: Flask, another: SqliteVersion
) -> None:
    publish(app)
    number, asked = another.read(), []
    assert another._connection is not None
    another._connection.set_trace_callback(asked.append)
    assert another.read() == number
    assert asked == []
    publish(app)
    assert another.read() == number + 1
    assert asked


def test_a_change_by_who_says_nothing_is_known_a_second_later(
    settings: Settings, another: SqliteVersion
) -> None:
    number = another.read()
    with closing(sqlite3.connect(settings.instance / "wardsite.db")) as silent, silent:
        silent.execute("UPDATE content_version SET number = number + 1")
    time.sleep(CHECK_SECONDS)
    assert another.read() == number + 1


@pytest.mark.parametrize("there", ["a folder", "empty", "cut short"])
def test_without_the_file_that_processes_share_the_database_is_asked_each_time(
    app: Flask, settings: Settings, there: str, caplog: pytest.LogCaptureFixture
) -> None:
    shared = settings.instance / FILE
    shared.unlink(missing_ok=True)
    if there == "a folder":
        shared.mkdir()
    else:
        shared.write_bytes(b"abc" if there == "cut short" else b"")
    another = SqliteVersion(settings.instance / "wardsite.db")
    first = another.read()
    for number in range(1, 4):
        publish(app)
        assert another.read() == first + number
    another.close()
    assert ("hear of a change" in caplog.text) == (there == "a folder")
