"""What keeps guessing slow, when requests meet and clocks move."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from wardsite.accounts.throttle import TooManyAttemptsError, count_attempt
from wardsite.extensions import transaction

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
WINDOW = timedelta(minutes=15)


def tried(now: datetime) -> bool:
    """Try once at `now` where two tries are let through; tell whether this one was."""
    try:
        with transaction(public=False) as session:
            count_attempt(session, "a key", 2, WINDOW, now)
    except TooManyAttemptsError:
        return False
    return True


def test_a_guess_that_read_its_clock_first_and_was_written_second_starts_no_new_window(
    app: Flask,
) -> None:
    with app.app_context():
        before = NOW - timedelta(milliseconds=5)
        assert [tried(NOW), tried(before), tried(before), tried(NOW)] == [True, True, False, False]


@pytest.mark.parametrize("ahead", [timedelta(days=365), timedelta(minutes=6)])
def test_a_window_begun_by_a_clock_since_put_back_keeps_nobody_out(
    app: Flask, ahead: timedelta
) -> None:
    with app.app_context():
        assert [tried(NOW + ahead), tried(NOW + ahead)] == [True, True]
        assert tried(NOW)
