"""Official documents and files that stand within a text, where residents see them as cards.

What is stored is `<figure><a href="/van-ban/…">words</a></figure>`: to all that knows nothing of
cards (the search, a poster, an old copy) a link with its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_EMBEDDED = re.compile(
    r'<figure><a href="/(?:van-ban/(?P<slug>[^/?#"]+)|tep/(?P<file>[0-9]{1,18})/[^/?#"]+)">'
    r"(?P<words>[^<]+)</a></figure>"
)


@dataclass(frozen=True)
class Embedded:
    """A place in a text: the `slug` of a document or the number of a `file`; `words` is HTML."""

    words: str
    slug: str = ""
    file: int = 0


def pieces(html: str) -> list[str | Embedded]:
    """Return cleaned HTML (as `markup.sanitize` writes it) cut at what is embedded, in order."""
    cut: list[str | Embedded] = []
    end = 0
    for found in _EMBEDDED.finditer(html):
        embedded = Embedded(found["words"], found["slug"] or "", int(found["file"] or 0))
        cut += [html[end : found.start()], embedded]
        end = found.end()
    return [*cut, html[end:]]


def slugs(cut: Iterable[str | Embedded]) -> set[str]:
    """Return the addresses of the documents embedded in what `pieces` returned."""
    return {piece.slug for piece in cut if isinstance(piece, Embedded) and piece.slug}


def files(cut: Iterable[str | Embedded]) -> set[int]:
    """Return the numbers of the files embedded in what `pieces` returned."""
    return {piece.file for piece in cut if isinstance(piece, Embedded) and piece.file}


def file_numbers(html: str) -> set[int]:
    """Return the numbers of the files embedded in cleaned HTML."""
    return files(pieces(html))
