"""What an officer is typing, kept on the server until it is saved: one copy an officer and form."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn
from wardsite.core import embedded
from wardsite.core.errors import NotFoundError
from wardsite.extensions import db, transaction
from wardsite.media import service as media
from wardsite.models import PostCopy
from wardsite.news.service import editable

KEEP_DAYS = 90
_KEY = re.compile(r"new-[A-Za-z0-9_-]{8,40}|post-[1-9][0-9]{0,9}")


def new_key() -> str:
    """Return the key of a form for a new post."""
    return f"new-{secrets.token_urlsafe(9)}"


def key_of(post_id: int) -> str:
    """Return the key of the form of a post."""
    return f"post-{post_id}"


def post_id_of(key: str) -> int | None:
    """Return the post that a form's key names, None for a new one; raises NotFoundError."""
    if not _KEY.fullmatch(key):
        raise NotFoundError
    return int(key.removeprefix("post-")) if key.startswith("post-") else None


def keep(
    officer: SignedIn, key: str, base_version: int, fields: dict[str, Any], now: datetime
) -> PostCopy:
    """Keep what is being typed; replaces the copy before.

    Raises NotFoundError, and NotAllowedError when the post is none the officer may change.
    """
    post_id = post_id_of(key)
    if post_id is not None:
        editable(officer, post_id)
    with transaction(public=False) as session:
        copy = session.scalar(_own(officer, key))
        if copy is None:
            copy = PostCopy(user_id=officer.user.id, key=key, post_id=post_id)
            session.add(copy)
        copy.base_version, copy.fields, copy.saved_at = base_version, fields, now
        session.flush()
        media.note_uses(session, _owner(copy), str(fields.get("body_html", "")), history=False)
        _forget_old(session, now)
    return copy


def of_form(officer: SignedIn, key: str) -> PostCopy | None:
    """Return the officer's own copy of a form, if there is one."""
    return db.session.scalar(_own(officer, key))


def unfinished(officer: SignedIn) -> list[PostCopy]:
    """Return the officer's copies of new posts that were never saved, newest first."""
    own = select(PostCopy).where(PostCopy.user_id == officer.user.id, PostCopy.post_id.is_(None))
    return list(db.session.scalars(own.order_by(PostCopy.saved_at.desc()).limit(20)))


def file_numbers() -> set[int]:
    """Return the numbers of the files that stand within texts that were never saved."""
    texts = (
        str(fields.get("body_html") or "") for fields in db.session.scalars(select(PostCopy.fields))
    )
    return {number for html in texts for number in embedded.file_numbers(html)}


def drop(officer: SignedIn, key: str) -> None:
    """Throw the officer's copy away; nothing happens when there is none."""
    with transaction(public=False) as session:
        forget(session, officer, key)


def forget(session: Session, officer: SignedIn, key: str) -> None:
    """Delete the officer's copy in the caller's transaction, if there is one."""
    copy = session.scalar(_own(officer, key))
    if copy is not None:
        _remove(session, copy)


def _forget_old(session: Session, now: datetime) -> None:
    old = select(PostCopy).where(PostCopy.saved_at < now - timedelta(days=KEEP_DAYS))
    for copy in session.scalars(old):
        _remove(session, copy)


def _remove(session: Session, copy: PostCopy) -> None:
    media.forget_uses(session, _owner(copy))
    session.delete(copy)


def _own(officer: SignedIn, key: str) -> Select[PostCopy]:
    return select(PostCopy).where(PostCopy.user_id == officer.user.id, PostCopy.key == key)


def _owner(copy: PostCopy) -> str:
    return f"copy:{copy.id}"
