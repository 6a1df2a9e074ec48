"""What a search means: words of a text, what a query asks for, where it is found, near misses.

Pure, and the same for every database: a store only keeps the words made here and looks them up.

- Words are runs of letters or runs of digits, folded (`core.text.fold`): `Covid-19` and `covid19`
  are both `covid` `19`, and `1979/STTTT-TTĐT` is found by `1979/STTTT-TTDT`.
- Beside its folded form each word has an exact one, which keeps the marks but not where the tone is
  written: `hòa` and `hoà` are one word, `hoa` is another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wardsite.core.text import drop_invisible, fold, nfc

MAX_QUERY = 200  # characters of a query that are read
MAX_TERMS = 12
MAX_WORDS = 150_000  # words of one text that are indexed, some 300 pages
_LOOKED_AT = 200_000  # characters of a text in which a snippet is sought
_MAX_WORD = 60  # a database has a limit for one word; no word has
_LEAST_PREFIX = 2
_LEAST_SLIP = 3

_WORD = re.compile(r"[^\W\d_]+|\d+")
_CHUNK = re.compile(r'"([^"]*)"|([^\s"]+)')
_QUOTES = str.maketrans("“”„«»‟", '""""""')
# The five tones, each by a letter that no Vietnamese word holds.
_TONES = {"\u0300": "α", "\u0301": "β", "\u0303": "γ", "\u0309": "δ", "\u0323": "ε"}
_D_LOOKALIKES = str.maketrans("ðɖ", "đđ")
_VNI = re.compile(r"[a-z]+(?:[1-9][a-z]*)+")
_TELEX_TONE = re.compile(r"(?<=[aeiouy])([a-z]*?)[sfrxj](?=(?:ng|nh|ch|[cmnpt])?$)")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Word:
    """A word of a text: its place in it, its folded and its exact form."""

    start: int
    end: int
    folded: str
    exact: str


@dataclass(frozen=True)
class Term:
    """Words that must stand side by side, in this order; `prefix`: the last may go on."""

    folded: tuple[str, ...]
    exact: tuple[str, ...]
    prefix: bool = False

    @property
    def marked(self) -> bool:
        """Whether the term was typed with marks, so that matches with the same come first."""
        return self.folded != self.exact


@dataclass(frozen=True)
class Query:
    """What is looked for: every term must be found. Without terms nothing is."""

    terms: tuple[Term, ...]

    @property
    def open_ended(self) -> bool:
        """Whether the last word may be a beginning only."""
        return any(term.prefix for term in self.terms)

    @property
    def phrase(self) -> Term | None:
        """All the words as one term, when there is more than one term; else None."""
        if len(self.terms) < 2:
            return None
        folded = tuple(word for term in self.terms for word in term.folded)
        exact = tuple(word for term in self.terms for word in term.exact)
        return Term(folded, exact)


def words(text: str) -> list[Word]:
    """Return the words of an NFC text, in order, with their places in it."""
    folded = fold(text)
    return [
        Word(
            found.start(),
            found.end(),
            found[0][:_MAX_WORD],
            exact_form(text[found.start() : found.end()])[:_MAX_WORD],
        )
        for found in _WORD.finditer(folded)
    ]


def folded_words(text: str) -> str:
    """Return the folded words of an NFC text with one space between: `Covid-19:` is `covid 19`."""
    return " ".join(word.folded for word in words(text))


@lru_cache(maxsize=4096)
def exact_form(word: str) -> str:
    """Return a word in small letters with its marks, the tone moved to its end."""
    if word.isascii():
        return word.lower()
    tone, letters = "", []
    for char in unicodedata.normalize("NFD", word.lower().translate(_D_LOOKALIKES)):
        if char in _TONES:
            tone = _TONES[char]
        else:
            letters.append(char)
    return "".join(char for char in nfc("".join(letters)) + tone if char.isalnum())


def parse(text: str) -> Query:
    """Return what a query asks for; any text is a query.

    Words in quotes stand side by side; so do words written without a gap (`1208/UBND-VHTT`).
    """
    clean = drop_invisible(text[: MAX_QUERY * 4])[:MAX_QUERY].translate(_QUOTES)
    terms: list[Term] = []
    for found in _CHUNK.finditer(clean):
        quoted = found[1] is not None
        chunk = words(found[1] if quoted else found[2])
        if chunk:
            terms.append(Term(tuple(w.folded for w in chunk), tuple(w.exact for w in chunk)))
            last_is_open = not quoted and len(chunk[-1].folded) >= _LEAST_PREFIX
    if not terms:
        return Query(())
    kept = list(dict.fromkeys(terms[:MAX_TERMS]))
    if last_is_open and kept[-1] == terms[-1]:
        kept[-1] = Term(kept[-1].folded, kept[-1].exact, prefix=True)
    return Query(tuple(kept))


def _term_at(term: Term, text: list[Word], place: int) -> bool:
    """Tell whether the term is found at this word, marks aside."""
    here = text[place : place + len(term.folded)]
    if len(here) < len(term.folded):
        return False
    *whole, last = term.folded
    if any(word.folded != wanted for word, wanted in zip(here, whole, strict=False)):
        return False
    found = here[-1].folded
    return found == last or (term.prefix and found.startswith(last))


def is_found(query: Query, text: str) -> bool:
    """Tell whether every term of a query stands in a short NFC text, marks aside."""
    there = words(text)
    return bool(query.terms) and all(
        any(_term_at(term, there, place) for place in range(len(there))) for term in query.terms
    )


def _spans(query: Query, text: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield the places in the text of everything the query finds, in order, merged."""
    marked = [False] * len(text)
    for place in range(len(text)):
        for term in query.terms:
            if _term_at(term, text, place):
                marked[place : place + len(term.folded)] = [True] * len(term.folded)
    for place, word in enumerate(text):
        if marked[place]:
            yield word.start, word.end


def highlight(query: Query, text: str) -> list[tuple[str, bool]]:
    """Return the NFC text in pieces, each with whether the query found it."""
    return _pieces(text, _spans(query, words(text)))


def snippet(query: Query, text: str, length: int = 220) -> list[tuple[str, bool]]:
    """Return the part of an NFC text that shows the most of what was found, in pieces.

    About `length` characters, cut between words; `…` where something is left out.
    """
    skipped = _place_in_long_text(query, text)
    text = text[skipped:]
    spans = list(_spans(query, words(text[:_LOOKED_AT])))
    start = _best_start(spans, text, length)
    end = start + length
    if start > 0:
        start = text.rfind(" ", 0, start) + 1
    if end < len(text):
        gap = text.rfind(" ", start, end)
        end = gap if gap > start else end
    inside = [(a - start, b - start) for a, b in spans if a >= start and b <= end]
    pieces = _pieces(text[start:end].replace("\n", " "), inside)
    if start > 0 or skipped:
        pieces.insert(0, ("… ", False))
    if end < len(text):
        pieces.append((" …", False))
    return pieces


def _place_in_long_text(query: Query, text: str) -> int:
    """Return how much of a long text to pass over, so that what was found lies in the rest."""
    if len(text) <= _LOOKED_AT:
        return 0
    folded = fold(text)
    sought = (r"\b" + r"[\W_]*".join(map(re.escape, term.folded)) for term in query.terms)
    places = [found.start() for pattern in sought if (found := re.search(pattern, folded))]
    last = max(places, default=0)
    return 0 if last < _LOOKED_AT // 2 else text.rfind(" ", 0, last - 500) + 1


def _best_start(spans: list[tuple[int, int]], text: str, length: int) -> int:
    """Return where to begin so that the most distinct words found are shown; 0 when none is."""
    if len(text) <= length:
        return 0
    best, best_start = 0, 0
    for first, (start, _) in enumerate(spans[:200]):
        shown = {fold(text[a:b]) for a, b in spans[first : first + 40] if b <= start + length - 40}
        if len(shown) > best:
            best, best_start = len(shown), start
    return max(0, best_start - 40)


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    pieces, at = [], 0
    for start, end in spans:
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start:end], True))
        at = end
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces


def slips(word: str) -> set[str]:
    """Return every folded word that is one letter away: missing, extra, wrong, or two swapped."""
    if len(word) < _LEAST_SLIP or len(word) > 24 or not word.isascii() or not word.isalpha():
        return set()
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    near = {head + tail[1:] for head, tail in cuts if tail}
    near |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    for letter in _ALPHABET:
        near |= {head + letter + tail[1:] for head, tail in cuts if tail}
        near |= {head + letter + tail for head, tail in cuts}
    return near - {word, ""}


def joined(spelled: Sequence[str]) -> list[str]:
    """Return queries with two neighbours written as one word, each pair in turn."""
    return [
        " ".join((*spelled[:at], spelled[at] + spelled[at + 1], *spelled[at + 2 :]))
        for at in range(len(spelled) - 1)
    ]


def without_keys(text: str) -> str:
    """Return what was meant by a query typed with the Vietnamese keyboard off; folded.

    Telex (`thoong baos`) and VNI (`tho6ng ba1o`) leave their keys among the letters. It is a guess:
    `covid19` gives `covid`.
    """
    return " ".join(_without_keys(word) for word in fold(text[:MAX_QUERY]).split())


def _without_keys(word: str) -> str:
    if _VNI.fullmatch(word):
        return re.sub("[1-9]", "", word)
    if not word.isascii() or not word.isalpha():
        return word
    bare = re.sub("(dd|aa|ee|oo)", lambda found: found[0][0], word)
    bare = re.sub("(?<=[aeiouy])w|^w(?=[a-z])", "", bare)
    return _TELEX_TONE.sub(r"\1", bare, count=1)
