"""A cleaned text as a row of blocks, for what is drawn on paper instead of shown by a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from typing import Literal

from wardsite.core.markup import sanitize
from wardsite.core.typography import bind_markup

Kind = Literal["text", "heading", "item", "row"]

_BOUND = re.compile(r'<span class="nb">([^<]*)</span>')
_HEADINGS = frozenset({"h2", "h3", "h4"})
_LISTS = frozenset({"ul", "ol"})
_BREAKS = frozenset({"p", "li", "blockquote", "figure", "figcaption", "caption", "br", "hr", "tr"})
_GAP = re.compile(r"\s+")


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading, an item of a list with its `mark`, or the cells of a table's row."""

    kind: Kind
    text: str = ""
    mark: str = ""
    cells: tuple[str, ...] = ()
    head: bool = False


def outline(html: str) -> list[Block]:
    """Return the blocks of a text in reading order; pictures are left out.

    Raises MarkupTooLargeError for what no post may hold either.
    """
    reader = _Outliner()
    reader.feed(sanitize(html))
    reader.close()
    reader.end_block()
    return reader.blocks


def held_together(text: str, compounds: bool = False) -> str:
    """Return plain text in which what belongs on one line is joined by no-break spaces.

    `compounds`: it is a heading, where common words of two syllables stay whole too.
    """
    bound = bind_markup(escape(text, quote=False), compounds)
    return unescape(_BOUND.sub(lambda held: held[1].replace(" ", "\u00a0"), bound))


class _Outliner(HTMLParser):
    """Reads what `sanitize` wrote: every tag closed, none unknown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._words: list[str] = []
        self._kind: Kind = "text"
        self._mark = ""
        self._counters: list[int | None] = []
        self._cells: list[str] | None = None
        self._head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.end_block()
            self._cells, self._head = [], False
        elif tag in ("td", "th"):
            self._words = []
            self._head = self._head or (tag == "th" and not self._cells)
        elif self._cells is not None:
            self._words.append(" ")
        else:
            self._begin(tag, dict(attrs))

    def _begin(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag in _HEADINGS | _LISTS | _BREAKS:
            self.end_block()
        if tag in _HEADINGS:
            self._kind = "heading"
        elif tag in _LISTS:
            self._counters.append(int(attrs.get("start") or 1) if tag == "ol" else None)
        elif tag == "li" and self._counters:
            number = self._counters[-1]
            self._mark = "•" if number is None else f"{number}."
            self._counters[-1] = None if number is None else number + 1
            self._kind = "item"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cells is not None:
            self._cells.append(self._take())
        elif tag == "tr" and self._cells is not None:
            if any(self._cells):
                self.blocks.append(Block("row", cells=tuple(self._cells), head=self._head))
            self._cells = None
        elif self._cells is None and tag in _HEADINGS | _LISTS | _BREAKS:
            self.end_block()
            if tag in _LISTS and self._counters:
                self._counters.pop()

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def end_block(self) -> None:
        """Close the block being read; an item's mark waits for its first words."""
        text = self._take()
        if not text:
            return
        self.blocks.append(Block(self._kind, text, self._mark))
        self._kind, self._mark = "text", ""

    def _take(self) -> str:
        text = _GAP.sub(" ", "".join(self._words)).strip()
        self._words = []
        return text
