"""Documents from a spreadsheet (sổ văn bản): what each row gives, and what is wrong in which cell.

Pure: sheets of text in, documents and problems out. The columns are known by their headings.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.official_document import (
    ABBREVIATIONS,
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
    "code": ("Số, ký hiệu", "Số, ký hiệu văn bản", "Số hiệu", "Số văn bản"),
    "kind": ("Loại văn bản", "Tên loại", "Hình thức", "Thể loại"),
    "issued_on": ("Ngày ban hành", "Ngày tháng văn bản", "Ngày văn bản", "Ngày tháng"),
    "summary": (
        "Trích yếu",
        "Trích yếu nội dung",
        "Tên loại và trích yếu nội dung văn bản",
        "Nội dung",
        "Tên văn bản",
    ),
    "issuer": ("Cơ quan ban hành", "Đơn vị ban hành", "Nơi ban hành", "Tác giả"),
    "signer_title": ("Chức vụ", "Chức vụ người ký"),
    "signer_name": ("Người ký", "Họ tên người ký"),
    "effective_on": ("Ngày hiệu lực", "Ngày có hiệu lực"),
    "expires_on": ("Ngày hết hiệu lực", "Hết hiệu lực"),
    "place": ("Địa danh",),
}
"""Field → headings it is known by, those of the registers of NĐ 30/2020 (annex IV) among them; the
first one stands in the sample sheet. Marks, signs and words in brackets do not count."""
REQUIRED = ("code", "issued_on", "summary")
DAYS = ("issued_on", "effective_on", "expires_on")
MAX_DOCUMENTS = 2000
HEAD_WITHIN = 12  # rows: registers carry a title of many lines above the headings
T = TypeVar("T")
Rows = Sequence[Sequence[str]]
_DAY_ZERO = date(1899, 12, 30)  # of a spreadsheet, from 1 March 1900 on
_COUNT = re.compile(r"\(?[0-9]{1,2}\)?")
_TYPED_DAY = re.compile(r"([0-9]{1,2})[/.-][0-9]{1,2}[/.-][0-9]{4}")


def _heading(text: str) -> str:
    return re.sub(r"\(.*?\)|[^a-z0-9(]+", "", fold(text))


_HEADINGS = {_heading(name): column for column, names in COLUMNS.items() for name in names}


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
    """What an import would do; `problems` name each bad cell, rows in the sheet's order.

    `sheet` is the name of the one that was read, `unread` the first row left out because there are
    too many, `swapped` the columns whose days a spreadsheet seems to have read month first.
    """

    sheet: str
    good: list[Good] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: int | None = None
    swapped: list[str] = field(default_factory=list)


def plan(sheets: Mapping[str, Rows], own_issuer: str) -> Plan:
    """Read the first sheet with headings. `own_issuer` stands where no issuer is given.

    Raises SheetHeadingsError.
    """
    name, head, columns = _headings(sheets)
    found = Plan(name)
    seen: dict[tuple[str, date, str], int] = {}
    rows = _filled(sheets[name], head, columns)
    if len(rows) > MAX_DOCUMENTS:
        found.unread = rows[MAX_DOCUMENTS][0]
    found.swapped = [_label(day) for day in DAYS if _month_first([row[day] for _, row in rows])]
    for number, values in rows[:MAX_DOCUMENTS]:
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


def _headings(sheets: Mapping[str, Rows]) -> tuple[str, int, dict[str, int]]:
    """Return the sheet, how many rows its head takes, and where each column stands."""
    for name, rows in sheets.items():
        above: dict[str, int] = {}
        for number, cells in enumerate(rows[:HEAD_WITHIN], 1):
            here: dict[str, int] = {}
            for at, cell in enumerate(cells):
                column = _HEADINGS.get(_heading(clean_pasted(cell)))
                if column:
                    here.setdefault(column, at)
            columns = above | here  # a head of two rows, its cells merged across or down
            if all(column in columns for column in REQUIRED):
                return name, number, columns
            above = here
    raise SheetHeadingsError(
        N_("No heading row was found. Required headings: %(names)s."),
        names=", ".join(_label(name) for name in REQUIRED),
    )


def _filled(rows: Rows, head: int, columns: dict[str, int]) -> list[tuple[int, dict[str, str]]]:
    """Return number and values of each row that says something; the numbers of columns do not."""
    found = []
    for number, cells in enumerate(rows[head:], head + 1):
        values = dict.fromkeys(COLUMNS, "") | {
            name: clean_pasted(cells[at]) for name, at in columns.items() if at < len(cells)
        }
        counted = number == head + 1 and all(_COUNT.fullmatch(values[name]) for name in columns)
        if any(values.values()) and not counted:
            found.append((number, values))
    return found


def _month_first(cells: Sequence[str]) -> bool:
    """Tell whether a spreadsheet set to English took 12/8 for 8 December and left 13/8 a text."""
    typed = [int(found[1]) for cell in cells if (found := _TYPED_DAY.fullmatch(cell))]
    kept = [cell for cell in cells if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", cell)]
    return bool(typed and kept) and min(typed) > 12 and all(int(day[8:]) <= 12 for day in kept)


def _day(text: str) -> date:
    """Read a day as offices write it, or as a spreadsheet counts it in a cell not set to days."""
    if re.fullmatch("[1-7][0-9]{4}", text):
        return _DAY_ZERO + timedelta(days=int(text))
    return parse_date(text)


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
    days = {name: _tried(row, name, values, _day, problems) for name in DAYS}
    kind = _kind(row, values["kind"], code, problems)
    if len(problems) > before or code is None or days["issued_on"] is None:
        return None
    if days["expires_on"] and days["expires_on"] < (days["effective_on"] or days["issued_on"]):
        error = CellError(N_("The end date cannot be before the start date."))
        problems.append(Problem(row, _label("expires_on"), error))
        return None
    return DocumentText(
        code=code,
        kind=kind,
        issuer=values["issuer"] or own_issuer,
        issued_on=days["issued_on"],
        summary=values["summary"][:1000],
        place=values["place"],
        effective_on=days["effective_on"],
        expires_on=days["expires_on"],
        signer_title=values["signer_title"],
        signer_name=values["signer_name"],
    )


def _tried(
    row: int, name: str, values: dict[str, str], read: Callable[[str], T], problems: list[Problem]
) -> T | None:
    """Return what the cell holds; None when it is empty or, after noting why, cannot be read."""
    if not values[name]:
        return None
    try:
        return read(values[name])
    except WardsiteError as error:
        problems.append(Problem(row, _label(name), error))
        return None


def _kind(row: int, name: str, code: Code | None, problems: list[Problem]) -> str:
    if not name:
        return kind_of_symbol(code.symbol) if code else ""
    kind = kind_of_name(name) or ABBREVIATIONS.get(name)
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
