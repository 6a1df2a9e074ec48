"""The index of the search."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from wardsite.extensions import Base
from wardsite.models.columns import UtcDateTime


class SearchEntry(Base):
    """Something that can be found; `search.index` writes it with the words of the index itself.

    `id` grows with `at` (`search.store.first_id`). `owner` is the row it was made of: `post:12`.
    """

    __tablename__ = "search_entry"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    owner: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    visible_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    visible_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gate: Mapped[str] = mapped_column(Text)
