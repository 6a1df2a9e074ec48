"""Posts, their earlier texts and addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from wardsite.core.search import folded_words
from wardsite.extensions import Base
from wardsite.models.accounts import User
from wardsite.models.columns import UtcDateTime
from wardsite.models.media import Image


class Category(Base):
    """A section of the news (chuyên mục)."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    order: Mapped[int] = mapped_column(default=0)


POST_STATES = ("draft", "submitted", "published", "withdrawn", "binned")


class Post(Base):
    """A piece of news (tin bài). Public when published, begun and not ended by the query's clock.

    A draft returned by an editor is a draft with a `return_comment`. What is withdrawn keeps its
    address and shows its reason; what is in the bin can be brought back as a draft.
    """

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint(f"status IN {POST_STATES}", name="status"),
        Index("ix_post_public", "status", "pinned", "published_at", "withdraw_at"),
        Index("ix_post_featured", "status", "featured", "published_at"),
        Index("ix_post_newest", "status", "published_at"),
        Index("ix_post_category", "category_id", "status", "pinned", "published_at", "withdraw_at"),
        Index("ix_post_status_updated", "status", "updated_at"),
        Index("ix_post_topic", "topic", "status", "published_at", "withdraw_at"),
        # All that the officers' list asks for, in its order: no text is read and nothing sorted.
        Index(
            "ix_post_desk",
            "updated_at",
            "id",
            "status",
            "category_id",
            "author_id",
            "published_at",
            "withdraw_at",
            "title_folded",
        ),
        Index(
            "ix_post_desk_category",
            "category_id",
            "updated_at",
            "id",
            "status",
            "author_id",
            "published_at",
            "withdraw_at",
        ),
        Index("ix_post_own", "author_id", "status", "updated_at"),
        # On PostgreSQL in part as well (migration 0014): to say so here would make every process
        # of a site on SQLite load that dialect.
        Index(
            "ix_post_returned",
            "author_id",
            "status",
            sqlite_where=text("return_comment != ''"),
        ),
        Index("ix_post_author", "author_id", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    title_folded: Mapped[str] = mapped_column(Text, default="")
    slug: Mapped[str] = mapped_column(Text, unique=True)
    summary: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    topic: Mapped[str] = mapped_column(Text, default="")
    author_line: Mapped[str] = mapped_column(Text, default="")
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    repost: Mapped[bool] = mapped_column(default=False)
    source_name: Mapped[str] = mapped_column(Text, default="")
    source_url: Mapped[str] = mapped_column(Text, default="")
    pinned: Mapped[bool] = mapped_column(default=False)
    featured: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="draft")
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)
    publish_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdraw_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    change_note: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawal_reason: Mapped[str] = mapped_column(Text, default="")
    return_comment: Mapped[str] = mapped_column(Text, default="")
    binned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    category: Mapped[Category] = relationship(lazy="joined")
    cover: Mapped[Image | None] = relationship(lazy="joined")
    author: Mapped[User | None] = relationship(lazy="joined")

    @validates("title")
    def _fold_title(self, _key: str, title: str) -> str:
        self.title_folded = folded_words(title)
        return title


class PostRevision(Base):
    """What a post said after one saving; `number` counts from 1 within the post."""

    __tablename__ = "post_revision"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")


class PostAddress(Base):
    """An address that a public post had before; it leads to the present one for good."""

    __tablename__ = "post_address"

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)


class PostCopy(Base):
    """What an officer is typing, kept by autosave until it is saved or thrown away.

    `key` names the form: `post-12`, or `new-` and random letters; `base_version` is the version of
    the post that the typing began from.
    """

    __tablename__ = "post_copy"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    post_id: Mapped[int | None] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), index=True
    )
    base_version: Mapped[int] = mapped_column(default=0)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
