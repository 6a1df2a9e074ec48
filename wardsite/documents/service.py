"""The verbs of documents: the only writer of its table, and the door for other rooms."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from wardsite.core.central_schema import Document as CentralDocument
from wardsite.core.errors import NotFoundError
from wardsite.core.official_document import code_folded
from wardsite.core.text import slugify
from wardsite.extensions import db
from wardsite.mandate import service as mandates
from wardsite.media import attachments
from wardsite.models import Document
from wardsite.news import links
from wardsite.search import service as search
from wardsite.serving.paging import Page, paginate

PAGE_SIZE = 20
MOST_OF_TOPIC = 50
MOST_OFFERED = 200  # numbers that begin as typed and are looked at
_DOCUMENTS = search.Filter(kinds=("document", "directive"))


@dataclass(frozen=True)
class Filter:
    """What a resident narrows the list to; empty means all."""

    kind: str = ""
    issuer: str = ""
    year: int | None = None
    topic: str = ""


def project(session: Session, documents: Iterable[CentralDocument], now: datetime) -> None:
    """Mirror the centre's documents into rows, in the transaction that accepts its file."""
    wanted = {source.id: source for source in documents}
    rows = {
        row.central_id: row
        for row in session.scalars(select(Document).where(Document.central_id.is_not(None)))
    }
    for central_id in rows.keys() - wanted.keys():
        session.delete(rows[central_id])
    for central_id, source in wanted.items():
        row = rows.get(central_id) or Document(
            central_id=central_id, slug=free_slug(session, source.code), created_at=now
        )
        if _copy(source, row):
            row.updated_at = now
        session.add(row)


def public_page(
    shown: Collection[str],
    chosen: Filter,
    number: int = 1,
    found: Collection[int] | None = None,
) -> Page[Document]:
    """Return a page of documents, newest first; `shown` holds the centre's ids now in effect.

    `found` narrows to what a search found (`found_ids`). Raises NotFoundError.
    """
    query = _narrow(_public(shown), chosen)
    if found is not None:
        query = query.where(Document.id.in_(found))
    newest = query.order_by(Document.issued_on.desc(), Document.id.desc())
    return paginate(newest, number, PAGE_SIZE)


def found_ids(words: str, shown: Collection[str], now: datetime) -> list[int]:
    """Return the ids of public documents in which these words are found, files' text included."""
    return search.found(words, now, _gates(shown), _DOCUMENTS)


def suggestion(words: str, shown: Collection[str], now: datetime) -> str:
    """Return words that find a document where these find none, or nothing."""
    return search.suggestion(words, now, _gates(shown), _DOCUMENTS)


def _gates(shown: Collection[str]) -> set[str]:
    return {f"document:{name}" for name in shown}


def latest(shown: Collection[str], limit: int) -> list[Document]:
    """Return the newest documents."""
    return list(db.session.scalars(_latest(), {"centres": ["", *shown], "most": limit}))


# Built once a process: to put such a query together takes longer than SQLite takes to answer it.
@cache
def _latest() -> Select[Document]:
    newest = _public_of(bindparam("centres", expanding=True))
    newest = newest.order_by(Document.issued_on.desc(), Document.id.desc())
    return newest.limit(bindparam("most", type_=Integer()))


def of_topic(shown: Collection[str], topic: str) -> list[Document]:
    """Return the documents of a topic, newest first: all of the centre's, the unit's newest."""
    newest = (Document.issued_on.desc(), Document.id.desc())
    query = _public(shown).where(_has_topic(topic)).order_by(*newest)
    centres = query.where(Document.central_id.in_(list(shown)))
    # As in _public: not by the index of central_id, which would leave all of them to a sort.
    own = query.where(func.coalesce(Document.central_id, "") == "").limit(MOST_OF_TOPIC)
    found = [*db.session.scalars(centres), *db.session.scalars(own)]
    return sorted(found, key=lambda row: (row.issued_on, row.id), reverse=True)


def public_document(slug: str, shown: Collection[str]) -> Document:
    """Return a document; raises NotFoundError."""
    found = db.session.scalar(_public(shown).where(Document.slug == slug))
    if found is None:
        raise NotFoundError
    return found


def public_documents(slugs: Collection[str], shown: Collection[str]) -> list[Document]:
    """Return those of these documents that residents may see."""
    if not slugs:
        return []
    return list(db.session.scalars(_public(shown).where(Document.slug.in_(slugs))))


def offered(words: str, shown: Collection[str], now: datetime) -> tuple[list[Document], bool]:
    """Return public documents for an officer to choose from, newest first, and are there more.

    Words are looked for as residents' are, and in numbers that are only begun (`1208/UB`).
    """
    query = _public(shown)
    if words:
        code = Document.code_folded.startswith(code_folded(words) or words, autoescape=True)
        begun = select(Document.id).where(code).limit(MOST_OFFERED)
        query = query.where(
            Document.id.in_([*found_ids(words, shown, now), *db.session.scalars(begun)])
        )
    newest = query.order_by(Document.issued_on.desc(), Document.id.desc()).limit(PAGE_SIZE + 1)
    rows = list(db.session.scalars(newest))
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def document(document_id: int) -> Document:
    """Return any document, for officers; raises NotFoundError."""
    found = db.session.get(Document, document_id)
    if found is None:
        raise NotFoundError
    return found


def of_centre(central_ids: Collection[str]) -> list[Document]:
    """Return the rows of these documents of the centre, newest first."""
    return list(db.session.scalars(_of_centre(), {"centres": list(central_ids)}))


@cache
def _of_centre() -> Select[Document]:
    rows = select(Document).where(Document.central_id.in_(bindparam("centres", expanding=True)))
    return rows.order_by(Document.issued_on.desc(), Document.id.desc())


def choices(shown: Collection[str]) -> tuple[list[str], list[str], list[int]]:
    """Return the kinds, issuers and years that occur, for the filters.

    Each is found by a step down an index, so that thousands of documents cost no more than ten.
    """
    kinds = _occurring(shown, Document.kind)
    issuers = _occurring(shown, Document.issuer)
    years: list[int] = []
    newest = _public(shown).with_only_columns(func.max(Document.issued_on))
    day = db.session.scalar(newest)
    while day is not None:
        years.append(day.year)
        day = db.session.scalar(newest.where(Document.issued_on < date(day.year, 1, 1)))
    return kinds, issuers, years


def _occurring(shown: Collection[str], column: InstrumentedAttribute[str]) -> list[str]:
    value = _public(shown).with_only_columns(column).order_by(column).limit(1)
    steps = select(value.scalar_subquery().label("value")).cte("steps", recursive=True)
    after = value.where(column > steps.c.value).scalar_subquery()
    steps = steps.union_all(select(after).where(steps.c.value.is_not(None)))
    return list(db.session.scalars(select(steps.c.value).where(steps.c.value.is_not(None))))


def _public(shown: Collection[str]) -> Select[Document]:
    return _public_of(["", *shown])


def _public_of(centres: list[str] | BindParameter[str]) -> Select[Document]:
    # Written so that SQLite does not choose the indexes of status or central_id, which hold nearly
    # all rows, over those that have the rows in the order wanted.
    return select(Document).where(
        Document.status != "draft",
        func.coalesce(Document.central_id, "").in_(centres),
    )


def _narrow(query: Select[Document], chosen: Filter) -> Select[Document]:
    if chosen.kind:
        query = query.where(Document.kind == chosen.kind)
    if chosen.issuer:
        query = query.where(Document.issuer == chosen.issuer)
    if chosen.topic:
        query = query.where(_has_topic(chosen.topic))
    if chosen.year is not None:
        query = query.where(
            Document.issued_on >= date(chosen.year, 1, 1),
            Document.issued_on < date(chosen.year + 1, 1, 1),
        )
    return query


def _has_topic(topic: str) -> ColumnElement[bool]:
    """Match the JSON list as text, which SQLite and PostgreSQL both can."""
    return cast(Document.topics, Text).contains(f'"{topic}"', autoescape=True)


def _copy(document: CentralDocument, row: Document) -> bool:
    """Copy the centre's fields; tell whether anything changed."""
    values = {
        "kind": document.kind,
        "number": document.number,
        "symbol": document.symbol,
        "code": document.code,
        "code_folded": code_folded(document.code),
        "issuer": document.issuer,
        "authority": document.issuer_rank,
        "place": document.place or "",
        "issued_on": document.issued_on,
        "effective_on": document.effective_on,
        "expires_on": document.expires_on,
        "summary": document.summary,
        "signer_title": document.signer_title or "",
        "signer_name": document.signer_name or "",
        "topics": list(document.topics),
        "file_url": document.file_url or "",
    }
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return bool(changed)


def free_slug(session: Session, code: str) -> str:
    """Return an address that no document has yet."""
    base = slugify(code, fallback="van-ban")
    taken = set(session.scalars(select(Document.slug).where(Document.slug.startswith(base))))
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)


def _is_public(document_id: int, _now: datetime) -> bool:
    """Tell whether residents may fetch the files of a document."""
    found = db.session.get(Document, document_id)
    return found is not None and found.status == "published"


def _leads_there(values: Mapping[str, Any]) -> bool:
    now = datetime.now(UTC)
    return bool(public_documents([values["slug"]], mandates.at(now).document_ids))


attachments.register_owner("document_id", _is_public)
links.CHECKS["documents.document"] = _leads_there
