"""The pure rules of the room: what rings, and when to ask again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.central.centre import NOW
from wardsite.central.alarms import Facts, alarms
from wardsite.central.schedule import is_due, next_try
from wardsite.core.errors import WardsiteError

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WELL = Facts(
    now=NOW,
    clock=NOW,
    configured=True,
    contact_days=14,
    expires_at=NOW + DAY,
    revision=3,
    highest=3,
    damaged=False,
    contacted_at=NOW,
    checked_at=NOW,
    error_code="",
    error_msgid="",
    error_params={},
    error_since=None,
    picture_faults=(),
    trusts_a_key=True,
    example_key_in_use=False,
)


def rung(**changes: object) -> list[str]:
    return [alarm.code for alarm in alarms(replace(WELL, **changes))]  # type: ignore[arg-type]


def test_nothing_rings_when_all_is_well() -> None:
    assert rung() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"configured": False, "revision": None}, "unconfigured"),
        ({"revision": None, "expires_at": None, "contacted_at": None}, "never"),
        ({"damaged": True}, "damaged"),
        ({"error_code": "SignatureMismatchError", "error_msgid": "x"}, "refused"),
        ({"error_code": "OutOfReachError", "error_msgid": "x"}, "unreachable"),
        ({"expires_at": NOW}, "expired"),
        ({"contacted_at": NOW - 14 * DAY}, "stale"),
        ({"contacted_at": NOW - 3 * DAY, "contact_days": 3}, "stale"),
        ({"clock": NOW + 11 * MINUTE}, "clock"),
        ({"highest": 4}, "behind"),
        ({"trusts_a_key": False}, "no-key"),
        ({"example_key_in_use": True}, "example-key"),
        ({"picture_faults": (WardsiteError("too large"),)}, "pictures"),
    ],
)
def test_each_trouble_rings_its_own_alarm(changes: dict[str, object], code: str) -> None:
    assert rung(**changes) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": NOW + timedelta(seconds=1)},
        {"contacted_at": NOW - 14 * DAY + MINUTE},
        {"clock": NOW + 10 * MINUTE},
        {"clock": None},
    ],
)
def test_nothing_rings_just_short_of_trouble(changes: dict[str, object]) -> None:
    assert rung(**changes) == []


def test_what_needs_someone_now_comes_first() -> None:
    facts = replace(
        WELL, picture_faults=(WardsiteError("too large"),), example_key_in_use=True, expires_at=NOW
    )
    assert [alarm.fault for alarm in alarms(facts)] == [True, False, False]


moments = st.datetimes(timezones=st.just(NOW.tzinfo), min_value=NOW.replace(tzinfo=None))
units = st.from_regex(r"[a-z]{3,12}", fullmatch=True)


@given(moments, units)
def test_interval_is_spread_by_a_fifth_around_a_quarter_of_an_hour(now: object, unit: str) -> None:
    last = now
    assert not is_due(last + 11.9 * MINUTE, last, None, unit)  # type: ignore[operator,arg-type]
    assert is_due(last + 18.1 * MINUTE, last, None, unit)  # type: ignore[operator,arg-type]


def test_units_do_not_all_ask_in_the_same_minute() -> None:
    waits = {next_try(NOW, 1, f"unit-{n}") for n in range(60)}
    minutes = {round((moment - NOW) / MINUTE) for moment in waits}
    assert len(minutes) >= 5


@given(st.integers(1, 10_000), units, st.booleans())
def test_failures_make_a_unit_wait_longer_but_never_for_good(
    failures: int, unit: str, refused: bool
) -> None:
    wait = next_try(NOW, failures, unit, refused=refused) - NOW
    longest = timedelta(hours=1) if refused else timedelta(hours=6)
    assert 11.9 * MINUTE <= wait <= longest * 1.2
    if failures > 5:
        assert wait >= longest * 0.8


@given(st.integers(0, 10**9))
def test_server_is_obeyed_up_to_a_day(seconds: int) -> None:
    wait = next_try(NOW, 1, "ha-dinh", retry_after_seconds=seconds) - NOW
    assert wait >= min(timedelta(seconds=seconds), DAY)
    assert wait <= max(DAY, 18.1 * MINUTE)


def test_failure_decides_alone_until_its_time() -> None:
    assert not is_due(NOW, NOW - DAY, NOW + MINUTE, "ha-dinh")
    assert is_due(NOW + MINUTE, NOW + MINUTE, NOW + MINUTE, "ha-dinh")


def test_moments_from_a_clock_that_jumped_do_not_silence_a_unit() -> None:
    assert is_due(NOW, NOW + 400 * DAY, None, "ha-dinh")
    assert is_due(NOW, NOW, NOW + 400 * DAY, "ha-dinh")


def test_first_sync_is_due_at_once() -> None:
    assert is_due(NOW, None, None, "ha-dinh")
