"""What is unfinished of an officer who leaves goes to another."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wardsite.extensions import db
from wardsite.models import Post


def unfinished(user_id: int) -> list[Post]:
    """Return the posts of an officer that are not public yet."""
    rows = select(Post).where(Post.author_id == user_id, Post.published_at.is_(None))
    return list(db.session.scalars(rows.order_by(Post.updated_at.desc())))


def hand_over(session: Session, from_id: int, to_id: int | None) -> int:
    """Move unfinished posts in the caller's transaction; return how many."""
    rows = session.scalars(
        select(Post).where(Post.author_id == from_id, Post.published_at.is_(None))
    ).all()
    for row in rows:
        row.author_id = to_id
    return len(rows)
