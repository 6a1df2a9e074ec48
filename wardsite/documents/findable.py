"""How documents are found by a search: number, summary (trích yếu), issuer, signer, files."""

from collections.abc import Iterable
from datetime import datetime, time

from sqlalchemy import select

from wardsite.core.vi import TIMEZONE
from wardsite.extensions import db
from wardsite.models import Attachment, Document
from wardsite.search.index import Entry, part_of, searchable


def register() -> None:
    """Keep documents findable."""
    searchable(Document, entries)
    part_of(Attachment, Document, lambda attachment: attachment.document_id)


def entries(document: Document) -> Iterable[Entry]:
    """Return what is found of a document; the centre's only while the centre has it published."""
    if document.status != "published":
        return ()
    files = select(Attachment.title, Attachment.text).where(Attachment.document_id == document.id)
    texts = [part for file in db.session.execute(files) for part in file]
    parts = (document.code, document.issuer, document.signer_title, document.signer_name, *texts)
    entry = Entry(
        kind="directive" if document.central_id else "document",
        title=document.summary,
        body="\n".join(part for part in parts if part),
        code=document.code,
        label=document.issuer,
        url=f"/van-ban/{document.slug}",
        at=datetime.combine(document.issued_on, time(), tzinfo=TIMEZONE),
        gate=f"document:{document.central_id}" if document.central_id else "",
    )
    return (entry,)
