"""Attached files (tệp đính kèm): the only writer of attachments, and the door for other rooms.

A room keeps the file first (`keep_file`: checked, on disk), then attaches it in its own transaction
(`attach`), and says who may see it by `register_owner`. A file without an owner is for the officer
alone who uploaded it, and goes after a day (`tidy`).
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn
from wardsite.core.errors import N_, NotFoundError
from wardsite.core.text import clean_pasted, slugify
from wardsite.extensions import db, transaction
from wardsite.media.file_kinds import KINDS, kind_of
from wardsite.media.files import files
from wardsite.models import Attachment

MAX_TEXT = 300_000
"""Characters of a file's text that are kept for the search: about 150 pages."""
UNOWNED_FOR = timedelta(days=1)
_OWN = re.compile(r"[0-9a-f]+\.[a-z0-9]+")

IsPublic = Callable[[int, datetime], bool]
MayRead = Callable[[SignedIn, int, datetime], bool]
_OWNERS: dict[str, IsPublic] = {}
_READERS: dict[str, MayRead] = {}


@dataclass(frozen=True)
class KeptFile:
    """A file that was checked and is on disk, not yet attached to anything; size in bytes."""

    name: str
    title: str
    kind: str
    size: int


def register_owner(column: str, is_public: IsPublic, may_read: MayRead | None = None) -> None:
    """Let a room own attachments by `column` (`document_id`, `post_id`).

    `is_public(id, now)` tells whether residents may see that document or post now; its files then
    too. `may_read(officer, id, now)` tells the same of an officer; without it all officers may.
    """
    _OWNERS[column] = is_public
    if may_read is not None:
        _READERS[column] = may_read


BELOW = "attachments/"


def keep_file(content: bytes, original_name: str) -> KeptFile:
    """Check the bytes and write them to disk; the same bytes twice are one file.

    Raises FileRefusedError with the reason, and OSError when the disk is full.
    """
    kind = kind_of(content)
    title = clean_pasted(PurePosixPath(original_name.replace("\\", "/")).name)[-200:]
    name = files().store(content, f".{kind.extension}", BELOW)
    return KeptFile(name, title or f"tep.{kind.extension}", kind.extension, len(content))


def attach(
    session: Session,
    kept: KeptFile,
    user_id: int | None,
    now: datetime,
    *,
    document_id: int | None = None,
    post_id: int | None = None,
) -> Attachment:
    """Add a kept file in the caller's transaction, after the owner's other files."""
    row = Attachment(
        name=kept.name,
        title=kept.title,
        kind=kept.kind,
        size=kept.size,
        user_id=user_id,
        created_at=now,
        document_id=document_id,
        post_id=post_id,
        text="",
        text_state="waiting" if kept.kind in ("pdf", "docx") else "none",
    )
    if document_id is not None or post_id is not None:
        own = _owned(document_id=document_id, post_id=post_id).with_only_columns(
            func.coalesce(func.max(Attachment.order), -1)
        )
        row.order = (session.scalar(own.order_by(None)) or 0) + 1
    session.add(row)
    session.flush()
    return row


def add_attachment(
    content: bytes,
    original_name: str,
    user_id: int | None,
    now: datetime,
    *,
    document_id: int | None = None,
    post_id: int | None = None,
) -> Attachment:
    """Keep and attach in one go. Raises FileRefusedError, OSError."""
    kept = keep_file(content, original_name)
    with transaction() as session:
        return attach(session, kept, user_id, now, document_id=document_id, post_id=post_id)


def of_document(document_id: int) -> list[Attachment]:
    """Return the files of a document in their order."""
    return list(db.session.scalars(_owned(document_id=document_id)))


def of_documents(document_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """Return the files of each of these documents that has any, in their order."""
    rows = select(Attachment).where(Attachment.document_id.in_(document_ids))
    found: dict[int, list[Attachment]] = {}
    for row in db.session.scalars(rows.order_by(Attachment.order, Attachment.id)):
        found.setdefault(row.document_id or 0, []).append(row)
    return found


def of_numbers(ids: Collection[int]) -> list[Attachment]:
    """Return the files of these numbers that there are."""
    if not ids:
        return []
    return list(db.session.scalars(select(Attachment).where(Attachment.id.in_(ids))))


def of_post(post_id: int) -> list[Attachment]:
    """Return the files of a post in their order."""
    return list(db.session.scalars(_owned(post_id=post_id)))


def attachment(attachment_id: int) -> Attachment:
    """Return any attachment, for officers; raises NotFoundError."""
    found = db.session.get(Attachment, attachment_id)
    if found is None:
        raise NotFoundError(N_("This file does not exist."))
    return found


def is_public(row: Attachment, now: datetime) -> bool:
    """Tell whether residents may see the file now: when they may see what it belongs to."""
    for column, rule in _OWNERS.items():
        owner = getattr(row, column)
        if owner is not None:
            return rule(owner, now)
    return False


def may_read(officer: SignedIn, row: Attachment, now: datetime) -> bool:
    """Tell whether an officer may see the file: when they may read what it belongs to.

    What nothing owns yet is for the officer alone who uploaded it.
    """
    for column in _OWNERS:
        owner = getattr(row, column)
        if owner is not None:
            rule = _READERS.get(column)
            return rule is None or rule(officer, owner, now)
    return row.user_id == officer.user.id


def path_of(row: Attachment) -> Path:
    """Return where the file is on disk. Raises OSError: the store of files is out of reach."""
    return files().path(BELOW + row.name)


def download_name(row: Attachment) -> str:
    """Return the name in the file's address: plain letters, and the extension its bytes deserve."""
    return f"{slugify(PurePosixPath(row.title).stem, fallback='tep')}.{row.kind}"


def mimetype(row: Attachment) -> str:
    """Return the type to serve the file as."""
    return KINDS[row.kind].mimetype


def claim(session: Session, ids: Collection[int], user_id: int, **owner: int) -> None:
    """Give an owner those of these files that this officer uploaded and nothing owns yet.

    `document_id=3` or `post_id=4`, in the caller's transaction.
    """
    for row in unowned(ids, user_id):
        for column, value in owner.items():
            setattr(row, column, value)
    session.flush()


def unowned(ids: Collection[int], user_id: int) -> list[Attachment]:
    """Return those of these files that the officer uploaded and nothing owns yet."""
    if not ids:
        return []
    rows = select(Attachment).where(
        Attachment.id.in_(ids),
        Attachment.user_id == user_id,
        Attachment.document_id.is_(None),
        Attachment.post_id.is_(None),
    )
    return list(db.session.scalars(rows.order_by(Attachment.id)))


def detach(session: Session, attachment_id: int, **owner: int) -> None:
    """Delete an owner's file in the caller's transaction (`document_id=3`, `post_id=4`).

    The bytes go with `tidy`. Raises NotFoundError when it is not this owner's.
    """
    row = session.get(Attachment, attachment_id)
    if row is None or any(getattr(row, column) != value for column, value in owner.items()):
        raise NotFoundError(N_("This file does not exist."))
    session.delete(row)


def waiting(limit: int) -> list[Attachment]:
    """Return files whose text has not been read out yet, oldest first."""
    rows = select(Attachment).where(Attachment.text_state == "waiting").order_by(Attachment.id)
    return list(db.session.scalars(rows.limit(limit)))


def set_text(session: Session, row_id: int, text: str) -> None:
    """Store what was read out of a file; empty when nothing could be."""
    row = session.get(Attachment, row_id)
    if row is not None:
        row.text = clean_pasted(text[:MAX_TEXT], keep_lines=True)
        row.text_state = "done" if row.text else "none"


def tidy(now: datetime, spared: Collection[int] = ()) -> int:
    """Delete files that nothing owns for a day, rows and bytes; return how many files went.

    `spared`: numbers of files that stay, since a text that was never saved shows them.
    """
    with transaction() as session:
        session.execute(
            delete(Attachment).where(
                Attachment.document_id.is_(None),
                Attachment.post_id.is_(None),
                Attachment.created_at < now - UNOWNED_FOR,
                Attachment.id.not_in(spared),
            )
        )
    needed = set(db.session.scalars(select(Attachment.name).distinct()))
    limit, gone = (now - UNOWNED_FOR).timestamp(), 0
    for path, written in files().names(BELOW).items():
        name = path.removeprefix(BELOW)
        # A file just kept may be about to be attached: only old ones go.
        if _OWN.fullmatch(name) and name not in needed and written < limit:
            files().delete(path)
            gone += 1
    return gone


def _owned(*, document_id: int | None = None, post_id: int | None = None) -> Select[Attachment]:
    rows = select(Attachment).order_by(Attachment.order, Attachment.id)
    if document_id is not None:
        return rows.where(Attachment.document_id == document_id)
    return rows.where(Attachment.post_id == post_id)
