"""Sixty units audited in one run, through the command and through the rules."""

# ruff: noqa: E501 (a case is a line)
from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from click.testing import CliRunner, Result

from tests.parent.fleet import (
    EXAMPLE,
    Answer,
    Fleet,
    Parts,
    mandate_of,
    nukeviet,
    parts,
    plain,
    serving,
    status,
    wordpress,
    write_district,
)
from wardsite.application import close_app, create_app
from wardsite.cli import main
from wardsite.core.central_schema import CentralConfig
from wardsite.core.findings import Audit, UnitVerdict
from wardsite.core.verdict import ItemVerdict, State, Words
from wardsite.ops.instance import make_instance
from wardsite.parent.report import HISTORY, csv_bytes, said, xlsx_bytes

BANNER, NOTICE, HOTLINE = "banners/bluezone", "notices/cai-bluezone", "hotlines/cdc-hn-1"
FINE: dict[str, str] = {}
NASTY = '=HYPERLINK("http://x")</td><script>alert(1)</script>\x1b[2J\x07\u202e'


@dataclass
class Case:
    """A unit of the fleet and what the audit must say of it: states of items, codes of findings."""

    name: str
    make: Callable[[Fleet, int, Parts, CentralConfig, str], None]
    items: dict[str, str]
    findings: frozenset[str] = frozenset()
    wardsite: bool = False


ICON_LINK = "<a href='https://www.bluezone.gov.vn/'>Bluezone<svg aria-hidden='true'><path d='M0 0h9'/></svg></a>"

# A banner of words as wardsite draws it: an icon, what it says, where it leads.
WORDED = """<div data-slot='bluezone'><a class='banner' href='https://www.bluezone.gov.vn/'>
<svg aria-hidden='true'><path d='M0 0h9'/></svg><span class='say'><strong>Cài đặt ứng dụng Bluezone</strong>
<span>phát hiện, truy vết nhanh</span></span><span class='go'>Đi tới trang</span></a></div>"""


def spoilt(
    name: str,
    spoil: Callable[[Parts], Parts],
    items: dict[str, str],
    *,
    look: Callable[[Parts], str] = wordpress,
    css: str = "",
    findings: frozenset[str] = frozenset(),
) -> Case:
    """A page of another make with one thing spoilt."""

    def make(fleet: Fleet, number: int, p: Parts, _: CentralConfig, __: str) -> None:
        fleet.page(number, look(spoil(p)), css)

    return Case(name, make, items, findings)


def styled(name: str, css: str, state: str = "hidden", wrap: str = "{}") -> Case:
    """A page whose style sheet does something to the banner."""
    return spoilt(
        name,
        lambda p: replace(p, banner=wrap.format(p.banner)),
        {BANNER: state} if state != "on-show" else FINE,
        css=css,
    )


def saying(
    name: str,
    items: dict[str, str],
    *findings: str,
    spoil: Callable[[Parts], Parts] = lambda p: p,
    **changed: Any,
) -> Case:
    """A page that gives a status too, truthful or not."""

    def make(fleet: Fleet, number: int, p: Parts, config: CentralConfig, sha: str) -> None:
        said = status(config, sha, f"u{number}", **changed)
        fleet.page(number, wordpress(spoil(p)), said=said)

    return Case(name, make, items, frozenset(findings), wardsite=True)


def answering(name: str, finding: str, state: str, **answers: Any) -> Case:
    """A server that does something odd."""

    def make(fleet: Fleet, number: int, p: Parts, _: CentralConfig, __: str) -> None:
        fleet.answer(number, {"/": Answer(**answers)})

    every = {BANNER: state, NOTICE: state}
    return Case(name, make, every, frozenset({finding}))


def down(fleet: Fleet, number: int, p: Parts, config: CentralConfig, sha: str) -> None:
    """Accept the connection and break it off."""

    def app(environment: Any, start: Any) -> Any:
        environment["werkzeug.socket"].close()
        raise ConnectionAbortedError

    fleet.origins[f"127.0.0.{number}"] = app


def endless() -> Iterator[bytes]:
    while True:
        yield b"<p>" + b"x" * 65536


def drip() -> Iterator[bytes]:
    while True:
        time.sleep(0.3)
        yield b"x"


def without_banner(p: Parts) -> Parts:
    return replace(p, banner="")


def relinked(url: str) -> Callable[[Parts], Parts]:
    return lambda p: replace(p, banner=p.banner.replace("https://www.bluezone.gov.vn/", url))


OVERLAY = "<div class='modal'><p>Chúc mừng năm mới</p></div>"
BIG = "position:fixed;inset:0;background:#fff;z-index:99"
CASES = [
    spoilt("wordpress", lambda p: p, FINE),
    spoilt("nukeviet", lambda p: p, FINE, look=nukeviet),
    spoilt("plain html", lambda p: p, FINE, look=plain),
    spoilt("no banner", without_banner, {BANNER: "missing"}),
    spoilt("no banner, nukeviet", without_banner, {BANNER: "missing"}, look=nukeviet),
    spoilt("plain, no banner", without_banner, {BANNER: "missing"}, look=plain),
    spoilt("nothing at all", lambda p: Parts("", "", ""), {BANNER: "missing", HOTLINE: "missing"}),
    spoilt("notice left out", lambda p: replace(p, notice=""), {NOTICE: "missing"}),
    spoilt(
        "old hotline",
        lambda p: replace(p, rest=p.rest.replace("0969.082.115", "0969.082.116")),
        {HOTLINE: "missing"},
    ),
    spoilt(
        "hotline in other groups",
        lambda p: replace(p, rest=p.rest.replace("0969.082.115", "(0969) 082-115")),
        FINE,
    ),
    spoilt(
        "lookalike", relinked("https://www.bluezone.gov.vn.apps.example/"), {BANNER: "wrong-link"}
    ),
    spoilt("plain http", relinked("http://www.bluezone.gov.vn/"), {BANNER: "wrong-link"}),
    spoilt(
        "credentials", relinked("https://www.bluezone.gov.vn@evil.example/"), {BANNER: "wrong-link"}
    ),
    spoilt("own page", relinked("/tin-tuc/bluezone"), {BANNER: "wrong-link"}, look=plain),
    spoilt("counted link", relinked("https://bluezone.gov.vn?utm_source=phuong#tai"), FINE),
    spoilt(
        "only a word as link",
        lambda p: replace(p, banner="<a href='https://www.bluezone.gov.vn/'>Bluezone</a>"),
        {BANNER: "missing"},
    ),
    spoilt(
        "empty link",
        lambda p: replace(
            p,
            banner="<a href='https://www.bluezone.gov.vn/' title='Cài đặt ứng dụng Bluezone'></a>",
        ),
        {BANNER: "hidden"},
    ),
    spoilt(
        "hidden attribute",
        lambda p: replace(p, banner=f"<div hidden>{p.banner}</div>"),
        {BANNER: "hidden"},
    ),
    spoilt(
        "template",
        lambda p: replace(p, banner=f"<template>{p.banner}</template>"),
        {BANNER: "hidden"},
    ),
    spoilt(
        "closed details",
        lambda p: replace(p, banner=f"<details><summary>x</summary>{p.banner}</details>"),
        {BANNER: "hidden"},
    ),
    spoilt(
        "noscript",
        lambda p: replace(p, banner=f"<noscript>{p.banner}</noscript>"),
        {BANNER: "missing"},
    ),
    spoilt("comment", lambda p: replace(p, banner=f"<!-- {p.banner} -->"), {BANNER: "missing"}),
    spoilt(
        "inline style",
        lambda p: replace(p, banner=f"<p style='DISPLAY : None'>{p.banner}"),
        {BANNER: "hidden"},
    ),
    spoilt(
        "a link with an icon is no banner",
        lambda p: replace(p, banner=ICON_LINK),
        {BANNER: "missing"},
    ),
    spoilt(
        "the slot is hidden, and the same address linked elsewhere",
        lambda p: replace(
            p, banner=f"<div data-slot='bluezone' class='slot'>{p.banner}</div>{p.banner}"
        ),
        {BANNER: "hidden"},
        css=".slot{display:none!important}",
    ),
    *(
        spoilt(name, lambda p: replace(p, banner=WORDED), found, css=css)
        for name, css, found in (
            ("a banner of words", "", FINE),
            (
                "of its words only the icon is seen",
                ".banner *{color:transparent}",
                {BANNER: "hidden"},
            ),
            ("of its words only where it leads", ".say{color:transparent}", {BANNER: "hidden"}),
            ("its icon and where it leads are not seen", ".banner svg,.go{display:none}", FINE),
        )
    ),
    spoilt(
        "a link that is an icon alone",
        lambda p: replace(
            p,
            rest=p.rest.replace(
                ">Cổng thông tin điện tử Bộ Y tế<",
                " title='Bộ Y tế'><svg aria-hidden='true'></svg><",
            ),
        ),
        FINE,
    ),
    styled("display none", ".widget .banner{display:none!important}"),
    styled("visibility", "section > a.banner { visibility: hidden }"),
    styled("opacity", "a[href*='bluezone']{opacity:0.01}"),
    styled("off screen", ".banner{position:absolute;left:-9999px}"),
    styled("pushed by transform", ".banner{transform:translateX(-2000px)}"),
    styled("no size", ".widget:not(.other){height:0;overflow:hidden}"),
    styled("one pixel picture", ".banner img{width:1px;height:1px}"),
    styled("clipped", ".banner{clip-path:inset(100%)}"),
    styled("hidden on phones only", "@media (max-width: 600px){.banner{display:none}}"),
    styled("hidden at desks only", "@media screen and (min-width:64em){.widget{display:none}}"),
    styled("for print only", "@media print{.banner{display:none}}", "on-show"),
    styled(
        "undone by a later rule", ".banner{display:none}.widget .banner{display:block}", "on-show"
    ),
    styled("only while hovering", ".banner:hover{display:none}", "on-show"),
    styled(
        "not on screens that prefer dark",
        "@media(prefers-color-scheme:dark){.banner{display:none}}",
        "on-show",
    ),
    styled(
        "covered in its box",
        ".c{position:absolute;top:0;left:0;width:100%;height:100%;background:white}.w{position:relative}",
        wrap="<div class=w>{}<span class=c></span></div>",
    ),
    spoilt(
        "covered by a layer",
        lambda p: replace(p, after=OVERLAY),
        {BANNER: "hidden", NOTICE: "hidden", HOTLINE: "hidden"},
        css=f".modal{{{BIG}}}",
    ),
    spoilt(
        "closed layer",
        lambda p: replace(p, after=OVERLAY),
        FINE,
        css=f".modal{{{BIG};display:none}}",
    ),
    spoilt(
        "layer behind",
        lambda p: replace(p, before=OVERLAY),
        FINE,
        css=f".modal{{{BIG};z-index:-1}}",
    ),
    spoilt(
        "white on white notice",
        lambda p: p,
        {NOTICE: "hidden"},
        css=".tb{background:#fff}.tb h2{color:#FFFFFF}",
    ),
    spoilt(
        "hostile html",
        lambda p: replace(
            p,
            before=f"<title>{NASTY}</title><a href='javascript:alert(1)' data-slot=x>Cài đặt ứng dụng "
            f"Bluezone {NASTY}</a><svg onload=alert(1)><style>*{{}}</style></svg><base href='//evil.example/'>",
            banner="",
        ),
        {BANNER: "wrong-link"},
    ),
    spoilt(
        "all in script",
        lambda p: Parts("", "", "", after="<script src=/app.js></script>"),
        {BANNER: "missing"},
        look=plain,
        findings=frozenset({"built-by-script"}),
    ),
    answering("deep", "not-https", "missing", body=b"<div>" * 59_000),
    answering("too many elements", "unreadable", "unknown", body=b"<b>" * 70_000),
    answering("garbage", "not-https", "missing", body=bytes(range(256)) * 400),
    answering("endless body", "unreachable", "unreachable", body=endless()),
    answering("drip", "unreachable", "unreachable", body=drip()),
    answering(
        "redirect loop", "unreachable", "unreachable", code="302 Found", headers=[("Location", "/")]
    ),
    answering(
        "redirect to the metadata service",
        "unreachable",
        "unreachable",
        code="302 Found",
        headers=[("Location", "http://169.254.169.254/")],
    ),
    answering("fault", "unreachable", "unreachable", code="500 Internal Server Error", body=b"x"),
    answering(
        "gzip of nothing",
        "unreachable",
        "unreachable",
        headers=[("Content-Encoding", "gzip")],
        body=b"no",
    ),
    Case("breaks off", down, {BANNER: "unreachable"}, frozenset({"unreachable"})),
    saying("truthful", FINE),
    saying("lies about the banner", {BANNER: "missing"}, "contradiction", spoil=without_banner),
    saying("old revision", FINE, "old-revision", config__revision=0),
    saying(
        "old revision, item not there",
        {BANNER: "old-revision"},
        "old-revision",
        spoil=without_banner,
        config__revision=0,
        items__on_show=[],
    ),
    saying("other content", FINE, "other-content", config__sha256="0" * 64),
    saying("stale", FINE, "stale", contact__stale=True),
    saying("refuses", FINE, "stale", contact__refusal="SignatureMismatchError"),
    saying("another unit", FINE, "wrong-unit", unit__id="quan-khac"),
    saying("another centre", FINE, "other-centre", config__id="quan-khac"),
    saying("nothing in force", FINE, "old-revision", config=None),
]
LIGHT = {
    "not-https",
    "built-by-script",
    "scripts-not-run",
    "styles-unread",
    "moved",
    "clock-off",
    "newer-revision",
}


def instance(folder: Path, unit: str, name: str, district: Path) -> Any:
    """Return the application of a real unit that follows the district."""
    made = make_instance(
        folder,
        unit,
        "ward",
        name,
        datetime.now(UTC),
        district_url=str(district),
        district_key=str(EXAMPLE / "EXAMPLE-DO-NOT-USE.pub"),
    )
    assert made.sync_error is None
    return create_app(made.settings)


@dataclass
class Run:
    """One audit of the whole fleet."""

    result: Result
    folder: Path
    report: dict[str, Any]
    seconds: float
    fleet: Fleet

    def unit(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = next(u for u in self.report["units"] if u["id"] == f"u{number}")
        return found


REAL = (2, 3)
FIRST = 10


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("fleet")
    with ExitStack() as closing, serving() as fleet:
        numbers = [*REAL, *range(FIRST, FIRST + len(CASES))]
        urls: dict[str, str | None] = {f"u{number}": fleet.url(number) for number in numbers}
        district = write_district(folder, {**urls, "u200": None, "u201": "http://127.0.0.201:9/"})
        config, order = mandate_of(district)
        sha = hashlib.sha256(district.read_bytes()).hexdigest()
        for number in REAL:
            unit = instance(folder / f"unit{number}", f"u{number}", f"Phường {number}", district)
            closing.callback(close_app, unit)
            fleet.origins[f"127.0.0.{number}"] = unit.wsgi_app
        for number, case in enumerate(CASES, FIRST):
            case.make(fleet, number, parts(order), config, sha)
        words = ["central", "audit", str(district), "--timeout", "12"]
        for kind in ("html", "xlsx", "csv", "json"):
            words += [f"--{kind}", str(folder / f"audit.{kind}")]
        for host in fleet.hosts:
            words += ["--allow-private", host]
        started = time.monotonic()
        result = CliRunner().invoke(main, words)
        seconds = time.monotonic() - started
        assert isinstance(result.exception, SystemExit), result.exception
        report = json.loads((folder / "audit.json").read_text())
        yield Run(result, folder, report, seconds, fleet)


def test_the_fleet_has_sixty_units(run: Run) -> None:
    assert len(run.report["units"]) >= 60
    assert run.result.exit_code == 1


@pytest.mark.parametrize("number", REAL)
def test_a_wardsite_that_follows_is_complete(run: Run, number: int) -> None:
    unit = run.unit(number)
    assert not unit["falls_short"], unit
    assert unit["wardsite"]
    assert {item["state"] for item in unit["items"]} <= {"on-show", "reported"}
    assert unit["drill_minutes"]["dien-tap"] is not None
    assert unit["minutes"] is not None


@pytest.mark.parametrize(
    ("number", "case"), list(enumerate(CASES, FIRST)), ids=[case.name for case in CASES]
)
def test_each_unit_gets_its_verdict(run: Run, number: int, case: Case) -> None:
    unit = run.unit(number)
    states = {item["key"]: item["state"] for item in unit["items"]}
    codes = {found["code"] for found in unit["findings"]}
    assert {key: states[key] for key in case.items} == case.items, unit
    if not case.items:
        assert set(states.values()) <= {"on-show", "reported", "unknown"}, unit
    assert codes - LIGHT == case.findings - LIGHT, unit
    assert case.findings <= codes
    assert unit["wardsite"] is case.wardsite
    assert unit["falls_short"] is bool(case.items or case.findings - LIGHT)


def test_units_that_are_down_or_have_no_address_are_told_apart(run: Run) -> None:
    assert [found["code"] for found in run.unit(200)["findings"]] == ["no-address"]
    assert not run.unit(200)["falls_short"]
    assert [found["code"] for found in run.unit(201)["findings"]] == ["unreachable"]
    assert run.unit(201)["falls_short"]


def test_a_unit_that_nobody_reaches_is_not_said_to_have_left_something_out(run: Run) -> None:
    unit = run.unit(201)
    assert unit["standing"] == "not-reached"
    assert run.unit(200)["standing"] == "no-address"
    assert run.report["summary"]["not_reached"] >= 1
    assert re.search(r"^Đơn vị u201 +Không truy cập được +– +–$", run.result.output, re.MULTILINE)
    html = unescape((run.folder / "audit.html").read_text(encoding="utf-8"))
    cells = html.partition(">Đơn vị u201</th>")[2].partition("</tr>")[0]
    assert cells.startswith("<td>Không truy cập được</td>")
    assert "Chưa đạt" not in cells
    rows = csv.reader(io.StringIO((run.folder / "audit.csv").read_text(encoding="utf-8-sig")))
    assert {row[2] for row in rows if row[0] == "Đơn vị u201"} == {"Không truy cập được"}


def test_where_a_script_may_draw_what_is_missing_the_report_says_so_and_what_to_do(
    run: Run,
) -> None:
    by_name = {case.name: run.unit(number) for number, case in enumerate(CASES, FIRST)}

    def told(name: str) -> list[str]:
        codes = ("scripts-not-run", "built-by-script")
        return [f["text"] for f in by_name[name]["findings"] if f["code"] in codes]

    assert "hãy mở địa chỉ này bằng trình duyệt" in told("no banner")[0]
    assert "hãy mở địa chỉ này bằng trình duyệt" in told("all in script")[0]
    assert told("wordpress") == []
    assert told("plain, no banner") == []
    html = unescape((run.folder / "audit.html").read_text(encoding="utf-8"))
    assert "đưa mục đó vào chính trang" in html


def test_no_unit_is_asked_more_than_once_a_second(run: Run) -> None:
    busiest = run.fleet.busiest_second()
    assert len(busiest) == len(CASES) + len(REAL)
    assert {host: n for host, n in busiest.items() if n > 1} == {}


def test_drill_coverage_is_measured_in_minutes(run: Run) -> None:
    drill = run.report["drills"]["dien-tap"]
    truthful = [u for u in run.report["units"] if u["drill_minutes"]]
    assert drill["asked"] == len(truthful)
    assert 0 < drill["arrived"] < drill["asked"]
    assert drill["last_minutes"] == pytest.approx(7, abs=0.2)
    assert "dien-tap" in run.result.output


def test_the_terminal_speaks_vietnamese_and_obeys_no_unit(run: Run) -> None:
    assert "\x1b" not in run.result.output
    assert "\x07" not in run.result.output
    assert "\u202e" not in run.result.output
    assert "Chưa đạt" in run.result.output


def test_every_line_fits_a_terminal_of_eighty_columns(run: Run) -> None:
    lines = [line for line in run.result.output.splitlines() if not line.startswith("Đã ghi")]
    broken = [line for line in lines if len(line) > 80 and "http" not in line]
    assert not broken
    assert len(lines) > 100


def test_the_report_is_one_file_without_script_or_request(run: Run) -> None:
    html = (run.folder / "audit.html").read_text(encoding="utf-8")
    assert '<html lang="vi">' in html
    assert "<script" not in html
    assert not re.search(r"""(?:src|srcset)\s*=|url\(|@import|<link|<iframe""", html)
    assert "default-src 'none'" in html
    assert "javascript:alert" not in re.findall(r'href="([^"]*)"', html)
    assert unescape(html).count("Đơn vị u10") >= 1


def test_telephone_numbers_are_whole_and_names_are_no_formulas_in_either_sheet() -> None:
    names = ["=1+1", "+84 24 3858 4158", "-2+3", "@SUM(A1)", "\tTab", "0969082115"]
    items = tuple(
        ItemVerdict("hotlines", f"h{i}", f"{name}: 0969.082.115", True, State.ON_SHOW)
        for i, name in enumerate(names)
    )
    units = tuple(
        UnitVerdict("u", "ward", name, "https://u.vn/", items=items, is_wardsite=False)
        for name in names
    )
    now = datetime(2026, 11, 24, tzinfo=UTC)
    found = Audit("q", "Tệp", "UBND quận", 1, "0" * 64, now, units, None)
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(found)))
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    texts = [str(cell.value).strip() for cell in cells if cell.data_type != "n"]
    rows = list(csv.reader(io.StringIO(csv_bytes(found).decode("utf-8-sig"))))
    for name in names:
        line = f"{name}: 0969.082.115".strip()
        assert texts.count(line) == len(units)
        assert sum(line in (cell.removeprefix("'").strip() for cell in row) for row in rows) == 6
    # What a sheet would calculate stands behind an apostrophe; a telephone's zero is kept by quotes
    # and words around it, never by being a number.
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_no_cell_is_a_formula_in_the_fleets_report(run: Run) -> None:
    rows = list(
        csv.reader(io.StringIO((run.folder / "audit.csv").read_bytes().decode("utf-8-sig")))
    )
    assert len(rows) > 60 * 10
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    with zipfile.ZipFile(run.folder / "audit.xlsx") as book:
        for name in book.namelist():
            content = book.read(name)
            assert b"<f>" not in content
            if name.endswith(".xml"):
                ElementTree.fromstring(content)  # noqa: S314
        assert not [name for name in book.namelist() if "external" in name.lower()]


def test_the_audit_is_kept_and_the_next_report_tells_the_history(run: Run) -> None:
    kept = list((run.folder / HISTORY).glob("thanh-xuan-*.json"))
    assert kept
    record = json.loads(kept[0].read_text())
    record["at"] = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    folder = run.folder / "older"
    folder.mkdir(exist_ok=True)
    (folder / "thanh-xuan-20200101T000000Z.json").write_text(json.dumps(record))
    (folder / "thanh-xuan-20200102T000000Z.json").write_text("{broken")
    from wardsite.parent.report import history

    assert [past.visited for past in history(folder, "thanh-xuan")] == [
        record["summary"]["visited"]
    ]


def test_a_fleet_in_order_ends_with_zero(tmp_path: Path) -> None:
    with serving() as fleet:
        district = write_district(tmp_path, {"u2": fleet.url(2)})
        _, order = mandate_of(district)
        fleet.page(2, plain(parts(order)))
        done = CliRunner().invoke(
            main, ["central", "audit", str(district), "--allow-private", "127.0.0.2"]
        )
        assert done.exit_code == 0, done.output
        refused = CliRunner().invoke(main, ["central", "audit", str(district)])
        assert refused.exit_code == 1


def test_a_record_that_cannot_be_kept_costs_no_report(tmp_path: Path) -> None:
    district = write_district(tmp_path, {"u2": "http://127.0.0.1:9/"})
    page = tmp_path / "audit.html"
    words = ["central", "audit", str(district), "--html", str(page), "--history", str(district)]
    done = CliRunner().invoke(main, words)
    assert isinstance(done.exception, SystemExit)
    assert "Không ghi được" in done.output
    assert "Đơn vị u2" in page.read_text(encoding="utf-8")


def test_what_the_system_says_of_a_unit_is_told_in_vietnamese() -> None:
    expired = {"host": "u.vn", "reason": "certificate has expired"}
    told = said(Words("The certificate of %(host)s is not valid: %(reason)s.", expired))
    assert told == "Chứng thư số của u.vn không hợp lệ: đã hết hạn."


def test_what_cannot_be_audited_is_refused_in_one_line(tmp_path: Path) -> None:
    district = write_district(tmp_path, {"u2": None})
    assert CliRunner().invoke(main, ["central", "audit", str(district)]).exit_code == 1
    shutil.copy(EXAMPLE / "district.toml", tmp_path / "x.toml")
    (tmp_path / "x.toml").write_text("schema_version = 9")
    done = CliRunner().invoke(main, ["central", "audit", str(tmp_path / "x.toml")])
    assert isinstance(done.exception, SystemExit)


def test_a_wrong_clock_is_named_and_our_own_told_apart() -> None:
    from wardsite.core.findings import Trouble, UnitVerdict
    from wardsite.parent.audit import _own_clock, _with_clocks

    def units(*offsets: float) -> tuple[UnitVerdict, ...]:
        return tuple(
            UnitVerdict("u", "ward", "U", "https://u.vn/", clock_offset=o) for o in offsets
        )

    good = units(0, 1, 2, 3600)
    assert _own_clock(good) is None
    assert [u.has(Trouble.CLOCK_OFF) for u in _with_clocks(good)] == [False, False, False, True]
    ours = units(900, 901, 899, 0)
    assert _own_clock(ours) == pytest.approx(-899.5, abs=2)
    assert [u.has(Trouble.CLOCK_OFF) for u in _with_clocks(ours)] == [False, False, False, True]


@pytest.mark.parametrize(
    ("minutes", "median", "last"),
    [
        ((3, 20160), "7 ngày", "14 ngày"),
        ((1, 1), "1 phút", "1 phút"),
        ((300, 90), "3 giờ", "5 giờ"),
    ],
)
def test_what_took_long_is_not_told_in_minutes(
    minutes: tuple[float, float], median: str, last: str
) -> None:
    from wardsite.core.findings import Coverage
    from wardsite.parent.report import coverage_words

    words = coverage_words(Coverage.of([*minutes, None]))
    assert f"{median}," in words
    assert words.endswith(f"{last}.")


def test_a_clock_that_is_days_off_is_told_in_days() -> None:
    from wardsite.core.appraisal import clock_trouble
    from wardsite.parent.report import said

    (finding,) = clock_trouble(-20160 * 60, 0)
    assert said(finding.words) == "Đồng hồ máy chủ lệch 14 ngày."


def test_a_certificate_about_to_end_is_named_in_time() -> None:
    from wardsite.core.appraisal import certificate_trouble

    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert not list(certificate_trouble(None, now))
    assert not list(certificate_trouble(now + timedelta(days=21), now))
    (found,) = certificate_trouble(now + timedelta(days=20), now)
    assert found.words.params == {"days": 20}
