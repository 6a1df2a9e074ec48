"""What a poster and a picture to pass on have in common: their words, letters and line breaks.

The font is Be Vietnam Pro (SIL Open Font License, `fonts/OFL.txt`), cut down by `script/fonts` to
the letters below. Vietnamese is set from precomposed letters (NFC), so that every mark stands where
the font's designer drew it, without a shaping library.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wardsite.core.outline import Block, held_together

FONTS = Path(__file__).with_name("fonts")
REGULAR = FONTS / "BeVietnamPro-Regular.ttf"
BOLD = FONTS / "BeVietnamPro-Bold.ttf"

LETTERS = (
    (0x20, 0x7E), (0xA0, 0xFF), (0x102, 0x103), (0x110, 0x111), (0x128, 0x129), (0x160, 0x161),
    (0x168, 0x169), (0x17D, 0x17E), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1EA0, 0x1EF9),
    (0x2013, 0x2014), (0x2018, 0x201A), (0x201C, 0x201E), (0x2020, 0x2022), (0x2026, 0x2026),
    (0x2030, 0x2030), (0x2039, 0x203A), (0x20AB, 0x20AC), (0x2122, 0x2122), (0x2212, 0x2212),
    (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265),
)  # fmt: skip
"""First and last code point of each range that the fonts hold."""

PAPER, INK, SOFT, GOLD, GOLD_TEXT, RED = (
    "#fbf7ec", "#14242c", "#46555c", "#d8b36a", "#6b4a0c", "#9b1c1c",
)  # fmt: skip

_MOST_SIGNS, _MOST_BLOCKS = 6000, 80
"""More of a text than a sheet of A4 can hold, so that a long one takes no longer to set."""
_LONGEST_CELL, _LONGEST_LINE = 1000, 600

Measure = Callable[[str], float]
"""Width of a line of text, in whatever unit the drawing has; the sum of its letters' widths."""


@dataclass(frozen=True)
class Sheet:
    """What is to be drawn. `address` is where the code leads; empty: no code is drawn.

    `colour` is the site's own (CSS hex), `picture` and `logo` are files, `mark` is a word
    in red that says what the sheet is not (a draft).
    """

    unit: str
    title: str
    label: str = ""
    lead: str = ""
    blocks: Sequence[Block] = ()
    day: str = ""
    over: str = ""
    contact: tuple[str, ...] = ()
    address: str = ""
    invitation: str = ""
    more: str = ""
    mark: str = ""
    colour: str = "#0a3040"
    urgent: bool = False
    picture: Path | None = None
    logo: Path | None = None
    host: str = ""


def prepared(sheet: Sheet) -> Sheet:
    """Return the sheet with every word of it printable, and no more of the text than can fit."""
    blocks: list[Block] = []
    left = _MOST_SIGNS
    for block in sheet.blocks[:_MOST_BLOCKS]:
        if left <= 0:
            break
        cells = tuple(printable(cell[:_LONGEST_CELL]) for cell in block.cells)
        blocks.append(replace(block, text=printable(block.text[:left]), cells=cells))
        left -= len(block.text) + sum(map(len, cells))
    names = ("unit", "label", "lead", "day", "over", "invitation", "more", "mark", "host")
    words: dict[str, Any] = {
        name: printable(getattr(sheet, name)[:_LONGEST_LINE]) for name in names
    }
    words["title"] = printable(sheet.title[:_LONGEST_LINE], heading=True)
    contact = tuple(printable(line[:_LONGEST_LINE]) for line in sheet.contact)
    return replace(sheet, **words, contact=contact, blocks=blocks)


def printable(text: str, heading: bool = False) -> str:
    """Return text in the letters that the fonts have, bound for line breaking.

    A letter they lack gives way to its plain form (ş to s), any other sign to a space.
    """
    kept = "".join(map(_letter, unicodedata.normalize("NFC", text)))
    return held_together(" ".join(kept.split()), heading)


def _letter(char: str) -> str:
    if _has(char):
        return char
    plain = [part for part in unicodedata.normalize("NFKD", char) if _has(part)]
    return "".join(plain) or ("-" if unicodedata.category(char) == "Pd" else " ")


def _has(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in LETTERS)


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """Break text into lines no wider than `width`; what is too long for a line is cut inside."""
    lines: list[str] = []
    line, used, space = "", 0.0, measure(" ")
    for word in filter(None, text.split(" ")):
        wide = measure(word)
        if line and used + space + wide <= width:
            line, used = f"{line} {word}", used + space + wide
            continue
        if line:
            lines.append(line)
        *full, line = [word] if wide <= width else _cut(word, width, measure)
        lines += full
        used = measure(line)
    return [*lines, line] if line else lines


def balance(text: str, width: float, measure: Measure) -> list[str]:
    """Break a heading into as few lines as `wrap` does, but of about the same length."""
    best = wrap(text, width, measure)
    low, high = width / 2, width
    while len(best) > 1 and high - low > width / 100:
        middle = (low + high) / 2
        lines = wrap(text, middle, measure)
        if len(lines) > len(best):
            low = middle
        else:
            best, high = lines, middle
    return best


def rgb(colour: str) -> tuple[int, int, int]:
    """Return `#rrggbb` as three numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _cut(word: str, width: float, measure: Measure) -> list[str]:
    """Cut an address, or words held together, that no line can hold."""
    if "\u00a0" in word:
        return wrap(word.replace("\u00a0", " "), width, measure)
    pieces, used = [""], 0.0
    for char in word:
        wide = measure(char)
        if pieces[-1] and used + wide > width:
            pieces.append("")
            used = 0.0
        pieces[-1] += char
        used += wide
    return pieces
