"""What a search means, without any database."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core.search import (
    MAX_TERMS,
    exact_form,
    highlight,
    parse,
    slips,
    snippet,
    without_keys,
    words,
)
from wardsite.core.text import clean_pasted, nfc

any_text = st.text(st.characters())


def spelled(text: str) -> list[tuple[str, ...]]:
    return [term.folded for term in parse(text).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hạ Đình", [("ha",), ("dinh",)]),
        ("covid-19", [("covid", "19")]),
        ("covid19", [("covid", "19")]),
        ("1208/UBND-VHTT", [("1208", "ubnd", "vhtt")]),
        ("1979/STTTT-TTĐT", [("1979", "stttt", "ttdt")]),
        ('"khẩu trang" y tế', [("khau", "trang"), ("y",), ("te",)]),
        ("“khẩu trang” miễn phí", [("khau", "trang"), ("mien",), ("phi",)]),
        ('"khẩu trang', [("khau",), ("trang",)]),
        ("OR NOT *", [("or",), ("not",)]),
        ("dịch dịch dịch", [("dich",)]),
        ('"""', []),
        ("", []),
    ],
)
def test_a_query_is_words_that_must_all_be_found(
    text: str, expected: list[tuple[str, ...]]
) -> None:
    assert spelled(text) == expected


def test_the_last_word_may_be_a_beginning_unless_it_is_quoted_or_one_letter() -> None:
    assert parse("khẩu tra").open_ended
    assert not parse('"khẩu tra"').open_ended
    assert not parse("tổ 5 t").open_ended


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("hòa", "hoà", True),
        ("Thủy", "thuỷ", True),
        ("đình", "ĐÌNH", True),
        ("đình", unicodedata.normalize("NFD", "đình"), True),
        ("đình", "định", False),
        ("đình", "dinh", False),
        ("ân", "ấn", False),
        ("Ðình", "đình", True),  # U+00D0, the Icelandic letter some keyboards give
    ],
)
def test_the_exact_form_keeps_marks_but_not_where_the_tone_is_written(
    one: str, other: str, same: bool
) -> None:
    assert (exact_form(nfc(one)) == exact_form(nfc(other))) is same


def test_a_term_knows_whether_it_was_typed_with_marks() -> None:
    assert [term.marked for term in parse("hạ dinh").terms] == [True, False]


def found(pieces: list[tuple[str, bool]]) -> list[str]:
    return [text for text, hit in pieces if hit]


def test_what_was_found_is_shown_in_its_own_spelling() -> None:
    text = "Phường Hạ Đình, quận Thanh Xuân"
    pieces = highlight(parse("ha dinh"), text)
    assert "".join(piece for piece, _ in pieces) == text
    assert found(pieces) == ["Hạ", "Đình"]


def test_of_words_that_stand_together_none_is_marked_alone() -> None:
    assert found(highlight(parse("covid-19"), "Ngày 19: họp về Covid-19")) == ["Covid", "19"]


def test_a_snippet_shows_the_place_that_holds_most_of_the_words() -> None:
    text = "Khẩu trang. " + "Đoạn giữa rất dài. " * 40 + "Phát khẩu trang miễn phí tại phường."
    shown = "".join(piece for piece, _ in snippet(parse("khẩu trang miễn phí"), text))
    assert "miễn phí" in shown
    assert shown.startswith("… ")
    assert len(shown) < 260


def test_a_short_text_is_shown_whole() -> None:
    assert snippet(parse("phường"), "Tin của phường") == [("Tin của ", False), ("phường", True)]


def test_slips_are_one_letter_away() -> None:
    near = slips("bluezone")
    assert {"bluezne", "bluezzone", "bluezome", "bluezoen"} <= near
    assert "bluezone" not in near
    assert "bluezn" not in near
    assert slips("19") == slips("hà") == slips("") == set()


@given(any_text, any_text)
def test_any_text_is_a_query_and_any_text_can_be_shown(query: str, text: str) -> None:
    parsed = parse(query)
    text = clean_pasted(text, keep_lines=True)
    assert len(parsed.terms) <= MAX_TERMS
    assert "".join(piece for piece, _ in highlight(parsed, text)) == text
    snippet(parsed, text)


@given(any_text)
def test_words_lie_where_they_say(text: str) -> None:
    text = nfc(text)
    for word in words(text):
        assert 0 <= word.start < word.end <= len(text)
        assert word.folded.isalnum()


@given(st.text(st.sampled_from("aăâđêôơưáàảãạ dinh-19/"), min_size=1, max_size=30))
def test_what_a_text_says_is_found_in_it(text: str) -> None:
    parsed = parse(text)
    assert bool(found(highlight(parsed, nfc(text)))) is bool(parsed.terms)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("thoong baos", "thong bao"),
        ("tieem chungr", "tiem chung"),
        ("phofng choosng dichj", "phong chong dich"),
        ("dduwowngf", "duong"),
        ("nguwowif", "nguoi"),
        ("tho6ng ba1o", "thong bao"),
        ("uy3 ban nha6n da6n phu7o7ng2", "uy ban nhan dan phuong"),
        ("1208/UBND-VHTT", "1208/ubnd-vhtt"),
        ("smartcity", "smartcity"),
        ("vaccine", "vaccine"),
    ],
)
def test_keys_of_telex_and_vni_are_taken_out_of_what_was_typed(typed: str, meant: str) -> None:
    assert without_keys(typed) == meant
