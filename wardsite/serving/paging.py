"""Lists in pages: ?trang=2."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Select, func, literal, select

from wardsite.core.errors import NotFoundError
from wardsite.extensions import db

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; pages count from 1. `more`: there may be more rows than `total`."""

    items: list[T]
    number: int
    last: int
    total: int
    more: bool = False

    @property
    def near(self) -> list[int]:
        """The numbers that links to other pages may name: the ends, and those around this one."""
        near = range(max(1, self.number - 2), min(self.last, self.number + 2) + 1)
        return sorted({1, *near, self.last})


def page_number() -> int:
    """Return the page asked for with ?trang=, or 0 (no such page) for what is no number."""
    asked = request.args.get("trang", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


def by_number(
    table: type[Any], query: Select[Any], number: int, size: int, most: int | None = None
) -> Page[Any]:
    """Like `paginate` for rows of `table`, which has an `id`: found first, then read.

    What is sought may lie in an index, where looking is quick; only the page's own rows are read
    whole.
    """
    found = paginate(query.with_only_columns(table.id), number, size, most)
    rows = db.session.scalars(select(table).where(table.id.in_(found.items)))
    known = {row.id: row for row in rows}
    items = [known[id_] for id_ in found.items if id_ in known]
    return Page(items, found.number, found.last, found.total, found.more)


def paginate(query: Select[Any], number: int, size: int, most: int | None = None) -> Page[Any]:
    """Return page `number` of an ordered query; raises NotFoundError when there is no such page.

    `most` rows are counted at most, and pages end there: for lists that say how many pages there
    are and not how many rows, and that must cost the same in ten years.
    """
    before = (number - 1) * size
    if number < 1 or (most is not None and before >= most):
        raise NotFoundError
    items = list(db.session.scalars(query.offset(before).limit(size)))
    # A page that is not full is the last one. Rows that are rare are then looked for once.
    known = len(items) < size and (items or number == 1)
    total = before + len(items) if known else _count(query, most)
    last = max(1, -(-total // size))
    if number > last:
        raise NotFoundError
    return Page(items, number, last, total, more=total == most)


def _count(query: Select[Any], most: int | None) -> int:
    rows = query.order_by(None)
    if most is None:
        counted = rows.with_only_columns(func.count(), maintain_column_froms=True)
    else:
        few = rows.with_only_columns(literal(1), maintain_column_froms=True).limit(most)
        counted = select(func.count()).select_from(few.subquery())
    return db.session.scalar(counted) or 0
