"""Files on disk: whole or not at all."""

from pathlib import Path

import pytest

from wardsite.filestore import store, write_atomically


def test_a_file_is_named_by_its_content_and_stored_once(tmp_path: Path) -> None:
    name = store(tmp_path, b"ha dinh", ".webp")
    inode = (tmp_path / name).stat().st_ino
    assert store(tmp_path, b"ha dinh", ".webp") == name
    assert store(tmp_path, b"ha dinh 2", ".webp") != name
    assert (tmp_path / name).read_bytes() == b"ha dinh"
    assert (tmp_path / name).stat().st_ino == inode
    assert name.endswith(".webp")


def test_a_write_replaces_and_leaves_no_part_behind(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "file"
    write_atomically(path, b"1")
    write_atomically(path, b"2", mode=0o600)
    assert path.read_bytes() == b"2"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").touch()
    with pytest.raises(OSError, match="folder"):
        write_atomically(tmp_path / "folder", b"new")
    assert path.read_bytes() == b"old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]
