"""Documents from a spreadsheet (sổ văn bản): what each row gives, and what is wrong in which cell.

Pure: rows of text in, documents and problems out. The columns are known by their headings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.official_document import (
    Code,
    code_folded,
    kind_of_name,
    kind_of_symbol,
    parse_code,
)
from wardsite.core.text import clean_pasted, fold
from wardsite.core.vi import parse_date
from wardsite.documents.kinds import KINDS
from wardsite.documents.own import DocumentText

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("Số, ký hiệu", "Số ký hiệu", "Số/ký hiệu", "Số hiệu", "Số văn bản"),
    "kind": ("Loại văn bản", "Tên loại", "Hình thức", "Thể loại"),
    "issued_on": ("Ngày ban hành", "Ngày văn bản", "Ngày tháng"),
    "summary": ("Trích yếu", "Trích yếu nội dung", "Nội dung", "Tên văn bản"),
    "issuer": ("Cơ quan ban hành", "Đơn vị ban hành", "Nơi ban hành"),
    "signer_title": ("Chức vụ", "Chức vụ người ký"),
    "signer_name": ("Người ký", "Họ tên người ký"),
    "effective_on": ("Ngày hiệu lực", "Ngày có hiệu lực"),
    "expires_on": ("Ngày hết hiệu lực", "Hết hiệu lực"),
    "place": ("Địa danh",),
}
"""Field → headings it is known by; the first one stands in the sample sheet."""
REQUIRED = ("code", "issued_on", "summary")
_HEADINGS = {code_folded(name): column for column, names in COLUMNS.items() for name in names}
T = TypeVar("T")
_HEAD_WITHIN = 10  # rows: sheets often carry a title above the headings


class SheetHeadingsError(WardsiteError):
    """The sheet has no row with the headings that are needed."""


class CellError(WardsiteError):
    """A cell cannot be used."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in a cell: row as the spreadsheet counts, heading of the column."""

    row: int
    column: str
    error: WardsiteError


@dataclass(frozen=True)
class Good:
    """A row that can be imported."""

    row: int
    text: DocumentText


@dataclass
class Plan:
    """What an import would do; `problems` name each bad cell, rows in the sheet's order."""

    good: list[Good] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plan(rows: Sequence[Sequence[str]], own_issuer: str) -> Plan:
    """Read the sheet. `own_issuer` stands where no issuer is given. Raises SheetHeadingsError."""
    head, columns = _headings(rows)
    found = Plan()
    seen: dict[tuple[str, date, str], int] = {}
    for number, cells in enumerate(rows[head + 1 :], head + 2):
        values = {
            name: clean_pasted(cells[at]) if at < len(cells) else "" for name, at in columns.items()
        }
        if not any(values.values()):
            continue
        text = _text(number, values, own_issuer, found.problems)
        if text is None:
            continue
        key = (code_folded(str(text.code)), text.issued_on, text.issuer)
        if key in seen:
            error = CellError(N_("The same document as in row %(row)s."), row=seen[key])
            found.problems.append(Problem(number, _label("code"), error))
            continue
        seen[key] = number
        found.good.append(Good(number, text))
    return found


def _headings(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    for number, cells in enumerate(rows[:_HEAD_WITHIN]):
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            name = _HEADINGS.get(code_folded(clean_pasted(cell)))
            if name:
                columns.setdefault(name, at)
        if all(name in columns for name in REQUIRED):
            return number, columns
    raise SheetHeadingsError(
        N_("No heading row was found. Required headings: %(names)s."),
        names=", ".join(_label(name) for name in REQUIRED),
    )


def _label(column: str) -> str:
    return COLUMNS[column][0]


def _text(
    row: int, values: dict[str, str], own_issuer: str, problems: list[Problem]
) -> DocumentText | None:
    before = len(problems)
    problems += [
        Problem(row, _label(name), CellError(N_("This cell is empty.")))
        for name in REQUIRED
        if not values[name]
    ]
    code = _tried(row, "code", values, parse_code, problems)
    days = {
        name: _tried(row, name, values, parse_date, problems)
        for name in ("issued_on", "effective_on", "expires_on")
    }
    kind = _kind(row, values.get("kind", ""), code, problems)
    if len(problems) > before or code is None or days["issued_on"] is None:
        return None
    if days["expires_on"] and days["expires_on"] < (days["effective_on"] or days["issued_on"]):
        error = CellError(N_("The end date cannot be before the start date."))
        problems.append(Problem(row, _label("expires_on"), error))
        return None
    return DocumentText(
        code=code,
        kind=kind,
        issuer=values.get("issuer") or own_issuer,
        issued_on=days["issued_on"],
        summary=values["summary"][:1000],
        place=values.get("place", ""),
        effective_on=days["effective_on"],
        expires_on=days["expires_on"],
        signer_title=values.get("signer_title", ""),
        signer_name=values.get("signer_name", ""),
    )


def _tried(
    row: int, name: str, values: dict[str, str], read: Callable[[str], T], problems: list[Problem]
) -> T | None:
    """Return what the cell holds; None when it is empty or, after noting why, cannot be read."""
    if not values.get(name):
        return None
    try:
        return read(values[name])
    except WardsiteError as error:
        problems.append(Problem(row, _label(name), error))
        return None


def _kind(row: int, name: str, code: Code | None, problems: list[Problem]) -> str:
    if not name:
        return kind_of_symbol(code.symbol) if code else ""
    kind = kind_of_name(name)
    if kind is not None and kind in KINDS:
        return kind
    if fold(name) in ("khac", "van ban khac"):
        return "khac"
    problems.append(
        Problem(
            row,
            _label("kind"),
            CellError(N_("“%(name)s” is not a known document type."), name=name[:40]),
        )
    )
    return ""
