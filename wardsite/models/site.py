"""The site itself, what it counts and what it does by the clock."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wardsite.extensions import Base
from wardsite.models.columns import UtcDateTime
from wardsite.models.media import Image


class ContentVersion(Base):
    """One number that every public change moves; one row (serving/version.py).

    `index_form` is the `search.index.FORM` that the search's index was last made anew in.
    """

    __tablename__ = "content_version"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(default=0)
    index_form: Mapped[int] = mapped_column(default=0, server_default="0")


class SiteProfile(Base):
    """What the unit says of itself; one row. Empty text is a blank for the unit to fill in."""

    __tablename__ = "site_profile"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str] = mapped_column(Text, default="")
    slogan: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    responsible_name: Mapped[str] = mapped_column(Text, default="")
    responsible_title: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(Text, default="")
    about_html: Mapped[str] = mapped_column(Text, default="")
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    # Empty: the colour that is customary for the kind of unit.
    theme: Mapped[str] = mapped_column(Text, default="", server_default="")
    offline: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Whether every officer must sign in with a second step.
    second_factor_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    logo: Mapped["Image | None"] = relationship(lazy="joined")


class Visits(Base):
    """How often a page was opened on a day; no address, no cookie, no person."""

    __tablename__ = "visits"

    day: Mapped[date] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class JobLease(Base):
    """Who does a recurring job now, and until when at the latest; so that it is done once."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
