"""The unit's own pages, people, links and calendar."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wardsite.extensions import Base
from wardsite.models.columns import UtcDateTime
from wardsite.models.media import Image


class OwnPage(Base):
    """A page of the unit's own (/trang/<slug>); `kind` says where readers look for it."""

    __tablename__ = "own_page"
    __table_args__ = (CheckConstraint("status IN ('draft', 'published')", name="status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="page")
    body_html: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="draft")
    in_menu: Mapped[bool] = mapped_column(default=False)
    order: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Person(Base):
    """Somebody of the unit whom residents may turn to (NĐ 42/2022, article 4)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    department: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    is_contact: Mapped[bool] = mapped_column(default=False)
    rank: Mapped[int] = mapped_column(default=9)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OwnLink(Base):
    """A link or banner of the unit's own, always below what the centre mandates."""

    __tablename__ = "own_link"
    __table_args__ = (CheckConstraint("place IN ('menu', 'links', 'banner')", name="place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    order: Mapped[int] = mapped_column(default=0)
    shown_until: Mapped[date | None]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    image: Mapped[Image | None] = relationship(lazy="joined")


class CalendarEntry(Base):
    """A line of the office calendar: lịch tiếp công dân, or lịch công tác."""

    __tablename__ = "calendar_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('reception', 'work')", name="kind"),
        Index("ix_calendar_entry_day", "kind", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    hours: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
