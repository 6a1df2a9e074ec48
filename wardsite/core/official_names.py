"""Names of offices: as they are written in running text, and whose level of direction they are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wardsite.core.search import words
from wardsite.core.text import clean_pasted, fold

_SHORT = {"ubnd": "Ủy ban nhân dân", "hdnd": "Hội đồng nhân dân", "mttq": "Mặt trận Tổ quốc"}
# Common nouns inside a name, which are not written with capitals; the rest are proper names.
_COMMON = """
ủy ban nhân dân|hội đồng nhân dân|phường|quận|huyện|thị xã|thành phố|tỉnh|xã|và|về|của|các|số
|ban chỉ đạo|phòng, chống|phòng chống|dịch bệnh|dịch|bệnh|quản lý|dự án|đầu tư|xây dựng
|ban chấp hành|ban thường vụ|ban quản lý|đoàn thanh niên|công đoàn|trường|bầu cử|cơ sở
|hiệp thương|phòng cháy|chữa cháy|tiếp công dân|trung ương|khu vực|chi nhánh|tổ dân phố|tổ
"""
# Fields of work that take one capital at their start: Phòng Văn hóa và Thông tin.
_FIELDS = """
văn hóa|thông tin|giáo dục|đào tạo|y tế|nội vụ|tư pháp|tài chính|tài nguyên|môi trường|nông nghiệp
|công thương|giao thông|vận tải|xây dựng|lao động|thương binh|xã hội|kế hoạch|truyền thông
|khoa học|công nghệ|kinh tế|hạ tầng|đô thị|thể thao|du lịch|mầm non|tiểu học|trung học cơ sở
|trung học phổ thông|thanh tra|văn phòng|tổng hợp|dân tộc|ngoại vụ|hành chính công|hành chính
|phục vụ hành chính công|phục vụ|phụ nữ|nông dân|cựu chiến binh|người cao tuổi|chữ thập đỏ
|khuyến học|công an|quân sự
|dân quân|chính phủ|thuế|thống kê|bảo hiểm|tiếp dân|phát triển|quỹ đất|dân số
"""


# Written in capitals in running text too.
_SHORT_KEPT = {"thcs", "thpt", "gdtx", "gdnn", "gd", "đt", "vhtt", "lđtbxh", "pccc"}


def _table(words: str) -> set[str]:
    return {part.strip() for part in words.replace("\n", "").split("|") if part.strip()}


_PHRASES = sorted(_table(_COMMON) | _table(_FIELDS), key=len, reverse=True)
_CAPITALISED = _table(_FIELDS)
_PHRASE = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, _PHRASES)) + r")(?!\w)")


def organisation(name: str) -> str:
    """Return an office's name in running text: `UBND QUẬN THANH XUÂN` → `Ủy ban nhân dân quận …`.

    Short forms of the two councils are written out. A name that is not all in capitals keeps its
    capitals.
    """
    parts = [_SHORT.get(fold(part), part) for part in clean_pasted(name).split(" ")]
    if name != name.upper():
        return " ".join(parts)
    lowered = " ".join(parts).lower().replace("uỷ ban", "ủy ban").replace("văn hoá", "văn hóa")
    out, start = [], 0
    for match in _PHRASE.finditer(lowered):
        out.append(_proper(lowered[start : match.start()]))
        phrase = match[0]
        out.append(phrase.capitalize() if phrase in _CAPITALISED else phrase)
        start = match.end()
    out.append(_proper(lowered[start:]))
    written = "".join(out)
    return written[:1].upper() + written[1:]


def _proper(text: str) -> str:
    heads = {"phòng", "sở", "bộ", "trung", "tâm", "trạm", "hội", "cục", "chi", "ban", "đảng", "ủy"}
    return re.sub(
        r"[^\W\d_]+",
        lambda found: _word(found[0], heads),
        text,
    )


def _word(word: str, heads: set[str]) -> str:
    if word in _SHORT_KEPT:
        return word.upper()
    return word if word in heads else word.capitalize()


def authority_of(
    issuer: str, own: str, authorities: Mapping[str, str], known: Mapping[str, str]
) -> str:
    """Return the id of the level of direction that an issuer belongs to, or "" when it is not sure.

    `own`: the unit itself, which is no level above it. `authorities`: id → name, as the centre
    calls them. `known`: issuer → id, of documents that the centre itself has filed. A `Sở` is an
    office of the people's committee of its city or province (Luật Tổ chức chính quyền địa phương).
    """
    name = _plain(issuer)
    if not name or name == _plain(own):
        return ""
    for filed, authority in known.items():
        if name == _plain(filed):
            return authority
    labels = {authority: _plain(label) for authority, label in authorities.items()}
    if name.startswith(_plain("sở") + " "):
        name = _plain("UBND thành phố, UBND tỉnh")
    found = [a for a, label in labels.items() if label and f" {label} " in f" {name} "]
    return max(found, key=lambda authority: len(labels[authority]), default="")


def _plain(name: str) -> str:
    """Return the words of a name with their marks: a ward Quan Hoa is no quận."""
    long = re.sub(r"(?i)\bTP\b\.?", "thành phố ", organisation(name))
    return " ".join(word.exact for word in words(long))
