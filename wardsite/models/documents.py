"""Official documents (văn bản)."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wardsite.extensions import Base
from wardsite.models.accounts import User
from wardsite.models.columns import UtcDateTime


class Document(Base):
    """An official document (văn bản): NĐ 30/2020 fields. The centre's have a `central_id`."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("central_id"),
        CheckConstraint("status IN ('draft', 'published')", name="status"),
        Index("ix_document_issued", "issued_on"),
        # Holds all that counting the public ones asks.
        Index("ix_document_public", "status", "central_id"),
        Index("ix_document_kind", "kind", "issued_on"),
        Index("ix_document_issuer", "issuer", "issued_on"),
        Index("ix_document_status", "status", "updated_at"),
        Index("ix_document_updated", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    central_id: Mapped[str | None] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, default="")
    symbol: Mapped[str] = mapped_column(Text, default="")
    code: Mapped[str] = mapped_column(Text)
    code_folded: Mapped[str] = mapped_column(Text, index=True)
    issuer: Mapped[str] = mapped_column(Text)
    authority: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")
    issued_on: Mapped[date]
    effective_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    summary: Mapped[str] = mapped_column(Text)
    signer_title: Mapped[str] = mapped_column(Text, default="")
    signer_name: Mapped[str] = mapped_column(Text, default="")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    file_url: Mapped[str] = mapped_column(Text, default="")
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(Text, default="published", server_default="published")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    author: Mapped[User | None] = relationship()


class DocumentRelation(Base):
    """What a document does to another: replaces it, amends it, or rests on it (căn cứ).

    `target_code` is the other's number as written; `target_id` where this site has that document.
    """

    __tablename__ = "document_relation"
    __table_args__ = (
        CheckConstraint("kind IN ('replaces', 'amends', 'based_on')", name="kind"),
        UniqueConstraint("document_id", "kind", "target_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    target_code: Mapped[str] = mapped_column(Text)
    target_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id", ondelete="SET NULL"), index=True
    )
