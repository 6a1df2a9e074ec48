"""A restore checks everything first, swaps in one step, and forgets nothing of the centre."""

import gzip
import io
import json
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.ops.conftest import NOW, in_both_formats, plain_tar, tree
from tests.page import Browser
from wardsite.application import close_app, create_app
from wardsite.cli import main
from wardsite.core.backup import DamagedBackupError
from wardsite.core.errors import WardsiteError
from wardsite.core.vi import short_stamp
from wardsite.mandate.memory import read_known, write_known
from wardsite.ops.archive import unpack, zstd
from wardsite.ops.backup import make_backup
from wardsite.ops.database import DatabaseNewerError
from wardsite.ops.lock import InUseError
from wardsite.ops.restore import OtherUnitError, RestoreTargetError, restore
from wardsite.ops.swap import AUDIT_END, STAGING, remove_replaced
from wardsite.settings import Settings, load_settings

pytestmark = pytest.mark.sqlite

ROOT = Path(__file__).parent.parent.parent


def test_a_new_machine_has_the_site_as_it_was(
    filled: Settings, archive: Path, tmp_path: Path
) -> None:
    new = tmp_path / "may-moi"
    done = restore(new, archive, NOW)
    assert done.replaced is None
    assert tree(new / "media") == tree(filled.instance / "media") != {}
    assert (new / "secret_key").read_bytes() == (filled.instance / "secret_key").read_bytes()
    assert stat.S_IMODE((new / "secret_key").stat().st_mode) == 0o600
    assert _rows(new, "SELECT original_name FROM image") == [("anh.png",)]
    app = create_app(load_settings(new, {}))
    assert "Hạ Đình" in Browser(app).get("/").text
    close_app(app)
    assert not (new / STAGING).exists()


def test_a_backup_of_before_zstd_is_put_back_as_well(
    filled: Settings, archive: Path, tmp_path: Path
) -> None:
    old = in_both_formats(plain_tar(archive), tmp_path)[1].rename(tmp_path / "cu.tar.gz")
    new = tmp_path / "may-moi"
    assert restore(new, old, NOW).manifest == unpack(archive, None)
    assert tree(new / "media") == tree(filled.instance / "media") != {}


def test_nobody_is_signed_in_after_a_restore_and_the_deed_is_on_record(
    filled: Settings, archive: Path
) -> None:
    restore(filled.instance, archive, NOW)
    assert _rows(filled.instance, "SELECT count(*) FROM user_session") == [(0,)]
    last = _rows(
        filled.instance, "SELECT action, subject FROM audit_entry ORDER BY id DESC LIMIT 1"
    )
    assert last == [("restore", archive.name)]


def test_what_stood_there_is_kept_for_a_month(filled: Settings, archive: Path) -> None:
    before = tree(filled.instance)
    (filled.instance / "wardsite.db-wal").write_bytes(b"stale")
    (filled.instance / AUDIT_END).write_text("9 of-the-trail-that-was-there")
    done = restore(filled.instance, archive, NOW)
    assert done.replaced is not None
    assert tree(done.replaced)["wardsite.db"] == before["wardsite.db"]
    # Beside the new database it would be taken for its own. It goes along with the old one, unless
    # SQLite cleared it away when the last to read that closed it.
    assert not (filled.instance / "wardsite.db-wal").exists()
    assert not (filled.instance / AUDIT_END).exists()  # the trail that comes back is another
    left = done.replaced / "wardsite.db-wal"
    assert not left.exists() or left.read_bytes() == b"stale"
    assert _rows(filled.instance, "PRAGMA integrity_check") == [("ok",)]
    remove_replaced(filled.instance, NOW + timedelta(days=29))
    assert done.replaced.exists()
    remove_replaced(filled.instance, NOW + timedelta(days=31))
    assert not done.replaced.exists()


@pytest.mark.parametrize("kept_in", ["file", "database"])
def test_an_older_database_does_not_bring_an_older_revision_back(
    filled: Settings, archive: Path, kept_in: str
) -> None:
    central = filled.instance / "central"
    later = replace(read_known(central), revision=99)
    if kept_in == "file":
        write_known(central, later)
    else:
        (central / "known.json").unlink()
        with closing(sqlite3.connect(filled.instance / "wardsite.db")) as connection, connection:
            connection.execute("UPDATE central_state SET known = ?", (json.dumps(later.dump()),))
    (central / f"{'a' * 64}.toml").write_bytes(b"newer")
    restore(filled.instance, archive, NOW)
    assert read_known(central).revision == 99
    assert (central / f"{'a' * 64}.toml").exists(), "the bytes of the newest revision are gone"


def test_nothing_is_replaced_while_the_site_runs(filled: Settings, archive: Path) -> None:
    program = (
        "import sys, pathlib; from wardsite.ops.lock import share;"
        "share(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    before = tree(filled.instance)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(filled.instance)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(InUseError):
            restore(filled.instance, archive, NOW)
        assert tree(filled.instance) == before
        holder.kill()
    restore(filled.instance, archive, NOW)


def test_a_backup_of_another_unit_or_of_newer_software_is_refused(
    filled: Settings, archive: Path, tmp_path: Path
) -> None:
    toml = filled.instance / "wardsite.toml"
    toml.write_text(toml.read_text().replace("ha-dinh", "phuong-khac"))
    with pytest.raises(OtherUnitError):
        restore(filled.instance, archive, NOW)
    with closing(sqlite3.connect(filled.instance / "wardsite.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNewerError):
        make_backup(load_settings(filled.instance, {}), NOW, tmp_path / "newer.tar.zst")


def test_a_restored_backup_is_told_by_its_moment_in_vietnam(
    filled: Settings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARDSITE_INSTANCE", str(filled.instance))
    done = CliRunner().invoke(main, ["restore", "--yes", str(archive)])
    made_at = unpack(archive, None).made_at
    assert done.exit_code == 0, done.output
    assert short_stamp(made_at) in done.output
    assert "+00:00" not in done.output


@pytest.mark.parametrize("yes", [["--yes"], []], ids=["sure", "nothing to be asked"])
def test_a_file_that_is_not_there_is_one_line(
    filled: Settings, monkeypatch: pytest.MonkeyPatch, yes: list[str]
) -> None:
    monkeypatch.setenv("WARDSITE_INSTANCE", str(filled.instance))
    done = CliRunner().invoke(main, ["restore", *yes, "khong-co.tar.zst"])
    assert done.exit_code == 1
    assert "khong-co.tar.zst" in done.output
    assert len(done.output.strip().splitlines()) == 1


# --- Hostile and damaged archives

Members = list[tuple[tarfile.TarInfo, bytes]]
Edit = Callable[[Members], None]


def _plain(name: str, content: bytes = b"x") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def _special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def _rewrite(members: Members, **changes: object) -> None:
    manifest = json.loads(members[0][1]) | changes
    members[0] = _plain("manifest.json", json.dumps(manifest).encode())


def _name(members: Members, name: str) -> None:
    manifest = json.loads(members[0][1])
    manifest["files"][name] = {"size": 1, "sha256": "0" * 64}
    _rewrite(members, files=manifest["files"])
    members.append(_plain(name))


def _change(members: Members, name: str, content: bytes) -> None:
    at = next(i for i, (member, _) in enumerate(members) if member.name == name)
    members[at] = _plain(name, content)


def _same_size(members: Members) -> None:
    member, content = members[1]
    members[1] = (member, content[:-1] + bytes([content[-1] ^ 1]))


def _counted_wrong(members: Members) -> None:
    rows = json.loads(members[0][1])["rows"]
    _rewrite(members, rows=rows | {"image": 7})


def _elsewhere(members: Members) -> None:
    import hashlib

    text = b'unit_id = "ha-dinh"\nunit_kind = "ward"\ndatabase_url = "sqlite:////tmp/x.db"\n'
    files = json.loads(members[0][1])["files"]
    entry = {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    _rewrite(members, files=files | {"wardsite.toml": entry})
    _change(members, "wardsite.toml", text)


HOSTILE: dict[str, Edit] = {
    "path out of the folder": lambda m: _name(m, "../../trom"),
    "path out, not in the manifest": lambda m: m.append(_plain("../../trom")),
    "absolute path": lambda m: _name(m, "/tmp/trom"),  # noqa: S108
    "path out below media": lambda m: _name(m, "media/../../trom"),
    "symbolic link": lambda m: m.append(_special("media/l", tarfile.SYMTYPE, "/etc")),
    "hard link": lambda m: m.append(_special("media/l", tarfile.LNKTYPE, "secret_key")),
    "device": lambda m: m.append(_special("media/d", tarfile.CHRTYPE)),
    "pipe": lambda m: m.append(_special("media/p", tarfile.FIFOTYPE)),
    "folder": lambda m: m.append(_special("media/f", tarfile.DIRTYPE)),
    "sparse file": lambda m: m.append(_special("media/s", tarfile.GNUTYPE_SPARSE)),
    "long name": lambda m: m.append(_special("x", tarfile.GNUTYPE_LONGNAME)),
    "extended header": lambda m: m.append(_special("x", tarfile.XHDTYPE)),
    "member not named": lambda m: m.append(_plain("media/x.webp")),
    "member twice": lambda m: m.append(m[1]),
    "member missing": lambda m: m.__delitem__(1),
    "no manifest": lambda m: m.__delitem__(0),
    "manifest not first": lambda m: m.insert(0, m.pop(1)),
    "other size": lambda m: _change(m, "secret_key", b"0" * 63),
    "other content": _same_size,
    "other count of rows": _counted_wrong,
    "another format": lambda m: _rewrite(m, format=2),
    "manifest of nothing": lambda m: _rewrite(m, files={}),
    "more than the disk holds": lambda m: _rewrite(
        m,
        files=json.loads(m[0][1])["files"]
        | {f"media/{i}": {"size": 2**33 - 1, "sha256": "0" * 64} for i in range(20_000)},
    ),
    "settings that lead to another database": _elsewhere,
    "file where a folder is": lambda m: (_name(m, "media/x"), _name(m, "media/x/y"))[0],
}


@pytest.mark.parametrize("edit", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_refused_and_touches_nothing(
    filled: Settings, archive: Path, tmp_path: Path, edit: Edit
) -> None:
    with tarfile.open(fileobj=io.BytesIO(plain_tar(archive))) as tar:
        members = [(m, tar.extractfile(m).read()) for m in tar.getmembers()]  # type: ignore[union-attr]
    edit(members)
    evil = io.BytesIO()
    with tarfile.open(fileobj=evil, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    for packed in in_both_formats(evil.getvalue(), tmp_path):
        _refused(filled, packed, tmp_path)


def test_a_bomb_is_refused_while_it_is_still_small(filled: Settings, tmp_path: Path) -> None:
    member = tarfile.TarInfo("manifest.json")
    member.size = 2**33
    bomb = member.tobuf(tarfile.GNU_FORMAT) + bytes(64 * 2**20)
    for packed in in_both_formats(bomb, tmp_path):
        assert packed.stat().st_size < 2**20
        _refused(filled, packed, tmp_path)


def test_a_backup_that_asks_for_a_server_s_memory_is_refused(
    filled: Settings, tmp_path: Path
) -> None:
    # Ten bytes that claim a window of 1 GB: reading them would take as much.
    greedy = tmp_path / "tham"
    options = {zstd.CompressionParameter.window_log: 30}
    with zstd.ZstdFile(greedy, "wb", options=options) as file:
        file.write(bytes(2**20))
    _refused(filled, greedy, tmp_path)


@pytest.mark.parametrize("share_left", [0, 0.001, 0.01, 0.5, 0.9, 0.999, 1])
def test_a_truncated_archive_is_refused(
    filled: Settings, archive: Path, tmp_path: Path, share_left: float
) -> None:
    for packed in in_both_formats(plain_tar(archive), tmp_path):
        content = packed.read_bytes()
        packed.write_bytes(content[: min(int(len(content) * share_left), len(content) - 1)])
        _refused(filled, packed, tmp_path)


def test_bytes_after_the_end_are_refused(filled: Settings, archive: Path, tmp_path: Path) -> None:
    for packed, pack in zip(
        in_both_formats(plain_tar(archive), tmp_path), (zstd.compress, gzip.compress), strict=True
    ):
        packed.write_bytes(packed.read_bytes() + pack(b"more" * 9000))
        _refused(filled, packed, tmp_path)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_noticed_or_harmless(archive: Path, data: st.DataObject) -> None:
    content = bytearray(archive.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    flipped = archive.with_name("lat.tar.zst")
    flipped.write_bytes(content)
    try:
        found = unpack(flipped, None)
    except DamagedBackupError:
        return
    assert found == unpack(archive, None), "other content was taken for good"


def _refused(filled: Settings, archive: Path, tmp_path: Path) -> None:
    before, around = tree(filled.instance), {path.name for path in tmp_path.iterdir()}
    with pytest.raises(WardsiteError) as caught:
        restore(filled.instance, archive, NOW)
    assert not isinstance(caught.value, RestoreTargetError), "refused by chance, not by a check"
    assert tree(filled.instance) == before
    assert {path.name for path in tmp_path.iterdir()} == around
    assert not (filled.instance / STAGING).exists()


# --- Killed


def test_a_restore_killed_at_any_step_is_old_or_new_and_never_between(
    filled: Settings, archive: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(filled.instance / "wardsite.db")) as connection, connection:
        connection.execute("UPDATE image SET alt = 'sau'")  # after the backup was taken
    done = subprocess.run(
        [sys.executable, "-m", "tests.ops.restore_driver", filled.instance, archive, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(points) > 15
    assert [point["killed"] for point in points] == [True] * (len(points) - 1) + [False]
    for point in points:
        assert point["integrity"] == "ok", point
        assert point["alt"] in ("sau", "Trụ sở"), point
        assert point["media"] == points[0]["media"], point
        assert point["clean"], point
    seen = [point["alt"] for point in points]
    assert seen == sorted(seen, reverse=True), "an earlier kill left the later state"
    assert set(seen) == {"sau", "Trụ sở"}


def _rows(instance: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(instance / "wardsite.db")) as connection:
        return connection.execute(query).fetchall()
