"""An A4 poster (áp phích, tờ niêm yết) of a text, as PDF: for the board, the lift, the gate.

The text is set as large as the sheet allows; what does not fit even when small is cut at a line,
and the code at the foot leads to the rest. Lengths are mm, sizes of letters are points.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import segno
from PIL import Image as Pillow

from wardsite.core.outline import Block
from wardsite.media import sheet as look
from wardsite.media.sheet import Sheet, balance, prepared, rgb, wrap

if TYPE_CHECKING:
    from fpdf import FPDF

_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 18.0
_INNER = _WIDTH - 2 * _MARGIN
_HEAD = 34.0
_FOOT = 54.0
_TOP, _BOTTOM = _HEAD + 13, _HEIGHT - _FOOT - 6
_MM = 25.4 / 72
_TITLES = (64, 58, 52, 46, 42, 38, 34, 30, 27, 24, 21, 18, 16)
_TEXTS = (30, 27, 24, 22, 20, 18, 17, 16, 15, 14, 13, 12, 11)
_SHARES = (0.42, 0.34, 0.27, 0.2)  # of the room that a title may take
_READABLE = 14  # below it the title is made smaller first
_WITH_PICTURE = 13  # the smallest text beside which a picture still finds room
_FONT = "text"


@dataclass(frozen=True)
class _Run:
    x: float
    text: str
    bold: bool
    line: int = 0


@dataclass(frozen=True)
class _Row:
    """One line on the sheet, or one row of a table; `gap` is the space before it."""

    height: float
    runs: tuple[_Run, ...]
    gap: float = 0.0
    rule: bool = False


def poster(sheet: Sheet) -> bytes:
    """Return the poster as a PDF of one page, its text selectable and its fonts embedded."""
    sheet = prepared(sheet)
    pdf = _blank(sheet)
    _draw_head(pdf, sheet)
    y = _draw_label(pdf, sheet, _TOP)
    for share in _SHARES:
        title = _title(pdf, sheet, (_BOTTOM - y) * share)
        room = _BOTTOM - y - title.height
        size, rows, height = _fit(pdf, sheet, room)
        if size >= _READABLE:
            break
    y = _draw_title(pdf, sheet, title, y)
    if height:
        _draw_picture(pdf, sheet.picture, y, height)
        y += height + 6
    _draw_rows(pdf, rows, y, size)
    _draw_foot(pdf, sheet)
    return bytes(pdf.output())


def _blank(sheet: Sheet) -> FPDF:
    from fpdf import FPDF  # with fonttools it takes 20 MB, which only who draws a poster should pay

    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font(_FONT, "", look.REGULAR)
    pdf.add_font(_FONT, "B", look.BOLD)
    pdf.set_title(sheet.title)
    pdf.set_author(sheet.unit)
    pdf.set_lang("vi-VN")
    pdf.set_creator("wardsite")
    pdf.add_page()
    return pdf


def _width(pdf: FPDF, size: float, bold: bool = False) -> look.Measure:
    font = pdf.fonts[_FONT + ("B" if bold else "")]

    def measure(text: str) -> float:
        return float(font.get_text_width(text, size, None)[1]) * _MM

    return measure


def _write(pdf: FPDF, x: float, y: float, text: str, size: float, bold: bool, ink: str) -> None:
    """Write one line; `y` is its upper edge, the letters hang from it."""
    pdf.set_font(_FONT, "B" if bold else "", size)
    pdf.set_text_color(*rgb(ink))
    pdf.text(x, y + size * _MM, text.replace("\u00a0", " "))


def _draw_head(pdf: FPDF, sheet: Sheet) -> None:
    pdf.set_fill_color(*rgb(look.RED if sheet.urgent else sheet.colour))
    pdf.rect(0, 0, _WIDTH, _HEAD, "F")
    pdf.set_fill_color(*rgb(look.GOLD))
    pdf.rect(0, _HEAD, _WIDTH, 1.4, "F")
    x = _MARGIN
    if sheet.logo is not None:
        x += _draw_logo(pdf, sheet.logo) + 5
    room = _WIDTH - _MARGIN - x
    name = sheet.unit
    size = next(s for s in (24, 21, 18, 15, 12) if _width(pdf, s, True)(name) <= room or s == 12)
    lines = wrap(name, room, _width(pdf, size, True))[:2]
    over = wrap(sheet.over, room, _width(pdf, 11))[:1]
    height = len(over) * 6.2 + len(lines) * size * _MM * 1.25
    y = (_HEAD - height) / 2
    for line in over:
        _write(pdf, x, y, line, 11, False, "#e9dfc8")
        y += 6.2
    for line in lines:
        _write(pdf, x, y, line, size, True, "#ffffff")
        y += size * _MM * 1.25


def _draw_logo(pdf: FPDF, file: Path) -> float:
    """Draw the logo into the head; return how wide it is."""
    side = _HEAD - 12
    with Pillow.open(file) as image:
        image.thumbnail((400, 400))
        scale = side / max(image.width, image.height)
        width, height = image.width * scale, image.height * scale
        pdf.image(image.convert("RGBA"), _MARGIN, (_HEAD - height) / 2, width, height)
    return width


@dataclass(frozen=True)
class _Title:
    size: int
    lines: list[str]

    @property
    def leading(self) -> float:
        return self.size * _MM * 1.22

    @property
    def height(self) -> float:
        """With the gold line under it."""
        return len(self.lines) * self.leading + 10


def _draw_label(pdf: FPDF, sheet: Sheet, y: float) -> float:
    """Write what kind of text it is and of what day; return where the title begins."""
    label = f"{sheet.label} · {sheet.day}" if sheet.label and sheet.day else sheet.label
    for text, ink in ((sheet.mark, look.RED), (label, look.GOLD_TEXT)):
        if text:
            _write(pdf, _MARGIN, y, text, 13, True, ink)
            y += 8
    return y + 1.5


def _title(pdf: FPDF, sheet: Sheet, most: float) -> _Title:
    """Return the title as large as fits into `most` mm."""
    words = sheet.title
    for size in _TITLES:
        title = _Title(size, balance(words, _INNER, _width(pdf, size, True)))
        if len(title.lines) * title.leading <= most:
            break
    return title


def _draw_title(pdf: FPDF, sheet: Sheet, title: _Title, y: float) -> float:
    below = y + title.height
    for line in title.lines:
        ink = look.RED if sheet.urgent else sheet.colour
        _write(pdf, _MARGIN, y, line, title.size, True, ink)
        y += title.leading
    pdf.set_fill_color(*rgb(look.GOLD))
    pdf.rect(_MARGIN, y + 3.2, 26, 1.1, "F")
    return below


def _fit(pdf: FPDF, sheet: Sheet, room: float) -> tuple[int, list[_Row], float]:
    """Return the largest size at which all fits, its rows, and the height left for the picture."""
    for size in _TEXTS:
        rows = _rows(pdf, sheet, size)
        height = _height(rows)
        picture = _picture_height(sheet, room - height - 6, size)
        if sheet.picture is not None and size >= _WITH_PICTURE and not picture:
            continue
        if height <= room:
            return size, rows, picture
    return size, _cut_off(pdf, sheet, rows, room, size), 0.0


def _height(rows: Sequence[_Row]) -> float:
    return sum(row.gap + row.height for row in rows)


def _picture_height(sheet: Sheet, left: float, size: int) -> float:
    if sheet.picture is None or size < _WITH_PICTURE or left < 45:
        return 0.0
    with Pillow.open(sheet.picture) as image:
        own = _INNER * image.height / image.width
    return min(own, left, 100.0)


def _cut_off(pdf: FPDF, sheet: Sheet, rows: list[_Row], room: float, size: int) -> list[_Row]:
    last = _Row(size * _MM * 1.42, (_Run(0, sheet.more, True),), size * _MM * 0.6)
    kept: list[_Row] = []
    for row in rows:
        if _height([*kept, row, last]) > room:
            break
        kept.append(row)
    return [*kept, last]


def _rows(pdf: FPDF, sheet: Sheet, size: int) -> list[_Row]:
    rows: list[_Row] = []
    if sheet.lead:
        rows += _lines(pdf, Block("text", sheet.lead), size, bold=True)
    for count, group in groupby(sheet.blocks, key=lambda block: len(block.cells)):
        if count:
            rows += _table(pdf, list(group), size)
        else:
            for block in group:
                rows += _lines(pdf, block, size, bold=block.kind == "heading")
    return rows


def _lines(pdf: FPDF, block: Block, size: int, bold: bool) -> Iterator[_Row]:
    leading = size * _MM * 1.42
    mark = block.mark
    indent = _width(pdf, size)("0. ") * 1.25 if mark else 0.0
    lines = wrap(block.text, _INNER - indent, _width(pdf, size, bold))
    for number, line in enumerate(lines):
        runs = [_Run(indent, line, bold)]
        if number == 0 and mark:
            runs.insert(0, _Run(0, mark, True))
        first = (0.3 if mark else 0.9 if block.kind == "heading" else 0.55) * leading
        yield _Row(leading, tuple(runs), first if number == 0 else 0.0)


def _table(pdf: FPDF, group: Sequence[Block], size: int) -> Iterator[_Row]:
    """Set rows of as many columns each, the columns as wide as what they hold asks for."""
    columns = list(zip(*(block.cells for block in group), strict=True))
    measure = _width(pdf, size, True)
    least = [3 + max(map(measure, " ".join(cells).split(" "))) for cells in columns]
    shares = [min(max(map(len, cells)), 60) or 1 for cells in columns]
    spare = max(0.0, _INNER - sum(least))
    scale = min(1.0, _INNER / sum(least))
    widths = [
        low * scale + spare * share / sum(shares) for low, share in zip(least, shares, strict=True)
    ]
    for block in group:
        yield _cells(pdf, block, widths, size)


def _cells(pdf: FPDF, block: Block, widths: Sequence[float], size: int) -> _Row:
    """Set a row of a table, as high as its longest cell."""
    runs: list[_Run] = []
    x = 0.0
    for cell, width in zip(block.cells, widths, strict=True):
        lines = wrap(cell, width - 3, _width(pdf, size, block.head))
        runs += [_Run(x, text, block.head, line) for line, text in enumerate(lines)]
        x += width
    count = 1 + max((run.line for run in runs), default=0)
    return _Row(count * size * _MM * 1.32 + 2.6, tuple(runs), 0.8, rule=True)


def _draw_rows(pdf: FPDF, rows: Sequence[_Row], y: float, size: int) -> None:
    for row in rows:
        y += row.gap
        for run in row.runs:
            at = y + run.line * size * _MM * 1.32
            _write(pdf, _MARGIN + run.x, at, run.text, size, run.bold, look.INK)
        y += row.height
        if row.rule:
            pdf.set_draw_color(*rgb("#c9c3b2"))
            pdf.set_line_width(0.25)
            pdf.line(_MARGIN, y, _WIDTH - _MARGIN, y)


def _draw_picture(pdf: FPDF, file: Path | None, y: float, height: float) -> None:
    """Draw the middle of the picture over the whole width."""
    if file is None:
        return
    with Pillow.open(file) as image:
        wanted = round(image.width * height / _INNER)
        top = max(0, (image.height - wanted) // 2)
        middle = image.convert("RGB").crop((0, top, image.width, min(image.height, top + wanted)))
    buffer = io.BytesIO()
    middle.save(buffer, "JPEG", quality=88)
    pdf.image(buffer, _MARGIN, y, _INNER, height)


def _draw_foot(pdf: FPDF, sheet: Sheet) -> None:
    top = _HEIGHT - _FOOT
    pdf.set_fill_color(*rgb(look.PAPER))
    pdf.rect(0, top, _WIDTH, _FOOT, "F")
    pdf.set_fill_color(*rgb(look.GOLD))
    pdf.rect(0, top, _WIDTH, 0.8, "F")
    side = _FOOT - 12 if sheet.address else 0.0
    if sheet.address:
        _draw_code(pdf, sheet.address, _WIDTH - _MARGIN - side, top + 6.4, side)
    room = _INNER - side - 8
    y = top + 8.5
    invitation = sheet.invitation if sheet.address else ""
    for text, size, bold, ink in (
        (invitation, 15, True, sheet.colour),
        (sheet.host, 11, False, look.INK),
        *((line, 11, False, look.SOFT) for line in sheet.contact),
    ):
        for line in wrap(text, room, _width(pdf, size, bold))[:2]:
            _write(pdf, _MARGIN, y, line, size, bold, ink)
            y += size * _MM * 1.4
        y += 0.8 if text else 0


def _draw_code(pdf: FPDF, address: str, x: float, y: float, side: float) -> None:
    """Draw the QR code as squares, sharp at any size, on white with the standard's margin."""
    code = segno.make_qr(address, error="m")
    module = side / (len(code.matrix) + 8)
    pdf.set_fill_color(255, 255, 255)
    pdf.rect(x, y, side, side, "F")
    pdf.set_fill_color(0, 0, 0)
    for row, modules in enumerate(code.matrix):
        for first, length in _dark(modules):
            pdf.rect(
                x + (first + 4) * module,
                y + (row + 4) * module,
                length * module,
                module * 1.01,
                "F",
            )


def _dark(modules: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where dark modules begin and how many stand together."""
    first = None
    for column, dark in enumerate([*modules, 0]):
        if dark and first is None:
            first = column
        elif not dark and first is not None:
            yield first, column - first
            first = None
