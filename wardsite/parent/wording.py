"""The parent unit's terminal and reports in plain words; needs no app and no instance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from gettext import gettext as _

from wardsite.central.words import AUDIENCES, FIELDS, SECTIONS, VALUES
from wardsite.core.central_config import Problem
from wardsite.core.central_schema import CentralConfig
from wardsite.core.config_diff import Change, FieldChange
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.vi import short_date, short_stamp
from wardsite.language import terminal_language

_VERBS = {"added": N_("Adds"), "removed": N_("Removes"), "changed": N_("Changes")}
_NOT_FOR_RESIDENTS = frozenset({"config", "units", "keys", "revoked_keys"})
_TOLD_OF_NEW = ("link_url", "url", "site_url", "number", "valid_from", "valid_to", "audience")
_BY_SIGNING = frozenset({"revision", "issued_at", "expires_at"})
_LONGEST = 300


def printable(text: object, limit: int = _LONGEST) -> str:
    """Return `text` on one line and short, without anything that a terminal would obey."""
    words = " ".join(str(text).split())
    shown = "".join(char if char.isprintable() else "?" for char in words[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def problem_lines(name: str, problems: Iterable[Problem], mark: str) -> Iterator[str]:
    """Yield `file:line: field: what to mend` for each problem."""
    for problem in problems:
        field = f"{problem.field}: " if problem.field else ""
        said = WardsiteError(problem.msgid, **problem.params).said(_)
        yield f"{mark} {name}:{problem.line}: {field}{said}"


def change_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield what a revision changes, for residents first, then the rest, in plain words."""
    ours = [change for change in changes if not _is_routine(change)]
    seen = [change for change in ours if not _is_hidden_from_residents(change)]
    rest = [change for change in ours if change not in seen]
    yield _("Changes residents will see:")
    for change in seen:
        yield from _one_change(change)
    if not seen:
        yield "  " + _("No changes. Signing again only keeps the file current.")
    if rest:
        yield _("What residents do not see:")
        for change in rest:
            yield from _one_change(change)


def moment(value: datetime) -> str:
    """Return a moment in Vietnamese time, for people."""
    return short_stamp(value, terminal_language())


def audience(entries: Iterable[str], config: CentralConfig | None = None) -> str:
    """Return whom an audience holds, in words."""
    names = {row.id: row.name for row in config.units} if config else {}
    words = [
        _(AUDIENCES[entry])
        if entry in AUDIENCES
        else names.get(entry.removeprefix("unit:"), entry.removeprefix("unit:"))
        for entry in entries
    ]
    return ", ".join(words) or _("all units")


def _is_routine(change: Change) -> bool:
    """Leave out what signing itself writes, unless the whole config is new."""
    return change.section == "config" and {f.field for f in change.fields} <= _BY_SIGNING


def _is_hidden_from_residents(change: Change) -> bool:
    is_drill = any(field.field == "drill" and field.after for field in change.fields)
    return change.section in _NOT_FOR_RESIDENTS or is_drill


def _one_change(change: Change) -> Iterator[str]:
    section = _(SECTIONS.get(change.section, change.section))
    title = f" “{printable(change.title)}”" if change.title else ""
    yield f"  {_(_VERBS[change.kind])}: {section}{title}"
    for field in change.fields:
        if change.kind == "changed":
            yield "      " + _("%(field)s: %(before)s → %(after)s") % _told(field)
        elif change.kind == "added" and field.field in _TOLD_OF_NEW and field.after:
            yield "      " + _("%(field)s: %(after)s") % _told(field)


def _told(field: FieldChange) -> dict[str, str]:
    name = _(FIELDS[field.field]) if field.field in FIELDS else field.field
    return {
        "field": name,
        "before": _value(field.before, field.field),
        "after": _value(field.after, field.field),
    }


def _value(value: object, field: str) -> str:
    if value is None or value == () or value == "":
        return _("all units") if field == "audience" else _("(none)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return short_date(value, terminal_language())
    if isinstance(value, tuple):
        return audience(value) if field == "audience" else printable(", ".join(map(str, value)))
    name = VALUES.get(field, {}).get(str(value))
    return _(name) if name else f"“{printable(value)}”"
