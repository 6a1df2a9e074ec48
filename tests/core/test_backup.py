"""Which backups are kept, and what a manifest may name."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core.backup import (
    DamagedBackupError,
    file_name,
    made_at,
    may_hold,
    to_remove,
)
from wardsite.core.manifest import read_manifest

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _daily(days: int) -> list[str]:
    return [file_name("ha-dinh", NOW - timedelta(days=day)) for day in range(days)]


def test_a_year_of_nights_leaves_days_weeks_and_months() -> None:
    names = _daily(365)
    kept = set(names) - set(to_remove(names, NOW))
    ages = sorted((NOW - at).days for name in kept if (at := made_at(name)))
    assert ages[:7] == list(range(7)), "each day of the last week"
    assert 14 <= len(kept) <= 18
    assert max(ages) > 120, "half a year back"


def test_all_of_the_last_two_days_are_kept() -> None:
    names = [file_name("ha-dinh", NOW - timedelta(hours=hour)) for hour in range(48)]
    assert to_remove(names, NOW) == []


def test_what_is_not_ours_or_lies_ahead_is_left_alone() -> None:
    ahead = file_name("ha-dinh", NOW + timedelta(days=400))
    names = [*_daily(100), ahead, "anh.jpg", "wardsite-x-99999999T000000Z.tar.gz", ".lock"]
    assert set(to_remove(names, NOW)) <= set(_daily(100))


@given(st.sets(st.integers(0, 3000 * 24), min_size=1, max_size=200))
def test_the_newest_stays_and_running_it_again_removes_no_more(hours: set[int]) -> None:
    names = [file_name("ha-dinh", NOW - timedelta(hours=hour)) for hour in hours]
    gone = set(to_remove(names, NOW))
    left = [name for name in names if name not in gone]
    assert file_name("ha-dinh", NOW - timedelta(hours=min(hours))) in left
    assert to_remove(left, NOW) == []


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../wardsite.db",
        "media/../../x",
        "media/..",
        "media/.htaccess",
        "media//x",
        "media/",
        "media",
        "media/a\nb",
        "media/x\x00",
        "central/known.json",
        "central/a/b.toml",
        "central/.lock",
        "wardsite.db-wal",
        "wardsite.db/x",
        "C:\\x",
        "media\\x",
        "",
        ".",
        "backups/x",
    ],
)
def test_a_name_that_leads_elsewhere_is_no_name_of_a_backup(name: str) -> None:
    assert not may_hold(name)


@given(st.text())
def test_names_that_are_held_stay_below_the_folder(name: str) -> None:
    if may_hold(name):
        assert not name.startswith("/")
        assert ".." not in name.split("/")


@given(st.binary(max_size=300) | st.text(alphabet='{}[]":,0123456789ea', max_size=100))
def test_no_bytes_but_a_manifest_are_taken_for_one(content: bytes | str) -> None:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(DamagedBackupError):
        read_manifest(raw)
