"""kill -9 during publishing: what an officer was told is saved is saved, whole.

Beside it, since it works where this only waits: a database that another program locks for as long
as an officer would ever bear.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import PASSWORD
from tests.faults.site import Site, Visitor, publish
from wardsite.settings import REPOSITORY, Settings

pytestmark = [pytest.mark.sqlite, pytest.mark.slow]
# `WARDSITE_KILLS=2000 script/test tests/faults/test_kill.py` for a night.
KILLS = int(os.environ.get("WARDSITE_KILLS", "200"))
LOCKED_SECONDS = 30.0
WAITED_SECONDS = 9.0  # a writer waits ten for the lock (extensions.py)
BUSY = "Cơ sở dữ liệu đang bận"


def test_neither_two_hundred_kills_nor_a_lock_of_thirty_seconds_loses_or_halves_a_post(
    settings: Settings, pristine: Path, tmp_path: Path
) -> None:
    killing = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.kill_driver", settings.instance, str(KILLS)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        shutil.copytree(pristine, tmp_path / "khoa")
        with Site(tmp_path / "khoa") as site:
            endure_a_lock(site)
        output, errors = killing.communicate(timeout=60 + 3 * KILLS)
    finally:
        killing.kill()
        killing.communicate()
    assert killing.returncode == 0, errors
    told = json.loads(output)
    assert (told["lost"], told["half"], told["integrity"]) == ([], [], "ok")
    assert told["kills"] == KILLS
    assert told["acknowledged"] >= KILLS // 2  # it was at work, not always at rest


def endure_a_lock(site: Site) -> None:
    """Lock the database for half a minute while officers write and residents read."""
    resident, editor, newcomer = Visitor(site), Visitor(site), Visitor(site)
    assert resident.get("/")[0] == 200
    assert editor.sign_in("the-editor", PASSWORD)[0] == 302
    database = site.instance / "wardsite.db"
    with closing(sqlite3.connect(database)) as other, ThreadPoolExecutor(2) as officers:
        other.execute("BEGIN IMMEDIATE")
        until = time.monotonic() + LOCKED_SECONDS
        writing = officers.submit(timed, lambda: publish(editor, "Tin lúc khoá"))
        coming = officers.submit(timed, lambda: newcomer.sign_in("the-editor", PASSWORD))
        while time.monotonic() < until:
            # One page that is kept, and two that have to be made.
            assert [resident.get(path)[0] for path in ("/", "/van-ban?x=1", "/tin-tuc")] == [
                200
            ] * 3
            time.sleep(0.5)
        for (status, page), seconds in (writing.result(), coming.result()):
            assert status in (503, 507)
            assert BUSY in page
            assert seconds >= WAITED_SECONDS  # it waited before it gave up
        assert "Tin lúc khoá" in writing.result()[0][1]  # and gave back what had been typed
        other.rollback()
    assert newcomer.sign_in("the-editor", PASSWORD)[0] == 302
    assert publish(editor, "Tin lúc khoá")[0] == 302
    with closing(sqlite3.connect(database)) as connection:
        titles = connection.execute("SELECT title FROM post").fetchall()
    assert titles.count(("Tin lúc khoá",)) == 1


def timed(deed: Callable[[], tuple[int, str]]) -> tuple[tuple[int, str], float]:
    started = time.monotonic()
    return deed(), time.monotonic() - started
