"""The audit log: who did what, when. Lines are only ever added, each chained to the one before.

A line's hash covers its content and the hash of the line before, so a line that was changed, put in
or taken out later is found by `verify`. Triggers of the database refuse changes by anything that
opens it (`TRIGGERS`); whoever can write the file itself can remove them, which is why the chain and
the exported copies exist.
"""

import hashlib
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, inspect, select
from sqlalchemy.orm import Session

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import nfc
from wardsite.extensions import db
from wardsite.models import AuditEntry

START = "0" * 64
# Any fixed number: the lock of PostgreSQL under which the chain grows.
_LOCK = 1_405_022_112

# A batch migration makes the table anew and with it loses these; migrations/env.py puts them back.
TRIGGERS = {
    "audit_entry_no_update": "CREATE TRIGGER IF NOT EXISTS audit_entry_no_update BEFORE UPDATE "
    "ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
    "audit_entry_no_delete": "CREATE TRIGGER IF NOT EXISTS audit_entry_no_delete BEFORE DELETE "
    "ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
}
_GUARDS = {"audit_entry_only_grows", "audit_entry_no_truncate"}
_PRESENT = (
    "SELECT tgname FROM pg_trigger"
    " WHERE tgrelid = CAST('audit_entry' AS regclass) AND tgenabled IN ('O', 'A')"
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_entry_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit trail only grows'; END $$",
    "CREATE OR REPLACE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_only_grows()",
    "CREATE OR REPLACE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_only_grows()",
)


class BrokenChainError(WardsiteError):
    """A line of the audit log is not as it was written, or lines are missing before it."""


@dataclass(frozen=True)
class Chain:
    """An unbroken log: how many lines, and the hash of the last one."""

    count: int
    last_hash: str


def record(
    session: Session, now: datetime, user_name: str, action: str, subject: str = "", **detail: Any
) -> None:
    """Add a line to the audit log in the caller's transaction (one that writes)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    entry = AuditEntry(
        at=now.astimezone(UTC),
        user_name=nfc(user_name),
        action=action,
        subject=nfc(subject),
        detail=detail,
        prev_hash=session.scalar(last) or START,
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 of a line: its content and the hash of the line before."""
    content = [
        entry.prev_hash,
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        entry.user_name,
        entry.action,
        entry.subject,
        entry.detail,
    ]
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify() -> Chain:
    """Read the whole log; raise BrokenChainError naming the first line that does not fit."""
    expected, count = START, 0
    with closing(entries()) as all_lines:
        for entry in all_lines:
            if entry.prev_hash != expected or entry.hash != entry_hash(entry):
                raise BrokenChainError(
                    N_(
                        "Line %(number)s of the audit log was changed, or earlier lines are "
                        "missing."
                    ),
                    number=entry.id,
                )
            expected, count = entry.hash, count + 1
    return Chain(count, expected)


def newest() -> tuple[int, str] | None:
    """Return the number and the hash of the newest line; None while there is none."""
    row = db.session.execute(
        select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    ).first()
    return (row[0], row[1]) if row is not None else None


def hash_of(number: int) -> str | None:
    """Return the hash of a line; None when there is no such line."""
    return db.session.scalar(select(AuditEntry.hash).where(AuditEntry.id == number))


def entries() -> Generator[AuditEntry, None, None]:
    """Yield all lines, oldest first, without holding them all in memory."""
    query = select(AuditEntry).order_by(AuditEntry.id)
    with closing(db.session.scalars(query.execution_options(yield_per=500))) as rows:
        yield from rows


def lines(user_name: str = "", action: str = "") -> Select[AuditEntry]:
    """Return the query of lines, newest first, of one user or one kind of deed where given."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if user_name:
        query = query.where(AuditEntry.user_name == nfc(user_name).strip().lower())
    if action:
        query = query.where(AuditEntry.action == action)
    return query


def actions() -> list[str]:
    """Return the kinds of deeds that the log holds."""
    return list(
        db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action))
    )


def missing_triggers(connection: Connection) -> list[str]:
    """Return which of the triggers the database lacks; someone took them out or turned them off."""
    if connection.dialect.name == "sqlite":
        wanted, asked = set(TRIGGERS), "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        wanted, asked = _GUARDS, _PRESENT
    return sorted(wanted - set(connection.exec_driver_sql(asked).scalars()))


def make_append_only(connection: Connection) -> None:
    """Put the triggers in place where the table has its chain; called after every migration."""
    columns = inspect(connection).get_columns("audit_entry")
    if not any(column["name"] == "prev_hash" for column in columns):
        return
    sqlite = connection.dialect.name == "sqlite"
    for statement in TRIGGERS.values() if sqlite else _POSTGRESQL:
        connection.exec_driver_sql(statement)
