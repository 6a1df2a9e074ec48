"""What a post said before: its revisions, what changed between two, and bringing one back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from wardsite.accounts.service import SignedIn, record
from wardsite.core.compare import Block, Piece, compare, compare_line
from wardsite.core.errors import NotFoundError
from wardsite.extensions import db, transaction
from wardsite.models import Post, PostRevision
from wardsite.news.lifecycle import after_change, revise
from wardsite.news.service import editable_in


@dataclass(frozen=True)
class Difference:
    """Title, summary and text of two versions, with what changed marked."""

    title: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    body: list[Block]

    @property
    def empty(self) -> bool:
        """Tell whether the two say the same."""
        lines = (*self.title, *self.summary)
        return all(piece.kind == "same" for piece in lines) and not any(
            block.changed for block in self.body
        )


def revisions(post_id: int) -> list[PostRevision]:
    """Return the revisions of a post, newest first."""
    query = select(PostRevision).where(PostRevision.post_id == post_id)
    return list(db.session.scalars(query.order_by(PostRevision.number.desc()).limit(500)))


def revision(post_id: int, number: int) -> PostRevision:
    """Return one revision; raises NotFoundError."""
    found = db.session.scalar(
        select(PostRevision).where(PostRevision.post_id == post_id, PostRevision.number == number)
    )
    if found is None:
        raise NotFoundError
    return found


def difference(old: "Post | PostRevision | None", new: "Post | PostRevision") -> Difference:
    """Return what changed from `old` (None: from nothing) to `new`."""
    return difference_of(
        (old.title, old.summary, old.body_html) if old else ("", "", ""),
        (new.title, new.summary, new.body_html),
    )


def difference_of(old: tuple[str, str, str], new: tuple[str, str, str]) -> Difference:
    """Return what changed between two (title, summary, body HTML)."""
    return Difference(
        compare_line(old[0], new[0]), compare_line(old[1], new[1]), compare(old[2], new[2])
    )


def restore(officer: SignedIn, post_id: int, number: int, now: datetime) -> Post:
    """Make an old revision the present text; the text until now stays in the history.

    Raises NotFoundError, NotAllowedError.
    """
    with transaction() as session:
        post = editable_in(session, officer, post_id)
        old = revision(post_id, number)
        post.title, post.summary, post.body_html = old.title, old.summary, old.body_html
        post.updated_at = now
        post.version += 1
        revise(session, officer, post, "", now)
        after_change(session, post)
        record(session, now, officer.user.name, "post-restore", str(post.id), number=number)
    return post
