"""The verbs of documents: the only writer of its table, and the door for other rooms."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from wardsite.core.central_schema import Document as CentralDocument
from wardsite.core.errors import N_, NotFoundError
from wardsite.core.text import fold, slugify
from wardsite.extensions import db
from wardsite.media import attachments
from wardsite.models import Document
from wardsite.serving.paging import Page, paginate

PAGE_SIZE = 20


@dataclass(frozen=True)
class Filter:
    """What a resident narrows the list to; empty means all."""

    kind: str = ""
    issuer: str = ""
    year: int | None = None
    topic: str = ""


def project(session: Session, documents: Iterable[CentralDocument], now: datetime) -> None:
    """Mirror the centre's documents into rows, in the transaction that accepts its file."""
    wanted = {document.id: document for document in documents}
    rows = {
        row.central_id: row
        for row in session.scalars(select(Document).where(Document.central_id.is_not(None)))
    }
    for central_id in rows.keys() - wanted.keys():
        session.delete(rows[central_id])
    for central_id, document in wanted.items():
        row = rows.get(central_id) or Document(
            central_id=central_id, slug=_free_slug(session, document.code), created_at=now
        )
        if _copy(document, row):
            row.updated_at = now
        session.add(row)


def public_page(shown: Collection[str], chosen: Filter, number: int = 1) -> Page[Document]:
    """Return a page of documents, newest first; `shown` holds the centre's ids now in effect."""
    query = _narrow(_public(shown), chosen)
    newest = query.order_by(Document.issued_on.desc(), Document.id.desc())
    return paginate(newest, number, PAGE_SIZE)


def latest(shown: Collection[str], limit: int) -> list[Document]:
    """Return the newest documents."""
    newest = _public(shown).order_by(Document.issued_on.desc(), Document.id.desc())
    return list(db.session.scalars(newest.limit(limit)))


def of_topic(shown: Collection[str], topic: str) -> list[Document]:
    """Return the documents of a topic, newest first."""
    newest = _public(shown).order_by(Document.issued_on.desc(), Document.id.desc())
    return [document for document in db.session.scalars(newest) if topic in document.topics]


def public_document(slug: str, shown: Collection[str]) -> Document:
    """Return a document; raises NotFoundError."""
    found = db.session.scalar(_public(shown).where(Document.slug == slug))
    if found is None:
        raise NotFoundError(N_("There is no such page."))
    return found


def of_centre(central_ids: Collection[str]) -> list[Document]:
    """Return the rows of these documents of the centre, newest first."""
    rows = select(Document).where(Document.central_id.in_(list(central_ids)))
    return list(db.session.scalars(rows.order_by(Document.issued_on.desc(), Document.id.desc())))


def choices(shown: Collection[str]) -> tuple[list[str], list[str], list[int]]:
    """Return the kinds, issuers and years that occur, for the filters."""
    public = _public(shown).subquery()
    kinds = list(db.session.scalars(select(public.c.kind).distinct()))
    issuers = list(db.session.scalars(select(public.c.issuer).distinct()))
    days = db.session.scalars(select(public.c.issued_on).distinct())
    return kinds, issuers, sorted({day.year for day in days}, reverse=True)


def _public(shown: Collection[str]) -> Select[Document]:
    return select(Document).where(
        or_(Document.central_id.is_(None), Document.central_id.in_(list(shown)))
    )


def _narrow(query: Select[Document], chosen: Filter) -> Select[Document]:
    if chosen.kind:
        query = query.where(Document.kind == chosen.kind)
    if chosen.issuer:
        query = query.where(Document.issuer == chosen.issuer)
    if chosen.year is not None:
        query = query.where(
            Document.issued_on >= date(chosen.year, 1, 1),
            Document.issued_on < date(chosen.year + 1, 1, 1),
        )
    return query


def _copy(document: CentralDocument, row: Document) -> bool:
    """Copy the centre's fields; tell whether anything changed."""
    values = {
        "kind": document.kind,
        "number": document.number,
        "symbol": document.symbol,
        "code": document.code,
        "code_folded": fold(document.code),
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


def _free_slug(session: Session, code: str) -> str:
    base = slugify(code, fallback="van-ban")
    taken = set(session.scalars(select(Document.slug).where(Document.slug.startswith(base))))
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)


def _is_public(document_id: int, _now: datetime) -> bool:
    """Tell whether residents may fetch the files of a document."""
    return db.session.get(Document, document_id) is not None


attachments.register_owner("document_id", _is_public)
