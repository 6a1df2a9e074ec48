"""A damaged database: residents read on, after a restart too; officers are told; no writing."""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import PASSWORD
from tests.faults.site import Site, Visitor, publish
from tests.faults.test_disk import at_rest
from tests.terminal import free_port, wardsite
from wardsite.ops.backup import make_backup
from wardsite.settings import Settings

pytestmark = pytest.mark.sqlite
DAMAGED = "Cơ sở dữ liệu bị hỏng"


def spoil(database: Path, at: int, size: int) -> str:
    """Write nonsense over a part of the file; return the digest of the whole."""
    content = database.read_bytes()
    content = content[:at] + b"\xa5" * size + content[at + size :]
    database.write_bytes(content)
    return digest(database)


def digest(database: Path) -> str:
    return hashlib.sha256(database.read_bytes()).hexdigest()


def logged(site: Site) -> list[str]:
    return [json.loads(line)["message"] for line in site.log.read_text().splitlines()]


def test_a_site_with_a_damaged_database_starts_is_read_and_writes_nothing_until_it_is_restored(
    settings: Settings,
) -> None:
    instance, port = settings.instance, free_port()
    database = instance / "wardsite.db"
    backup = make_backup(settings, datetime.now(UTC)).path
    site = Site(instance, port).wait()
    try:
        resident, editor = Visitor(site), Visitor(site)
        assert [resident.get(path)[0] for path in ("/", "/lien-he")] == [200, 200]
        assert editor.sign_in("the-editor", PASSWORD)[0] == 302
        assert site.stop() == 0

        # The page that says the schema's version: what else there is can be read.
        at_rest(instance)
        with closing(sqlite3.connect(database)) as connection:
            size = connection.execute("PRAGMA page_size").fetchone()[0]
            root = connection.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()[0]
        before = spoil(database, (root - 1) * size, size)
        site = Site(instance, port).wait()
        assert any("the database is damaged" in line for line in logged(site))
        assert [resident.get(path)[0] for path in ("/", "/van-ban")] == [200, 200]
        assert resident.get("/healthz") == (200, "read-only\n")
        status, page = publish(editor, "Tin khi hỏng")
        assert (status, DAMAGED in page, "Tin khi hỏng" in page) == (507, True, True)
        status, page = Visitor(site).sign_in("the-editor", PASSWORD)
        assert (status, DAMAGED in page) == (503, True)
        assert site.stop() == 0
        assert digest(database) == before

        # The first page: nothing of the database can be read.
        before = spoil(database, 0, size)
        site = Site(instance, port).wait()
        assert [resident.get(path)[0] for path in ("/", "/lien-he")] == [200, 200]
        assert resident.get("/healthz")[0] == 503
        for path in ("/dang-nhap", "/quan-tri"):
            status, page = editor.get(path)
            assert (status, DAMAGED in page, "doctor" in page) == (503, True, True)
        tick = wardsite(instance, "tick")
        assert (tick.returncode, len(tick.stderr.splitlines())) == (1, 1)
        assert site.stop() == 0
        assert digest(database) == before

        # Gone altogether: nothing is made in its place.
        database.unlink()
        site = Site(instance, port).wait()
        assert [resident.get(path)[0] for path in ("/", "/lien-he")] == [200, 200]
        assert site.stop() == 0
        assert not database.exists()

        done = wardsite(instance, "restore", "--yes", str(backup))
        assert done.returncode == 0, done.stderr
        site = Site(instance, port).wait()
        editor = Visitor(site)
        assert editor.sign_in("the-editor", PASSWORD)[0] == 302
        assert publish(editor, "Tin sau khi phục hồi")[0] == 302
    finally:
        site.kill()
