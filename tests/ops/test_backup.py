"""Backups are taken while others write, proven before they are called good, and tidied."""

import fcntl
import io
import json
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.ops.conftest import NOW, plain_tar
from wardsite.cli import main
from wardsite.core.backup import DamagedBackupError, made_at
from wardsite.ops.archive import NoSpaceError, check_space
from wardsite.ops.backup import (
    BackupBusyError,
    BackupTargetError,
    NotSqliteError,
    backup_if_due,
    make_backup,
    tidy,
)
from wardsite.ops.proof import backups_folder, last_proof
from wardsite.settings import Settings

pytestmark = pytest.mark.sqlite


def test_a_backup_holds_the_instance_and_opens_with_tar_alone(filled: Settings) -> None:
    made = make_backup(filled, NOW)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.path.name.endswith(".tar.zst")
    with tarfile.open(fileobj=io.BytesIO(plain_tar(made.path))) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        key = tar.getmember("secret_key")
    assert names[:4] == ["manifest.json", "wardsite.db", "wardsite.toml", "secret_key"]
    assert {name.split("/")[0] for name in names[4:]} == {"media", "central"}
    assert key.mode == 0o600
    assert manifest["rows"]["image"] == 1
    assert manifest["rows"]["user_session"] == 1
    assert not any("known.json" in name or ".lock" in name for name in names)


def test_a_backup_counts_as_proven_only_with_its_rows_and_while_its_file_is_there(
    filled: Settings,
) -> None:
    assert last_proof(filled.instance) is None
    made = make_backup(filled, NOW)
    proof = last_proof(filled.instance)
    assert proof == made.proof
    assert proof.rows > 10
    assert proof.missing == 0
    made.path.write_bytes(b"")
    assert last_proof(filled.instance) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"made_at": "2026-11-24T02:00:00"},  # no time zone
        {"proven_at": 1},
        {"size": "12"},
        {"rows": True},
        {"files": None},
        {"file": ["x"]},
        {"file": "a\0b"},
    ],
    ids=str,
)
def test_a_damaged_record_of_a_proof_is_no_proof(
    filled: Settings, damage: dict[str, object]
) -> None:
    make_backup(filled, NOW)
    record = backups_folder(filled.instance) / "proven.json"
    told = json.loads(record.read_bytes())
    record.write_text(json.dumps(told | {"told_by": "a later version"}))
    assert last_proof(filled.instance) is not None
    record.write_text(json.dumps(told | damage))
    assert last_proof(filled.instance) is None
    for content in (b"", b"[]", b"null", b"\xff", b"[" * 100_000, json.dumps(told).encode()[:-9]):
        record.write_bytes(content)
        assert last_proof(filled.instance) is None


def test_a_record_of_a_proof_as_earlier_versions_wrote_it_is_read(filled: Settings) -> None:
    made = make_backup(filled, NOW)
    record = backups_folder(filled.instance) / "proven.json"
    told = json.loads(record.read_bytes())
    told["made_at"] = told["made_at"].replace("+00:00", "Z")
    del told["missing"]
    record.write_text(json.dumps(told))
    assert last_proof(filled.instance) == made.proof


def test_a_backup_is_one_moment_of_a_database_that_others_write_to(
    filled: Settings, tmp_path: Path
) -> None:
    stop, written = threading.Event(), []

    def write_pairs() -> None:
        with closing(sqlite3.connect(filled.instance / "wardsite.db", timeout=10)) as connection:
            while not stop.is_set():
                with connection:
                    for half in "ab":
                        connection.execute(
                            "INSERT INTO category (slug, name, \"order\") VALUES (?, 'x', 99)",
                            (f"{half}{len(written)}",),
                        )
                written.append(1)

    writer = threading.Thread(target=write_pairs)
    writer.start()
    try:
        for number in range(3):
            path = make_backup(filled, NOW, tmp_path / f"{number}.tar.zst").path
            with tarfile.open(fileobj=io.BytesIO(plain_tar(path))) as tar:
                tar.extract("wardsite.db", tmp_path / str(number), filter="data")
            with closing(sqlite3.connect(tmp_path / str(number) / "wardsite.db")) as copy:
                query = 'SELECT count(*) FROM category WHERE "order" = 99 AND slug LIKE ?'
                halves = [copy.execute(query, (f"{half}%",)).fetchone()[0] for half in "ab"]
            assert halves[0] == halves[1]
    finally:
        stop.set()
        writer.join()
    assert len(written) > 3, "the writer was kept waiting"


def test_a_damaged_database_gives_no_backup_and_the_last_good_one_stays(filled: Settings) -> None:
    good = make_backup(filled, NOW)
    database = filled.instance / "wardsite.db"
    content = bytearray(database.read_bytes())
    for page in range(4096 * 10, len(content) - 4096, 4096):
        content[page : page + 64] = b"\xff" * 64
    database.write_bytes(content)
    with pytest.raises((DamagedBackupError, BackupTargetError)):
        make_backup(filled, NOW + timedelta(days=1))
    assert last_proof(filled.instance) == good.proof
    assert [path.name for path in backups_folder(filled.instance).glob("*.zst")] == [good.path.name]
    assert not list(backups_folder(filled.instance).glob(".part-*"))


def test_a_picture_that_is_gone_is_told_and_stops_no_backup(filled: Settings) -> None:
    for path in (filled.instance / "media").glob("*.webp"):
        path.unlink()
    assert make_backup(filled, NOW).proof.missing == 1


def test_two_backups_at_once_take_turns_and_a_killed_one_leaves_nothing(filled: Settings) -> None:
    own = backups_folder(filled.instance)
    own.mkdir()
    (own / ".part-killed").mkdir()
    (own / ".part-killed" / "wardsite.db").write_bytes(b"x")
    with (own / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BackupBusyError):
            make_backup(filled, NOW)
    make_backup(filled, NOW)
    assert not list(own.glob(".part-*"))


def test_a_backup_goes_neither_over_a_file_nor_among_what_it_holds(
    filled: Settings, tmp_path: Path
) -> None:
    there = tmp_path / "co-roi"
    there.write_text("x")
    for target in (there, filled.instance / "media" / "b.tar.zst", tmp_path / "khong" / "co.zst"):
        with pytest.raises(BackupTargetError):
            make_backup(filled, NOW, target)
    assert there.read_text() == "x"


def test_data_in_a_database_server_is_refused_plainly(filled: Settings) -> None:
    elsewhere = replace(filled, database_url="postgresql+psycopg://x/y")
    with pytest.raises(NotSqliteError):
        make_backup(elsewhere, NOW)
    assert backup_if_due(elsewhere, NOW) is None


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path: Path) -> None:
    working = tmp_path / ".part-x" / "new"  # which would mean nothing to who reads it
    working.mkdir(parents=True)
    for folder in (tmp_path, working):
        with pytest.raises(NoSpaceError, match=f"{tmp_path} has [0-9]+ MB free"):
            check_space(folder, 2**60)


def test_one_backup_is_made_each_night(filled: Settings) -> None:
    evening = datetime(2026, 11, 24, 13, tzinfo=UTC)  # 20:00 in Vietnam
    made = [
        at for hours in range(50) if backup_if_due(filled, at := evening + timedelta(hours=hours))
    ]
    # The first at once; then at 02:00 (19:00 UTC) of each night.
    assert [(at.day, at.hour) for at in made] == [(24, 13), (24, 19), (25, 19), (26, 19)][
        : len(made)
    ]
    assert len(made) == 3


def test_a_failed_night_is_tried_again_an_hour_later(filled: Settings) -> None:
    database = filled.instance / "wardsite.db"
    database.rename(database.with_suffix(".away"))
    with pytest.raises(BackupTargetError):
        backup_if_due(filled, NOW)
    database.with_suffix(".away").rename(database)
    assert backup_if_due(filled, NOW + timedelta(minutes=5)) is None
    assert backup_if_due(filled, NOW + timedelta(minutes=61)) is not None


def test_tidying_never_removes_the_last_proven_backup(filled: Settings) -> None:
    made = make_backup(filled, NOW - timedelta(days=3000))
    own = backups_folder(filled.instance)
    for days in range(1, 200):
        at = NOW - timedelta(days=days)
        kind = "gz" if days > 100 else "zst"  # those of before are tidied too
        (own / f"wardsite-ha-dinh-{at:%Y%m%dT%H%M%S}Z.tar.{kind}").write_bytes(b"")
    tidy(filled.instance, NOW)
    left = [path for path in own.iterdir() if made_at(path.name)]
    assert made.path in left
    assert len(left) < 25


def test_the_command_says_what_it_counted(
    filled: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WARDSITE_INSTANCE", str(filled.instance))
    done = CliRunner().invoke(main, ["backup", str(tmp_path / "b.tar.zst")])
    assert done.exit_code == 0, done.output
    assert "b.tar.zst" in done.output
    again = CliRunner().invoke(main, ["backup", str(tmp_path / "b.tar.zst")])
    assert again.exit_code == 1
    assert "Traceback" not in again.output
