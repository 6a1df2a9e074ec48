"""Number, symbol and kind, as officials write them (NĐ 30/2020/NĐ-CP)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core.official_document import (
    ABBREVIATIONS,
    Code,
    CodeFormatError,
    code_folded,
    kind_of_name,
    kind_of_symbol,
    parse_code,
)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("1208/UBND-VHTT", "1208/UBND-VHTT"),
        ("1208 /UBND-VHTT", "1208/UBND-VHTT"),
        ("Số: 1208 / UBND - VHTT", "1208/UBND-VHTT"),
        ("số 15/QĐ–UBND", "15/QĐ-UBND"),
        ("5/QĐ-UBND", "05/QĐ-UBND"),
        ("30/2020/NĐ-CP", "30/2020/NĐ-CP"),
        ("148/2025/QH15", "148/2025/QH15"),
        ("12-CV/ĐU", "12-CV/ĐU"),
        ("15a/QĐ-UBND", "15a/QĐ-UBND"),
        ("88/qđ-ubnd", "88/QĐ-UBND"),
        ("1979/STTTT-TTÐT", "1979/STTTT-TTĐT"),
        ("03/CTr-UBND-MTTQ", "03/CTr-UBND-MTTQ"),
        ("210/GDĐT", "210/GDĐT"),
        ("Số: 15/QĐ-UBND", "15/QĐ-UBND"),
    ],
)
def test_a_code_is_read_as_it_is_written_and_printed_one_way(typed: str, printed: str) -> None:
    code = parse_code(typed)
    assert str(code) == printed
    assert parse_code(str(code)) == code


@pytest.mark.parametrize(
    "typed", ["", "abc", "UBND-VHTT", "/QĐ-UBND", "12", "12/", "1 2 3", "12/<b>"]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeFormatError):
        parse_code(typed)


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_a_refusal(text: str) -> None:
    with contextlib.suppress(CodeFormatError):
        assert isinstance(parse_code(text), Code)


@pytest.mark.parametrize(("short", "kind"), ABBREVIATIONS.items())
def test_every_abbreviation_of_the_decree_names_its_kind(short: str, kind: str) -> None:
    assert kind_of_symbol(f"{short}-UBND") == kind


def test_capitals_tell_a_submission_from_a_circular_and_a_letter_has_no_abbreviation() -> None:
    assert kind_of_symbol("TTr-UBND") == "to-trinh"
    assert kind_of_symbol("TT-BYT") == "thong-tu"
    assert kind_of_symbol("UBND-VHTT") == "cong-van"
    assert kind_of_symbol("QH15") == "luat"
    assert kind_of_symbol("qd-ubnd") == "quyet-dinh"


def test_a_kind_is_known_by_its_name_in_any_spelling() -> None:
    assert kind_of_name("QUYẾT ĐỊNH:") == "quyet-dinh"
    assert kind_of_name("Giấy uỷ quyền") == "giay-uy-quyen"
    assert kind_of_name("thong bao") == "thong-bao"
    assert kind_of_name("Bài thơ") is None


def test_a_code_is_found_without_marks() -> None:
    assert code_folded("1979 / STTTT–TTĐT") == "1979/stttt-ttdt"
