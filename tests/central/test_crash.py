"""`kill -9` at every step of storing leaves one whole revision; two syncs at once take turns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.central.centre import Centre, district
from tests.postgres import Databases

DOCUMENT = """
[[documents]]
id = "1979-stttt-ttdt"
number = "1979"
symbol = "STTTT-TTĐT"
code = "1979/STTTT-TTĐT"
kind = "cong-van"
issuer = "Sở Thông tin và Truyền thông Hà Nội"
issuer_rank = "district"
issued_on = 2020-08-06
summary = "Tăng cường tuyên truyền"
"""
WHOLE = {
    3: ("Thông báo của bản số 3", ["1208-ubnd-vhtt"]),
    4: ("Thông báo của bản số 4", ["1208-ubnd-vhtt", "1979-stttt-ttdt"]),
}
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def published(centre: Centre, tmp_path: Path) -> str:
    """Revision 4 as a file on this machine, so that the killed process needs no network."""
    body = district(4, DOCUMENT)
    (tmp_path / "district.toml").write_bytes(body)
    (tmp_path / "district.toml.minisig").write_bytes(centre.key.sign(body))
    return str(tmp_path / "district.toml")


def test_sync_killed_at_any_step_leaves_one_whole_revision(
    third: Path, centre: Centre, published: str, tmp_path: Path, databases: Databases
) -> None:
    arguments = [str(third), published, centre.key.public, str(tmp_path), databases.url]
    done = subprocess.run(
        [sys.executable, "-m", "tests.central.crash_driver", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(points) > 30
    assert [point["killed"] for point in points] == [True] * (len(points) - 1) + [False]
    for point in points:
        for look in (point["left"], point["mended"]):
            title, documents = WHOLE[look["revision"]]
            assert (look["notice"], look["documents"]) == (title, documents), point
            assert look["complete"], point
            assert look["integrity"] == "ok", point
            assert "damaged" not in look["alarms"], point
        assert point["mended"]["revision"] == 4, point
        assert point["mended"]["alarms"] == [], point
    left = [point["left"]["revision"] for point in points]
    assert left == sorted(left), "an earlier kill left a later revision"
    assert set(left) == {3, 4}
