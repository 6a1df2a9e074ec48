"""Tables to take away: XLSX and CSV that open right in Excel and run nothing there.

A cell that begins with = + - @ would be a formula to a spreadsheet, and what residents send ends up
in such cells. In XLSX every cell is marked as text, which keeps `+84…` and leading zeros as they
are; CSV has no such mark, so a dangerous cell gets an apostrophe (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet
    from openpyxl.worksheet.worksheet import Worksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_MAX_CELL = 32_000  # Excel's own limit is 32,767 characters


def workbook(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return an XLSX of one sheet, all cells text, the headings bold and kept in sight."""
    # Imported when a table is made: a tenth of the time and memory of the whole site.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    print_on_a4(sheet)
    for at, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(at)].width = min(60, max(14, len(heading) + 4))
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def print_on_a4(sheet: "Worksheet | WriteOnlyWorksheet") -> None:
    """Let a sheet be printed as it is read: lying A4, all columns on it, the headings on each."""
    sheet.page_setup.paperSize = 9  # A4 (ECMA-376, 18.3.1.63)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return CSV in UTF-8 with the mark that lets Excel know it is, dangerous cells disarmed."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(headings)
    writer.writerows([_disarmed(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _cell(sheet: object, value: str, *, bold: bool = False) -> "WriteOnlyCell":
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    # XML has no place for control characters, and openpyxl refuses them.
    text = "".join(c for c in value[:_MAX_CELL] if c in "\n\t" or c >= " ")
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # never a formula, whatever it begins with
    cell.number_format = "@"
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if bold:
        cell.font = Font(bold=True)
    return cell


def _disarmed(value: str) -> str:
    return f"'{value}" if value.startswith(_DANGEROUS) else value
