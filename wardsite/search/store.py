"""The index in a database: two ways of keeping the same words and looking them up.

SQLite has an FTS5 table, PostgreSQL two tsvectors; both hold the words that `core.search` makes of
a text, so both find the same. Rows are numbered by the time of what they hold (`first_id`): newest
first is then the order of the table itself, and a range of dates a range of numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

from sqlalchemy import BindParameter, Connection, Text, bindparam, text

from wardsite.core.search import MAX_TERMS, MAX_WORDS, Term, Word, words
from wardsite.models import UtcDateTime

ROOM = 2**20  # entries that may share one second
Field = Literal["code", "title", "any"]


@dataclass(frozen=True)
class Ask:
    """One look into the index: every term in one field, folded or, with `exact`, as typed.

    Without terms it finds all of its `kinds`, of which there must then be one.

    In a query that has marks at all, a word without is one whose marks were left out.
    """

    terms: tuple[Term, ...]
    field: Field
    exact: bool
    prefix: bool
    kinds: tuple[str, ...]
    low: int
    high: int
    now: datetime
    gates: tuple[str, ...]
    limit: int

    def wants_exact(self, term: Term) -> bool:
        """Tell whether a term must be found in its exact form."""
        any_marked = any(other.marked for other in self.terms)
        return self.exact and self.field != "code" and (term.marked or not any_marked)


@dataclass(frozen=True)
class Texts:
    """What is indexed of an entry, NFC."""

    kind: str
    title: str
    body: str
    code: str


class Store(Protocol):
    """What a database must be able to do."""

    def write(self, connection: Connection, entries: Sequence[tuple[int, Texts]]) -> None:
        """Add the words of entries."""

    def erase(self, connection: Connection, numbers: Collection[int]) -> None:
        """Take entries out."""

    def clear(self, connection: Connection) -> None:
        """Take everything out."""

    def find(self, connection: Connection, ask: Ask) -> list[int]:
        """Return the numbers of what is public now and found, newest first."""

    def counts(self, connection: Connection, candidates: Iterable[str]) -> dict[str, int]:
        """Return those of some folded words that occur, with the number of entries."""


def first_id(moment: datetime) -> int:
    """Return the least number an entry of that second may have."""
    return int(moment.timestamp()) * ROOM


def store_of(connection: Connection) -> Store:
    """Return the store that the database of a connection needs."""
    return PostgresStore() if connection.dialect.name == "postgresql" else SqliteStore()


_PUBLIC = (
    "(e.visible_from IS NULL OR e.visible_from <= :now)"
    " AND (e.visible_to IS NULL OR e.visible_to > :now)"
    " AND (e.gate = '' OR e.gate IN :gates)"
)
_BOUND: tuple[BindParameter[Any], ...] = (
    bindparam("now", type_=UtcDateTime()),
    bindparam("gates", expanding=True, type_=Text()),
)


class SqliteStore:
    """FTS5, each field in a folded and an exact column."""

    _FIELDS: ClassVar[dict[tuple[bool, Field], str]] = {
        (False, "code"): "{code}",
        (False, "title"): "{title}",
        (False, "any"): "{title body code}",
        (True, "code"): "{code}",
        (True, "title"): "{title_exact}",
        (True, "any"): "{title_exact body_exact}",
    }
    # CROSS JOIN: the index comes first and in its own order, so that a limit stops it early.
    _FIND = text(
        "SELECT e.id FROM search_fts CROSS JOIN search_entry e"  # noqa: S608 constants only
        " ON e.id = search_fts.rowid"
        " WHERE search_fts MATCH :match AND search_fts.rowid BETWEEN :low AND :high"
        f" AND {_PUBLIC} ORDER BY search_fts.rowid DESC LIMIT :limit"
    ).bindparams(*_BOUND)
    _WRITE = text(
        "INSERT INTO search_fts (rowid, kind, title, body, code, title_exact, body_exact)"
        " VALUES (:id, :kind, :title, :body, :code, :title_exact, :body_exact)"
    )
    _COUNTS = text("SELECT term, doc FROM search_words WHERE term IN :words").bindparams(
        bindparam("words", expanding=True)
    )

    def write(self, connection: Connection, entries: Sequence[tuple[int, Texts]]) -> None:
        """Add the words of entries."""
        connection.execute(self._WRITE, [self._row(number, texts) for number, texts in entries])

    def _row(self, number: int, texts: Texts) -> dict[str, object]:
        title, body = words(texts.title), words(texts.body)[:MAX_WORDS]
        return {
            "id": number,
            "kind": self._kind(texts.kind),
            "title": " ".join(word.folded for word in title),
            "body": " ".join(word.folded for word in body),
            "code": " ".join(word.folded for word in words(texts.code)),
            "title_exact": " ".join(word.exact for word in title),
            "body_exact": " ".join(word.exact for word in body),
        }

    def erase(self, connection: Connection, numbers: Collection[int]) -> None:
        """Take entries out."""
        gone = [{"id": number} for number in numbers]
        connection.execute(text("DELETE FROM search_fts WHERE rowid = :id"), gone)

    def clear(self, connection: Connection) -> None:
        """Take everything out."""
        connection.execute(text("DELETE FROM search_fts"))

    def find(self, connection: Connection, ask: Ask) -> list[int]:
        """Return the numbers of what is public now and found, newest first."""
        parts = [self._term(term, ask) for term in ask.terms]
        if ask.kinds:
            kinds = " OR ".join(f'"{self._kind(kind)}"' for kind in ask.kinds)
            parts.append(f"{{kind}} : ({kinds})")
        found = connection.execute(
            self._FIND,
            {
                "match": " AND ".join(parts),
                "low": ask.low,
                "high": ask.high,
                "now": ask.now,
                "gates": list(ask.gates),
                "limit": ask.limit,
            },
        )
        return list(found.scalars())

    @staticmethod
    def _kind(kind: str) -> str:
        """Return a word for a kind that no text holds."""
        return f"{kind}ω"

    def _term(self, term: Term, ask: Ask) -> str:
        exact = ask.wants_exact(term)
        phrase = " ".join(term.exact if exact else term.folded)
        star = "*" if ask.prefix and term.prefix else ""
        return f'{self._FIELDS[exact, ask.field]} : "{phrase}"{star}'

    def counts(self, connection: Connection, candidates: Iterable[str]) -> dict[str, int]:
        """Return those of some folded words that occur, with the number of entries."""
        asked = sorted(candidates)
        found: dict[str, int] = {}
        for start in range(0, len(asked), 500):  # a statement has a limit for its parameters
            rows = connection.execute(self._COUNTS, {"words": asked[start : start + 500]})
            found.update((row.term, row.doc) for row in rows)
        return found


class PostgresStore:
    """Two tsvectors: folded (A title, B body, C code) and exact (A title, B body).

    A tsvector has places up to 16,383, keeps 256 of them for one word, and takes one megabyte. So
    a long body is told in parts of that many places, and a word that comes again too often goes
    on under another mark: `phuong`, then `phuong¦a1`, and in the next part `phuong¦b0`. A phrase
    is looked for within each part; parts overlap, so that one across the seam is found too.
    """

    _FIELDS: ClassVar[dict[Field, str]] = {"code": "C", "title": "A", "any": "ABC"}
    _FIND = text(
        "SELECT e.id FROM search_vector v JOIN search_entry e ON e.id = v.id"  # noqa: S608
        " WHERE (:folded = '' OR v.folded @@ CAST(:folded AS tsquery))"
        " AND (:exact = '' OR v.exact @@ CAST(:exact AS tsquery))"
        " AND e.id BETWEEN :low AND :high AND (:any_kind OR e.kind IN :kinds)"
        f" AND {_PUBLIC} ORDER BY e.id DESC LIMIT :limit"
    ).bindparams(*_BOUND, bindparam("kinds", expanding=True, type_=Text()))
    _WRITE = text(
        "INSERT INTO search_vector (id, folded, exact)"
        " VALUES (:id, CAST(:folded AS tsvector), CAST(:exact AS tsvector))"
    )
    _COUNTS = text(
        "SELECT word, (SELECT count(*) FROM search_vector"
        " WHERE folded @@ CAST(quote_literal(word) || '|' || quote_literal(word || '¦') || ':*'"
        " AS tsquery)) AS found FROM unnest(CAST(:words AS text[])) AS word"
    )
    _GAP = 2  # no phrase runs from one field into the next
    # PostgreSQL: "Limitations" of text search. Titles and codes need some of each.
    _LAST_PLACE, _MOST_PLACES, _MOST_BYTES = 16_383, 200, 950_000
    _PARTS = "abcdefghij"  # enough for MAX_WORDS

    def write(self, connection: Connection, entries: Sequence[tuple[int, Texts]]) -> None:
        """Add the words of entries."""
        connection.execute(self._WRITE, [self._row(number, texts) for number, texts in entries])

    def _row(self, number: int, texts: Texts) -> dict[str, object]:
        title, body = words(texts.title), words(texts.body)[:MAX_WORDS]
        code = words(texts.code)
        code_at = len(title) + self._GAP
        body_at = code_at + len(code) + self._GAP
        placed = list(self._placed(body, body_at))
        folded = [
            *(f"'{word.folded}':{place + 1}A" for place, word in enumerate(title)),
            *(f"'{word.folded}{mark}':{place}B" for place, mark, word in placed),
            *(f"'{word.folded}':{place + 1}C" for place, word in enumerate(code, code_at)),
        ]
        exact = [
            *(f"'{word.exact}':{place + 1}A" for place, word in enumerate(title)),
            *(f"'{word.exact}{mark}':{place}B" for place, mark, word in placed),
        ]
        return {"id": number, "folded": " ".join(folded), "exact": " ".join(exact)}

    def _placed(self, body: Sequence[Word], first: int) -> Iterator[tuple[int, str, Word]]:
        """Yield each word with its place, from 1, and its mark, until a tsvector would be full."""
        step, size = self._LAST_PLACE - first - MAX_TERMS, 0
        for part, start in zip(self._PARTS, range(0, len(body), step), strict=False):
            times: Counter[str] = Counter()
            seen: set[str] = set()
            for place, word in enumerate(body[start : start + step + MAX_TERMS], first + 1):
                again = times[word.folded] // self._MOST_PLACES
                times[word.folded] += 1
                mark = f"¦{part}{again}" if again or part != self._PARTS[0] else ""
                # Places take two bytes each, a word its length, their number, and what aligns it.
                size += 2
                if (spelled := word.exact + mark) not in seen:
                    seen.add(spelled)
                    size += len(spelled.encode()) + 3
                if size > self._MOST_BYTES:
                    return
                yield place, mark, word

    def erase(self, connection: Connection, numbers: Collection[int]) -> None:
        """Take entries out."""
        connection.execute(
            text("DELETE FROM search_vector WHERE id = ANY(:ids)"), {"ids": list(numbers)}
        )

    def clear(self, connection: Connection) -> None:
        """Take everything out."""
        connection.execute(text("DELETE FROM search_vector"))

    def find(self, connection: Connection, ask: Ask) -> list[int]:
        """Return the numbers of what is public now and found, newest first."""
        weights = self._FIELDS[ask.field]
        exact = [term for term in ask.terms if ask.wants_exact(term)]
        folded = [term for term in ask.terms if not ask.wants_exact(term)]
        found = connection.execute(
            self._FIND,
            {
                "folded": " & ".join(
                    self._term(term.folded, weights, ask.prefix and term.prefix) for term in folded
                ),
                "exact": " & ".join(self._term(term.exact, weights, False) for term in exact),
                "any_kind": not ask.kinds,
                "kinds": list(ask.kinds),
                "low": ask.low,
                "high": ask.high,
                "now": ask.now,
                "gates": list(ask.gates),
                "limit": ask.limit,
            },
        )
        return list(found.scalars())

    def _term(self, forms: tuple[str, ...], weights: str, prefix: bool) -> str:
        if len(forms) == 1:
            return f"({self._word(forms[0], '', weights, prefix)})"
        phrases = []
        for part in self._PARTS if "B" in weights else self._PARTS[0]:
            spelled = [
                f"({self._word(form, part, weights, prefix and place == len(forms))})"
                for place, form in enumerate(forms, 1)
            ]
            phrases.append("(" + " <-> ".join(spelled) + ")")
        return "(" + " | ".join(phrases) + ")"

    def _word(self, form: str, part: str, weights: str, prefix: bool) -> str:
        """Return what finds a word in a part, or with an empty `part` in any."""
        if prefix:
            return f"'{form}':*{weights}"
        if "B" not in weights:
            return f"'{form}':{weights}"
        marked = f"'{form}¦{part}':*B"
        return marked if part > self._PARTS[0] else f"'{form}':{weights} | {marked}"

    def counts(self, connection: Connection, candidates: Iterable[str]) -> dict[str, int]:
        """Return those of some folded words that occur, with the number of entries."""
        rows = connection.execute(self._COUNTS, {"words": sorted(candidates)})
        return {word: found for word, found in rows if found}
