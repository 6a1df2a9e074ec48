"""A small disk that can be filled, and made read-only, without harm to any other."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class Disk:
    """A file system of 32 MB in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mount("-t", "tmpfs", "-o", "size=32m", "tmpfs")

    def fill(self) -> None:
        """Take the last byte."""
        with (self.folder / "fill").open("wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def empty(self) -> None:
        (self.folder / "fill").unlink()

    def read_only(self, wanted: bool) -> None:
        self._mount("-o", f"remount,{'ro' if wanted else 'rw'}")

    def _mount(self, *options: str) -> None:
        subprocess.run(["mount", *options, self.folder], check=True)

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)


@pytest.fixture
def disk(tmp_path: Path, pristine: Path) -> Iterator[Disk]:
    """A small disk with an instance on it. Needs root, as a CI's container has."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    made = Disk(folder)
    shutil.copytree(pristine, folder / "instance")
    yield made
    made.close()
