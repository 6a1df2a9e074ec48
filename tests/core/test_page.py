"""Pages of any make: read in linear time, judged like a browser where markup and styles decide."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bench_pages import HOSTILE_PAGES, HOSTILE_SHEETS
from wardsite.core.page import MAX_DEPTH, Element, decode, read_page
from wardsite.core.page_text import Text
from wardsite.core.selectors import parse_selector
from wardsite.core.stylesheet import (
    DESKTOP,
    MAX_RULES,
    MAX_STEPS,
    PHONE,
    Sheet,
    Shelf,
    Styles,
    TooMuchStyleError,
    media_holds,
)
from wardsite.core.verdict import comparable
from wardsite.core.visibility import View


def outline(html: str) -> str:
    """Return a page's tree as nested names and texts."""

    def told(element: Element) -> str:
        inside = [told(c) if isinstance(c, Element) else c.strip() for c in element.children]
        return f"{element.tag}({' '.join(part for part in inside if part)})"

    return told(read_page(html).body)


@pytest.mark.parametrize(
    ("html", "tree"),
    [
        ("<p>a<p>b<div>c</div>", "body(p(a) p(b) div(c))"),
        ("<p hidden>a<div>b</div>", "body(p(a) div(b))"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "body(ul(li(a ul(li(b))) li(c)))"),
        (
            "<table><tr><td>a<td><div>b<tr><th>c</table>d",
            "body(table(tr(td(a) td(div(b))) tr(th(c))) d)",
        ),
        ("<dl><dt>a<dd>b<dt>c</dl>", "body(dl(dt(a) dd(b) dt(c)))"),
        ("<a href=x>a<a href=y>b</a>", "body(a(a) a(b))"),
        ("<div><span>a</div>b", "body(div(span(a)) b)"),
        ("<div>a</span></p></div>b", "body(div(a) b)"),
        ("<a><div>x</a>y</div>z", "body(a(div(x y)) z)"),
        ("<br/>a<img src=x>b</br>", "body(br() a img() b)"),
        ("<script>'<div>'</script>a", "body(a)"),
        ("<style>a{</style><noscript><b>no</b></noscript>a", "body(a)"),
        ("<textarea><b>x</textarea>a", "body(textarea(<b>x) a)"),
        ("<!-- <div> -->a<!-->b<!--->c--!>d", "body(a b c--!>d)"),
        ("<!doctype html><?php ?>a</ x>b<1>c", "body(a b < 1>c)"),
        ("a<div", "body(a)"),
        ("a<div title='", "body(a)"),
        ("<DIV CLASS=x>a</DIV >b", "body(div(a) b)"),
        ("<plaintext><b>", "body(<b>)"),
    ],
)
def test_the_tree_is_that_of_a_browser(html: str, tree: str) -> None:
    assert outline(html) == tree


def test_attributes_are_read_as_a_browser_reads_them() -> None:
    page = read_page("<a HREF = \"x&amp;y\" b='1' c=2/3 b=no d/e=&#x2F;>")
    (element,) = [e for e in page.elements() if e.tag == "a"]
    assert element.attributes == {"href": "x&y", "b": "1", "c": "2/3", "d": "", "e": "/"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Phường".encode(), None),
        ("Phường".encode(), "text/html; charset=UTF-8"),
        ("\ufeffPhường".encode(), "text/html; charset=latin1"),
        ("Phường".encode("utf-16"), "text/html; charset=utf-16"),
        (b'<meta charset="utf-8">' + "Phường".encode(), "text/html"),
        ("Phường".encode(), "text/html; charset=rot13"),
        ("Phường".encode(), "text/html; charset=no-such-thing"),
    ],
)
def test_a_page_is_decoded_as_it_says(body: bytes, content_type: str | None) -> None:
    assert decode(body, content_type).endswith("Phường")


@settings(max_examples=300)
@given(st.text(alphabet="<>/ab'\"=!-& \n{};:.#[]()@*,", max_size=300))
def test_no_page_and_no_style_sheet_makes_the_reader_fail(text: str) -> None:
    page = read_page(text)
    styles = Styles(PHONE)
    styles.add(text)
    view = View(page, styles)
    for element in page.elements():
        view.why_hidden(element, is_text=True)
    Text.of(page.body)


def calls_made(work: Callable[[], object]) -> int:
    """Return how many functions, ours and the interpreter's own, a piece of work calls."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("piece", HOSTILE_PAGES)
def test_hostile_pages_cost_no_more_work_than_their_length(piece: str) -> None:
    """How long the steps take is measured by bench_pages."""

    def read(length: int) -> None:
        page = read_page(piece * (length // len(piece)))
        Text.of(page.body)

    assert calls_made(lambda: read(16_000)) < 9 * calls_made(lambda: read(2_000)) + 500


@pytest.mark.parametrize("piece", HOSTILE_SHEETS)
def test_hostile_style_sheets_cost_no_more_work_than_their_length(piece: str) -> None:
    def read(length: int) -> None:
        Sheet.read(piece * (length // len(piece)) + "{display:none}", PHONE)

    assert calls_made(lambda: read(16_000)) < 9 * calls_made(lambda: read(2_000)) + 500


def test_a_style_sheet_is_read_once_for_all_the_pages_that_share_it() -> None:
    sheet = "".join(f".a{number}{{display:none}}" for number in range(500))
    first, second = Styles(PHONE), Styles(PHONE)
    cost = calls_made(lambda: first.add(sheet))
    assert calls_made(lambda: second.add(sheet)) < cost / 100
    assert second.sheets == first.sheets
    assert Styles(DESKTOP).sheets == []


def test_what_is_kept_of_style_sheets_is_bounded() -> None:
    shelf = Shelf(room=250)
    for number in range(20):
        shelf.sheet(f"/*{number}*/" + "a{left:0}" * 100, PHONE)
    assert len(shelf) == 2
    shelf.sheet("a{left:0}" * 300, PHONE)
    assert len(shelf) == 0


def test_a_page_with_more_rules_than_are_read_is_not_judged() -> None:
    styles = Styles(PHONE)
    with pytest.raises(TooMuchStyleError):
        styles.add("a{left:0}" * MAX_RULES + ".banner{display:none}")


def test_rules_that_would_take_for_ever_are_given_up() -> None:
    page = read_page("<div class=a>" * 400 + "<p class=z>")
    styles = Styles(PHONE)
    styles.add("".join(f".a .a .a .a .a .b{i} .z{{display:none}}" for i in range(200)))
    styles.add("".join(".a .a .a .a .a .a .c .z{display:none}" for _ in range(2_000)))
    last = list(page.elements())[-1]
    with pytest.raises(TooMuchStyleError):
        View(page, styles).why_hidden(last)
    assert styles.steps <= MAX_STEPS + len(page.root.children) + 1000


LAYER = "position:absolute;inset:0;background:#fff;z-index:-1"


@pytest.mark.parametrize(
    ("html", "css"),
    [
        # Each is far from the top, and asks again and again who lies over whom.
        ("<div>" * 400 + "<i></i>" * 300 + "<b>y</b>" * 4000, f"i{{{LAYER}}}div{{left:0}}"),
        ("<div>" * 500 + "<b>y</b>" * 8000, "b{opacity:1}div{position:relative}"),
        ("<p>" * 20_000, f"*:not(.a):not(.b){{{LAYER}}}"),
        ("<p>" * 20_000, "p~p~p~p~.z{display:none}p~p{position:fixed}"),
        ("<p class=a>" * 3000, "".join(f".a{{position:fixed;left:{i}px}}" for i in range(9000))),
    ],
)
def test_whatever_a_page_asks_of_the_judge_the_work_is_bounded(html: str, css: str) -> None:
    page = read_page(html)
    styles = Styles(PHONE)
    styles.add(css)
    view = View(page, styles)
    # The judge asks of so many elements at most; each page would have it look at millions.
    with contextlib.suppress(TooMuchStyleError):
        for element in list(page.elements())[-4000:]:
            view.why_hidden(element, is_text=True)
    assert styles.steps <= MAX_STEPS + 60_000


def test_depth_is_bounded_and_nothing_is_lost() -> None:
    page = read_page("<div>" * 5000 + "here")
    deepest = max(sum(1 for _ in e.ancestors()) for e in page.elements())
    assert deepest <= MAX_DEPTH + 2
    assert "here" in Text.of(page.body).words


@pytest.mark.parametrize(
    ("query", "phone", "desk"),
    [
        ("", True, True),
        ("all", True, True),
        ("screen and (min-width: 768px)", False, True),
        ("(max-width: 40em)", True, False),
        ("(min-width:300px) and (max-width:700px)", True, False),
        ("(width >= 64rem)", False, True),
        ("not all and (min-width: 768px)", True, False),
        ("print", False, False),
        ("print, (max-width: 600px)", True, False),
        ("(prefers-color-scheme: dark)", False, False),
        ("only screen and (max-width: 600px)", True, False),
    ],
)
def test_media_queries_hold_by_width(query: str, phone: bool, desk: bool) -> None:
    assert media_holds(query or "all", PHONE) is phone
    assert media_holds(query or "all", DESKTOP) is desk


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("p", True), ("*", True), ("#b", True), (".x.y", True), (".x.z", False), ("div p", True),
        ("main > p", True), ("div > p", False), ("h2 + p", True), ("h1 ~ p", True),
        ("p + p", False),
        ("[data-a]", True), ("[data-a=one]", True), ("[data-a^='o']", True), ("[data-a$=ne]", True),
        ("[data-a*=n]", True), ("[data-a~=one]", True), ("[data-a='two']", False),
        ("p:not(.z)", True), ("p:not(.x)", False), (":is(p, b)", True), ("p:last-child", True),
        ("p:first-child", False), ("p:hover", False), ("p::before", False),
        ("p:nth-child(2)", False),
        ("html body div main p", True), (":root p", True), ("p >", False), ("", False),
    ],
)  # fmt: skip
def test_selectors_find_what_a_browser_finds(selector: str, matches: bool) -> None:
    html = "<div><main><h1></h1><h2></h2><p id=b class='x y' data-a=one>t</p></main></div>"
    page = read_page(html)
    styles = Styles(PHONE)
    styles.add(f"{selector}{{display:none}}")
    (element,) = [e for e in page.elements() if e.tag == "p"]
    assert (styles.of(element).get("display") == "none") is matches


@pytest.mark.parametrize(
    ("css", "hidden"),
    [
        ("p{display:none} p{display:block}", False),
        ("#b{display:none} p{display:block}", True),
        ("p{display:none!important} #b{display:block}", True),
        ("p.x{display:none} p{display:block}", True),
        (".x.y{display:block} p.x{display:none}", False),
        ("p{display:none", True),
        ("/* p{display:none} */", False),
        ("@supports(display:grid){p{display:none}}", True),
        ("@keyframes a{from{display:none}} p{}", False),
        ("@font-face{src:url(x)} p{display:none}", True),
        ("@import 'x'; p{display:none}", True),
        ("p{content:'}'; display:none}", True),
        ("a,p , b{DISPLAY:NONE}", True),
        ("main{visibility:hidden} p{visibility:visible}", False),
        ("main{visibility:hidden}", True),
        ("main{opacity:0}", True),
        ("p{font-size:0}", True),
        ("p{text-indent:-9999px}", True),
        ("p{color:#fff;background:#ffffff}", True),
        ("main{background:#123456}p{color:rgb(18,52,86)}", True),
        ("p{color:#fff;background:#ffffff url(x.png)}", False),
        ("p{max-height:0;overflow:hidden}", True),
        ("p{height:0}", False),
        ("p{position:absolute;clip:rect(0 0 0 0)}", True),
        ("p{transform:scale(0)}", True),
        ("p{position:relative;left:-20px}", False),
    ],
)
def test_the_cascade_decides_as_in_a_browser(css: str, hidden: bool) -> None:
    page = read_page("<main><p id=b class='x y'>t</p></main>")
    styles = Styles(PHONE)
    styles.add(css)
    (element,) = [e for e in page.elements() if e.tag == "p"]
    assert (View(page, styles).why_hidden(element, is_text=True) is not None) is hidden


def test_a_selector_that_is_not_known_is_left_out() -> None:
    assert parse_selector("a:has(b)") is None
    assert parse_selector("a" * 10_000 + "{") is None


@pytest.mark.parametrize(
    ("found", "same"),
    [
        ("https://www.bluezone.gov.vn/", True),
        ("https://bluezone.gov.vn", True),
        ("HTTPS://WWW.BLUEZONE.GOV.VN:443/#x", True),
        ("https://www.bluezone.gov.vn/?utm_source=a", True),
        ("https://www.bluezone.gov.vn./", True),
        ("http://www.bluezone.gov.vn/", False),
        ("https://www.bluezone.gov.vn:8443/", False),
        ("https://www.bluezone.gov.vn/x", False),
        ("https://www.bluezone.gov.vn/?id=1", False),
        ("https://www.bluezone.gov.vn@evil.example/", False),
        ("https://user@www.bluezone.gov.vn/", False),
        ("https://www.bluezone.gov.vn.evil.example/", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_a_link_is_right_only_when_it_leads_to_the_very_place(found: str, same: bool) -> None:
    assert (comparable(found) == comparable("https://www.bluezone.gov.vn/")) is same
