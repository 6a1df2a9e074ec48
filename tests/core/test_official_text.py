"""The fields of a document, read from its own text."""

from hypothesis import given
from hypothesis import strategies as st

from wardsite.core.official_names import organisation
from wardsite.core.official_text import OfficialFields, read_fields

BODY = "Kính gửi: Các đơn vị.\nThực hiện Công văn số: 99/UBND-VP ngày 01/01/2020."


def test_nothing_is_made_up_where_nothing_is_said() -> None:
    assert read_fields("") == OfficialFields()
    assert read_fields("Hôm nay trời đẹp.\nMọi người đi chơi.") == OfficialFields()


def test_a_document_without_a_number_does_not_take_that_of_one_it_cites() -> None:
    text = "UBND PHƯỜNG AN MẪU\nSố:      /QĐ-UBND\nQUYẾT ĐỊNH\nVề việc thử\n"
    fields = read_fields(text + "Căn cứ Quyết định số 12/QĐ-UBND ngày 01/01/2020;")
    assert fields.code is None
    assert (fields.kind, fields.summary) == ("quyet-dinh", "Về việc thử")
    assert fields.issued_on is None


def test_an_impossible_date_is_no_date() -> None:
    assert read_fields("An Mẫu, ngày 31 tháng 02 năm 2026").issued_on is None


def test_a_line_that_holds_both_columns_gives_both_fields() -> None:
    fields = read_fields(
        "UBND PHƯỜNG AN MẪU  CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
        "Số: 12/UBND-VP Thành phố Mẫu, ngày 03 tháng 4 năm 2026\nV/v thử\n" + BODY
    )
    assert str(fields.code) == "12/UBND-VP"
    assert fields.issuer == "Ủy ban nhân dân phường An Mẫu"
    assert str(fields.issued_on) == "2026-04-03"
    assert fields.summary == "V/v thử"


def test_names_of_offices_lose_their_capitals_but_for_proper_names() -> None:
    assert organisation("UBND QUẬN THANH XUÂN") == "Ủy ban nhân dân quận Thanh Xuân"
    assert organisation("PHÒNG VĂN HÓA VÀ THÔNG TIN") == "Phòng Văn hóa và Thông tin"
    assert organisation("TRƯỜNG MẦM NON ĐỨC XUÂN") == "Trường Mầm non Đức Xuân"
    assert organisation("Trường THCS Hạ Đình") == "Trường THCS Hạ Đình"


@given(st.text(max_size=2000))
def test_any_text_gives_fields_and_never_fails(text: str) -> None:
    assert isinstance(read_fields(text), OfficialFields)


PARTS = "Số: 1/A|QUYẾT ĐỊNH|ngày 1 tháng 1 năm 2020|TM. A|CHỦ TỊCH|Lê Văn A|V/v x|\t|Kính gửi|"


@given(st.lists(st.sampled_from(PARTS.split("|"))))
def test_the_parts_of_a_document_in_any_order_never_fail(lines: list[str]) -> None:
    assert isinstance(read_fields("\n".join(lines)), OfficialFields)
