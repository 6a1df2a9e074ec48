"""Two servers, each with its own folder, on one PostgreSQL: one site to officers and residents."""

import shutil
import time
from pathlib import Path

import pytest

from tests.conftest import PASSWORD
from tests.faults.site import PATIENCE, Site, Visitor
from tests.postgres import databases
from tests.terminal import wardsite
from tests.writing import BODY, NEW

pytestmark = pytest.mark.sqlite  # makes its own PostgreSQL


def test_two_hosts_share_sessions_limits_and_what_is_new(pristine: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    shutil.copytree(pristine, first)
    with databases() as made:
        moved = wardsite(first, "move-database", made.create())
        assert moved.returncode == 0, moved.stderr
        shutil.copytree(first, second)
        sites = [Site(first), Site(second)]
        try:
            _as_one(*(site.wait() for site in sites))
            assert [site.stop() for site in sites] == [0, 0]
        finally:
            for site in sites:
                if site.process.poll() is None:
                    site.kill()


def _as_one(here: Site, there: Site) -> None:
    resident, editor = Visitor(there), Visitor(here)
    assert "Tin của hai máy" not in resident.get("/tin-tuc")[1]  # kept by the other host from now

    assert editor.sign_in("the-editor", PASSWORD)[0] == 302
    editor.port = there.port  # the same browser, sent to the other host by the proxy
    assert editor.get("/quan-tri")[0] == 200
    editor.port = here.port
    category = editor.get(NEW)[1].partition('id="category_id"')[2].partition('value="')[2]
    fields = {"title": "Tin của hai máy", "body_html": BODY, "then": "publish"}
    assert editor.post(NEW, **fields, category_id=category.partition('"')[0])[0] == 302
    until = time.monotonic() + PATIENCE
    while "Tin của hai máy" not in resident.get("/tin-tuc")[1]:
        assert time.monotonic() < until
        time.sleep(0.02)

    # Signed out here is signed out there.
    assert editor.post("/dang-xuat", "/quan-tri")[0] == 302
    editor.port = there.port
    assert editor.get("/quan-tri")[0] == 302

    # Five wrong passwords, by turns, are five.
    stranger = Visitor(here)
    for number in range(5):
        stranger.port = (here, there)[number % 2].port
        assert stranger.sign_in("the-author", "sai-mat-khau")[0] == 422
    stranger.port = there.port
    assert stranger.sign_in("the-author", PASSWORD)[0] == 429
