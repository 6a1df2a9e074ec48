"""What a query says of an official document as people cite it: its number and its day.

`Công văn số 1208/UBND-VHTT ngày 12/8/2020` means one document. Taken as words that must all be
found it means none: no document holds the word `số`, or its day as it was typed. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from wardsite.core.official_document import ABBREVIATIONS, NAMES
from wardsite.core.search import MAX_QUERY, Term, parse
from wardsite.core.text import drop_invisible, fold

_SHORT = {kind: fold(short) for short, kind in ABBREVIATIONS.items()}
# What stands before a number → what of it stands in the number: a letter and a law have no kind.
_KINDS = {fold(name): _SHORT.get(kind, "") for name, kind in NAMES.items()}
_KINDS |= dict.fromkeys(("van ban", "cong van", "cv", "luat"), "")
_KIND = rf"(?:\b(?P<kind>{'|'.join(sorted(_KINDS, key=len, reverse=True))})\s+)?"
_DAY = re.compile(
    rf"{_KIND}(?:\bngay\s+)?(?<![\d/.-])(?P<day>\d{{1,2}})"
    r"(?:\s?(?P<mark>[/.-])\s?(?P<month>\d{1,2})\s?(?P=mark)\s?"
    r"|\s+thang\s+(?P<named>\d{1,2})\s+(?:nam\s+)?)"
    r"(?P<year>[12]\d{3})(?![\d/-])"
)
_NUMBER = re.compile(
    rf"{_KIND}"
    r"(?P<so>\bso\s*[:.]?\s*)?"
    r"\b(?P<number>\d{1,6}[a-z]{0,3}(?P<symbol>\s?[/-]\s?[\w/&.-]*[a-z][\w/&.-]*)?)"
)


@dataclass(frozen=True)
class Citation:
    """A document as it is cited.

    `number`: the words of its number, empty when only a day was named. `whole`: the number has its
    symbol, so that it means one document. `rest`: all that must be found besides the day, the
    number included. `days`: the day in each way in which a text may spell it, as phrases.
    """

    number: tuple[Term, ...]
    whole: bool
    rest: tuple[Term, ...]
    day: date | None
    days: tuple[Term, ...] = ()


def cited(text: str) -> Citation | None:
    """Return how a query cites a document, or None when it names neither a number nor a day.

    A number alone without `/`, `số`, kind or day (`5K`, `lớp 1`) cites nothing. A kind before a
    number becomes the abbreviation in the number: `quyết định 15` means `15/QĐ-…`.
    """
    asked = fold(drop_invisible(text[: MAX_QUERY * 4])[:MAX_QUERY])
    day, dated = None, _DAY.search(asked)
    if dated is not None and (day := _day(dated)) is not None:
        asked = f"{asked[: dated.start()]} {asked[dated.end() :]}"
    named = next((found for found in _NUMBER.finditer(asked) if _is_number(found, day)), None)
    if named is None:
        return None if day is None else Citation((), False, parse(asked).terms, day, _spelled(day))
    number = " ".join((_KINDS.get(named["kind"] or "", ""), "".join(named["number"].split())))
    rest = f"{asked[: named.start()]} {number} {asked[named.end() :]}"
    return Citation(
        number=_whole_words(number),
        whole=named["symbol"] is not None,
        rest=parse(rest).terms,
        day=day,
        days=() if day is None else _spelled(day),
    )


def _is_number(found: re.Match[str], day: date | None) -> bool:
    return bool(found["symbol"] or found["kind"] or found["so"] or day)


def _whole_words(text: str) -> tuple[Term, ...]:
    return tuple(Term(term.folded, term.exact) for term in parse(text).terms)


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), int(found["month"] or found["named"]), int(found["day"]))
    except ValueError:
        return None


def _spelled(day: date) -> tuple[Term, ...]:
    """Return `12 8 2020` and `12 thang 8 nam 2020`, with and without leading zeros."""
    spellings = [
        words
        for first in dict.fromkeys((f"{day.day}", f"{day.day:02}"))
        for month in dict.fromkeys((f"{day.month}", f"{day.month:02}"))
        for words in ((first, month, f"{day.year}"), (first, "thang", month, "nam", f"{day.year}"))
    ]
    return tuple(Term(words, words) for words in spellings)
