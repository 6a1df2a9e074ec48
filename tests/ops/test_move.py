"""`wardsite move-database`: everything arrives in PostgreSQL, or nothing has happened."""

import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import PASSWORD
from tests.page import Browser
from tests.postgres import Databases, databases
from tests.terminal import wardsite
from tests.writing import write_post
from wardsite.accounts.audit import verify
from wardsite.application import close_app, create_app
from wardsite.extensions import db
from wardsite.ops.database import alembic_config, migration_engine
from wardsite.settings import Settings, load_settings

pytestmark = pytest.mark.sqlite


@pytest.fixture(scope="module")
def servers() -> Iterator[Databases]:
    with databases() as made:
        yield made


def dump(url: str) -> list[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return [
            row[0]
            for row in connection.execute(
                "SELECT table_name::text FROM information_schema.tables"
                " WHERE table_schema = 'public' ORDER BY 1"
            )
        ]


def state(instance: Path) -> tuple[str, list[str]]:
    with closing(sqlite3.connect(instance / "wardsite.db")) as connection:
        return (instance / "wardsite.toml").read_text(), list(connection.iterdump())


def refused_without_a_word_of_it(statement: str, named: str) -> None:
    """Have the database refuse a value: what it says names the rule and never the value."""
    with pytest.raises(DBAPIError) as caught, db.engine.begin() as connection:
        connection.execute(text(statement), {"typed": "Mai Lan: 'x'"})
    for error in (caught.value, caught.value.orig):
        assert named in str(error)
        assert "Lan" not in str(error)


def test_a_moved_site_shows_finds_and_lets_in_as_before(
    filled: Settings, servers: Databases
) -> None:
    app = create_app(filled)
    editor = Browser(app)
    editor.sign_in("the-editor", PASSWORD)
    write_post(editor, "Lịch tiêm chủng ở Hạ Đình")
    with app.app_context():
        before = verify()
    close_app(app)
    url = servers.create()
    done = wardsite(filled.instance, "move-database", url)
    assert done.returncode == 0, done.stderr
    assert "post\t1\t" in done.stdout
    assert "audit_entry\t" in done.stdout
    assert tomllib.loads((filled.instance / "wardsite.toml").read_text())["database_url"] == url
    assert (filled.instance / "wardsite.toml").stat().st_mode & 0o007 == 0
    assert not (filled.instance / "wardsite.db").exists()
    assert len(list(filled.instance.glob("replaced-*/wardsite.db"))) == 1

    moved = create_app(load_settings(filled.instance, {}))
    moved.testing = True
    resident = Browser(moved)
    assert "Lịch tiêm chủng" in resident.get("/tin-tuc").text
    assert "Lịch tiêm chủng" in resident.get("/tim-kiem?q=tiem+chung").text
    editor = Browser(moved)
    editor.sign_in("the-editor", PASSWORD)
    write_post(editor, "Tin đầu tiên sau khi chuyển")  # its number follows those that were brought
    with moved.app_context():
        after = verify()
        assert after.count > before.count
        db.session.remove()  # who reads would let TRUNCATE wait
        for change in ("DELETE FROM audit_entry", "TRUNCATE audit_entry RESTART IDENTITY CASCADE"):
            with pytest.raises(DBAPIError, match="only grows"), db.engine.begin() as connection:
                connection.execute(text(change))
        refused_without_a_word_of_it("INSERT INTO alembic_version VALUES (:typed), (:typed)", "pk")
        refused_without_a_word_of_it("SELECT CAST(:typed AS date)", "date")
        refused_without_a_word_of_it("SELECT CAST(:typed AS tsquery)", "tsquery")
    close_app(moved)
    again = wardsite(filled.instance, "move-database", servers.create())
    assert again.returncode == 1
    assert "đã ở" in again.stderr


def test_a_trail_that_could_be_emptied_is_guarded_by_the_next_upgrade(
    filled: Settings, servers: Databases
) -> None:
    url = servers.create()
    assert wardsite(filled.instance, "move-database", url).returncode == 0
    drop = "DROP TRIGGER audit_entry_no_truncate ON audit_entry"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(drop)
        assert "không còn chặn việc sửa nhật ký" in wardsite(filled.instance, "doctor").stdout
        config = alembic_config()
        config.attributes["engine"] = migration_engine(url)
        command.downgrade(config, "0016")
        config.attributes["engine"].dispose()
        connection.execute(drop)
        assert wardsite(filled.instance, "upgrade").returncode == 0
        with pytest.raises(psycopg.Error, match="only grows"):
            connection.execute("TRUNCATE audit_entry")


def test_what_cannot_be_carried_over_leaves_both_sides_as_they_were(
    filled: Settings, servers: Databases
) -> None:
    taken, empty = servers.create(), servers.create()
    with psycopg.connect(taken.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE of_others (id int)")
    with psycopg.connect(empty.replace("+psycopg", ""), autocommit=True) as connection:
        # A server that takes rows and keeps others: what is read back must tell.
        connection.execute(
            "CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF to_regclass('image') IS NOT NULL AND to_regclass('image_rule') IS NULL THEN"
            " CREATE SEQUENCE image_rule; CREATE FUNCTION spoilt() RETURNS trigger LANGUAGE plpgsql"
            " AS $f$ BEGIN NEW.alt = 'x'; RETURN NEW; END $f$; CREATE TRIGGER spoilt BEFORE INSERT"
            " ON image FOR EACH ROW EXECUTE FUNCTION spoilt(); END IF; END $$"
        )
        connection.execute("CREATE EVENT TRIGGER spoil ON ddl_command_end EXECUTE FUNCTION spoil()")
    before = state(filled.instance)
    refusals = {
        taken: "không trống",
        empty: "image",
        "postgresql+psycopg://ward:mat-khau@127.0.0.1:1/x": "127.0.0.1",
        "sqlite:////tmp/x.db": "postgresql+psycopg://",
    }
    for url, words in refusals.items():
        done = wardsite(filled.instance, "move-database", url)
        assert done.returncode == 1, done.stdout
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "mat-khau" not in done.stderr
        assert state(filled.instance) == before
    assert dump(taken) == ["of_others"]
    assert dump(empty) == []
