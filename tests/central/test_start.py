"""The bytes in force are verified by every process anew; damaged ones are not shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.central.centre import Centre, district
from tests.central.conftest import UnitUnderTest
from wardsite.central.sync import Outcome


def _body(unit: UnitUnderTest, revision: int) -> Path:
    state = unit.state()
    return unit.folder / f"{state.sha256 if revision == 3 else state.previous_sha256}.toml"


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


def fill(path: Path) -> None:
    path.write_bytes(b"#" * 2_000_000)


def replace(path: Path) -> None:
    path.write_bytes(district(9))


DAMAGE: list[Callable[[Path], None]] = [flip, cut, empty, remove, fill, replace]


@pytest.mark.parametrize("suffix", ["", ".minisig"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_file_in_force_gives_way_to_the_one_before_and_a_sync_mends_it(
    unit: UnitUnderTest, centre: Centre, damage: Callable[[Path], None], suffix: str
) -> None:
    path = _body(unit, 3)
    damage(path.with_name(path.name + suffix))
    again = unit.restart()
    assert again.mandate().notices[0].title == "Thông báo của bản số 2"
    assert {"damaged", "behind"} <= again.alarms()
    client = again.app.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/.well-known/wardsite.json").json["config"]["revision"] == 2

    centre.publish(district(3))
    assert again.sync() is Outcome.APPLIED
    assert again.mandate().notices[0].title == "Thông báo của bản số 3"
    assert again.alarms() == set()


def test_file_whose_signature_was_swapped_for_another_good_one_is_damaged(
    unit: UnitUnderTest,
) -> None:
    newer, older = _body(unit, 3), _body(unit, 2)
    newer.with_name(newer.name + ".minisig").write_bytes(
        older.with_name(older.name + ".minisig").read_bytes()
    )
    assert "damaged" in unit.restart().alarms()


def test_good_file_under_the_name_of_another_is_damaged(unit: UnitUnderTest) -> None:
    newer, older = _body(unit, 3), _body(unit, 2)
    for suffix in ("", ".minisig"):
        source = older.with_name(older.name + suffix)
        newer.with_name(newer.name + suffix).write_bytes(source.read_bytes())
    again = unit.restart()
    assert "damaged" in again.alarms()
    assert again.status().revision == 2


@pytest.mark.parametrize("damage", DAMAGE)
def test_with_nothing_usable_left_the_built_in_banner_shows(
    unit: UnitUnderTest, centre: Centre, damage: Callable[[Path], None]
) -> None:
    for revision in (2, 3):
        damage(_body(unit, revision))
    again = unit.restart()
    (banner,) = again.mandate().banners
    assert banner.link_url == "https://www.bluezone.gov.vn/"
    assert "damaged" in again.alarms()
    page = again.app.test_client().get("/")
    assert 'data-slot="bluezone"' in page.text
    centre.publish(district(3))
    assert again.sync() is Outcome.APPLIED
    assert again.status().complete


def test_lost_folder_is_made_anew_without_accepting_anything_older(
    unit: UnitUnderTest, centre: Centre
) -> None:
    for path in unit.folder.iterdir():
        path.unlink()
    again = unit.restart()
    assert again.status().revision is None
    centre.publish(district(3))
    assert again.sync() is Outcome.APPLIED
    assert again.status().revision == 3


def test_running_process_keeps_what_it_verified_when_the_disk_rots(unit: UnitUnderTest) -> None:
    assert unit.status().revision == 3
    flip(_body(unit, 3))
    assert unit.status().revision == 3
