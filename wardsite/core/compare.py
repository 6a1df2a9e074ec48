"""What changed between two texts, block by block and word by word, for people to read."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from wardsite.core.markup import plain_text

Kind = Literal["same", "removed", "added"]

MAX_BLOCKS = 3000  # of each text; what lies behind is compared as one block
MAX_WORDS = 400  # of a block; longer ones are shown whole, before and after
_WORDS = re.compile(r"\s+|[^\s]+")
_IMAGE = re.compile(r"<img\b[^>]*>")
_ALT = re.compile(r'\balt="([^"]*)"')


@dataclass(frozen=True)
class Piece:
    """Some words of a block, and whether they are in both texts or in one."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list item or table row in its two forms, told apart by its pieces."""

    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Tell whether the block differs at all."""
        return any(piece.kind != "same" for piece in self.pieces)


def blocks_of(body_html: str) -> list[str]:
    """Return the text of each block of cleaned HTML; a picture counts as a block of its own."""
    marked = _IMAGE.sub(_picture_words, body_html)
    blocks = plain_text(marked).split("\n")
    if len(blocks) > MAX_BLOCKS:
        blocks[MAX_BLOCKS:] = [" ".join(blocks[MAX_BLOCKS:])]
    return [block for block in blocks if block]


def compare(before: str, after: str) -> list[Block]:
    """Return the blocks of two cleaned HTML texts in reading order, with what changed marked."""
    old, new = blocks_of(before), blocks_of(after)
    found: list[Block] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found += [Block((Piece("same", block),)) for block in old[a:b]]
        else:
            found += [_pair(*pair) for pair in zip_longest(old[a:b], new[c:d])]
    return found


def _pair(old: str | None, new: str | None) -> Block:
    if old is None or new is None:
        return Block((Piece("added", new or ""),) if old is None else (Piece("removed", old),))
    return Block(compare_line(old, new))


def compare_line(old: str, new: str) -> tuple[Piece, ...]:
    """Return one line's pieces, word by word; unlike lines are shown whole, one after the other."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    whole = (Piece("removed", old), Piece("added", new))
    if len(a) > MAX_WORDS or len(b) > MAX_WORDS:
        return whole
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < 0.4:
        return tuple(piece for piece in whole if piece.text)
    pieces: list[Piece] = []
    removed = added = ""
    for kind, i, j, k, n in [*matcher.get_opcodes(), ("equal", len(a), len(a), len(b), len(b))]:
        same = "".join(a[i:j])
        if kind == "equal" and not same.isspace():
            pieces += [Piece("removed", removed), Piece("added", added), Piece("same", same)]
            removed = added = ""
        else:
            # A space between two changed words belongs to both: they are read as one change.
            removed, added = removed + same, added + "".join(b[k:n])
    return tuple(piece for piece in pieces if piece.text)


def _picture_words(found: re.Match[str]) -> str:
    alt = _ALT.search(found[0])
    words = html.unescape(alt[1]) if alt else ""
    return f"<p>[{html.escape(words) or '…'}]</p>"
