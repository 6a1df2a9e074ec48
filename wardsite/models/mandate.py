"""What the centre orders: only which bytes; the bytes are files."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from wardsite.extensions import Base
from wardsite.models.columns import UtcDateTime


class CentralState(Base):
    """Which revision of the centre's file is in force, and how the last contact went; one row.

    The bytes are files under `central/` named by their SHA-256. `known` mirrors
    `central/known.json`: what must never be forgotten (highest revision, keys introduced and
    revoked, latest clock).
    """

    __tablename__ = "central_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    sha256: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int | None]
    previous_sha256: Mapped[str | None] = mapped_column(Text)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    known: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    images: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str] = mapped_column(Text, default="")
    error_msgid: Mapped[str] = mapped_column(Text, default="")
    error_params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
