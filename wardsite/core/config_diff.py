"""What one revision of the district config changes against another, as values to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from wardsite.core.central_schema import CentralConfig, Row, Table

_TITLES = ("title", "label", "name", "code")


@dataclass(frozen=True)
class FieldChange:
    """One field: values before and after, as the schema has them; None is "not given"."""

    field: str
    before: object
    after: object


@dataclass(frozen=True)
class Change:
    """One item that a revision adds, removes or changes.

    `section` is the section of the file and `id` the row's id (empty for `config` and `parent`,
    the key itself for `revoked_keys`). `title` is what a person calls it: of the new state, of the
    old one when removed. An added or removed item lists the fields it has, with None on the other
    side.
    """

    section: str
    id: str
    kind: Literal["added", "removed", "changed"]
    title: str
    fields: tuple[FieldChange, ...]


def changes(old: CentralConfig | None, new: CentralConfig) -> tuple[Change, ...]:
    """Return what `new` changes against `old`, in the order of the file; all of it without one.

    Within a section removed items come last. A row that only moved is not a change: `order`
    decides where an item stands.
    """
    return tuple(_changes(old, new))


def _changes(old: CentralConfig | None, new: CentralConfig) -> Iterator[Change]:
    yield from _revocations(old, new)
    for section in (key.name for key in fields(CentralConfig)):
        before = _rows(old, section)
        after = _rows(new, section)
        for row_id, row in after.items():
            change = _compare(section, row_id, before.get(row_id), row)
            if change is not None:
                yield change
        for row_id, row in before.items():
            if row_id not in after:
                yield Change(section, row_id, "removed", _title(row), _fields(row, None))


def _compare(section: str, row_id: str, old: Table | None, new: Table) -> Change | None:
    if old is None:
        return Change(section, row_id, "added", _title(new), _fields(None, new))
    differing = _fields(old, new)
    return Change(section, row_id, "changed", _title(new), differing) if differing else None


def _rows(config: CentralConfig | None, section: str) -> dict[str, Table]:
    value = getattr(config, section, None)
    if isinstance(value, Table):
        return {"": value}
    rows = value if isinstance(value, tuple) else ()
    return {row.id: row for row in rows if isinstance(row, Row)}


def _fields(old: Table | None, new: Table | None) -> tuple[FieldChange, ...]:
    row = new or old
    names = [key.name for key in fields(row) if key.name != "id"] if row else []
    pairs = ((name, getattr(old, name, None), getattr(new, name, None)) for name in names)
    return tuple(FieldChange(*pair) for pair in pairs if pair[1] != pair[2])


def _revocations(old: CentralConfig | None, new: CentralConfig) -> Iterator[Change]:
    before = old.revoked_keys if old else ()
    for key in new.revoked_keys:
        if key not in before:
            yield Change("revoked_keys", key, "added", key, ())
    for key in before:
        if key not in new.revoked_keys:
            yield Change("revoked_keys", key, "removed", key, ())


def _title(row: Table) -> str:
    return next((str(getattr(row, name)) for name in _TITLES if hasattr(row, name)), "")
