"""What every page needs of the database is read once, and again after any commit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from wardsite.extensions import db, transaction
from wardsite.serving.kept import Kept, kept
from wardsite.serving.version import SqliteVersion

pytestmark = pytest.mark.sqlite


@pytest.fixture
def reading(app: Flask) -> Iterator[list[int]]:
    """Within a request that reads; the list is what `look` was asked to look for."""
    with app.test_request_context("/"):
        yield []


def look(made: list[int]) -> str:
    def make() -> str:
        made.append(1)
        return str(db.session.scalar(text("SELECT name FROM site_profile")))

    return kept("name", make)


def rename(name: str, *, public: bool = True) -> None:
    with transaction(public=public) as session:
        session.execute(text("UPDATE site_profile SET name = :name"), {"name": name})


def test_it_is_made_once_until_something_is_committed(reading: list[int]) -> None:
    first = look(reading)
    assert (look(reading), len(reading)) == (first, 1)
    rename("Phường A")
    assert [look(reading), look(reading)] == ["Phường A", "Phường A"]
    assert len(reading) == 2


def test_a_commit_that_no_resident_sees_counts_too(reading: list[int]) -> None:
    look(reading)
    rename("Phường B", public=False)
    assert look(reading) == "Phường B"


def test_what_was_read_before_in_the_same_request_hides_no_commit(reading: list[int]) -> None:
    # The request's own session still sees the database as it was when it first read.
    db.session.execute(text("SELECT name FROM site_profile"))
    with db.engine.begin() as other:
        other.execute(text("UPDATE site_profile SET name = 'Phường C'"))
    assert look(reading) == "Phường C"


def test_who_writes_sees_what_is_not_committed_yet(app: Flask) -> None:
    made: list[int] = []
    with app.test_request_context("/", method="POST"), transaction() as session:
        look(made)
        session.execute(text("UPDATE site_profile SET name = 'Phường D'"))
        assert look(made) == "Phường D"
    with app.app_context():  # a command
        look(made)
        look(made)
    assert len(made) == 4


def test_nothing_is_kept_of_a_database_that_cannot_be_read(app: Flask, tmp_path: Path) -> None:
    values = Kept(SqliteVersion(tmp_path / "none.db"))
    made: list[int] = []
    with app.app_context():
        assert [values.get("n", lambda: made.append(1) or len(made)) for _ in "ab"] == [1, 2]
