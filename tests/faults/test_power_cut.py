"""A power cut between the syncs of a file and of its folder: the old file or the new one, whole.

What a disk may have forgotten by then is worked out at every step that the real code takes on real
files: a file's bytes are there once it was synced, a name once its folder was.
"""

import os
import stat
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from wardsite import filestore
from wardsite.extensions import db

OLD, NEW = b"old" * 1000, b"new" * 1000


class ForgetfulDisk:
    """Knows what would be left of a folder if the power went now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents: dict[int, bytes] = {}
        self.names: dict[str, int] = {}
        self.syncs: list[str] = []

    def sync(self, descriptor: int) -> None:
        state = os.fstat(descriptor)
        if stat.S_ISDIR(state.st_mode):
            self.names = self._present()
        else:
            self.contents[state.st_ino] = os.pread(descriptor, state.st_size, 0)
        self.syncs.append("folder" if stat.S_ISDIR(state.st_mode) else "file")

    def after_a_cut(self, name: str) -> list[bytes | None]:
        """Return what the file may hold: with no later name kept by the disk, and with all."""
        return [
            self.contents.get(names[name], b"") if name in names else None
            for names in (self.names, self._present())
        ]

    def _present(self) -> dict[str, int]:
        return {path.name: path.stat().st_ino for path in self.folder.iterdir()}


@pytest.fixture
def forgetful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ForgetfulDisk:
    disk = ForgetfulDisk(tmp_path)
    monkeypatch.setattr(filestore.os, "fsync", disk.sync)
    return disk


def test_a_power_cut_at_any_step_leaves_one_of_the_two_whole(
    forgetful: ForgetfulDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = forgetful.folder / "district.toml"
    filestore.write_atomically(path, OLD)
    assert forgetful.after_a_cut(path.name) == [OLD, OLD]
    looked: list[bytes | None] = []
    real_replace = Path.replace

    def look() -> None:
        looked.extend(forgetful.after_a_cut(path.name))

    def replace(source: Path, target: Path) -> Path:
        look()
        done = real_replace(source, target)
        look()
        return done

    def sync(descriptor: int) -> None:
        look()
        forgetful.sync(descriptor)
        look()

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(filestore.os, "fsync", sync)
    filestore.write_atomically(path, NEW)
    assert len(looked) == 12
    assert set(looked) == {OLD, NEW}
    assert forgetful.after_a_cut(path.name) == [NEW, NEW]  # acknowledged: neither can be forgotten


def test_a_file_found_in_place_is_not_taken_for_safe(forgetful: ForgetfulDisk) -> None:
    # Its writer died between the rename and the sync of the folder; ours must not rely on it.
    name = filestore.store(forgetful.folder, NEW, ".webp")
    forgetful.names = {}
    assert filestore.store(forgetful.folder, NEW, ".webp") == name
    assert forgetful.after_a_cut(name) == [NEW, NEW]


@pytest.mark.sqlite
def test_a_commit_is_on_the_disk_before_it_is_told_by_sqlites_own_word(app: Flask) -> None:
    """What SQLite does with it is SQLite's; that every connection asks for it is ours."""
    with app.app_context(), ExitStack() as many:
        for _ in range(2):  # each is set anew
            connection = many.enter_context(db.engine.connect())
            answers = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("synchronous", "journal_mode")
            ]
            assert answers == [2, "wal"]  # FULL: the log is synced at each commit
