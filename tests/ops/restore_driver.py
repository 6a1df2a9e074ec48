"""Kills a restore at every step it takes on disk, opens the instance again, and looks at it.

A program of its own, so that it can fork. Prints one JSON line for each step.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.ops.conftest import NOW, tree
from wardsite.ops import restore as room
from wardsite.ops.swap import STAGING, open_instance


def main(pristine: Path, archive: Path, work: Path) -> None:
    """Restore from `pristine` for every point, until a restore has no more steps."""
    instance = work / "killed"
    point, killed = 0, True
    while killed:
        shutil.rmtree(instance, ignore_errors=True)
        shutil.copytree(pristine, instance)
        killed = _killed(instance, archive, point)
        open_in_child(instance)
        with closing(sqlite3.connect(instance / "wardsite.db")) as connection:
            integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
            alt = connection.execute("SELECT alt FROM image").fetchone()[0]
        clean = not (instance / STAGING).exists() and (instance / "wardsite.toml").exists()
        media = sorted(tree(instance / "media"))
        print(
            json.dumps(
                {
                    "point": point,
                    "killed": killed,
                    "integrity": integrity,
                    "alt": alt,
                    "media": media,
                    "clean": clean,
                }
            )
        )
        point += 1


def _killed(instance: Path, archive: Path, point: int) -> bool:
    child = os.fork()
    if child == 0:
        _count_steps(point)
        room.restore(instance, archive, NOW)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert status == 0, status
    return False


def open_in_child(instance: Path) -> None:
    """Open the instance as any command would, in a process whose lock ends with it."""
    child = os.fork()
    if child == 0:
        open_instance(instance)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def _count_steps(point: int) -> None:
    steps = 0

    def before(name: str) -> None:
        real = getattr(os, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            if steps == point:
                os.kill(os.getpid(), signal.SIGKILL)
            steps += 1
            return real(*args, **kwargs)

        setattr(os, name, wrapped)

    for name in ("replace", "sync", "fsync", "unlink", "rmdir"):
        before(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
