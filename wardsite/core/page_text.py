"""The words of a page in one string, and where each of them stands."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from wardsite.core.page import Element, is_block

_MAX_HITS, _MAX_HOLDERS = 30, 200
_UNSEEN = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"\s+")


@dataclass
class Text:
    """The words of a page as one folded string, and which element each piece stands in."""

    words: str
    starts: list[int]
    holders: list[Element]

    @classmethod
    def of(cls, top: Element) -> Text:
        """Gather the words inside `top`, blocks apart from each other."""
        pieces: list[str] = []
        starts: list[int] = []
        holders: list[Element] = []
        length = 0
        for holder, node in contents(top):
            if isinstance(node, Element):
                node = " " if is_block(node) else ""
            piece = folded(node, keep_ends=True)
            if not pieces or pieces[-1].endswith(" "):
                piece = piece.lstrip(" ")
            if piece:
                starts.append(length)
                holders.append(holder)
                pieces.append(piece)
                length += len(piece)
        return cls("".join(pieces), starts, holders)

    def find(self, pattern: re.Pattern[str], *, alone: bool = False) -> list[list[Element]]:
        """Return, for each place where `pattern` is found, the elements that hold its pieces.

        `alone`: no digit of the same piece may touch it, or it is part of another number.
        """
        hits = []
        for match in islice(pattern.finditer(self.words), _MAX_HITS):
            first = bisect_right(self.starts, match.start()) - 1
            last = bisect_right(self.starts, max(match.end() - 1, 0)) - 1
            if not (alone and self._touches_digits(match, first, last)):
                hits.append(self.holders[first : last + 1][:_MAX_HOLDERS])
        return hits

    def _touches_digits(self, match: re.Match[str], first: int, last: int) -> bool:
        end = self.starts[last + 1] if last + 1 < len(self.starts) else len(self.words)
        before = self.words[max(match.start() - 1, self.starts[first]) : match.start()]
        after = self.words[match.end() : min(match.end() + 1, end)]
        return before.isdigit() or after.isdigit()


def contents(top: Element) -> Iterator[tuple[Element, Element | str]]:
    """Yield (holder, text) and (parent, element) in order; blocks are followed by a blank."""
    waiting: list[tuple[Element, Element | str]] = [
        (top, child) for child in reversed(top.children)
    ]
    while waiting:
        holder, node = waiting.pop()
        yield holder, node
        if isinstance(node, Element):
            if is_block(node):
                waiting.append((node, " "))
            waiting += [(node, child) for child in reversed(node.children)]


def folded(text: str, *, keep_ends: bool = False) -> str:
    """Fold case, Unicode form and blanks, so that the same words compare equal."""
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    text = _BLANKS.sub(" ", text.casefold())
    return text if keep_ends else text.strip()
