"""A disk that is full or read-only: residents read on, officers are told, nobody has to mend."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import PASSWORD
from tests.faults.conftest import Disk
from tests.faults.site import PATIENCE, Site, Visitor, publish
from tests.terminal import free_port
from wardsite.doctor.examination import examine_site
from wardsite.doctor.finding import State
from wardsite.serving.disk import BALLAST, BALLAST_BYTES
from wardsite.settings import load_settings

NOW = datetime.now(UTC)
pytestmark = pytest.mark.sqlite


def at_rest(instance: Path) -> None:
    """Leave the database as an orderly end does: nothing beside it, so that opening must write."""
    with closing(sqlite3.connect(instance / "wardsite.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in ("wardsite.db-wal", "wardsite.db-shm"):
        (instance / name).unlink(missing_ok=True)


def test_a_site_on_a_full_or_read_only_disk_is_read_on_and_mends_itself(disk: Disk) -> None:
    instance, port = disk.folder / "instance", free_port()  # one address, as a site has
    with Site(instance, port) as site:
        resident, editor = Visitor(site), Visitor(site)
        assert [resident.get(path)[0] for path in ("/", "/tin-tuc")] == [200, 200]
        assert editor.sign_in("the-editor", PASSWORD)[0] == 302
        ballast = instance / BALLAST
        assert ballast.stat().st_blocks * 512 >= BALLAST_BYTES

        disk.fill()
        status, page = publish(editor, "Tin khi đĩa đầy")
        assert (status, "Đĩa của máy chủ đã đầy" in page) == (507, True)
        status, page = Visitor(site).sign_in("the-editor", PASSWORD)
        assert (status, "Đĩa của máy chủ đã đầy" in page) == (503, True)
        assert resident.get("/healthz") == (200, "read-only\n")
        assert resident.get("/van-ban")[0] == 200  # not kept until now
        assert site.stop() == 0

    # Full at the start: SQLite has files to make, and the room for them was kept back.
    at_rest(instance)
    disk.fill()
    with Site(instance, port) as site:
        resident = Visitor(site)
        assert [resident.get(path)[0] for path in ("/", "/tin-tuc", "/lien-he")] == [200] * 3
        assert not ballast.exists()
        assert site.stop() == 0

    # Read-only at the start: the database does not open, the kept pages are there.
    at_rest(instance)
    disk.empty()
    disk.read_only(True)
    with Site(instance, port) as site:
        resident, editor = Visitor(site), Visitor(site)
        assert [resident.get(path)[0] for path in ("/", "/tin-tuc", "/lien-he")] == [200] * 3
        assert resident.get("/healthz")[0] == 503
        status, page = editor.get("/dang-nhap")  # the officer is told, and what to do
        assert (status, "Đĩa của máy chủ không ghi được" in page) == (503, True)
        assert "wardsite ha-dinh doctor" in page
        told = {found.check: found for found in examine_site(load_settings(instance, {}), NOW)}
        assert told["disk"].state is told["database"].state is State.FAULT
        assert "remount,rw" in str(told["disk"].advice)
        assert "the disk is full or read-only" in str(told["database"].message)
        assert "Fix the disk first" in str(told["database"].advice)

        # And back, without anybody's hand.
        disk.read_only(False)
        assert resident.get("/healthz")[0] == 200
        assert editor.sign_in("the-editor", PASSWORD)[0] == 302
        assert publish(editor, "Tin sau khi đĩa lại ghi được")[0] == 302
        until = time.monotonic() + PATIENCE  # the cache asks the database again after a second
        while "Tin sau khi đĩa lại ghi được" not in (news := resident.get("/tin-tuc")[1]):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert "Tin khi đĩa đầy" not in news
        assert site.stop() == 0
    with Site(instance, port):
        pass  # and ends as by a power cut
    assert ballast.exists()
