"""The command, as a process: what it prints, how it ends, what it leaves."""

import hashlib
import io
import os
import re
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from tests.conftest import EXAMPLE
from tests.terminal import free_port, wardsite
from wardsite.cli import main

WARD = ("--id", "ha-dinh", "--kind", "ward", "--name", "Phường Hạ Đình")
DISTRICT = (
    "--district-url",
    str(EXAMPLE / "district.toml"),
    "--district-key",
    str(EXAMPLE / "EXAMPLE-DO-NOT-USE.pub"),
)


@pytest.fixture
def instance(pristine: Path, tmp_path: Path) -> Path:
    """A copy of a whole instance."""
    return Path(shutil.copytree(pristine, tmp_path / "instance"))


def refused(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """Return the one line of a refusal; fails when it was none."""
    assert done.returncode == code, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return lines[0]


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_init_makes_an_instance_and_says_what_one_must_know(tmp_path: Path) -> None:
    done = wardsite(tmp_path / "new", "init", *WARD, *DISTRICT)
    assert done.returncode == 0, done.stderr
    assert "http://127.0.0.1:8000/dang-nhap" in done.stdout
    assert "admin" in done.stdout
    assert "Mật khẩu dùng một lần" in done.stdout
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert wardsite(tmp_path / "new", "user", "list").stdout.startswith("admin\tadmin")
    assert wardsite(tmp_path / "new", "sync").returncode == 0


def test_init_asks_for_what_is_missing(tmp_path: Path) -> None:
    done = wardsite(tmp_path / "new", "init", typed="ha-dinh\nward\nPhường Hạ Đình\n")
    assert done.returncode == 0, done.stderr
    assert "Tên đơn vị" in done.stdout
    assert (tmp_path / "new" / "wardsite.toml").exists()


def test_a_second_init_is_refused_and_changes_nothing(instance: Path) -> None:
    before = digest(instance)
    assert str(instance) in refused(wardsite(instance, "init", *WARD))
    assert digest(instance) == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--id", "Hạ Đình", "--kind", "ward", "--name", "x"), "unit_id"),
        ((*WARD, "--district-key", "RWnotakey"), "RWnotakey"),
        ((*WARD, "--district-key", "/khong/co"), "/khong/co"),
    ],
)
def test_init_refuses_what_cannot_be_and_leaves_no_instance(
    tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    assert named in refused(wardsite(tmp_path / "new", "init", *arguments))
    assert not (tmp_path / "new").exists()


def test_init_with_a_centre_out_of_reach_or_a_wrong_key_still_makes_the_site(
    tmp_path: Path, instance: Path
) -> None:
    away = wardsite(tmp_path / "a", "init", *WARD, "--district-url", str(tmp_path / "no.toml"))
    assert away.returncode == 0
    assert "chưa được áp dụng" in away.stdout
    other = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
    wrong = wardsite(tmp_path / "b", "init", *WARD, *DISTRICT[:2], "--district-key", other)
    assert wrong.returncode == 0
    assert "chưa được áp dụng" in wrong.stdout
    refused(wardsite(tmp_path / "b", "sync"), 2)


def test_sync_tells_refused_from_out_of_reach(instance: Path, tmp_path: Path) -> None:
    away = wardsite(instance, "sync", WARDSITE_DISTRICT_URL=str(tmp_path / "no.toml"))
    refused(away, 3)
    forged = tmp_path / "forged"
    shutil.copytree(EXAMPLE, forged)
    content = (forged / "district.toml").read_text(encoding="utf-8")
    (forged / "district.toml").write_text(content + "\n# thêm\n", encoding="utf-8")
    refused(wardsite(instance, "sync", WARDSITE_DISTRICT_URL=str(forged / "district.toml")), 2)
    assert wardsite(instance, "sync").returncode == 0


@pytest.mark.parametrize(
    ("command", "content", "named"),
    [
        (("serve",), None, "wardsite init"),
        (("user", "list"), b"unit_id = ", "wardsite.toml"),
        (("serve",), b'unit_id = "\xff"', "wardsite.toml"),
        (("sync",), b'unit_id = "a"\nunit_kind = "city"\n', "unit_kind"),
        (("demo",), b'unit_id = "a"\nunit_kind = "ward"\nunknown = 1\n', "unknown"),
    ],
)
def test_a_missing_or_malformed_settings_file_is_one_line_and_changes_nothing(
    tmp_path: Path, command: tuple[str, ...], content: bytes | None, named: str
) -> None:
    folder = tmp_path / "instance"
    if content is not None:
        folder.mkdir()
        (folder / "wardsite.toml").write_bytes(content)
    before = digest(tmp_path)
    assert named in refused(wardsite(folder, *command))
    assert digest(tmp_path) == before


def test_an_unreadable_settings_file_and_a_lost_key_are_one_line(instance: Path) -> None:
    (instance / "secret_key").write_text("short")
    assert "secret_key" in refused(wardsite(instance, "sync"))
    (instance / "wardsite.toml").unlink()
    (instance / "wardsite.toml").mkdir()
    assert "wardsite.toml" in refused(wardsite(instance, "sync"))


def test_an_address_typed_wrongly_is_not_blamed_on_the_settings(instance: Path) -> None:
    told = refused(wardsite(instance, "move-media", "ftp://kho.example.gov.vn/hinh"))
    assert "https://" in told
    assert "wardsite.toml" not in told


def test_a_library_s_words_are_marked_as_such(instance: Path) -> None:
    archive = instance.parent / "sai.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size = 2
        tar.addfile(member, io.BytesIO(b"{}"))
    told = refused(wardsite(instance, "restore", "--yes", str(archive)))
    assert told.startswith("Không dùng được bản kê của bản sao lưu. Chi tiết kỹ thuật: “"), told
    away = "postgresql+psycopg://w:bi-mat@127.0.0.1:1/x"
    told = refused(wardsite(instance, "move-database", away))
    assert "Chi tiết kỹ thuật: “" in told or "pip install" in told, told
    assert "bi-mat" not in told


def test_a_name_with_a_space_is_no_account(instance: Path) -> None:
    told = refused(wardsite(instance, "user", "add", "lan anh", "--role", "author"))
    assert "dấu cách" in told
    assert "lan anh" not in wardsite(instance, "user", "list").stdout


@pytest.mark.parametrize("url", ["nonsense", "mysql://x", "postgresql+psycopg://u:p@h:x/d"])
def test_a_database_address_that_is_none_is_told_by_its_setting(instance: Path, url: str) -> None:
    told = refused(wardsite(instance, "user", "list", WARDSITE_DATABASE_URL=url))
    assert "WARDSITE_DATABASE_URL" in told
    assert "postgresql+psycopg://" in told


def test_a_socket_in_a_folder_that_there_is_not_is_told(instance: Path) -> None:
    told = refused(wardsite(instance, "serve", "--socket", str(instance / "none" / "s")))
    assert told.endswith("không có tệp hoặc thư mục này")


def test_a_port_in_use_is_named(instance: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in refused(wardsite(instance, "serve", "--port", port))
        told = refused(wardsite(instance, "serve", WARDSITE_PORT=port))
        assert port in told
        assert "WARDSITE_PORT=8001 wardsite serve" in told


def test_an_address_that_is_not_ours_is_named(instance: Path) -> None:
    line = refused(wardsite(instance, "serve", "--host", "203.0.113.1", "--port", str(free_port())))
    assert "203.0.113.1" in line


def test_a_newer_database_is_refused_by_every_command_and_left_alone(instance: Path) -> None:
    engine = create_engine(f"sqlite:///{instance / 'wardsite.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = digest(instance)
    for command in (("serve", "--port", str(free_port())), ("user", "list")):
        assert "9999" in refused(wardsite(instance, *command))
    assert digest(instance) == before


@pytest.mark.parametrize("content", [None, b"", b"this is no database " * 300])
def test_a_lost_empty_or_damaged_database_is_refused_by_commands(
    instance: Path, content: bytes | None
) -> None:
    for path in instance.glob("wardsite.db*"):
        path.unlink()
    if content is not None:
        (instance / "wardsite.db").write_bytes(content)
    before = digest(instance)
    refused(wardsite(instance, "user", "list"))
    assert digest(instance) == before


def test_accounts_are_kept_from_the_terminal(instance: Path) -> None:
    added = wardsite(instance, "user", "add", "Lan", "--role", "editor", "--display-name", "Lan")
    assert added.returncode == 0
    assert "Mật khẩu dùng một lần" in added.stdout
    assert "lan\teditor\tLan" in wardsite(instance, "user", "list").stdout
    given = wardsite(instance, "user", "passwd", "lan", "--password-stdin", typed="mật khẩu dài\n")
    assert "dùng một lần" not in given.stdout
    assert "lan" in refused(wardsite(instance, "user", "add", "LAN", "--role", "author"))
    weak = wardsite(
        instance, "user", "add", "m", "--role", "author", "--password-stdin", typed="ngắn"
    )
    assert "10" in refused(weak)
    assert "khong-co" in refused(wardsite(instance, "user", "passwd", "khong-co"))
    assert wardsite(instance, "user", "disable", "lan").returncode == 0
    for admin in ("admin", "the-admin"):
        last = wardsite(instance, "user", "disable", admin)
    assert "the-admin" in refused(last)


def test_demo_fills_an_empty_site_once_and_marks_every_sample(instance: Path) -> None:
    assert "[MẪU]" in wardsite(instance, "demo").stdout
    before = digest(instance)
    refused(wardsite(instance, "demo"))
    assert digest(instance) == before
    engine = create_engine(f"sqlite:///{instance / 'wardsite.db'}")
    with engine.connect() as connection:
        titles = connection.execute(text("SELECT title FROM post")).scalars().all()
    engine.dispose()
    assert titles
    assert all(title.startswith("[MẪU]") for title in titles)


# What Click writes by itself: a line of usage, the kind of a value, what is wrong.
CLICKS_ENGLISH = re.compile(
    r"(?<!-)\b(Usage|Options|Commands|OPTIONS|COMMAND|ARGS|TEXT|INTEGER|FLOAT|RANGE|PATH|DIRECTORY|FILE"
    r"|default|required|version|Error|Missing|Option|Choose|Did|for help|is not|is a|extra|invalid"
    r"|Repeat|Aborted)\b"
)
COMMANDS = ((), ("init",), ("user", "add"), ("central", "sign"), ("central", "audit"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_vietnamese_and_in_english_when_asked(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    vietnamese = wardsite(tmp_path / "none", *command, "--help")
    english = wardsite(tmp_path / "none", *command, "--help", language="en_US.UTF-8")
    assert vietnamese.returncode == english.returncode == 0
    assert vietnamese.stdout.startswith("Cách dùng:")
    assert "Hiện hướng dẫn này rồi thoát" in vietnamese.stdout
    assert english.stdout.startswith("Usage:")
    assert "Show this message and exit." in english.stdout
    assert not CLICKS_ENGLISH.findall(vietnamese.stdout)


def values_without_a_name(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    for param in command.params:
        choice = isinstance(param.type, click.Choice)
        if not choice and not getattr(param, "is_flag", False) and not param.metavar:
            yield (*path, *param.opts)
    for name, inner in getattr(command, "commands", {}).items():
        yield from values_without_a_name(inner, (*path, name))


def test_every_value_has_a_name_of_ours_since_click_would_give_an_english_one() -> None:
    assert list(values_without_a_name(main)) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("khong-co",), "Không có lệnh 'khong-co'."),
        (("serv",), "Có phải là 'search', 'serve', 'user' không?"),
        (("serve", "--khong-co"), "Không có tùy chọn '--khong-co'."),
        (("serve", "--prt", "1"), "Có phải là '--port' không?"),
        (("serve", "--port"), "Tùy chọn '--port' cần có giá trị."),
        (("serve", "--port", "x"), "Giá trị của '--port' không hợp lệ: 'x' không phải là số"),
        (("serve", "--port", "70000"), "70000 nằm ngoài khoảng 1<=x<=65535."),
        (("doctor", "--json=1"), "Tùy chọn '--json' không nhận giá trị."),
        (("restore",), "Thiếu tham số 'TỆP'."),
        (("restore", "a", "b", "c"), "Thừa tham số: b c"),
        (("backup", "."), "'.' là một thư mục."),
        (("export", __file__), "là một tệp, không phải thư mục."),
        (("user", "add", "lan"), "Thiếu tùy chọn '--role'. Chọn một trong:"),
        (("user", "add", "lan", "--role", "x"), "'x' không thuộc các giá trị được nhận: 'author'"),
    ],
)
def test_a_wrong_use_of_a_command_is_told_in_vietnamese(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = wardsite(tmp_path / "none", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert not CLICKS_ENGLISH.findall(done.stderr)


def test_what_a_command_asks_and_is_answered_wrongly_is_vietnamese(tmp_path: Path) -> None:
    done = wardsite(tmp_path / "none", "restore", __file__, typed="có\nn\n")
    assert "Lỗi: chỉ trả lời y (có) hoặc n (không)." in done.stdout
    assert "Đã dừng!" in done.stderr
    assert not CLICKS_ENGLISH.findall(done.stdout + done.stderr)
    assert "phiên bản" in wardsite(tmp_path / "none", "--version").stdout


@pytest.mark.parametrize(
    "arguments",
    [("doctor",), ("backup",), ("user", "list"), ("tick",), ("restore", "--yes", __file__)],
    ids=lambda arguments: arguments[0],
)
def test_the_wrong_user_is_told_so_and_not_that_the_database_is_broken(
    instance: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("WARDSITE_INSTANCE", str(instance))
    owner = instance.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != instance)
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "sudo -u" in done.output
    assert len(done.output.strip().splitlines()) == 1
