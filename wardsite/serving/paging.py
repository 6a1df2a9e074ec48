"""Lists in pages: ?trang=2."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Select, func, select

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


def by_number(table: type[Any], query: Select[Any], number: int, size: int) -> Page[Any]:
    """Like `paginate` for rows of `table`, which has an `id`: found first, then read.

    What is sought may lie in an index, where looking is quick; only the page's own rows are read
    whole.
    """
    found = paginate(query.with_only_columns(table.id), number, size)
    rows = db.session.scalars(select(table).where(table.id.in_(found.items)))
    known = {row.id: row for row in rows}
    items = [known[id_] for id_ in found.items if id_ in known]
    return Page(items, found.number, found.last, found.total)


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
