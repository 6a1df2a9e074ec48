"""Vietnamese text at the boundaries."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core.text import (
    clean_pasted,
    drop_invisible,
    fold,
    from_tcvn3,
    from_vni,
    looks_like_tcvn3,
    looks_like_vni,
    nfc,
    slugify,
)

any_text = st.text(st.characters())  # lone surrogates included
VIETNAMESE = (
    "aăâeêioôơuưyàằầèềìòồờùừỳảẳẩẻểỉỏổởủửỷãẵẫẽễĩõỗỡũữỹáắấéếíóốớúứýạặậẹệịọộợụựỵđbcdghklmnpqrstvx"
)
vietnamese_text = st.text(st.sampled_from(VIETNAMESE + VIETNAMESE.upper() + "  ,.-19\n"))
WARDS = {
    "Hạ Đình": "ha-dinh",
    "Khương Đình": "khuong-dinh",
    "Khương Mai": "khuong-mai",
    "Khương Trung": "khuong-trung",
    "Kim Giang": "kim-giang",
    "Nhân Chính": "nhan-chinh",
    "Phương Liệt": "phuong-liet",
    "Thanh Xuân Bắc": "thanh-xuan-bac",
    "Thanh Xuân Nam": "thanh-xuan-nam",
    "Thanh Xuân Trung": "thanh-xuan-trung",
    "Thượng Đình": "thuong-dinh",
}
RIGHT_AS_IT_IS = [
    "hoàn toàn khoáng, hoà bình",
    "cá thu nhà bà má hú",
    "Thông báo: Lịch tiếp công dân tháng 8 năm 2020 (có thay đổi)",
    "Ủy ban nhân dân phường © 2020, Microsoft® và Windows®",
    "El niño y la señora española, mañana a las 10. ¡Hola! ¿Qué tal?",
    "«Bonjour» et «oui», où août coûte du goût naïf, Loïc a déjà été là",
    "São João não são irmãos, leões e corações",
    "På så må vi øre ål, blåbær",
    "für Köln schön, Straße",
    "2×3 và 4×5, nặng 5 µm rồi 10 µm, ½ và ¼",
    "2×3 cho 4×5, dài 5 µm, 10 µm, 20 µm",
    "in\xadfor\xadma\xadtion and hy\xadphen",
    "",
]


def test_the_same_word_in_both_unicode_forms_becomes_one():
    decomposed = unicodedata.normalize("NFD", "Nhân Chính")
    assert decomposed != "Nhân Chính"
    assert nfc(decomposed) == clean_pasted(decomposed) == "Nhân Chính"


def test_pasted_rubbish_goes_and_every_gap_is_one_space():
    pasted = (
        "\ufeff Thô\u00adng\u200b báo\u00a0\u00a0\u3000mới\t\r\nhôm\x00 nay\u202e\ud800\x0c!\uffff "
    )
    assert clean_pasted(pasted) == "Thông báo mới hôm nay !"


def test_lines_are_kept_when_asked_and_blank_lines_do_not_pile_up():
    pasted = "  Kính gửi:\u00a0 \r\n\r\n \r\n\r\n ông  Đạt\u2028bà An\x85x \n"
    assert clean_pasted(pasted, keep_lines=True) == "Kính gửi:\n\nông Đạt\nbà An\nx"


@given(any_text)
def test_cleaning_twice_is_cleaning_once(text):
    for once in (clean_pasted(text), clean_pasted(text, keep_lines=True), drop_invisible(text)):
        assert unicodedata.is_normalized("NFC", once)
        once.encode()  # raises if a lone surrogate is left
        assert not {"\u00ad", "\u200b", "\ufeff", "\x00"} & set(once)
    assert clean_pasted(clean_pasted(text)) == clean_pasted(text)
    lines = clean_pasted(text, keep_lines=True)
    assert clean_pasted(lines, keep_lines=True) == lines
    assert "\n\n\n" not in lines
    assert drop_invisible(drop_invisible(text)) == drop_invisible(text)


@pytest.mark.parametrize("word", ["Đình", "ĐÌNH", "đinh", "dinh", "Ðình", "Ɖình", "đi\u0300nh"])
def test_every_way_to_write_a_word_folds_alike(word):
    assert fold(word) == "dinh"


def test_every_vietnamese_letter_folds_to_a_plain_one():
    assert set(fold(VIETNAMESE + VIETNAMESE.upper())) <= set("abcdefghijklmnopqrstuvwxyz")


def test_folding_any_single_character_gives_a_single_character():
    characters = [nfc(chr(code)) for code in range(0x20000)]
    assert [char for char in characters if len(fold(char)) != len(char)] == []


@given(any_text)
def test_a_place_in_folded_text_is_the_same_place_in_the_original(text):
    assert len(fold(text)) == len(nfc(text))


@given(vietnamese_text)
def test_folding_ignores_unicode_form_case_and_a_second_folding(text):
    folded = fold(text)
    assert folded == fold(unicodedata.normalize("NFD", text)) == fold(text.upper()) == fold(folded)
    assert folded.isascii()


def test_other_scripts_survive_folding():
    assert fold("한국 Ελλάς") == "한국 ελλας"


@pytest.mark.parametrize(("name", "slug"), WARDS.items())
def test_slugs_of_the_wards_are_right(name, slug):
    assert slugify(name) == slugify(unicodedata.normalize("NFD", name)) == slug


def test_a_long_slug_is_cut_between_words():
    assert slugify("Thông báo về việc tiêm vắc-xin", max_length=12) == "thong-bao-ve"
    assert slugify("Thông báo về việc tiêm vắc-xin", max_length=14) == "thong-bao-ve"
    assert slugify("nghiêngnghiêng", max_length=6) == "nghien"


@pytest.mark.parametrize("title", ["", "北京", "***", "\u200b"])
def test_a_title_without_letters_gets_the_fallback(title):
    assert slugify(title, fallback="bai-viet") == "bai-viet"


@given(any_text, st.integers(1, 100))
def test_a_slug_is_always_a_valid_address_part_and_its_own_slug(text, limit):
    slug = slugify(text, max_length=limit, fallback="x")
    assert 1 <= len(slug) <= limit
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug
    assert slugify(slug, max_length=limit) == slug


TCVN3 = {
    "Uû ban nh©n d©n ph\u00adêng": "Uỷ ban nhân dân phường",
    "Céng hoµ x· héi chñ nghÜa ViÖt Nam": "Cộng hoà xã hội chủ nghĩa Việt Nam",
    "§éc lËp - Tù do - H¹nh phóc": "Độc lập - Tự do - Hạnh phúc",
    "B¸o c¸o": "Báo cáo",
    "tæ d©n phè": "tổ dân phố",
}
VNI = {
    "Uyû ban nhaân daân phöôøng": "Uỷ ban nhân dân phường",
    "UÛY BAN NHAÂN DAÂN PHÖÔØNG": "ỦY BAN NHÂN DÂN PHƯỜNG",
    "Ñieàu leä": "Điều lệ",
    "Hoïc sinh gioûi": "Học sinh giỏi",
    "nghóa vuï quaân söï, Nguyeãn Vaên Kyø, kyõ, ÔÛ ñaây, Ñòa chæ, myî": (
        "nghĩa vụ quân sự, Nguyễn Văn Kỳ, kỹ, Ở đây, Địa chỉ, myỵ"
    ),
}


@pytest.mark.parametrize(("seen", "meant"), TCVN3.items())
def test_tcvn3_text_is_recognised_and_restored(seen, meant):
    assert looks_like_tcvn3(seen)
    assert from_tcvn3(seen) == meant
    assert not looks_like_vni(seen)


@pytest.mark.parametrize(("seen", "meant"), VNI.items())
def test_vni_text_is_recognised_and_restored(seen, meant):
    assert looks_like_vni(seen)
    assert from_vni(seen) == meant
    assert not looks_like_tcvn3(seen)


@pytest.mark.parametrize("text", RIGHT_AS_IT_IS + list(TCVN3.values()) + list(VNI.values()))
def test_right_text_is_not_taken_for_an_old_font(text):
    assert not looks_like_tcvn3(text)
    assert not looks_like_vni(text)


def test_one_word_is_too_little_to_call_text_tcvn3():
    assert not looks_like_tcvn3("d©n")


def test_the_tcvn3_table_is_that_of_the_standard():
    # The VN3 half of TCVN 5712:1993, byte by byte: first byte of a run, letters.
    rows = {
        0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
        0xB5: "àảãáạ",
        0xBB: "ằẳẵắ",
        0xC6: "ặầẩẫấậè",
        0xCE: "ẻẽéẹềểễếệìỉ",
        0xDC: "ĩíị",
        0xDF: "ò",
        0xE1: "ỏõóọồổỗốộờởỡớợù",
        0xF1: "ủũúụừửữứựỳỷỹý",
        0xFE: "ỵ",
    }
    for first, letters in rows.items():
        latin = bytes(range(first, first + len(letters))).decode("latin-1")
        assert from_tcvn3(latin) == letters
    assert sum(len(letters) for letters in rows.values()) == 74


def _in_vni(text: str) -> str:
    """Write Vietnamese as VNI-Windows does: base letter, then one sign."""
    plain = {"": "", "\u0300": "ø", "\u0301": "ù", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
    breve = {"": "ê", "\u0300": "è", "\u0301": "é", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
    roof = {"": "â", "\u0300": "à", "\u0301": "á", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
    single = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ"}
    written = []
    for char in text:
        base, *marks = list(unicodedata.normalize("NFD", char.lower()))
        tone = next((mark for mark in marks if mark in plain), "")
        if char.lower() in single:
            seen = single[char.lower()]
        elif "\u0306" in marks:
            seen = base + breve[tone]
        elif "\u0302" in marks:
            seen = base + roof[tone]
        else:
            horn = "\u031b" in marks
            seen = ({"o": "ô", "u": "ö"}[base] if horn else base) + plain[tone]
        written.append(seen.upper() if char.isupper() else seen)
    return "".join(written)


@pytest.mark.parametrize("letter", VIETNAMESE + VIETNAMESE.upper())
def test_each_letter_comes_back_from_vni(letter):
    assert from_vni(_in_vni(letter)) == letter


@given(any_text)
def test_conversion_of_anything_is_nfc_and_never_fails(text):
    looks_like_tcvn3(text)
    looks_like_vni(text)
    assert unicodedata.is_normalized("NFC", from_tcvn3(text))
    assert unicodedata.is_normalized("NFC", from_vni(text))
