"""The audit as lines for a terminal, none of them longer than it is wide."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from gettext import gettext as _

from wardsite.core.findings import Audit, UnitVerdict
from wardsite.parent.report import standing, summary_lines, to_mend, to_watch
from wardsite.parent.wording import printable

_LEAST_NAME, _LONGEST_NAME = 12, 48
_Row = tuple[str, str, str, str]


def terminal_lines(audit: Audit, width: int) -> Iterator[str]:
    """Yield a table of the units, then what each has to mend, then the sums.

    `width` is that of the terminal, in columns.
    """
    yield from _table([_row(unit) for unit in audit.units], width)
    for unit in audit.units:
        lines = [("✗", line) for line in to_mend(unit)] + [("!", line) for line in to_watch(unit)]
        if lines and unit.visited:
            yield ""
            yield f"{printable(unit.name)} – {printable(unit.url)}"
            for mark, line in lines:
                yield from _wrapped(line, width, f"  {mark} ", "    ")
    yield ""
    for line in summary_lines(audit):
        yield from _wrapped(line, width)


def _row(unit: UnitVerdict) -> _Row:
    return (
        printable(unit.name, _LONGEST_NAME),
        standing(unit),
        f"{unit.on_show}/{unit.told}" if unit.told else "–",
        str(unit.revision) if unit.revision is not None else "–",
    )


def _wrapped(line: str, width: int, first: str = "", later: str = "") -> list[str]:
    """Break a line between words; an address stays whole, so that it can be clicked."""
    return textwrap.wrap(
        line,
        max(width, 20),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(rows: Sequence[_Row], width: int) -> Iterator[str]:
    head: _Row = (_("Unit"), _("Assessment"), _("Displayed"), _("Revision"))
    widths = [max(_columns(row[at]) for row in (head, *rows)) for at in range(len(head))]
    # The name yields; verdict and figures never do.
    room = width - sum(widths[1:]) - 2 * (len(head) - 1)
    widths[0] = max(min(widths[0], room), _LEAST_NAME)
    for row in (head, tuple("─" * wide for wide in widths), *rows):
        cells = (_cell(cell, wide) for cell, wide in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _cell(text: str, width: int) -> str:
    if _columns(text) > width:
        while _columns(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    marks = sum(unicodedata.combining(char) != 0 for char in text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) - marks + wide
