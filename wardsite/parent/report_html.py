"""The audit as one file for a leader: opens anywhere, prints on A4, needs no network or script."""

from __future__ import annotations

import gettext
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jinja2

from wardsite.core.findings import Audit
from wardsite.core.verdict import ItemVerdict, State
from wardsite.language import terminal_language
from wardsite.parent.report import (
    SECTIONS,
    STANDINGS,
    STATES,
    Past,
    coverage_words,
    said,
    standing,
    summary_lines,
    to_mend,
    to_watch,
)
from wardsite.parent.wording import moment, printable

_MARKS = {
    State.ON_SHOW: "✓",
    State.MISSING: "✗",
    State.HIDDEN: "◐",
    State.WRONG_LINK: "↷",
    State.OLD_REVISION: "⟲",
    State.REPORTED: "(✓)",
    State.UNKNOWN: "?",
    State.UNREACHABLE: "–",
}
RADIUS = 42.0
CHART_WIDTH, CHART_HEIGHT = 560.0, 150.0


@dataclass(frozen=True)
class Share:
    """A part of the ring: how many units, and where its arc lies (length, offset of the stroke)."""

    name: str
    code: str
    count: int
    length: float
    offset: float


@dataclass(frozen=True)
class Column:
    """An item of the matrix, over all units that it is for and that were reached."""

    key: str
    kind: str
    title: str
    on_show: int
    asked: int


def html_report(audit: Audit, earlier: Sequence[Past]) -> bytes:
    """Return the report as one HTML file; `earlier` are the audits before this one."""
    past = [p for p in earlier if p.at < audit.at]
    this = Past(audit.at, audit.revision, audit.complete, len(audit.visited))
    page = _environment().get_template("parent/audit.html")
    return page.render(
        audit=audit,
        language=terminal_language(),
        shares=shares(audit),
        radius=RADIUS,
        circumference=round(2 * math.pi * RADIUS, 2),
        columns=_columns(audit),
        cells={unit.id: {item.key: item for item in unit.items} for unit in audit.units},
        marks=_MARKS,
        points=_points([*past, this]),
        chart=(CHART_WIDTH, CHART_HEIGHT),
        sums=list(summary_lines(audit)),
        states=STATES,
    ).encode()


def shares(audit: Audit) -> list[Share]:
    """Return the parts of the ring: complete, to mend, not reached, without address."""
    around, before = 2 * math.pi * RADIUS, 0.0
    found = []
    for how, name in STANDINGS.items():
        count = audit.standing(how)
        length = around * count / max(len(audit.units), 1)
        found.append(Share(name, how.value, count, round(length, 2), round(-before, 2)))
        before += length
    return found


def _columns(audit: Audit) -> list[Column]:
    """Return the items in the order in which units have them."""
    found: dict[str, list[ItemVerdict]] = {}
    for unit in audit.units:
        for item in unit.items:
            found.setdefault(item.key, []).append(item)
    return [
        Column(
            key,
            SECTIONS[items[0].section],
            printable(items[0].title, 80),
            sum(item.state in {State.ON_SHOW, State.REPORTED} for item in items),
            sum(item.state is not State.UNREACHABLE for item in items),
        )
        for key, items in found.items()
    ]


def _points(past: Sequence[Past]) -> list[dict[str, Any]]:
    """Return the points of the history: x and y in the chart, share of complete units, words."""
    step = CHART_WIDTH / max(len(past) - 1, 1)
    points = []
    for index, one in enumerate(past):
        share = one.complete / one.visited if one.visited else 0.0
        points.append(
            {
                "x": round(index * step if len(past) > 1 else CHART_WIDTH / 2, 1),
                "y": round(CHART_HEIGHT * (1 - share), 1),
                "percent": round(100 * share),
                "past": one,
            }
        )
    return points


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("wardsite", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        gettext.gettext, gettext.ngettext, newstyle=True
    )
    made.filters["moment"] = moment
    made.filters["printable"] = printable
    made.globals.update(
        said=said,
        standing=standing,
        to_mend=to_mend,
        to_watch=to_watch,
        coverage_words=coverage_words,
    )
    return made
