"""Whose level of direction an issuer is."""

import pytest

from wardsite.core.official_names import authority_of

AUTHORITIES = {
    "government": "Chính phủ",
    "pm": "Thủ tướng Chính phủ",
    "moh": "Bộ Y tế",
    "city-party": "Thành ủy",
    "city": "UBND Thành phố",
    "district": "Quận",
}
OWN = "Ủy ban nhân dân phường Hạ Đình"
KNOWN = {"Ban Chỉ đạo phòng, chống dịch": "city"}


@pytest.mark.parametrize(
    ("issuer", "authority"),
    [
        ("Chính phủ", "government"),
        ("THỦ TƯỚNG CHÍNH PHỦ", "pm"),
        ("Bộ Y tế", "moh"),
        ("Thành uỷ Hà Nội", "city-party"),
        ("Ủy ban nhân dân thành phố Hà Nội", "city"),
        ("UBND TP. Hà Nội", "city"),
        ("UỶ BAN NHÂN DÂN QUẬN THANH XUÂN", "district"),
        ("UBND quận Thanh Xuân", "district"),
        ("Phòng Y tế quận Thanh Xuân", "district"),
        ("Sở Thông tin và Truyền thông Hà Nội", "city"),
        ("SỞ Y TẾ HÀ NỘI", "city"),
        ("Ban chỉ đạo phòng chống dịch", "city"),
        ("Bộ Giáo dục và Đào tạo", ""),
        ("Ủy ban nhân dân phường Hạ Đình", ""),
        ("UBND PHƯỜNG HẠ ĐÌNH", ""),
        ("Trung tâm Y tế phường Quan Hoa", ""),
        ("Hội Sở hữu trí tuệ", ""),
        ("", ""),
    ],
)
def test_the_level_of_direction_is_told_by_the_issuers_name(issuer: str, authority: str) -> None:
    assert authority_of(issuer, OWN, AUTHORITIES, KNOWN) == authority


def test_a_unit_whose_name_holds_a_levels_name_is_not_above_itself() -> None:
    own = "Ủy ban nhân dân quận Thanh Xuân"
    assert authority_of("UBND QUẬN THANH XUÂN", own, AUTHORITIES, {}) == ""
    assert authority_of("Chính phủ", own, {}, {}) == ""
