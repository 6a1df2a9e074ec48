"""Visiting every unit of a district file: its home page as residents get it, and its status.

Invariants:
- A unit is asked at most once a second, redirects and style sheets included, and a host that units
  share at most four times; at most `Manner.at_once` units are visited at the same time.
- Everything a unit sends is hostile: bounded in bytes, time and work, never run, never believed.
- A visit ends in a verdict, whatever the unit does; no unit can stop the audit of the others.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urljoin, urlsplit

from wardsite import net
from wardsite.core.appraisal import (
    CLOCK_SECONDS,
    certificate_trouble,
    clock_trouble,
    contradictions,
    drill_verdicts,
    minutes_taken,
    status_troubles,
    with_status,
)
from wardsite.core.central_config import parse
from wardsite.core.central_schema import MAX_BYTES, CentralConfig, UnitRow
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.findings import Audit, Finding, Trouble, UnitVerdict
from wardsite.core.mandate import Mandate, Unit, in_effect
from wardsite.core.page import Page, PageTooLargeError, StyleLink, decode, read_page
from wardsite.core.status_report import MAX_BYTES as MAX_STATUS
from wardsite.core.status_report import NoStatusError, StatusReport, read_status
from wardsite.core.stylesheet import DESKTOP, PHONE, Styles, TooMuchStyleError
from wardsite.core.verdict import ItemVerdict, Site, State, Words, judge
from wardsite.core.visibility import View
from wardsite.parent.online import Step

MAX_PAGE = 2 * 1024 * 1024
MAX_SHEET, MAX_SHEETS = 512 * 1024, 8
STATUS_PATH = "/.well-known/wardsite.json"
# What a resident's phone says of itself, so that no page is made for the audit alone.
BROWSER = (
    "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36"
)
# One page at a time: sixty at once would take turns at the interpreter and let answers time out.
_JUDGING = threading.Lock()
_LITTLE_TEXT = 300  # characters: a page that has less, and scripts, builds itself in the browser


class NothingToVisitError(WardsiteError):
    """The file gives no unit's address, or orders nothing yet."""


@dataclass(frozen=True)
class Manner:
    """How the audit goes about it: seconds for one request, for one unit, between requests."""

    private_hosts: frozenset[str] = frozenset()
    at_once: int = 64
    request_seconds: float = 15.0
    unit_seconds: float = 60.0
    pause: float = 1.0
    host_pause: float = 0.25


@dataclass
class Pace:
    """Keeps requests to a host apart, whichever units they are for."""

    pause: float
    _free: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, host: str) -> None:
        """Sleep until it is this request's turn."""
        with self._lock:
            turn = max(self._free[host], time.monotonic())
            self._free[host] = turn + self.pause
        time.sleep(max(turn - time.monotonic(), 0))


@dataclass
class Visit:
    """The requests to one unit."""

    manner: Manner
    pace: Pace
    _ended: float = 0.0
    _spent: float = 0.0
    _is_first_hop: bool = True

    def get(self, url: str, max_bytes: int) -> net.Response:
        """Fetch one thing in good manners. Raises FetchError."""
        self.pace.wait(urlsplit(url).netloc)
        started = time.monotonic()
        self._is_first_hop = True
        left = self.manner.unit_seconds - self._spent
        try:
            return net.get(
                url,
                allowed_hosts=self.manner.private_hosts,
                max_bytes=max_bytes,
                deadline_seconds=max(min(self.manner.request_seconds, left), 0.0),
                max_redirects=5,
                accept_insecure_http=True,
                user_agent=BROWSER,
                before_request=self._wait,
            )
        finally:
            self._ended = time.monotonic()
            self._spent += self._ended - started

    def _wait(self) -> None:
        """Let a whole pause pass between the end of one request and the next, redirects too."""
        if not self._is_first_hop:
            self._ended = time.monotonic()
        self._is_first_hop = False
        time.sleep(max(self._ended + self.manner.pause - time.monotonic(), 0))


def audit(
    path: Path,
    now: datetime,
    manner: Manner,
    *,
    progress: Callable[[int, str], Step],
    label: str = "",
) -> Audit:
    """Visit every unit of a district file and return what was found, in the order of the file.

    Raises what `parse` and `read_local` raise, and NothingToVisitError.
    """
    data = net.read_local(str(path), 4 * MAX_BYTES)
    config = parse(data)
    if not any(unit.url for unit in config.units):
        raise NothingToVisitError(N_("No unit in the file has a url to check."))
    if now < config.config.effective_from:
        raise NothingToVisitError(
            N_("The file does not require anything yet: it takes effect at a later time.")
        )
    sha256 = hashlib.sha256(data).hexdigest()
    pace = Pace(manner.host_pause)
    with ThreadPoolExecutor(manner.at_once) as pool, progress(len(config.units), label) as bar:

        def visit_one(row: UnitRow) -> UnitVerdict:
            try:
                return visit(config, sha256, row, now, Visit(manner, pace))
            except Exception as error:  # a fault of ours over one page must not hide the others
                return _failed(row, error)
            finally:
                bar.step()

        units = tuple(pool.map(visit_one, config.units))
    meta = config.config
    return Audit(
        config_id=meta.id,
        title=meta.title,
        parent=config.parent.name,
        revision=meta.revision,
        sha256=sha256,
        at=now,
        units=_with_clocks(units),
        own_clock_off=_own_clock(units),
    )


def visit(
    config: CentralConfig, sha256: str, row: UnitRow, now: datetime, calls: Visit
) -> UnitVerdict:
    """Visit one unit and return the verdict."""
    verdict = UnitVerdict(row.id, row.kind, row.name, row.url)
    order = in_effect(config, Unit(row.id, row.kind), now)
    if row.url is None:
        nowhere = Finding(Trouble.NO_ADDRESS, Words(N_("The file gives no address for the unit.")))
        return replace(verdict, findings=(nowhere,))
    try:
        answer = calls.get(row.url, MAX_PAGE)
    except net.FetchError as error:
        return replace(
            verdict,
            items=_all(order, State.UNREACHABLE),
            findings=(Finding(Trouble.UNREACHABLE, Words(error.msgid, error.params)),),
        )
    received = datetime.now(UTC)
    status = _status(calls, answer.url)
    items, findings = _judge_page(calls, order, answer)
    findings += _about_address(row.url, answer.url)
    findings += certificate_trouble(answer.certificate_expires_at, now)
    offset = _clock_offset(answer, received, status)
    verdict = replace(verdict, items=items, findings=tuple(findings), clock_offset=offset)
    return _with_status(verdict, order, config, sha256, status)


def _with_status(
    verdict: UnitVerdict,
    order: Mandate,
    config: CentralConfig,
    sha256: str,
    status: StatusReport | None,
) -> UnitVerdict:
    """Add what the unit says of itself to what its page shows."""
    drills = tuple(drill_verdicts(order.drills, status))
    if status is None:
        return replace(verdict, items=(*verdict.items, *drills))
    offset = verdict.clock_offset or 0.0
    meta = config.config
    items = with_status(verdict.items, status, meta.revision)
    taken = {
        drill.id: minutes_taken(status, config, drill.valid_from, offset)
        if drill.id in status.items.drills
        else None
        for drill in order.drills
    }
    return replace(
        verdict,
        is_wardsite=True,
        revision=status.config.revision if status.config else None,
        minutes=minutes_taken(status, config, meta.effective_from, offset),
        items=(*items, *drills),
        findings=(
            # A wardsite draws nothing that is ordered by script.
            *(f for f in verdict.findings if f.trouble is not Trouble.SCRIPTS_NOT_RUN),
            *status_troubles(status, config, sha256, verdict.id),
            *contradictions(verdict.items, status),
        ),
        drill_minutes=taken,
    )


def _failed(row: UnitRow, error: Exception) -> UnitVerdict:
    message = N_("The audit failed for this unit (%(reason)s); please report this.")
    words = Words(message, {"reason": f"{type(error).__name__}: {error}"[:200]})
    found = (Finding(Trouble.UNREADABLE, words),)
    return UnitVerdict(row.id, row.kind, row.name, row.url, findings=found)


def _all(order: Mandate, state: State) -> tuple[ItemVerdict, ...]:
    """Return one verdict for every item, of a page that could not be read."""
    body = read_page("")
    views = [View(body, Styles(width)) for width in (PHONE, DESKTOP)]
    return tuple(
        replace(item, state=state, why=None) for item in judge(order, Site(body, "", *views))
    )


# --- The page


def _judge_page(
    calls: Visit, order: Mandate, answer: net.Response
) -> tuple[tuple[ItemVerdict, ...], list[Finding]]:
    try:
        with _JUDGING:
            page = read_page(decode(answer.body, answer.content_type))
        sheets, unread = _sheets(calls, page, answer.url)
        with _JUDGING:
            phone, desk = (View(page, _styles(sheets, width)) for width in (PHONE, DESKTOP))
            items = judge(order, Site(page, answer.url, phone, desk))
    except (PageTooLargeError, TooMuchStyleError):
        words = Words(N_("The home page is too complex to be assessed."))
        return _all(order, State.UNKNOWN), [Finding(Trouble.UNREADABLE, words)]
    findings = []
    if unread:
        words = Words(N_("%(count)d style sheets could not be read."), {"count": unread})
        findings.append(Finding(Trouble.STYLES_UNREAD, words))
    if page.scripts and len(Site(page, "", phone, desk).whole_text.words) < _LITTLE_TEXT:
        words = Words(
            N_(
                "The page is built by scripts in the browser, which the audit does not run: open "
                "the address in a browser to see its content."
            )
        )
        findings.append(Finding(Trouble.BUILT_BY_SCRIPT, words))
    elif page.scripts and any(item.state is State.MISSING for item in items):
        words = Words(
            N_(
                "The page has scripts, which the audit does not run; a missing item may be drawn "
                "by a script: open the address in a browser to check."
            )
        )
        findings.append(Finding(Trouble.SCRIPTS_NOT_RUN, words))
    return items, findings


def _sheets(calls: Visit, page: Page, url: str) -> tuple[list[tuple[str, str]], int]:
    """Return (text, media) of the page's style sheets in order, and how many are missing."""
    sheets: list[tuple[str, str]] = []
    asked = unread = 0
    for style in page.styles:
        if isinstance(style, str):
            sheets.append((style, ""))
        elif style.href and style.media.lower() != "print":
            asked += 1
            text = _sheet(calls, page, url, style) if asked <= MAX_SHEETS else None
            unread += text is None
            sheets.append((text or "", style.media))
    return sheets, unread


def _sheet(calls: Visit, page: Page, url: str, style: StyleLink) -> str | None:
    try:
        answer = calls.get(urljoin(urljoin(url, page.base), style.href.strip()), MAX_SHEET)
    except (net.FetchError, ValueError):
        return None
    return decode(answer.body, answer.content_type)


def _styles(sheets: list[tuple[str, str]], width: int) -> Styles:
    styles = Styles(width)
    for text, media in sheets:
        styles.add(text, media)
    return styles


def _about_address(asked: str, reached: str) -> list[Finding]:
    before, after = urlsplit(asked), urlsplit(reached)
    found = []
    if (before.hostname or "").removeprefix("www.") != (after.hostname or "").removeprefix("www."):
        words = Words(
            N_("The address redirects to another host: %(host)s."), {"host": after.hostname}
        )
        found.append(Finding(Trouble.MOVED, words))
    if after.scheme != "https":
        found.append(Finding(Trouble.NOT_HTTPS, Words(N_("The address does not use https."))))
    return found


# --- The status, and clocks


def _status(calls: Visit, url: str) -> StatusReport | None:
    parts = urlsplit(url)
    try:
        answer = calls.get(f"{parts.scheme}://{parts.netloc}{STATUS_PATH}", MAX_STATUS)
        return read_status(answer.body)
    except (net.FetchError, NoStatusError):
        return None


def _clock_offset(
    answer: net.Response, received: datetime, status: StatusReport | None
) -> float | None:
    """Return how many seconds a server's clock is ahead of this machine's."""
    if answer.server_time is not None:
        return (answer.server_time - received).total_seconds()
    return (status.now - datetime.now(UTC)).total_seconds() if status else None


def _own_clock(units: tuple[UnitVerdict, ...]) -> float | None:
    """Return by how much this machine's clock is off, when most units agree that it is."""
    offsets = [unit.clock_offset for unit in units if unit.clock_offset is not None]
    if len(offsets) < 3:
        return None
    middle = median(offsets)
    return -middle if abs(middle) > CLOCK_SECONDS else None


def _with_clocks(units: tuple[UnitVerdict, ...]) -> tuple[UnitVerdict, ...]:
    reference = -(_own_clock(units) or 0.0)
    return tuple(
        replace(unit, findings=(*unit.findings, *clock_trouble(unit.clock_offset, reference)))
        for unit in units
    )
