"""Rules of the residents' desk: when an answer is due, what must not be published of a sender."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime

from wardsite.core.text import fold
from wardsite.core.vi import add_working_days, phone_digits, to_local

FIXED_HOLIDAYS = ((1, 1), (4, 30), (5, 1), (9, 2))
"""(month, day) off every year by the Labour Code, article 112; Tết and others the unit enters."""

_LONG_NUMBER = re.compile(r"(?<![\w/])\+?\d(?:[ .-]?\d){8,14}(?![\w/])")
# From the beginning of a word only: from every letter of a long one it would look to its end.
_EMAIL = re.compile(r"(?<![^\s@])[^\s@]+@[^\s@]+\.[^\s@]+")


def due_on(received: datetime, days: int, holidays: Collection[date] = ()) -> date:
    """Return the last day to answer: `days` working days after the day of arrival (local)."""
    first = to_local(received).date()
    fixed = {
        date(year, month, day)
        for year in range(first.year, first.year + 3)
        for month, day in FIXED_HOLIDAYS
    }
    return add_working_days(first, days, fixed | set(holidays))


def keep_until(done: datetime, months: int) -> date:
    """Return the day from which what a resident wrote is to be gone: `months` after `done`."""
    day = to_local(done).date()
    total = day.month - 1 + months
    year, month = day.year + total // 12, total % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def personal_data_in(text: str, name: str, contact: str) -> list[str]:
    """Return what in `text` could tell who a sender is, as it stands there; empty when nothing.

    Telephone and identity numbers, e-mail addresses, and the sender's own name and contact.
    """
    found = [match[0] for match in _LONG_NUMBER.finditer(text)]
    found += [match[0] for match in _EMAIL.finditer(text)]
    folded = f" {' '.join(fold(text).split())} "
    if len(name.split()) > 1 and fold(" ".join(name.split())) in folded:
        found.append(name)
    digits = phone_digits(contact)
    if len(digits) > 5 and digits in phone_digits(text) and contact not in found:
        found.append(contact)
    return list(dict.fromkeys(found))
