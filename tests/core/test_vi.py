"""Dates, numbers, telephones and order as a Vietnamese office writes them."""

import contextlib
import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core.vi import (
    DateFormatError,
    add_working_days,
    duration,
    file_size,
    long_date,
    long_stamp,
    number,
    parse_date,
    person_sort_key,
    phone_digits,
    phones_in,
    short_date,
    short_stamp,
    sort_key,
    to_local,
)

DISPATCH = datetime(2020, 8, 12, 3, 30, tzinfo=UTC)  # half past ten in Hà Nội
days = st.dates(min_value=date(1000, 1, 1))


def test_a_moment_is_shown_in_vietnamese_time_whatever_zone_it_came_in():
    late = datetime(2020, 8, 11, 20, 0, tzinfo=UTC)
    assert to_local(late).isoformat() == "2020-08-12T03:00:00+07:00"
    tokyo = late.astimezone(timezone(timedelta(hours=9)))
    assert short_stamp(tokyo) == short_stamp(late) == "12/08/2020 03:00"
    assert short_date(late) == "12/08/2020"


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError, match="naive"):
        to_local(datetime(2020, 8, 12))


def test_long_dates_name_the_weekday():
    monday = date(2026, 11, 23)
    assert [long_date(monday + timedelta(days=n)) for n in range(7)] == [
        "Thứ Hai, ngày 23/11/2026",
        "Thứ Ba, ngày 24/11/2026",
        "Thứ Tư, ngày 25/11/2026",
        "Thứ Năm, ngày 26/11/2026",
        "Thứ Sáu, ngày 27/11/2026",
        "Thứ Bảy, ngày 28/11/2026",
        "Chủ Nhật, ngày 29/11/2026",
    ]
    assert long_stamp(DISPATCH) == "Thứ Tư, ngày 12/08/2020, 10:30"


def test_english_pages_get_english_dates():
    assert long_date(date(2026, 11, 24), language="en") == "Tuesday, 24 November 2026"
    assert long_stamp(DISPATCH, "en") == "Wednesday, 12 August 2020, 10:30"
    assert short_date(DISPATCH, "en") == "12 August 2020"
    assert short_stamp(DISPATCH, "en") == "12 August 2020 10:30"


@pytest.mark.parametrize(
    "text",
    [
        "6/8/2020",
        "06/8/2020",
        "06/08/2020",
        " 6 / 8 / 2020 ",
        "6-8-2020",
        "06.08.2020",
        "2020-08-06",
        "ngày 06 tháng 8 năm 2020",
        "Ngày 6 tháng 08 năm 2020",
        "Thanh Xuân, ngày 06 tháng 8 năm 2020",
        "Thứ Năm, ngày 06/08/2020",
        "Thứ 5, Ngày 06/08/2020",
        "nga\u0300y\u00a006/8/2020",
    ],
)
def test_dates_are_read_day_first_in_every_form_offices_use(text):
    assert parse_date(text) == date(2020, 8, 6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30/2/2020",
        "13/13/2020",
        "1/2/20",
        "12-8/2020",
        "2020/8/6",
        "0/1/2020",
        "1/1/0999",
        "6/8/2020 và 7/8/2020",
        "٦/٨/٢٠٢٠",
        "hôm nay",
    ],
)
def test_what_is_no_date_is_refused_and_shown_back(text):
    with pytest.raises(DateFormatError) as refusal:
        parse_date(text)
    assert str(refusal.value).startswith(f"“{text}” is not a date.")


@given(days)
def test_every_printed_date_reads_back(day):
    for written in (long_date(day), short_date(day), f"{day}"):
        assert parse_date(written) == day


@given(st.text())
def test_reading_a_date_from_anything_gives_a_date_or_a_named_refusal(text):
    with contextlib.suppress(DateFormatError):
        assert type(parse_date(text)) is date


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (1234567, "1.234.567"),
        (-1234, "-1.234"),
        (1234.5, "1.234,5"),
        (2.0, "2"),
        (1e-7, "0,0000001"),
        (1e21, "1.000.000.000.000.000.000.000"),
        (Decimal("1.50"), "1,50"),
    ],
)
def test_numbers_have_points_between_thousands_and_a_decimal_comma(value, written):
    assert number(value) == written


def test_decimals_can_be_fixed_and_english_swaps_the_marks():
    assert number(3, 2) == "3,00"
    assert number(0.125, 1) == "0,1"
    assert number(1234.5, language="en") == "1,234.5"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("-Infinity")])
def test_what_is_no_number_is_not_printed(value):
    with pytest.raises(ValueError, match="cannot be printed"):
        number(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_a_printed_number_keeps_its_value(value):
    assert Decimal(number(value).replace(".", "").replace(",", ".")) == value


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (0, "0 byte"),
        (999, "999 byte"),
        (1000, "1 KB"),
        (1536, "1,5 KB"),
        (10_239, "10 KB"),
        (1_023_000, "999 KB"),
        (1_023_800, "1 MB"),
        (2_500_000, "2,4 MB"),
        (5 * 10**9, "4,7 GB"),
        (10**18, "909.495 TB"),
    ],
)
def test_file_sizes_are_short(size, written):
    assert file_size(size) == written


def test_file_sizes_in_english():
    assert [file_size(size, "en") for size in (1, 2, 1536)] == ["1 byte", "2 bytes", "1.5 KB"]


def test_a_negative_file_size_is_refused():
    with pytest.raises(ValueError, match="negative"):
        file_size(-1)


@pytest.mark.parametrize(
    ("minutes", "vi", "en"),
    [
        (0, "dưới 1 phút", "less than a minute"),
        (0.99, "dưới 1 phút", "less than a minute"),
        (-0.5, "dưới 1 phút", "less than a minute"),
        (1, "1 phút", "1 minute"),
        (-89, "89 phút", "89 minutes"),
        (120, "2 giờ", "2 hours"),
        (1440, "24 giờ", "24 hours"),
        (2880, "2 ngày", "2 days"),
        (20160, "14 ngày", "14 days"),
        (1440 * 1200, "1.200 ngày", "1,200 days"),
    ],
)
def test_how_long_something_took_is_told_in_a_unit_that_fits(minutes, vi, en):
    length = timedelta(minutes=minutes)
    assert (duration(length), duration(length, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+84 (24) 3855 1234", "02438551234"),
        ("(+84)(0)24 3855 1234", "02438551234"),
        ("0084 912345678", "0912345678"),
        ("(84-24) 3855 1234", "02438551234"),
        ("84 912 345 678", "0912345678"),
        ("024.3855.1234", "02438551234"),
        ("1800-636465", "1800636465"),
        ("1022", "1022"),
        ("+1 415 555 0100", "0014155550100"),
    ],
)
def test_a_telephone_number_gives_the_digits_to_dial_from_vietnam(written, digits):
    assert phone_digits(written) == digits


@given(st.text())
def test_a_tel_link_can_be_made_of_anything(text):
    assert set(phone_digits(text)) <= set("0123456789")
    assert phone_digits(phone_digits(text)) == phone_digits(text)


def test_wards_stand_in_vietnamese_order():
    wards = ["Hạ Đình", "Khương Đình", "Khương Mai", "Khương Trung", "Kim Giang", "Nhân Chính"]
    wards += ["Phương Liệt", "Thanh Xuân Bắc", "Thanh Xuân Nam", "Thanh Xuân Trung", "Thượng Đình"]
    by_code_point = sorted(wards)
    assert by_code_point != wards
    assert sorted(by_code_point, key=sort_key) == wards


@pytest.mark.parametrize(
    "ordered",
    [
        "a ă â b c d đ e ê f g h i j k l m n o ô ơ p q r s t u ư v w x y z".split(),
        "ma mà mả mã má mạ".split(),
        "an ăn ân".split(),
        ["Lớp", "Lớp 2", "Lớp 2a", "Lớp 10", "Lớp 010b", "Lớp chồi"],
        ["Hạ An", "Hà Đông"],
        ["Ba", "Ba Đình", "Bà Triệu", "Bắc"],
        ["9", "10", "99999999999999999999", "1" + "0" * 40, "A", "É", "北"],
    ],
)
def test_letters_tones_and_numbers_sort_as_people_expect(ordered):
    keys = [sort_key(item) for item in ordered]
    assert all(first < second for first, second in itertools.pairwise(keys))


def test_case_punctuation_and_unicode_form_do_not_count_in_order():
    assert sort_key("Đống  Đa") == sort_key("đống-đa") == sort_key("ĐO\u0302\u0301NG ĐA.")


@given(st.text())
def test_a_sort_key_can_be_stored_for_anything(text):
    assert sort_key(text).encode()


def test_people_are_ordered_by_given_name_then_family_then_middle():
    people = ["Nguyễn Văn Đạt", "Trần Thị An", "Bình", "Nguyễn Bình An", "Nguyễn An", "Lê An"]
    assert sorted(people, key=person_sort_key) == [
        "Lê An",
        "Nguyễn An",
        "Nguyễn Bình An",
        "Trần Thị An",
        "Bình",
        "Nguyễn Văn Đạt",
    ]


def test_working_days_skip_weekends_and_holidays():
    friday = date(2026, 11, 27)
    assert add_working_days(friday, 0) == friday
    assert add_working_days(friday, 1) == date(2026, 11, 30)
    assert add_working_days(friday, 5) == date(2026, 12, 4)
    assert add_working_days(friday, 1, {date(2026, 11, 30)}) == date(2026, 12, 1)
    assert add_working_days(datetime(2026, 11, 27, 18, tzinfo=UTC), 1) == date(2026, 11, 30)


def test_working_days_are_not_counted_backward():
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 11, 27), -1)


@given(days.filter(lambda day: day.year < 9000), st.integers(1, 300))
def test_the_answer_is_a_working_day_with_so_many_working_days_up_to_it(day, count):
    end = add_working_days(day, count)
    assert end.weekday() < 5
    passed = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(1 for each in passed if each.weekday() < 5) == count


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("024 3858 1234", ["02438581234"]),
        ("024 - 3858 1234", ["02438581234"]),
        ("+84 24 3858 1234", ["02438581234"]),
        ("(+84) 24 3858 1234", ["02438581234"]),
        ("(84.24)38581234", ["02438581234"]),
        ("+84 24 3858 1234 - +84 912 345 678", ["02438581234", "0912345678"]),
        ("024 3858 1234 - 024 3858 1235", ["02438581234", "02438581235"]),
        ("024.38581234 / 0912345678", ["02438581234", "0912345678"]),
        ("(024) 3858 1234 hoặc 0912.345.678", ["02438581234", "0912345678"]),
        ("(024) 3858 1234 máy lẻ 12", ["02438581234"]),
        ("024 3858 1234; Fax: 024 3858 9999", ["02438581234"]),
        ("1900 9095, 1022", ["19009095", "1022"]),
        ("Trực ban: 115", ["115"]),
        ("chưa có", []),
        ("", []),
    ],
)
def test_each_number_of_a_line_can_be_called(line, numbers):
    pieces = phones_in(line)
    assert [digits for _, digits in pieces if digits] == numbers
    assert "".join(piece for piece, _ in pieces) == line


def test_the_bracket_of_a_country_code_belongs_to_the_number():
    assert phones_in("ĐT: (+84) 24 3858 1234")[1] == ("(+84) 24 3858 1234", "02438581234")
