"""Pictures and files."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from wardsite.extensions import Base
from wardsite.models.columns import UtcDateTime


class Image(Base):
    """A picture, decoded and written anew as WebP; `name` is its file; px and bytes."""

    __tablename__ = "image"
    __table_args__ = (Index("ix_image_find", "created_at", "folded"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    original_name: Mapped[str] = mapped_column(Text, default="")
    alt: Mapped[str] = mapped_column(Text, default="")
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    folded: Mapped[str] = mapped_column(Text, default="")
    """The words of description and name without marks and case: what the library searches."""


class ImageUse(Base):
    """Who shows a picture: `owner` is `post:12`; not `current` when only an old revision does."""

    __tablename__ = "image_use"
    __table_args__ = (Index("ix_image_use_owner", "owner"),)

    image_id: Mapped[int] = mapped_column(
        ForeignKey("image.id", ondelete="CASCADE"), primary_key=True
    )
    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    current: Mapped[bool] = mapped_column(default=True)


class Attachment(Base):
    """A file beside a document or a post; `name` is its file under media/attachments, size bytes.

    `kind` is what the bytes are, never what the name said. `text` is what could be read out of it
    for the search; `text_state` is `waiting` until that was tried, then `done` or `none`.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("text_state IN ('waiting', 'done', 'none')", name="text_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), index=True
    )
    post_id: Mapped[int | None] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    order: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text_state: Mapped[str] = mapped_column(Text, default="waiting", index=True)
    # Last and deferred: a list of files must not read hundreds of pages to show their names.
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
