"""Lists in pages: ?trang=2."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Select, func

from wardsite.core.errors import N_, NotFoundError
from wardsite.extensions import db

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; pages count from 1."""

    items: list[T]
    number: int
    last: int
    total: int


def page_number() -> int:
    """Return the page asked for with ?trang=, or 0 (no such page) for what is no number."""
    asked = request.args.get("trang", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


def paginate(query: Select[Any], number: int, size: int) -> Page[Any]:
    """Return page `number` of an ordered query; raises NotFoundError when there is no such page."""
    total = (
        db.session.scalar(
            query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
        )
        or 0
    )
    last = max(1, -(-total // size))
    if not 1 <= number <= last:
        raise NotFoundError(N_("There is no such page."))
    items = db.session.scalars(query.offset((number - 1) * size).limit(size))
    return Page(list(items), number, last, total)
