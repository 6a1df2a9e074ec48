"""Number, symbol and kind of an official document as officials write them (NĐ 30/2020/NĐ-CP).

`Số: 15/QĐ-UBND` is number, abbreviation of the kind, issuer; a letter (công văn) has no kind:
`1208/UBND-VHTT`; legal documents add the year: `30/2020/NĐ-CP`; the Party's write `12-CV/ĐU`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import clean_pasted, fold

ABBREVIATIONS: dict[str, str] = {
    "NQ": "nghi-quyet",
    "QĐ": "quyet-dinh",
    "CT": "chi-thi",
    "QC": "quy-che",
    "QyĐ": "quy-dinh",
    "TC": "thong-cao",
    "TB": "thong-bao",
    "HD": "huong-dan",
    "CTr": "chuong-trinh",
    "KH": "ke-hoach",
    "PA": "phuong-an",
    "ĐA": "de-an",
    "DA": "du-an",
    "BC": "bao-cao",
    "BB": "bien-ban",
    "TTr": "to-trinh",
    "HĐ": "hop-dong",
    "CĐ": "cong-dien",
    "BGN": "ban-ghi-nho",
    "BTT": "ban-thoa-thuan",
    "GUQ": "giay-uy-quyen",
    "GM": "giay-moi",
    "GGT": "giay-gioi-thieu",
    "GNP": "giay-nghi-phep",
    "PG": "phieu-gui",
    "PC": "phieu-chuyen",
    "PB": "phieu-bao",
    "NĐ": "nghi-dinh",
    "TT": "thong-tu",
    "CV": "cong-van",
}
"""Abbreviation of a kind (annex III of NĐ 30/2020, and those of legal documents) → its key."""

NAMES: dict[str, str] = {
    "nghị quyết": "nghi-quyet",
    "quyết định": "quyet-dinh",
    "chỉ thị": "chi-thi",
    "quy chế": "quy-che",
    "quy định": "quy-dinh",
    "thông cáo": "thong-cao",
    "thông báo": "thong-bao",
    "hướng dẫn": "huong-dan",
    "chương trình": "chuong-trinh",
    "kế hoạch": "ke-hoach",
    "phương án": "phuong-an",
    "đề án": "de-an",
    "dự án": "du-an",
    "báo cáo": "bao-cao",
    "biên bản": "bien-ban",
    "tờ trình": "to-trinh",
    "hợp đồng": "hop-dong",
    "công điện": "cong-dien",
    "công văn": "cong-van",
    "bản ghi nhớ": "ban-ghi-nho",
    "bản thỏa thuận": "ban-thoa-thuan",
    "giấy ủy quyền": "giay-uy-quyen",
    "giấy mời": "giay-moi",
    "giấy giới thiệu": "giay-gioi-thieu",
    "giấy nghỉ phép": "giay-nghi-phep",
    "phiếu gửi": "phieu-gui",
    "phiếu chuyển": "phieu-chuyen",
    "phiếu báo": "phieu-bao",
    "nghị định": "nghi-dinh",
    "thông tư": "thong-tu",
    "luật": "luat",
}
"""Name of a kind as it stands above the summary → its key."""

_FOLDED_NAMES = {fold(name): kind for name, kind in NAMES.items()}
_FOLDED_ABBREVIATIONS = {fold(short): kind for short, kind in ABBREVIATIONS.items()}
_DASHES = str.maketrans("‐‑‒–—−ÐƉ", "------ĐĐ")
_CODE = re.compile(
    r"(?:s[ốô]\s*[:.]?\s*)?"
    r"(?P<number>[0-9]{1,6}[a-zđ]{0,3}(?:/[0-9]{4})?)"
    r"(?P<mark>[/-])"
    r"(?P<symbol>[^\W\d_][\w.&]*(?:[-/][^\W_][\w.&]*)*)",
    re.IGNORECASE,
)
_LAW = re.compile(r"QH[0-9]+", re.IGNORECASE)


class CodeFormatError(WardsiteError):
    """What was typed is no number and symbol of a document."""

    def __init__(self, text: str) -> None:
        """Keep the start of `text` to show it back."""
        super().__init__(
            N_(
                "“%(text)s” is not a document number and symbol. Write it like 15/QĐ-UBND or "
                "1208/UBND-VHTT."
            ),
            text=text[:40],
        )


@dataclass(frozen=True)
class Code:
    """Number (with the year of a legal document) and symbol; `mark` stands between them."""

    number: str
    symbol: str
    mark: str = "/"

    def __str__(self) -> str:
        """Return both as they are printed: `1208/UBND-VHTT`."""
        return f"{self.number}{self.mark}{self.symbol}"


def parse_code(text: str) -> Code:
    """Read `Số: 1208 /UBND-VHTT`, `5/qđ-ubnd`, `30/2020/NĐ-CP`, `12-CV/ĐU`; spaces do not count.

    A number below 10 gets its leading zero. Raises CodeFormatError for anything else.
    """
    packed = re.sub(r"\s+", "", clean_pasted(text[:200])).translate(_DASHES)
    found = _CODE.fullmatch(packed)
    if found is None:
        raise CodeFormatError(clean_pasted(text[:200]))
    number, slash, year = found["number"].partition("/")
    digits = re.match("[0-9]+", number)
    if digits and len(digits[0]) == 1:
        number = "0" + number
    symbol = found["symbol"].rstrip(".-")
    if symbol == symbol.lower():
        symbol = symbol.upper()
    return Code(number + slash + year, symbol, found["mark"])


def kind_of_symbol(symbol: str) -> str:
    """Return the key of the kind that a symbol names: `QĐ-UBND` → `quyet-dinh`.

    A symbol that begins with no known abbreviation is a letter's (công văn). Capitals tell apart
    what folding would not: `TTr` (tờ trình) and `TT` (thông tư).
    """
    first = re.split("[-/]", symbol, maxsplit=1)[0].translate(_DASHES)
    if _LAW.fullmatch(first):
        return "luat"
    exact = ABBREVIATIONS.get(first)
    return exact or _FOLDED_ABBREVIATIONS.get(fold(first), "cong-van")


def kind_of_name(text: str) -> str | None:
    """Return the key of the kind with this name in any case and spelling of marks, or None."""
    return _FOLDED_NAMES.get(fold(clean_pasted(text)).strip(" :."))


def code_folded(code: str) -> str:
    """Return the form that codes are searched by: folded, without spaces: `1979/stttt-ttdt`."""
    return re.sub(r"\s+", "", fold(code.translate(_DASHES)))


def standing(
    today: date, effective_on: date | None, expires_on: date | None, replaced_on: date | None
) -> str:
    """Return whether a document is in force: `ahead`, `in-force`, `expired`, `replaced` or "".

    `effective_on` and `replaced_on` are first days, `expires_on` is the last day it is in force.
    Empty for a document that says nothing of its force, such as most letters.
    """
    if replaced_on is not None and replaced_on <= today:
        return "replaced"
    if expires_on is not None and expires_on < today:
        return "expired"
    if effective_on is not None:
        return "ahead" if effective_on > today else "in-force"
    return "in-force" if expires_on is not None else ""
