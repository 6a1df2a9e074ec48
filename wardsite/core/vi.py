"""Dates, numbers, telephones and order as a Vietnamese office writes them.

No locale and no ICU: a bare server has no `vi_VN` locale, so names and rules stand here. Functions
that print for readers take `language`: `vi` (default) or `en` for pages in English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import clean_pasted, nfc

# Vietnam has kept UTC+7 without summer time since 1975, so no time-zone database is needed.
TIMEZONE = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

_WEEKDAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


class DateFormatError(WardsiteError):
    """What was typed cannot be read as a date, or there is no such day."""

    def __init__(self, text: str) -> None:
        """Keep the start of `text` to show it back."""
        super().__init__(
            N_("“%(text)s” is not a date. Write day/month/year, for example 24/11/2026."),
            text=text[:40],
        )


def to_local(moment: datetime) -> datetime:
    """Return an aware datetime in Vietnamese time.

    Raises ValueError for a naive one: nobody can say which moment it is.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place on the page; give it a time zone")
    return moment.astimezone(TIMEZONE)


def _local_day(day: date) -> date:
    """Return the Vietnamese calendar day of a date or an aware datetime."""
    return to_local(day).date() if isinstance(day, datetime) else day


def _english_date(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year:04}"


def long_date(day: date, language: str = "vi") -> str:
    """Return `Thứ Ba, ngày 24/11/2026`, or `Tuesday, 24 November 2026` in English."""
    day = _local_day(day)
    if language == "en":
        return f"{_WEEKDAYS['en'][day.weekday()]}, {_english_date(day)}"
    return f"{_WEEKDAYS['vi'][day.weekday()]}, ngày {short_date(day)}"


def long_stamp(moment: datetime, language: str = "vi") -> str:
    """Return `Thứ Tư, ngày 12/08/2020, 10:30`, the line above an article."""
    return f"{long_date(moment, language)}, {to_local(moment):%H:%M}"


def short_date(day: date, language: str = "vi") -> str:
    """Return `24/11/2026`; in English `24 November 2026`, as 06/08 would mean two days there."""
    day = _local_day(day)
    if language == "en":
        return _english_date(day)
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def short_stamp(moment: datetime, language: str = "vi") -> str:
    """Return `24/11/2026 10:30`, for lists and tables."""
    return f"{short_date(moment, language)} {to_local(moment):%H:%M}"


_DATE_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<year>[1-9][0-9]{3})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})",
        r"(?:(?:thứ [^\W\d_]+|thứ [2-7]|chủ nhật), ?)?(?:ngày )?"
        r"(?P<day>[0-9]{1,2}) ?(?P<sep>[/.-]) ?(?P<month>[0-9]{1,2}) ?(?P=sep) ?"
        r"(?P<year>[1-9][0-9]{3})",
        r"(?:[^,0-9]+, ?)?(?:ngày )?(?P<day>[0-9]{1,2}) tháng (?P<month>[0-9]{1,2}) năm "
        r"(?P<year>[1-9][0-9]{3})",
    )
)


def parse_date(text: str) -> date:
    """Read a date as Vietnamese offices write it, day first.

    Accepts `6/8/2020`, `06/8/2020`, `06/08/2020` (also with `-` or `.`), `2020-08-06`,
    `ngày 12 tháng 8 năm 2020` with or without a place before it, and what `long_date` prints.
    Raises DateFormatError for anything else and for days that do not exist.
    """
    cleaned = clean_pasted(text[:200])
    for form in _DATE_FORMS:
        if found := form.fullmatch(cleaned):
            try:
                return date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                break
    raise DateFormatError(cleaned)


def number(value: int | float | Decimal, decimals: int | None = None, language: str = "vi") -> str:
    """Return a number with `.` between thousands and `,` before decimals: `1.234,5`.

    `decimals` fixes the digits after the mark; without it they are as many as `value` has. English
    swaps the two marks. Raises ValueError for infinities and NaN.
    """
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be printed as a number")
    if decimals is None and exact == exact.to_integral_value():
        decimals = 0
    english = f"{exact:,f}" if decimals is None else f"{exact:,.{decimals}f}"
    return english if language == "en" else english.translate(str.maketrans(",.", ".,"))


_SIZE_UNITS = ("KB", "MB", "GB", "TB")


def file_size(size: int, language: str = "vi") -> str:
    """Return a size in bytes for readers: `512 byte`, `2,4 MB`; units of 1024, as Windows shows.

    Raises ValueError for a negative size.
    """
    if size < 0:
        raise ValueError("a file cannot have a negative size")
    if size < 1000:
        unit = "bytes" if language == "en" and size != 1 else "byte"
        return f"{size} {unit}"
    scaled, power = size / 1024, 0
    while scaled >= 999.5 and power < len(_SIZE_UNITS) - 1:
        scaled, power = scaled / 1024, power + 1
    rounded = round(scaled, 1) if scaled < 9.95 else round(scaled)
    return f"{number(rounded, language=language)} {_SIZE_UNITS[power]}"


_LENGTHS = {
    "vi": ((86400, "ngày", "ngày"), (3600, "giờ", "giờ"), (60, "phút", "phút")),
    "en": ((86400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes")),
}


def duration(length: timedelta, language: str = "vi") -> str:
    """Return how long something took, rounded, in the unit that a reader grasps: `14 ngày`.

    Minutes below two hours, hours below two days, days beyond; a sign is left out. What is less
    than a minute is called so: `dưới 1 phút`.
    """
    seconds = abs(length.total_seconds())
    if seconds < 60:
        return "less than a minute" if language == "en" else "dưới 1 phút"
    units = [(round(seconds / size), one, many) for size, one, many in _LENGTHS[language]]
    count, one, many = next((unit for unit in units if unit[0] >= 2), units[-1])
    return f"{number(count, language=language)} {one if count == 1 else many}"


def phone_digits(text: str) -> str:
    """Return the digits to dial from Vietnam: `+84 (24) 3855 1234` gives `02438551234`.

    So does `(84-24) 3855 1234`, as letterheads have it. A number abroad gets 00 before its country
    code. Never fails, so it is safe for a `tel:` link.
    """
    digits = re.sub("[^0-9]", "", text)
    if re.match(r"[\s(]*\+", text):
        digits = "00" + digits
    own = re.fullmatch("0084([0-9]*)|84([0-9]{9,10})", digits)
    return "0" + (own[1] or own[2] or "").lstrip("0") if own else digits


_LONGEST_PHONE = 11  # digits; a hotline has three
_PHONE_GAP = re.compile(r"\s+[-–]\s+|[/;,\n]|\b(?:hoặc|và|or|and)\b", re.IGNORECASE)
_PHONE = re.compile(r"\(?\+?[0-9][0-9 .()-]+[0-9]")


def phones_in(text: str) -> list[tuple[str, str]]:
    """Return a line of telephone numbers in pieces, each with the digits to dial or "".

    An office writes two numbers in one field (`024 3858 1234 - 024 3858 1235`), an extension
    (`máy lẻ 12`), or a fax, which nobody calls. The pieces together are the text.
    """
    if len(phone_digits(text)) <= _LONGEST_PHONE:
        return list(_calls(text))
    pieces, at = [], 0
    for gap in _PHONE_GAP.finditer(text):
        pieces += [*_calls(text[at : gap.start()]), (gap[0], "")]
        at = gap.end()
    return [*pieces, *_calls(text[at:])]


def _calls(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for found in _PHONE.finditer(text):
        digits = phone_digits(found[0])
        fax = "fax" in text[: found.start()].lower()
        if 3 <= len(digits) <= _LONGEST_PHONE and not fax:
            yield text[at : found.start()], ""
            yield found[0], digits
            at = found.end()
    yield text[at:], ""


_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# One printable character above the digits for each letter, so that keys compare as plain text.
_RANK = {letter: chr(0x40 + place) for place, letter in enumerate(_ALPHABET)}
_TONE_ORDER = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SORT_PARTS = re.compile(r"[0-9]+|[^\W_]|(?:[^\w]|_)+")


def _letter_key(char: str) -> tuple[str, str]:
    """Return the rank of one lower-case character and the rank of its tone."""
    parts = unicodedata.normalize("NFD", char)
    tone = next((_TONE_ORDER[part] for part in parts if part in _TONE_ORDER), "0")
    letter = nfc("".join(part for part in parts if part not in _TONE_ORDER))
    return _RANK.get(letter) or _RANK.get(letter[0], letter), tone


def sort_key(s: str) -> str:
    """Return a key that puts text in Vietnamese order when keys are compared as plain text.

    Letters first (a ă â … d đ …), then, for ties, tones in the order ngang, huyền, hỏi, ngã, sắc,
    nặng (as CLDR orders `vi`). Case and punctuation do not count, a gap comes before any letter,
    `Lớp 2` before `Lớp 10`. The key is a string, so that it can also stand in a column.
    """
    letters: list[str] = []
    tones: list[str] = []
    for part in _SORT_PARTS.findall(clean_pasted(s).lower()):
        if part[0] in "0123456789":
            digits = part.lstrip("0") or "0"
            # The length goes first: a longer number is a greater one.
            letters.append(chr(0x20 + min(len(digits), 0x1F)) + digits)
        elif part.isalnum():
            letter, tone = _letter_key(part)
            letters.append(letter)
            tones.append(tone)
        else:
            letters.append(" ")
    return "".join(letters).strip() + "\t" + "".join(tones)


def person_sort_key(name: str) -> tuple[str, str, str]:
    """Return the key that orders people as Vietnamese lists do: given name, family, middle.

    A full name is written family – middle – given, so the last word decides.
    """
    words = clean_pasted(name).split(" ")
    return sort_key(words[-1]), sort_key(words[0]), sort_key(" ".join(words[1:-1]))


def add_working_days(day: date, count: int, holidays: Collection[date] = frozenset()) -> date:
    """Return the working day that lies `count` working days after `day`, which is not counted.

    Working days are Monday to Friday except `holidays`. With 0, `day` itself comes back, working or
    not. Raises ValueError for a negative count.
    """
    if count < 0:
        raise ValueError("working days are counted forward")
    day = _local_day(day)
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            count -= 1
    return day
