"""Official sources and their headlines."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wardsite.extensions import Base
from wardsite.models.columns import UtcDateTime


class Source(Base):
    """An official source (nguồn tin chính thống): a link or a feed. The centre's have `central_id`.

    `match` holds the keywords of which a headline must have one; empty lets all in. The second half
    is how reading the feed went: validators of the last body, when next, what was wrong.
    """

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("mode IN ('link', 'feed')", name="mode"),
        CheckConstraint("publish IN ('review', 'auto')", name="publish"),
        UniqueConstraint("central_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    central_id: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    site_url: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text, default="link")
    feed_url: Mapped[str] = mapped_column(Text, default="")
    match: Mapped[list[str]] = mapped_column(JSON, default=list)
    interval_minutes: Mapped[int] = mapped_column(default=60)
    max_items: Mapped[int] = mapped_column(default=20)
    keep_days: Mapped[int] = mapped_column(default=90)
    publish: Mapped[str] = mapped_column(Text, default="review")
    topic: Mapped[str] = mapped_column(Text, default="")
    order: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_fetch_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    error_msgid: Mapped[str] = mapped_column(Text, default="")
    error_params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_fault: Mapped[str] = mapped_column(Text, default="")

    headlines: Mapped[list["Headline"]] = relationship(
        back_populates="source", cascade="all, delete-orphan", lazy="select"
    )


class Headline(Base):
    """A headline (tin dẫn nguồn) of a source: title, plain summary, link, time; never the body.

    `link_key` is the article whatever source names it (`core.feeds.link_key`). `guessed` tells that
    the feed gave no time and `published_at` is when it was first seen.
    """

    __tablename__ = "headline"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'approved', 'hidden')", name="status"),
        UniqueConstraint("source_id", "key"),
        UniqueConstraint("link_key"),
        Index("ix_headline_status", "status", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    link_key: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    guessed: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="pending")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)

    source: Mapped[Source] = relationship(back_populates="headlines", lazy="joined")
