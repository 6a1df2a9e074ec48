"""An upgrade carries the data of every released schema over, or changes nothing."""

import gettext
import shutil
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from tests.ops.conftest import NOW, tree
from tests.page import Browser
from tests.terminal import wardsite
from wardsite.accounts.audit import missing_triggers, verify
from wardsite.application import close_app, create_app
from wardsite.extensions import db
from wardsite.ops.database import DatabaseNewerError, alembic_config, migrate, migration_engine
from wardsite.ops.demo import add_samples
from wardsite.ops.examine import database_faults, row_counts
from wardsite.ops.lock import InUseError
from wardsite.ops.proof import last_proof
from wardsite.ops.swap import STAGING, open_instance
from wardsite.ops.upgrade import Upgraded, UpgradeFailedError, upgrade
from wardsite.settings import TRANSLATIONS, load_settings

pytestmark = pytest.mark.sqlite

SCRIPT = ScriptDirectory.from_config(alembic_config())
REVISIONS = sorted(revision.revision for revision in SCRIPT.walk_revisions())


@pytest.fixture(scope="module")
def full(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with officers, posts, documents, people, and the centre's file in force."""
    folder = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("full") / "instance"))
    app = create_app(load_settings(folder, {}))
    with app.app_context():
        add_samples(NOW)
    close_app(app)
    return folder


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An empty database of every released schema."""
    folder = tmp_path_factory.mktemp("released")
    config = alembic_config()
    config.attributes["engine"] = engine = migration_engine(f"sqlite:///{folder}/now.db")
    made = {}
    for revision in REVISIONS:
        command.upgrade(config, revision)
        made[revision] = Path(shutil.copy(folder / "now.db", folder / f"{revision}.db"))
    engine.dispose()
    return made


def columns(connection: sqlite3.Connection, schema: str, table: str) -> dict[str, tuple]:
    rows = connection.execute(f'PRAGMA {schema}.table_info("{table}")')
    return {row[1]: row for row in rows}


def tables(connection: sqlite3.Connection, schema: str) -> set[str]:
    listed = connection.execute(f"PRAGMA {schema}.table_list").fetchall()
    words = ("sqlite_", "search_", "alembic_")
    return {row[1] for row in listed if row[2] == "table" and not row[1].startswith(words)}


def fill(database: Path, source: Path) -> int:
    """Copy what `source`, of the newest schema, holds into an older one; return the rows."""
    count = 0
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("ATTACH ? AS newest", (str(source),))
        for table in tables(connection, "main") & tables(connection, "newest"):
            old, new = columns(connection, "main", table), columns(connection, "newest", table)
            both = [name for name in old if name in new]
            only_old = [n for n, row in old.items() if n not in new and row[3] and row[4] is None]
            names = ", ".join(f'"{name}"' for name in both + only_old)
            values = ", ".join([f'"{name}"' for name in both] + ["''" for _ in only_old])
            done = connection.execute(
                f'INSERT OR REPLACE INTO "{table}" ({names}) SELECT {values} FROM newest."{table}"'  # noqa: S608
            )
            count += done.rowcount
    return count


def older(full: Path, database: Path, into: Path) -> Path:
    """Return an instance like `full` whose database is of an older schema, with its rows."""
    shutil.copytree(full, into, ignore=shutil.ignore_patterns("wardsite.db*"))
    shutil.copy(database, into / "wardsite.db")
    assert fill(into / "wardsite.db", full / "wardsite.db") > 20
    return into


def check_carried_over(database: Path, before: dict[str, int]) -> None:
    """No row may be lost, and nothing in the database be damaged."""
    after = row_counts(database)
    kept = {table for table in before if table in after} - {"alembic_version"}
    assert {table for table in kept if after[table] < before[table]} == set()
    assert database_faults(database) == []
    with closing(sqlite3.connect(database)) as connection:
        for words in ("search_fts_post", "search_fts_image"):  # raises where it is not the rows'
            check = f"INSERT INTO {words} ({words}, rank) VALUES ('integrity-check', 1)"  # noqa: S608
            connection.execute(check)
            kept = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE ?"
            assert connection.execute(kept, (f"{words}_%",)).fetchone() == (3,)


def test_every_released_schema_is_migrated_with_its_data(
    full: Path, released: dict[str, Path], tmp_path: Path
) -> None:
    for revision in REVISIONS[:-1]:
        folder = tmp_path / revision
        folder.mkdir()
        database = Path(shutil.copy(released[revision], folder / "wardsite.db"))
        assert fill(database, full / "wardsite.db") > 20
        before = row_counts(database)
        assert migrate(replace(load_settings(full, {}), instance=folder))
        check_carried_over(database, before)


@pytest.mark.parametrize("revision", [REVISIONS[0], REVISIONS[-2]])
def test_an_upgrade_keeps_a_proven_backup_the_data_and_the_database_of_before(
    full: Path, released: dict[str, Path], tmp_path: Path, revision: str
) -> None:
    instance = older(full, released[revision], tmp_path / revision)
    before = row_counts(instance / "wardsite.db")
    done = upgrade(instance, NOW)
    assert isinstance(done, Upgraded)
    proof = last_proof(instance)
    assert proof is not None
    assert (Path(proof.file), proof.rows) == (done.backup, sum(before.values()))
    check_carried_over(instance / "wardsite.db", before)
    assert done.replaced is not None
    assert row_counts(done.replaced / "wardsite.db") == before
    app = create_app(load_settings(instance, {}))
    assert "[MẪU]" in Browser(app).get("/tin-tuc").text
    with app.app_context():
        assert verify().count == before["audit_entry"]
        with db.engine.connect() as connection:
            assert missing_triggers(connection) == []
    close_app(app)


@pytest.fixture
def old(full: Path, released: dict[str, Path], tmp_path: Path) -> Path:
    """An instance of an older schema, with data."""
    return older(full, released["0008"], tmp_path / "instance")


def test_an_upgrade_that_fails_changes_nothing_and_can_be_tried_again(old: Path) -> None:
    with closing(sqlite3.connect(old / "wardsite.db")) as connection:
        connection.execute("CREATE TABLE recovery_code (in_the_way INTEGER)")
    before = tree(old)
    with pytest.raises(UpgradeFailedError, match="recovery_code already exists"):
        upgrade(old, NOW)
    after = {name: what for name, what in tree(old).items() if not name.startswith("backups/")}
    assert after == before
    assert not (old / STAGING).exists()
    assert last_proof(old) is not None
    done = wardsite(old, "upgrade")
    assert done.returncode == 1
    assert "không thành công và không thay đổi gì" in done.stderr
    assert "Traceback" not in done.stderr
    with closing(sqlite3.connect(old / "wardsite.db")) as connection:
        connection.execute("DROP TABLE recovery_code")
    assert isinstance(upgrade(old, NOW.replace(minute=1)), Upgraded)


def test_a_page_that_fails_after_the_upgrade_is_told_in_the_readers_language(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wardsite.ops.upgrade._PAGES", ("/khong-co-trang-nay",))
    with pytest.raises(UpgradeFailedError) as failed:
        upgrade(old, NOW)
    vietnamese = gettext.translation("messages", TRANSLATIONS, ["vi"]).gettext
    told = failed.value.said(vietnamese)
    assert told.endswith("/khong-co-trang-nay trả lời với mã 404.")
    assert not (old / STAGING).exists()


def test_two_upgrades_at_once_do_it_once(old: Path) -> None:
    done: list[Upgraded | None] = []
    threads = [threading.Thread(target=lambda: done.append(upgrade(old, NOW))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in done) == ["NoneType", "Upgraded"]
    assert len(list(old.glob("replaced-*"))) == 1
    assert upgrade(old, NOW) is None


def test_a_site_that_runs_or_is_newer_is_left_alone(old: Path) -> None:
    database = old / "wardsite.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNewerError):
        upgrade(old, NOW)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0008'")
    before = tree(old)
    open_instance(old)  # held by this process until it ends
    with pytest.raises(InUseError, match="systemctl stop"):
        upgrade(old, NOW, wait=0)
    assert tree(old) == before
