"""An audit for whoever reads it: on the terminal, as JSON, CSV, XLSX; and what earlier ones said.

What units sent is printed as text only: no control character reaches a terminal, nothing becomes a
formula in a sheet, and a telephone number keeps its zeros.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from wardsite.central import words
from wardsite.core.errors import N_, WardsiteError, quoted, reason_of
from wardsite.core.findings import Audit, Coverage, Standing, UnitVerdict
from wardsite.core.verdict import ItemVerdict, State, Words
from wardsite.core.vi import duration
from wardsite.filestore import write_atomically
from wardsite.language import terminal_language
from wardsite.parent.publish import CannotWriteError
from wardsite.parent.wording import printable
from wardsite.serving import tables

HISTORY = "audits"
_MAX_RECORD, _MAX_RECORDS = 8 * 1024 * 1024, 24

STATES = {
    State.ON_SHOW: N_("Displayed"),
    State.MISSING: N_("Missing"),
    State.HIDDEN: N_("Hidden or covered"),
    State.WRONG_LINK: N_("Incorrect link"),
    State.OLD_REVISION: N_("Outdated revision"),
    State.REPORTED: N_("Displayed, according to the unit"),
    State.UNKNOWN: N_("Cannot be determined from the home page"),
    State.UNREACHABLE: N_("Unreachable"),
}
STANDINGS = {
    Standing.COMPLETE: N_("Compliant"),
    Standing.TO_MEND: N_("Not compliant"),
    Standing.NOT_REACHED: N_("Unreachable"),
    Standing.NO_ADDRESS: N_("No address"),
}
SECTIONS = words.SECTIONS | {"drills": N_("Drill")}


@dataclass(frozen=True)
class Past:
    """What an earlier audit found: when, of which revision, how many units were complete."""

    at: datetime
    revision: int
    complete: int
    visited: int


def said(sentence: Words | None) -> str:
    """Return what `sentence` says in the terminal's language, safe to print."""
    if sentence is None:
        return ""
    params = {name: _param(value) for name, value in sentence.params.items()}
    return printable(_(sentence.msgid) % params, 1000)


def _param(value: object) -> object:
    """Return a value as a sentence says it."""
    if isinstance(value, Words):
        return said(value)
    if isinstance(value, timedelta):
        return duration(value, terminal_language())
    return printable(quoted(value, _)) if isinstance(value, str | WardsiteError) else value


def item_line(item: ItemVerdict) -> str:
    """Return `Banner “…”: Missing – why`."""
    why = f" – {said(item.why)}" if item.why else ""
    title = printable(item.title)
    return f"{_(SECTIONS[item.section])} “{title}”: {_(STATES[item.state]).lower()}{why}"


def to_mend(unit: UnitVerdict) -> list[str]:
    """Return what a unit has to mend, a line for each; one line when it was not reached at all."""
    grave = [said(found.words) for found in unit.findings if found.trouble.is_grave]
    items = [item for item in unit.to_mend if item.state is not State.UNREACHABLE]
    return [*grave, *(item_line(item) for item in items)]


def to_watch(unit: UnitVerdict) -> list[str]:
    """Return what does not make a unit fall short yet."""
    light = [said(found.words) for found in unit.findings if not found.trouble.is_grave]
    items = (i for i in unit.items if not i.mandatory and i.state.falls_short)
    return [*light, *(item_line(item) for item in items if item.state is not State.UNREACHABLE)]


def standing(unit: UnitVerdict) -> str:
    """Return how a unit stands in one or two words."""
    return _(STANDINGS[unit.standing])


# --- The terminal


def summary_lines(audit: Audit) -> Iterator[str]:
    """Yield the sums: units complete, how fast revision and drills spread, our own clock."""
    yield _(
        "%(complete)d of %(visited)d units checked are compliant; %(without)d have no address."
    ) % {
        "complete": audit.complete,
        "visited": len(audit.visited),
        "without": len(audit.units) - len(audit.visited),
    }
    if gone := audit.standing(Standing.NOT_REACHED):
        yield _("%(count)d could not be reached, so what they display is unknown.") % {
            "count": gone
        }
    spread = audit.coverage()
    if spread.asked:
        yield _("Revision %(revision)d: %(spread)s") % {
            "revision": audit.revision,
            "spread": coverage_words(spread),
        }
    for name, drill in audit.drills().items():
        yield _("Drill %(name)s: %(spread)s") % {"name": name, "spread": coverage_words(drill)}
    if audit.own_clock_off is not None:
        yield _("The clock on this machine seems to be off by %(time)s.") % {
            "time": _param(timedelta(seconds=audit.own_clock_off))
        }


def coverage_words(spread: Coverage) -> str:
    """Return how far something has spread, in words."""
    arrived = _("%(arrived)d of the %(asked)d units that report their status have it") % {
        "arrived": spread.arrived,
        "asked": spread.asked,
    }
    if spread.median_minutes is None or spread.last_minutes is None:
        return f"{arrived}."
    return arrived + _("; half within %(median)s, the last after %(last)s.") % {
        "median": _param(timedelta(minutes=spread.median_minutes)),
        "last": _param(timedelta(minutes=spread.last_minutes)),
    }


# --- JSON, and the record of audits


def as_json(audit: Audit) -> dict[str, Any]:
    """Return the whole audit for programs; sentences are in the terminal's language."""
    return {
        "format": 1,
        "at": audit.at.isoformat(timespec="seconds"),
        "config": {"id": audit.config_id, "revision": audit.revision, "sha256": audit.sha256},
        "summary": {
            "units": len(audit.units),
            "visited": len(audit.visited),
            "complete": audit.complete,
            "falling_short": len(audit.short),
            "not_reached": audit.standing(Standing.NOT_REACHED),
        },
        "coverage": _coverage_json(audit.coverage()),
        "drills": {name: _coverage_json(spread) for name, spread in audit.drills().items()},
        "own_clock_off_seconds": audit.own_clock_off,
        "units": [_unit_json(unit) for unit in audit.units],
    }


def _coverage_json(spread: Coverage) -> dict[str, Any]:
    return {
        "arrived": spread.arrived,
        "asked": spread.asked,
        "median_minutes": spread.median_minutes,
        "last_minutes": spread.last_minutes,
    }


def _unit_json(unit: UnitVerdict) -> dict[str, Any]:
    return {
        "id": unit.id,
        "kind": unit.kind,
        "name": unit.name,
        "url": unit.url,
        "wardsite": unit.is_wardsite,
        "standing": unit.standing.value,
        "falls_short": unit.falls_short,
        "revision": unit.revision,
        "minutes": unit.minutes,
        "drill_minutes": dict(unit.drill_minutes),
        "items": [
            {
                "key": item.key,
                "title": item.title,
                "mandatory": item.mandatory,
                "state": item.state.value,
                "why": said(item.why),
            }
            for item in unit.items
        ],
        "findings": [
            {
                "code": found.trouble.value,
                "grave": found.trouble.is_grave,
                "text": said(found.words),
            }
            for found in unit.findings
        ],
    }


def keep(audit: Audit, folder: Path) -> Path:
    """Write the audit into the folder of records and return where."""
    path = folder / f"{audit.config_id}-{audit.at:%Y%m%dT%H%M%SZ}.json"
    write(path, json_bytes(audit))
    return path


def json_bytes(audit: Audit) -> bytes:
    """Return the audit as a JSON file."""
    return (json.dumps(as_json(audit), ensure_ascii=False, indent=1) + "\n").encode()


def history(folder: Path, config_id: str) -> list[Past]:
    """Return what earlier audits of this config found, oldest first; damaged ones are left out."""
    found = []
    for path in sorted(folder.glob(f"{config_id}-*.json"))[-_MAX_RECORDS:]:
        try:
            if path.stat().st_size > _MAX_RECORD:
                continue
            record = json.loads(path.read_bytes())
            past = Past(
                datetime.fromisoformat(record["at"]),
                int(record["config"]["revision"]),
                int(record["summary"]["complete"]),
                int(record["summary"]["visited"]),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
        if past.at.tzinfo is not None and 0 <= past.complete <= past.visited:
            found.append(past)
    return sorted(found, key=lambda past: past.at)


def write(path: Path, content: bytes) -> None:
    """Write a report whole or not at all. Raises CannotWriteError."""
    try:
        write_atomically(path, content)
    except OSError as error:
        raise CannotWriteError(
            N_("%(path)s cannot be written: %(reason)s."),
            path=str(path),
            reason=reason_of(error),
        ) from error


# --- Sheets


def _head() -> list[str]:
    return [
        _("Unit"),
        _("Address"),
        _("Assessment"),
        _("Item type"),
        _("Item"),
        _("Mandatory"),
        _("Result"),
        _("Why"),
    ]


def _rows(audit: Audit) -> Iterator[list[str]]:
    """Yield a row for each item of each unit, and one for each trouble of a unit."""
    for unit in audit.units:
        start = [unit.name, unit.url or "", standing(unit)]
        for found in unit.findings:
            grave = found.trouble.is_grave
            result = _("Not compliant") if grave else _("Points to note")
            yield [*start, _("Whole site"), "", "", result, said(found.words)]
        for item in unit.items:
            mandatory = _("yes") if item.mandatory else _("no")
            kind, state = _(SECTIONS[item.section]), _(STATES[item.state])
            yield [*start, kind, item.title, mandatory, state, said(item.why)]


def csv_bytes(audit: Audit) -> bytes:
    """Return the audit as CSV in UTF-8 with its mark, which Excel needs; no cell is a formula."""
    rows = ([printable(cell, 2000) for cell in row] for row in _rows(audit))
    return tables.csv_bytes(_head(), rows)


def xlsx_bytes(audit: Audit) -> bytes:
    """Return the audit as a workbook: units, and items; every cell is text or a plain number."""
    book = Workbook()
    units = book.active
    if not isinstance(units, Worksheet):
        raise TypeError("a new workbook has a sheet")
    units.title = _("Units")
    head = [
        _("Unit"),
        _("Address"),
        _("Assessment"),
        _("Displayed"),
        _("Items"),
        _("Revision"),
        _("Not compliant"),
    ]
    _fill(
        units,
        head,
        (
            [
                unit.name,
                unit.url or "",
                standing(unit),
                unit.on_show,
                unit.told,
                unit.revision if unit.revision is not None else "",
                "\n".join(to_mend(unit)),
            ]
            for unit in audit.units
        ),
        (40, 40, 14, 10, 10, 10, 90),
    )
    _fill(book.create_sheet(_("Items")), _head(), _rows(audit), (40, 40, 14, 20, 50, 10, 24, 60))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(
    sheet: Worksheet, head: list[str], rows: Iterable[list[Any]], widths: tuple[int, ...]
) -> None:
    for number, row in enumerate((head, *rows), 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                # Set as text whatever it begins with: openpyxl would make a formula of "=…".
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000]
                cell.data_type = "s"
            else:
                cell.value = value
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                cell.font = Font(bold=True, color="FFFFFF")
                cell.fill = PatternFill("solid", fgColor="0A3040")
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    tables.print_on_a4(sheet)
