"""Keeping the index true: what changed in a transaction is described and written within it.

A room says once how its rows are found (`searchable`); after that no writer can forget. What time
makes public or takes away is stored as moments and decided when someone searches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, event, func, insert, select, update
from sqlalchemy.orm import Session

from wardsite.core.text import clean_pasted
from wardsite.extensions import Base, db, transaction
from wardsite.models import ContentVersion, SearchEntry
from wardsite.search import titles
from wardsite.search.store import ROOM, Texts, first_id, store_of

T = TypeVar("T", bound=Base)
_CHANGED = "wardsite.search.changed"
_BATCH = 500

FORM = 1
"""The way things are described and their words stored; raise it when either changes, here, in a
room's `findable.py`, in `core/search.py` or `core/text.fold`: the index is then made anew."""

KINDS = ("post", "document", "directive", "page", "answer", "headline")


@dataclass(frozen=True)
class Entry:
    """Something that can be found: its words, where it leads, when it may be seen.

    `kind` is one of KINDS. `title`, `body` and `code` are plain text; `code` is an official number.
    `url` is a path of this site without language (`/van-ban/…`), or a whole address elsewhere.
    `at` (aware) orders and dates it. `visible_from` and `visible_to` (aware, end exclusive) bound
    the time it is public; with a `gate` it is public only while the searcher names that gate (what
    the centre mandates now). `label` says where it is from: a category, an issuer, a source.
    """

    kind: str
    title: str
    url: str
    at: datetime
    body: str = ""
    code: str = ""
    label: str = ""
    visible_from: datetime | None = None
    visible_to: datetime | None = None
    gate: str = ""


Describe = Callable[[Any], Iterable[Entry]]
_described: dict[type[Base], Describe] = {}
_parts: dict[type[Base], dict[type[Base], Callable[[Any], int | None]]] = {}


def searchable(model: type[T], describe: Callable[[T], Iterable[Entry]]) -> None:
    """Keep rows of `model` findable: `describe` returns what is found of a row, nothing of a draft.

    Called after the flush, before the commit, in the session that writes.
    """
    _described[model] = describe


def part_of(model: type[T], owner: type[Base], owner_id: Callable[[T], int | None]) -> None:
    """Describe the row of `owner` anew whenever a row of `model` that belongs to it changes."""
    _parts.setdefault(model, {})[owner] = owner_id


def index(session: Session, owner: str, entries: Iterable[Entry]) -> None:
    """Make `entries` all that is found of `owner` (`post:12`), in the session's transaction.

    For writers that go around the session's objects; rows of `searchable` tables need no call.
    """
    index_all(session, {owner: list(entries)})


def describe_again(session: Session, model: type[Base], keys: Iterable[int]) -> None:
    """Describe rows anew before the commit although they did not change: what they lean on did."""
    changed = session.info.setdefault(_CHANGED, {})
    changed.update(dict.fromkeys((model, key) for key in keys))


def remove(session: Session, owner: str) -> None:
    """Let nothing of `owner` be found any more."""
    index(session, owner, ())


def rebuild() -> Iterator[tuple[int, int]]:
    """Make the whole index anew from the rows; yields (done, all) as it goes.

    In short transactions, so that nobody waits long; meanwhile a search finds what is there so far.
    """
    with transaction() as session:
        connection = session.connection()
        store_of(connection).clear(connection)
        session.execute(delete(SearchEntry))
        titles.rebuild(session)
    total = sum(db.session.scalar(select(func.count()).select_from(m)) or 0 for m in _described)
    done = 0
    for model in _described:
        last = None
        while keys := _next_keys(model, last):
            with transaction() as session:
                _describe_all(session, model, keys)
            done, last = done + len(keys), keys[-1]
            yield done, total
    with transaction() as session:
        session.execute(update(ContentVersion).values(index_form=FORM))


def rebuild_if_outdated() -> None:
    """Make the index anew when other software made it: an upgrade needs no hand for that."""
    if db.session.scalar(select(ContentVersion.index_form)) != FORM:
        for _progress in rebuild():
            pass


def _next_keys(model: type[Base], last: int | None) -> list[int]:
    key = model.__mapper__.primary_key[0]
    query = select(key).order_by(key).limit(_BATCH)
    return list(db.session.scalars(query if last is None else query.where(key > last)))


def _describe_all(session: Session, model: type[Base], keys: list[int]) -> None:
    for first in range(0, len(keys), _BATCH):
        batch = keys[first : first + _BATCH]
        column = model.__mapper__.primary_key[0]
        found = session.scalars(select(model).where(column.in_(batch))).unique()
        identity = model.__mapper__.primary_key_from_instance
        rows = {**dict.fromkeys(batch), **{identity(row)[0]: row for row in found}}
        describe = _described[model]
        index_all(
            session,
            {
                f"{model.__tablename__}:{key}": list(describe(row)) if row is not None else []
                for key, row in rows.items()
            },
        )


def index_all(session: Session, entries: dict[str, list[Entry]]) -> None:
    """Write what differs, for all owners at once: a feed brings hundreds of headlines."""
    wanted = {owner: [_clean(entry) for entry in found] for owner, found in entries.items()}
    present: dict[str, list[SearchEntry]] = {owner: [] for owner in wanted}
    rows = select(SearchEntry).where(SearchEntry.owner.in_(list(wanted))).order_by(SearchEntry.id)
    for row in session.scalars(rows):
        present[row.owner].append(row)
    changed = [owner for owner in wanted if not _same(wanted[owner], present[owner])]
    if not changed:
        return
    connection = session.connection()
    store = store_of(connection)
    gone = [row for owner in changed for row in present[owner]]
    if gone:
        numbers = [row.id for row in gone]
        for row in gone:
            session.expunge(row)
        store.erase(connection, numbers)
        session.execute(delete(SearchEntry).where(SearchEntry.id.in_(numbers)))
    new = [(owner, entry) for owner in changed for entry in wanted[owner]]
    free = _free_numbers(session, new)
    values = [
        {"id": number, "owner": owner, **_values(entry)}
        for number, (owner, entry) in zip(free, new, strict=True)
    ]
    if values:
        connection.execute(insert(SearchEntry), values)
        texts = [Texts(entry.kind, entry.title, entry.body, entry.code) for _, entry in new]
        store.write(connection, list(zip(free, texts, strict=True)))


def _same(wanted: list[Entry], present: list[SearchEntry]) -> bool:
    stored = [_stored(row) for row in present]
    return len(wanted) == len(stored) and all(_values(entry) in stored for entry in wanted)


def _clean(entry: Entry) -> Entry:
    """Return the entry as it is stored: what is found in it must lie where it is shown."""
    return Entry(
        **{
            **entry.__dict__,
            "title": clean_pasted(entry.title),
            "body": clean_pasted(entry.body, keep_lines=True),
            "code": clean_pasted(entry.code),
        }
    )


def _values(entry: Entry) -> dict[str, Any]:
    return dict(entry.__dict__)


def _stored(row: SearchEntry) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Entry.__dataclass_fields__}


def _free_numbers(session: Session, new: list[tuple[str, Entry]]) -> list[int]:
    """Return a free number for each new entry: within its second, ordered by its owner's key."""
    asked = [first_id(entry.at) + _slot(owner) for owner, entry in new]
    nearby = {number + step for number in asked for step in range(4)}
    taken = set(session.scalars(select(SearchEntry.id).where(SearchEntry.id.in_(nearby))))
    free = []
    for number in asked:
        while number in taken:
            number += 1
            if number not in nearby and session.get(SearchEntry, number) is not None:
                taken.add(number)
        taken.add(number)
        free.append(number)
    return free


def _slot(owner: str) -> int:
    key = owner.rpartition(":")[2]
    return int(key) * 4 % (ROOM // 2) if key.isascii() and key.isdigit() else 0


@event.listens_for(db.session, "after_flush")
def _note_changes(session: Session, _context: object) -> None:
    changed: dict[tuple[type[Base], int], None] = session.info.setdefault(_CHANGED, {})
    for row in (*session.new, *session.dirty, *session.deleted):
        model = type(row)
        if model in _described:
            changed[model, row.__mapper__.primary_key_from_instance(row)[0]] = None
        for owner, owner_id in _parts.get(model, {}).items():
            if (key := owner_id(row)) is not None:
                changed[owner, key] = None


@event.listens_for(db.session, "before_commit")
def _write_changes(session: Session) -> None:
    session.flush()
    changed = session.info.pop(_CHANGED, {})
    for model in {model for model, _ in changed}:
        _describe_all(session, model, [key for other, key in changed if other is model])


@event.listens_for(db.session, "after_rollback")
def _forget_changes(session: Session) -> None:
    session.info.pop(_CHANGED, None)
