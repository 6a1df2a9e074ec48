"""What belongs together stays on one line; the words stay what they were."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wardsite.core.markup import plain_text, sanitize
from wardsite.core.typography import bind_markup, curl_quotes

VIETNAMESE = st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyÀÁẢÃẠĐỐNGĐàáảãạ 0123456789.,:;-–/()\"'%&<>\n"
)
WORDS = st.lists(
    st.sampled_from(
        'ngày 12 tháng 8 năm 2020 Covid-19 1208/UBND-VHTT ông Đạt Hà Nội 30 % "a b" 7h30 – 11h30 '
        "Nguyễn Thị Minh Khai 1900 9095 Điều 5".split(" ")
    )
).map(" ".join)


def words(html: str) -> str:
    """What a page says, quotation marks made plain."""
    return re.sub("[“”]", '"', re.sub("<[^>]*>", "", html))


def held(text: str) -> str:
    """Show what is held by underscores in place of its spaces, and brackets where there is none."""
    return re.sub(
        '<span class="nb">(.*?)</span>',
        lambda found: found[1].replace(" ", "_") if " " in found[1] else f"[{found[1]}]",
        bind_markup(text),
        flags=re.DOTALL,
    )


@given(VIETNAMESE | WORDS)
def test_a_page_says_letter_for_letter_what_was_typed(text: str) -> None:
    for html in (sanitize(f"<p>{text}</p>"), sanitize(f"<h2>{text}</h2><p>a <em>{text}</em></p>")):
        assert words(bind_markup(html)) == words(html)
        assert words(plain_text(bind_markup(html))) == words(plain_text(html))


@given(st.text() | WORDS)
def test_tags_and_attributes_are_left_alone(text: str) -> None:
    html = sanitize(f'<p><a href="/a/ngày 12?q=Covid-19" title="ngày 12">{text}</a></p>')
    tags = [tag for tag in re.findall("<[^>]*>", bind_markup(html)) if "nb" not in tag]
    assert [tag for tag in tags if tag != "</span>"] == re.findall("<[^>]*>", html)


@given(VIETNAMESE | WORDS)
def test_what_is_held_is_short_enough_for_a_line_or_was_one_word(text: str) -> None:
    for stretch in re.findall('<span class="nb">(.*?)</span>', bind_markup(text), re.DOTALL):
        assert "\n" not in stretch
        assert stretch == stretch.strip()


@given(VIETNAMESE | WORDS)
@example('"0 "0""')
def test_quotation_marks_are_curled_once(text: str) -> None:
    assert curl_quotes(curl_quotes(text)) == curl_quotes(text)
    assert len(curl_quotes(text)) == len(text)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Hà Nội, ngày 12 tháng 8 năm 2020", "Hà_Nội, ngày_12 tháng_8 năm_2020"),
        ("theo Điều 5, khoản 2", "theo Điều_5, khoản_2"),
        ("gọi 1900 9095 hoặc 024 3855 1234", "gọi 1900_9095 hoặc 024_3855_1234"),
        ("tăng 30 % so với 5 ca", "tăng 30_% so với 5_ca"),
        ("mời ông Đạt và bà Hoa", "mời ông_Đạt và bà_Hoa"),
        ("do Nguyễn Văn An ký", "do Nguyễn_Văn_An ký"),
        ("Nguyễn Thị Minh Khai", "Nguyễn Thị_Minh_Khai"),
        ("Ủy ban nhân dân phường", "Ủy ban nhân dân phường"),
        ("trong 30 ngành", "trong 30 ngành"),
    ],
)
def test_what_stays_together(typed: str, shown: str) -> None:
    assert held(typed) == shown


@given(VIETNAMESE | WORDS)
@example("ỦY BAN nhân dân: thông tin điện tử, phản ánh")
def test_a_heading_says_letter_for_letter_what_was_typed(text: str) -> None:
    html = sanitize(f"<p>{text}</p>")
    assert words(bind_markup(html, compounds=True)) == words(html)


def test_only_a_heading_keeps_common_compounds_whole() -> None:
    title = "Trang thông tin điện tử phường"
    whole = bind_markup(title, compounds=True)
    assert whole == (
        'Trang <span class="nb">thông tin</span> <span class="nb">điện tử</span> phường'
    )
    assert bind_markup(title) == title
    assert bind_markup("tiêm vắc-xin", compounds=True) == 'tiêm <span class="nb">vắc-xin</span>'
    assert bind_markup(f"<h3>{title}</h3><p>{title}</p>") == f"<h3>{whole}</h3><p>{title}</p>"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('mục "Hỏi đáp" và (“cũ”)', "mục “Hỏi đáp” và (“cũ”)"),
        ('màn hình 15" và 17"', 'màn hình 15" và 17"'),
        ('một dấu " lẻ', 'một dấu " lẻ'),
        ('<a title="x">', '<a title="x">'),
    ],
)
def test_which_quotation_marks_are_curled(typed: str, shown: str) -> None:
    assert curl_quotes(typed) == shown


@pytest.mark.parametrize(
    "word", ["Covid-19", "COVID-19", "SARS-CoV-2", "1208/UBND-VHTT", "30/2020/NĐ-CP", "7h30–11h30"]
)
def test_a_word_with_a_hyphen_is_held_and_still_found(word: str) -> None:
    shown = bind_markup(f"<p>theo {word}, phòng</p>")
    assert shown == f'<p>theo <span class="nb">{word}</span>, phòng</p>'


@pytest.mark.parametrize("text", ["https://a.vn/tin-19", "tối-đa", "a.b-12", "x/Covid-19/y"])
def test_addresses_and_other_words_are_not_held(text: str) -> None:
    assert bind_markup(text) == text
