"""The unit's own documents, as officers keep them: drafted, published, withdrawn, related.

With `service.py` the only writer of documents and their relations; the centre's cannot be touched.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.core.errors import (
    N_,
    MandatedItemError,
    NotAllowedError,
    NotFoundError,
    WardsiteError,
)
from wardsite.core.mandate import Mandate
from wardsite.core.official_document import Code, code_folded, standing
from wardsite.documents.service import found_ids, free_slug
from wardsite.extensions import db, transaction
from wardsite.media import attachments
from wardsite.models import Document, DocumentRelation
from wardsite.serving.paging import Page, paginate

PAGE_SIZE = 20
RELATIONS = {
    "replaces": N_("Replaces"),
    "amends": N_("Amends"),
    "based_on": N_("Based on"),
}
REVERSED = {
    "replaces": N_("Replaced by"),
    "amends": N_("Amended by"),
    "based_on": N_("Basis for"),
}


class DuplicateDocumentError(WardsiteError):
    """The issuer has a document with this number and date already."""


@dataclass(frozen=True)
class DocumentText:
    """All fields of NĐ 30/2020 that an officer gives; `relations` are (kind, number as written)."""

    code: Code
    kind: str
    issuer: str
    issued_on: date
    summary: str
    authority: str = ""
    place: str = ""
    effective_on: date | None = None
    expires_on: date | None = None
    signer_title: str = ""
    signer_name: str = ""
    topics: tuple[str, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Related:
    """Another document and what ties the two; `document` is None where it is not public here."""

    label: str
    code: str
    document: Document | None


def officers_page(number: int, status: str, words: str, now: datetime) -> Page[Document]:
    """Return a page of all documents for officers, last changed first. Raises NotFoundError."""
    query = select(Document)
    if status:
        query = query.where(Document.status == status)
    if words:
        code = code_folded(words)
        of_centre = select(Document.central_id).where(Document.central_id.is_not(None))
        shown = [name for name in db.session.scalars(of_centre) if name]
        query = query.where(
            or_(
                Document.code_folded.contains(code, autoescape=True),
                Document.id.in_(found_ids(words, shown, now)),
            )
        )
    return paginate(
        query.order_by(Document.updated_at.desc(), Document.id.desc()), number, PAGE_SIZE
    )


def editable(officer: SignedIn, document_id: int) -> Document:
    """Return a document the officer may change. Raises NotAllowedError, NotFoundError."""
    return _editable(db.session(), officer, document_id)


def may_edit(officer: SignedIn, document: Document) -> bool:
    """Tell whether the officer may change it: editors all, authors their drafts.

    The centre's documents nobody may."""
    if document.central_id is not None:
        return False
    own_draft = document.author_id == officer.user.id and document.status == "draft"
    return officer.may("editor") or own_draft


def save(
    officer: SignedIn,
    document_id: int | None,
    text: DocumentText,
    now: datetime,
    files: Sequence[int] = (),
) -> Document:
    """Write a draft or change a document, and take over the officer's unowned `files`.

    Raises NotAllowedError, NotFoundError, DuplicateDocumentError.
    """
    with transaction() as session:
        if document_id is None:
            row = Document(
                created_at=now, author_id=officer.user.id, status="draft", slug="", sample=False
            )
        else:
            row = _editable(session, officer, document_id)
        write(session, row, text, now)
        _take_files(session, row, files, officer)
        record(session, now, officer.user.name, "document-save", str(row.id), code=row.code)
    return row


def present(texts: Collection[DocumentText]) -> set[int]:
    """Return which of these, by place, are on the site already: same number, issuer and day."""
    folded = {code_folded(str(text.code)) for text in texts}
    rows = db.session.execute(
        select(Document.code_folded, Document.issued_on, Document.issuer).where(
            Document.code_folded.in_(folded)
        )
    )
    known = {tuple(row) for row in rows}
    return {
        place
        for place, text in enumerate(texts)
        if (code_folded(str(text.code)), text.issued_on, text.issuer) in known
    }


def import_all(
    officer: SignedIn, texts: Sequence[DocumentText], now: datetime, *, public: bool
) -> int:
    """Add new documents, all or none, as drafts or public; return how many.

    Raises NotAllowedError unless an editor, DuplicateDocumentError.
    """
    officer.demand("editor")
    with transaction() as session:
        for text in texts:
            row = Document(
                created_at=now,
                author_id=officer.user.id,
                status="published" if public else "draft",
                slug="",
                sample=False,
            )
            write(session, row, text, now)
        record(session, now, officer.user.name, "document-import", count=len(texts))
    return len(texts)


def write(session: Session, row: Document, text: DocumentText, now: datetime) -> None:
    """Put the fields into the row in the caller's transaction. Raises DuplicateDocumentError."""
    code = str(text.code)
    same = select(Document.id).where(
        Document.code_folded == code_folded(code),
        Document.issued_on == text.issued_on,
        Document.issuer == text.issuer,
        Document.id != (row.id or 0),
    )
    if session.scalar(same) is not None:
        raise DuplicateDocumentError(
            N_("“%(code)s” from this issuer and date is already on the site."), code=code
        )
    if not row.slug or (row.status == "draft" and row.code != code):
        row.slug = free_slug(session, code)
    row.code, row.code_folded = code, code_folded(code)
    row.number, row.symbol = text.code.number, text.code.symbol
    for name in (
        "kind", "issuer", "issued_on", "summary", "authority", "place", "effective_on",
        "expires_on", "signer_title", "signer_name",
    ):  # fmt: skip
        setattr(row, name, getattr(text, name))
    row.topics = list(text.topics)
    row.updated_at = now
    session.add(row)
    session.flush()
    _relate(session, row, text.relations)


def publish(officer: SignedIn, document_id: int, now: datetime) -> Document:
    """Make a document public. Raises NotAllowedError, NotFoundError."""
    return _set_status(officer, document_id, "published", now)


def unpublish(officer: SignedIn, document_id: int, now: datetime) -> Document:
    """Take a document back into the drafts. Raises NotAllowedError, NotFoundError."""
    return _set_status(officer, document_id, "draft", now)


def delete(officer: SignedIn, document_id: int, now: datetime) -> None:
    """Delete a document and its files for good. Raises NotAllowedError, NotFoundError."""
    with transaction() as session:
        row = _editable(session, officer, document_id)
        record(session, now, officer.user.name, "document-delete", str(row.id), code=row.code)
        session.delete(row)


def remove_file(officer: SignedIn, document_id: int, attachment_id: int, now: datetime) -> None:
    """Take a file off a document. Raises NotAllowedError, NotFoundError."""
    with transaction() as session:
        row = _editable(session, officer, document_id)
        attachments.detach(session, attachment_id, document_id=row.id)
        row.updated_at = now
        record(session, now, officer.user.name, "document-file-remove", str(row.id))


def unfinished(user_id: int) -> list[Document]:
    """Return the drafts of an officer."""
    rows = select(Document).where(Document.author_id == user_id, Document.status == "draft")
    return list(db.session.scalars(rows.order_by(Document.updated_at.desc())))


def hand_over(session: Session, from_id: int, to_id: int | None) -> int:
    """Move an officer's drafts to another in the caller's transaction; return how many."""
    rows = session.scalars(
        select(Document).where(Document.author_id == from_id, Document.status == "draft")
    ).all()
    for row in rows:
        row.author_id = to_id
    return len(rows)


def relations_of(document: Document) -> list[tuple[str, str]]:
    """Return (kind, number) of what the document itself says of others."""
    rows = select(DocumentRelation).where(DocumentRelation.document_id == document.id)
    return [(row.kind, row.target_code) for row in db.session.scalars(rows)]


def related(document: Document, shown: Collection[str]) -> list[Related]:
    """Return the documents tied to this one in either direction, public ones as documents.

    `shown` holds the centre's ids now in effect; others of the centre's are named, not linked.
    """
    found: list[Related] = []
    own = select(DocumentRelation).where(DocumentRelation.document_id == document.id)
    for row in db.session.scalars(own.order_by(DocumentRelation.id)):
        target = db.session.get(Document, row.target_id) if row.target_id else None
        found.append(Related(RELATIONS[row.kind], row.target_code, _if_public(target, shown)))
    others = select(DocumentRelation).where(DocumentRelation.target_id == document.id)
    for row in db.session.scalars(others.order_by(DocumentRelation.id)):
        source = _if_public(db.session.get(Document, row.document_id), shown)
        if source is not None:
            found.append(Related(REVERSED[row.kind], source.code, source))
    return found


def page_of(document: Document, mandate: Mandate, today: date) -> dict[str, Any]:
    """Return what the page of a document shows, to residents and as a preview to officers."""
    shown = mandate.document_ids
    return {
        "document": document,
        "authorities": {authority.id: authority.label for authority in mandate.authorities},
        "files": attachments.of_document(document.id),
        "related": related(document, shown),
        "standing": standings([document], today)[document.id],
    }


def standings(documents: Collection[Document], today: date) -> dict[int, str]:
    """Return for each document's id whether it is in force (`core.official_document.standing`)."""
    replaced = replaced_on([document.id for document in documents])
    return {
        row.id: standing(today, row.effective_on, row.expires_on, replaced.get(row.id))
        for row in documents
    }


def replaced_on(ids: Collection[int]) -> dict[int, date]:
    """Return from which day each of these documents is replaced by a public one, in one query."""
    rows = db.session.execute(
        select(DocumentRelation.target_id, Document.effective_on, Document.issued_on)
        .join(Document, Document.id == DocumentRelation.document_id)
        .where(
            DocumentRelation.kind == "replaces",
            DocumentRelation.target_id.in_(ids),
            Document.status == "published",
        )
    )
    days: dict[int, date] = {}
    for target, effective, issued in rows:
        if target is None:
            continue
        days[target] = min(effective or issued, days.get(target, date.max))
    return days


def _if_public(document: Document | None, shown: Collection[str]) -> Document | None:
    if document is None or document.status != "published":
        return None
    hidden = document.central_id is not None and document.central_id not in shown
    return None if hidden else document


def _relate(session: Session, row: Document, relations: Sequence[tuple[str, str]]) -> None:
    session.execute(delete_rows(DocumentRelation).where(DocumentRelation.document_id == row.id))
    for kind, code in dict.fromkeys(relations):
        session.add(
            DocumentRelation(
                document_id=row.id,
                kind=kind,
                target_code=code,
                target_id=session.scalar(
                    select(Document.id)
                    .where(Document.code_folded == code_folded(code), Document.id != row.id)
                    .order_by(Document.issued_on.desc())
                    .limit(1)
                ),
            )
        )
    # Others may have named this one before it was here: each law that is named often, seen once.
    waiting = select(DocumentRelation.target_code).where(DocumentRelation.target_id.is_(None))
    named = [
        code for code in session.scalars(waiting.distinct()) if code_folded(code) == row.code_folded
    ]
    if named:
        session.execute(
            update(DocumentRelation)
            .where(
                DocumentRelation.target_id.is_(None),
                DocumentRelation.target_code.in_(named),
                DocumentRelation.document_id != row.id,
            )
            .values(target_id=row.id)
        )
    session.flush()


def _take_files(session: Session, row: Document, files: Sequence[int], officer: SignedIn) -> None:
    attachments.claim(session, files, officer.user.id, document_id=row.id)


def _set_status(officer: SignedIn, document_id: int, status: str, now: datetime) -> Document:
    officer.demand("editor")
    with transaction() as session:
        row = _editable(session, officer, document_id)
        row.status = status
        row.updated_at = now
        record(session, now, officer.user.name, f"document-{status}", str(row.id), code=row.code)
    return row


def _editable(session: Session, officer: SignedIn, document_id: int) -> Document:
    found = session.get(Document, document_id)
    if found is None:
        raise NotFoundError
    if found.central_id is not None:
        raise MandatedItemError("documents", found.central_id)
    if not may_edit(officer, found):
        raise NotAllowedError(N_("Your role does not allow you to edit this document."))
    return found
