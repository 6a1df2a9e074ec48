"""The fields of an official document, read from its own text (NĐ 30/2020/NĐ-CP, annex I).

A guess for an officer to confirm, never stored unseen: a field that is not sure stays empty. The
text comes line by line; what stands side by side on a page (issuer | motto) may come as two lines
or as one with a tab between.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from wardsite.core.official_document import (
    Code,
    CodeFormatError,
    kind_of_name,
    kind_of_symbol,
    parse_code,
)
from wardsite.core.official_names import organisation
from wardsite.core.text import clean_pasted, fold

_HEAD_LINES = 70
_TAIL_LINES = 60
# Where a PDF borrows letters from a second font, gaps appear inside words.
_MOTTO = re.compile(
    "|".join(
        r"\s*".join(words.replace(" ", ""))
        for words in (
            "cong hoa xa hoi chu nghia viet nam",
            "dang cong san viet nam",
            "doc lap-tu do-hanh phuc",
        )
    )
)
_DASHES = str.maketrans("–—‐‑", "----")
_DATE = re.compile(
    r"(?:(?P<place>[^\d,;:/\t]{2,60}),\s*)?(?:ngay\s*)?"
    r"(?:(?P<day>\d ?\d?)\s*thang\s*(?P<month>\d ?\d?)\s*,?\s*nam\s*(?P<year>\d{4})"
    r"|(?P<day2>\d{1,2})\s?(?P<sep>[/.-])\s?(?P<month2>\d{1,2})\s?(?P=sep)\s?(?P<year2>\d{4}))"
)
_CODE_SPOT = re.compile(
    r"\bso\s*[:.]?\s*(?P<code>\d{1,6}[a-z]?\s*(?:/\s*\d{4}\s*)?[/-]\s*"
    r"[^\W\d_][\w.&]*(?:\s?[-–/]\s?[^\W_][\w.&]*)*)"
)
_SUBJECT = re.compile(r"^(?:v\s*/\s*v|ve viec)\s*[:.]?\s*")
_RULE = re.compile(r"[\W_]+")
# Where the summary is over: the addressee, the grounds, the first sentence or heading of the body.
_BODY = re.compile(
    r"(?:kinh gui|kinh moi|can cu|thuc hien|theo |de |nham |xet |hom nay"
    r"|ngay \d|dieu \d|phan |chuong |[ivx]+\s*[.)/]\s|\d+\s*[.)/]\s|[-+•] |trong thoi gian"
    r"|tran trong|thoi gian|qua |vua qua|so\s*:|noi nhan|uy ban nhan dan .{3,60} (?:thong bao"
    r"|yeu cau|ban hanh|to chuc|bao cao|kinh|de nghi|xay dung|tran trong|trinh|moi)|ubnd )"
)
_DECIDER = re.compile(
    r"(?:chu tich|uy ban nhan dan|hoi dong|bo truong|giam doc|hieu truong|chinh phu|thu tuong"
    r"|ban chap hanh|ban thuong vu|truong phong|quoc hoi|truong ban)\b"
)
_HEADING = re.compile(r"(?:[ivx]+|\d+)\s*[.)/]|dieu \d|chuong |phan ")
_ISSUER_START = re.compile(
    r"(?:ubnd|hdnd|uy ban|hoi dong|hoi |phong (?!,)|so |bo |truong |ban |dang uy|dang bo|quan uy"
    r"|thanh uy|huyen uy|chi bo|chi cuc|cuc |tong cuc|trung tam|tram |cong an|van phong|mat tran"
    r"|lien doan|cong doan|doan |chinh phu|thu tuong|quoc hoi|to |vien |toa an|kho bac|bao hiem"
    r"|benh vien|hat |bcd |ttyt|thanh tra)"
)
_CAPACITY = r"\b(?:(?:TM|KT|TL|TUQ|Q)\s?\.|(?:T/M|K/T|T/L)\b)"  # the Party writes T/M
# After the post of who decides there are grounds and decisions; after that of who signs, a name.
_DECIDES = re.compile(
    r"(?:can cu|theo de nghi|xet |quyet (?:dinh|nghi)\s*:|dieu \d|[ivx]+\.|\d+\.)"
)
_TITLE_START = re.compile(
    rf"{_CAPACITY}|\b(?:CHỦ (?:TỊCH|TỌA|TOẠ|NHIỆM|TRÌ)|PHÓ |CHÁNH |TRƯỞNG |GIÁM ĐỐC"
    r"|HIỆU TRƯỞNG|BÍ THƯ|BỘ TRƯỞNG|THỨ TRƯỞNG|THỦ TƯỚNG|CỤC TRƯỞNG|TỔNG GIÁM|VIỆN TRƯỞNG"
    r"|THƯ KÝ|KẾ TOÁN|ĐẠI DIỆN|THỦ TRƯỞNG|TỔ TRƯỞNG|CHỈ HUY)"
)
_NAME = re.compile(
    r"(?:^|[.;:]\s*)(?:(?:Ông|Bà|ThS|TS|BS|PGS|GS|CN|Thượng tá|Trung tá|Thiếu tá|Đại úy|Đại tá)"
    r"\b[.:]*\s*)*((?:[^\W\d_]+ ){1,4}[^\W\d_]+)$"
)


@dataclass(frozen=True)
class OfficialFields:
    """What the text of a document says of it; empty or None where it does not say so clearly."""

    code: Code | None = None
    kind: str = ""
    issuer: str = ""
    place: str = ""
    issued_on: date | None = None
    summary: str = ""
    signer_title: str = ""
    signer_name: str = ""

    @property
    def found(self) -> int:
        """How many of the fields were found."""
        values = (self.code, self.issuer, self.issued_on, self.summary, self.signer_name)
        return sum(bool(value) for value in values)


def read_fields(text: str) -> OfficialFields:
    """Return the fields that `text` names. Never fails: what is unclear is left out."""
    lines = _lines(text)
    head = lines[:_HEAD_LINES]
    code, code_at = _code(head)
    issued_on, place, head = _date(head)
    kind, title_at = _named_kind(head, code_at)
    if code and kind_of_symbol(code.symbol) != "cong-van":
        kind = kind_of_symbol(code.symbol)
    title, name = _signer(lines[-_TAIL_LINES:])
    return OfficialFields(
        code=code,
        kind=kind or ("cong-van" if code else ""),
        issuer=_issuer(head, title_at),
        place=place,
        issued_on=issued_on,
        summary=_summary(head, title_at),
        signer_title=title,
        signer_name=name,
    )


def _lines(text: str) -> list[str]:
    """Return cleaned lines, each cell on its own; "" stands for a gap or a drawn rule."""
    found: list[str] = []
    for raw in unicodedata.normalize("NFKC", text).splitlines():
        for cell in raw.split("\t"):
            line = clean_pasted(cell)
            for part in _without_motto(line):
                gap = not part or _RULE.fullmatch(part)
                if not gap:
                    found.append(part)
                elif found and found[-1]:
                    found.append("")
    return found


def _without_motto(line: str) -> list[str]:
    """Take the nation's or the Party's motto out of a line; what stood beside it remains."""
    parts, start = [], 0
    for match in _MOTTO.finditer(fold(line).translate(_DASHES)):
        parts.append(line[start : match.start()].strip())
        start = match.end()
    if not parts:
        return [line]
    return [part for part in (*parts, line[start:].strip()) if part]


def _code(head: list[str]) -> tuple[Code | None, int]:
    """Return number and symbol, and the line they are on; not those of a document it cites."""
    for at, line in enumerate(head):
        folded = fold(line)
        found = _CODE_SPOT.search(folded)
        if found and (found.start() == 0 or ":" in found[0] or folded.startswith("luat so")):
            try:
                return parse_code(line[found.start("code") : found.end("code")]), at
            except CodeFormatError:
                continue
    return None, 0


def _date(head: list[str]) -> tuple[date | None, str, list[str]]:
    """Return the date, its place, and the head without them; only above where the body begins."""
    for at, line in enumerate(head):
        folded = fold(line)
        if folded.startswith(("kinh gui", "can cu")):
            break
        for match in _DATE.finditer(folded):
            day = _day(match)
            if day is None or not (match["place"] or "ngay" in match[0]):
                continue
            place = match["place"] and line[match.start("place") : match.end("place")]
            before = line[: match.start()].strip()
            if not place and before and before[0].isupper() and len(before) < 40:
                place, before = before, ""
            rest = [part for part in (before, line[match.end() :].strip(" .")) if part]
            return day, _place(place or ""), [*head[:at], *rest, *head[at + 1 :]]
    return None, "", head


def _day(match: re.Match[str]) -> date | None:
    day, month = match["day"] or match["day2"], match["month"] or match["month2"]
    year = match["year"] or match["year2"]
    try:
        return date(int(year), int(month.replace(" ", "")), int(day.replace(" ", "")))
    except ValueError:
        return None


def _place(text: str) -> str:
    """Return the place; a symbol that stands before it on the same line is no part of it."""
    words = text.strip(" -–.").split(" ")
    start = len(words)
    while start and words[start - 1][:1].isupper() and not words[start - 1].isupper():
        start -= 1
    return " ".join(words[start:][-5:])


def _named_kind(head: list[str], after: int) -> tuple[str, int | None]:
    """Return the kind whose name stands in capitals below the number, and the line it is on."""
    for at, line in enumerate(head):
        if _SUBJECT.match(fold(line)):
            break  # a letter; names of kinds further down belong to its text
        words = line.split(" ")
        for count in (3, 2, 1):
            name = " ".join(words[:count])
            kind = kind_of_name(name) if at >= after and name == name.upper() else None
            if kind:
                return kind, at
    return "", None


def _summary(head: list[str], title_at: int | None) -> str:
    if title_at is not None:
        own = _after_name(head[title_at])
        return _joined([own] if own else [], head[title_at + 1 :])
    for at, line in enumerate(head):
        if _SUBJECT.match(fold(line)):
            return _joined([line], head[at + 1 :])
    return ""


def _after_name(line: str) -> str:
    for words in (3, 2, 1):
        parts = line.split(" ")
        if kind_of_name(" ".join(parts[:words])):
            return " ".join(parts[words:]).strip(" :.")
    return ""


def _joined(kept: list[str], following: list[str]) -> str:
    """Return the lines of the summary as one, up to where the body begins."""
    for line in following:
        if (kept or line) and _is_body(line, first=not kept):
            break
        if line:
            kept.append(line)
        if len(kept) >= 8 or len(" ".join(kept)) > 600:
            break
    return re.sub(r"^[Vv]\s*/\s*[vV]\b\s*[:.]?\s*", "V/v ", " ".join(kept)).strip(" ./")


def _is_body(line: str, *, first: bool) -> bool:
    """Tell whether the summary is over at this line; its `first` line may begin with any word."""
    if not line:
        return True
    folded = fold(line)
    if line.isupper():
        return bool(_DECIDER.match(folded) or _HEADING.match(folded) or ":" in line)
    if first:
        return folded.startswith(("kinh gui", "can cu"))
    # A line that begins with a small letter goes on with the sentence before.
    return not line[0].islower() and (line.endswith(":") or bool(_BODY.match(folded)))


def _issuer(head: list[str], title_at: int | None) -> str:
    """Return the last organisation named above number and title; those above it are its parents."""
    found: list[str] = []
    for line in head[: title_at if title_at is not None else 12]:
        folded = fold(line)
        if _SUBJECT.match(folded) or re.match(r"so\s*[:.]?\s*[\d/]|so\s*:", folded):
            break
        if not line:
            continue
        if folded.startswith("khoa "):
            break
        if _ISSUER_START.match(folded + " "):
            found.append(line)
        elif found and line == line.upper():
            found[-1] += " " + line
        elif found:
            break
    return organisation(found[-1]) if found else ""


def _signer(tail: list[str]) -> tuple[str, str]:
    """Return post and name of who signed; of two who sign together, both."""
    titles: list[list[str]] = []
    names: list[str] = []
    for line in tail:
        title, name = _title_in(line), _name_in(line)
        if _DECIDES.match(fold(line)):
            del titles[len(names) :]
        elif title:
            if len(titles) == len(names):
                titles.append([])
            titles[-1].append(title)
        elif name and titles and len(names) < len(titles):
            names.append(name)
        elif name and titles and len(titles[-1]) in (2, 4, 6):
            # Side by side on the page: the posts of both came first, line by line, then the names.
            names.append(name)
            titles[-1:] = [titles[-1][0::2], titles[-1][1::2]]
    pairs = list(zip(titles, names, strict=False))[-2:]
    return (
        "; ".join(", ".join(parts) for parts, _name in pairs),
        "; ".join(name for _parts, name in pairs),
    )


def _title_in(line: str) -> str:
    """Return the post in capitals that ends the line, without what stands before it."""
    for match in _TITLE_START.finditer(line):
        rest = line[match.start() :]
        if rest == rest.upper() and 4 <= len(rest) < 160:
            return rest
    return ""


def _name_in(line: str) -> str:
    """Return the person's name that ends the line: two to five words with capitals."""
    match = _NAME.search(line)
    if match is None:
        return ""
    words = match[1].split(" ")
    proper = all(word[0].isupper() and (len(word) == 1 or word[1:].islower()) for word in words)
    return match[1] if proper else ""
