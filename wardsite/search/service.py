"""Searching: the one question the site asks of the index. Writing is `search.index`.

Order of what is found: a document with that number, or of that day; then the very words as they
were typed, with or without marks; then the words whatever their marks; then words that only begin
so; then what is of the day that was named, or spells it otherwise. Within each, titles before texts
and new before old.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, or_, select

from wardsite.core.citation import Citation, cited
from wardsite.core.search import (
    Query,
    Term,
    highlight,
    joined,
    parse,
    slips,
    snippet,
    without_keys,
    words,
)
from wardsite.core.text import fold
from wardsite.core.vi import TIMEZONE
from wardsite.extensions import db
from wardsite.models import SearchEntry
from wardsite.search.index import KINDS, Entry, index, part_of, rebuild, remove, searchable
from wardsite.search.store import Ask, Store, first_id, store_of

__all__ = [
    "KINDS",
    "Entry",
    "Filter",
    "Hit",
    "Results",
    "find",
    "found",
    "index",
    "part_of",
    "public_entries",
    "public_pages",
    "rebuild",
    "remove",
    "searchable",
    "suggestion",
]

PAGE_SIZE = 20
MOST_FOUND = 200
_FAR = 2**62
_DOCUMENTS = ("document", "directive")
Pieces = list[tuple[str, bool]]


@dataclass(frozen=True)
class Filter:
    """What a search is narrowed to; moments are aware, the end exclusive. Empty means all."""

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Hit:
    """One result: title and snippet in pieces, each with whether it is what was looked for."""

    entry: SearchEntry
    title: Pieces
    snippet: Pieces


@dataclass(frozen=True)
class Results:
    """A page of results. `total` is at most MOST_FOUND; `more` tells that it was cut there."""

    hits: list[Hit]
    number: int
    last: int
    total: int
    more: bool


def find(
    text: str,
    now: datetime,
    gates: Collection[str],
    chosen: Filter | None = None,
    number: int = 1,
) -> Results:
    """Return what is public at `now` and matches; a page beyond the last is the last one.

    `gates` names what the centre mandates now, see `Entry.gate`. Any text is a query; none fails.
    """
    query = parse(text)
    numbers = _ranked(text, now, gates, chosen or Filter())
    more, numbers = len(numbers) > MOST_FOUND, numbers[:MOST_FOUND]
    last = max(1, -(-len(numbers) // PAGE_SIZE))
    number = min(max(number, 1), last)
    shown = numbers[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    hits = [_hit(query, entry) for entry in _entries(shown)]
    return Results(hits, number, last, len(numbers), more)


def found(text: str, now: datetime, gates: Collection[str], chosen: Filter) -> list[int]:
    """Return the row ids of what is found, best first: for lists that a room draws itself.

    `chosen` should name kinds of one table. At most MOST_FOUND.
    """
    entries = _entries(_ranked(text, now, gates, chosen)[:MOST_FOUND])
    return [int(entry.owner.partition(":")[2]) for entry in entries]


def public_pages(now: datetime, gates: Collection[str], most: int) -> list[tuple[str, datetime]]:
    """Return path and time of every page of this site that can be found now, newest first.

    What is part of a page (`/lich#work`) is not one.
    """
    whole = ~SearchEntry.url.contains("#")
    query = select(SearchEntry.url, SearchEntry.at).where(*_public(now, gates), whole)
    rows = db.session.execute(query.order_by(SearchEntry.id.desc()).limit(most))
    return [(url, at) for url, at in rows]


def public_entries(now: datetime, gates: Collection[str], most: int) -> list[SearchEntry]:
    """Return everything of this site that can be found now, newest first, without headlines."""
    query = select(SearchEntry).where(*_public(now, gates))
    return list(db.session.scalars(query.order_by(SearchEntry.id.desc()).limit(most)))


def _public(now: datetime, gates: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    row = SearchEntry
    return (
        row.kind != "headline",
        or_(row.visible_from.is_(None), row.visible_from <= now),
        or_(row.visible_to.is_(None), row.visible_to > now),
        or_(row.gate == "", row.gate.in_(list(gates))),
    )


def suggestion(
    text: str, now: datetime, gates: Collection[str], chosen: Filter | None = None
) -> str:
    """Return another query that finds something where this one finds nothing, or nothing.

    First as typed with the keyboard switched to Vietnamese, then with two words written as one
    (`smart city`), then with a slip of one letter mended, else with one word less.
    """
    query = parse(text)
    connection = db.session.connection()
    store = store_of(connection)
    typed = (bare,) if (bare := without_keys(text)) != fold(text) else ()
    others = (*_joined(query, store, connection), *_mended(query, store, connection))
    for other in (*typed, *others, *_shorter(query)):
        results = find(other, now, gates, chosen)
        if results.total:
            return _as_spelled(other, results.hits[0])
    return ""


def _ranked(text: str, now: datetime, gates: Collection[str], chosen: Filter) -> list[int]:
    query = parse(text)
    if not query.terms:
        return []
    connection = db.session.connection()
    store = store_of(connection)
    ask = Ask(
        terms=query.terms,
        field="any",
        exact=False,
        prefix=False,
        kinds=tuple(kind for kind in chosen.kinds if kind in KINDS),
        low=first_id(chosen.since) if chosen.since else -_FAR,
        high=first_id(chosen.until) - 1 if chosen.until else _FAR,
        now=now,
        gates=tuple(sorted(gates)),
        limit=MOST_FOUND + 1,
    )
    citation = cited(text)
    looks = _looks(query, ask)
    if citation is not None:
        looks = [looks[0], *_as_cited(citation, ask), *looks[1:], *_around(citation, ask)]
    found: dict[int, None] = {}
    for look in looks:
        found.update(dict.fromkeys(store.find(connection, look)))
        if len(found) > MOST_FOUND:
            break
    return list(found)


def _looks(query: Query, ask: Ask) -> list[Ask]:
    """Return the looks into the index, the best kind of match first."""
    phrase = (query.phrase,) if query.phrase else ()
    looks = [replace(ask, field="code")]
    for exact in (True, False):
        looks.append(replace(ask, field="title", exact=exact))
        if phrase:
            looks.append(replace(ask, exact=exact, terms=phrase))
        looks.append(replace(ask, exact=exact))
    if query.open_ended:
        looks += [replace(ask, field="title", prefix=True), replace(ask, prefix=True)]
    return looks


def _as_cited(citation: Citation, ask: Ask) -> list[Ask]:
    """Return the looks for the very document that is cited: of that day first, then of any."""
    by_number = [replace(ask, field="code", terms=citation.rest, prefix=True)]
    if citation.whole and citation.number != citation.rest:
        by_number.append(replace(ask, field="code", terms=citation.number))
    if citation.day is None:
        return by_number
    if citation.rest:
        return [*(_of_day(look, citation.day) for look in by_number), *by_number]
    kinds = tuple(kind for kind in _DOCUMENTS if kind in (ask.kinds or _DOCUMENTS))
    return [_of_day(replace(ask, terms=(), kinds=kinds), citation.day)] if kinds else []


def _around(citation: Citation, ask: Ask) -> list[Ask]:
    """Return the looks for what comes after all words as typed."""
    found = [replace(ask, terms=(*citation.rest, day)) for day in citation.days]
    if citation.rest:
        found.insert(0, replace(ask, terms=citation.rest, prefix=True))
        if citation.day is not None:
            found[0] = _of_day(found[0], citation.day)
    if citation.number and not citation.whole:
        found.append(replace(ask, field="code", terms=citation.number))
    return found


def _of_day(ask: Ask, day: date) -> Ask:
    """Narrow a look to what is dated that day in Vietnam."""
    start = datetime.combine(day, time(), tzinfo=TIMEZONE)
    low, high = first_id(start), first_id(start + timedelta(days=1)) - 1
    return replace(ask, low=max(ask.low, low), high=min(ask.high, high))


def _entries(numbers: list[int]) -> list[SearchEntry]:
    rows = db.session.scalars(select(SearchEntry).where(SearchEntry.id.in_(numbers)))
    by_number = {row.id: row for row in rows}
    return [by_number[number] for number in numbers if number in by_number]


def _hit(query: Query, entry: SearchEntry) -> Hit:
    return Hit(entry, highlight(query, entry.title), snippet(query, entry.body))


def _joined(query: Query, store: Store, connection: Connection) -> list[str]:
    """Return the query with two neighbours as one word, where such a word occurs."""
    spelled = [word for term in query.terms for word in term.folded]
    present = store.counts(connection, {first + second for first, second in pairwise(spelled)})
    return [other for other in joined(spelled) if present.keys() & other.split()]


def _mended(query: Query, store: Store, connection: Connection) -> list[str]:
    """Return the query with one or more words that do not occur put right."""
    spelled = [word for term in query.terms for word in term.folded]
    present = store.counts(connection, set(spelled))
    wrong = [word for word in dict.fromkeys(spelled) if word not in present]
    if not wrong:
        return [
            _swap(spelled, {word: near[0]})
            for word in dict.fromkeys(spelled)
            if (near := _near(word, store, connection))
        ][:3]
    right = {word: near[0] for word in wrong if (near := _near(word, store, connection))}
    return [_swap(spelled, right)] if len(right) == len(wrong) else []


def _near(word: str, store: Store, connection: Connection) -> list[str]:
    """Return the words one letter away that occur, the most frequent first."""
    candidates = slips(word)
    if not candidates:
        return []
    counts = store.counts(connection, candidates)
    return sorted(counts, key=lambda near: (-counts[near], near))


def _swap(spelled: list[str], right: dict[str, str]) -> str:
    return " ".join(right.get(word, word) for word in spelled)


def _shorter(query: Query) -> list[str]:
    """Return the query without one of its terms, each in turn."""
    if len(query.terms) < 2:
        return []
    return [
        " ".join(_quoted(term) for other, term in enumerate(query.terms) if other != left_out)
        for left_out in range(len(query.terms))
    ]


def _quoted(term: Term) -> str:
    spelled = " ".join(term.folded)
    return f'"{spelled}"' if len(term.folded) > 1 else spelled


def _as_spelled(query: str, hit: Hit) -> str:
    """Return the suggested words with the marks they have where they were found."""
    seen: dict[str, str] = {}
    for text in (hit.entry.title, "".join(piece for piece, _ in hit.snippet)):
        for word in words(text):
            seen.setdefault(word.folded, text[word.start : word.end].lower())
    for word in words(query):
        if word.folded in seen:
            query = _replace_word(query, word.folded, seen[word.folded])
    return query


def _replace_word(text: str, folded: str, spelled: str) -> str:
    pieces, at = [], 0
    for word in words(text):
        pieces.append(text[at : word.start])
        own = text[word.start : word.end]
        pieces.append(spelled if word.folded == folded else own)
        at = word.end
    return "".join([*pieces, text[at:]])
