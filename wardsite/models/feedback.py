"""The residents' desk."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wardsite.extensions import Base
from wardsite.models.accounts import User
from wardsite.models.columns import UtcDateTime


class FeedbackRules(Base):
    """How the unit handles feedback; one row, made when first saved. `days` are working days."""

    __tablename__ = "feedback_rules"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    open: Mapped[bool] = mapped_column(default=True)
    days: Mapped[int] = mapped_column(default=15)
    keep_months: Mapped[int] = mapped_column(default=12)
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)


class Feedback(Base):
    """What a resident wrote (phản ánh, kiến nghị), and what became of it.

    `code` is what the sender follows it by, and nobody can guess. After the retention time the row
    goes, but for the anonymised words of a published one. When the sender deletes it, a row without
    a word of theirs stays for that time, so that officers are not left to wonder.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'open', 'answered', 'declined')", name="status"),
        Index("ix_feedback_inbox", "status", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(Text, default="")
    may_publish: Mapped[bool] = mapped_column(default=False)
    consent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(Text, default="new")
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public_subject: Mapped[str] = mapped_column(Text, default="")
    public_body: Mapped[str] = mapped_column(Text, default="")
    public_answer: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sender_erased_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sender_erased_message_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    assignee: Mapped[User | None] = relationship(lazy="joined")
