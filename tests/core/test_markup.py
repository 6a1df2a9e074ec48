"""What HTML is let in, and what it says as plain text."""

import re
import unicodedata
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core import markup
from wardsite.core.markup import (
    ATTRIBUTES,
    MAX_TAGS,
    TAGS,
    MarkupTooLargeError,
    plain_text,
    sanitize,
    summary,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='javascript:alert(1)'>",
    "<img/src=/media/a.png/onerror=alert(1)>",
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    "<svg onload=alert(1)><a xlink:href=javascript:alert(1)>x</a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
    "onerror=alert(1)&gt;'>",
    "<math><mi><table><mi><a href='javascript:alert(1)'>x</a></table></mi></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title><img title='</title><img src=x onerror=alert(1)>'></title>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)><embed src=javascript:alert(1)></object>",
    "<select><option><style></option></select><img src=x onerror=alert(1)></style>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href=' &#1; javascript:alert(1)'>x</a>",
    "<a href='&#106;&#97;vascript&colon;alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='feed:javascript:alert(1)'>x</a>",
    "<a href='/\\evil.example'>x</a>",
    "<a href='\\\\evil.example'>x</a>",
    "<a href='https://vnexpress.net@evil.example/'>x</a>",
    "<a href='https:evil.example'>x</a>",
    "<a href='https://'>x</a>",
    "<a href='tel:javascript'>x</a>",
    "<a href='1:2'>x</a>",
    "<a href=''>x</a>",
    "<a onmouseover=alert(1)>x</a>",
    "<p style='background:url(javascript:alert(1))' class=x id=y lang=vi title=t>x</p>",
    "<base href='//evil.example'><link rel=stylesheet href=x><meta http-equiv=refresh>",
    "<body onload=alert(1)><html onclick=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x</button>",
    "<p \u0338><img src=x onerror=alert(1)>",
    "<a href=/x><table><a href=/y>x</a></table></a>",
    "<p><button><p>x</p></button></p>",
    "<b x='</strong>'><p><i y='>'>x</p>",
    "\x00<\x00script>alert(1)</script>",
    "\ud800<b>x</b>",
]

_PIECES = [
    f"<{tag}{rest}>" for tag in sorted(TAGS) for rest in ("", ' href="/x" src="/media/a.png"')
]
_PIECES += [f"</{tag}>" for tag in sorted(TAGS)]
_PIECES += HOSTILE
_PIECES += [
    f"<{'/' * closing}{tag}>"
    for tag in "b i font div h1 svg math style script mtext template button select form".split()
    for closing in (0, 1)
]
_PIECES += ["x", " ", "\u0338", "\u0301", "e\u0302", "&nbsp;", "&shy;", "<!--", "-->", "<![CDATA["]
_PIECES += ["&lt;script&gt;", '"', "'", "=", "<", ">", "&", "\n", ' title="a>b\'"', "]]>", "</"]
any_html = st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))


class _Listing(HTMLParser):
    """Lists the tags and attributes of HTML, without judging them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in _Listing(html).seen:
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        if tag == "a":
            address = attributes["href"] or ""
            assert re.match(r"https?://[^/@]|mailto:|tel:|[^:\\]*$|[^:\\]*[/?#]", address)
            assert not address.startswith("//")
            assert ("rel" in attributes) == address.startswith("http")
        if tag == "img":
            assert (attributes["src"] or "").startswith("/media/")
            assert "alt" in attributes


def reparse(html: str) -> str:
    """Parse and write with an HTML5 parser that lets everything listed through as it is."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES | {"a": {"href", "title", "rel"}},
        link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    )


@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_markup_is_harmless_alone_and_inside_a_page(html):
    for page in (html, f"<p>trước {html} sau</p>", f"<table><tr><td>{html}</table>", html * 3):
        cleaned = sanitize(page)
        assert_harmless(cleaned)
        assert reparse(cleaned) == cleaned


@given(any_html)
def test_anything_becomes_harmless_stable_normalised_markup(html):
    cleaned = sanitize(html)
    assert_harmless(cleaned)
    assert sanitize(cleaned) == cleaned
    assert reparse(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)


@given(any_html)
def test_plain_text_can_be_taken_from_anything(html):
    text = plain_text(html)
    assert unicodedata.is_normalized("NFC", text)
    assert text == text.strip()


@given(any_html, st.integers(2, 60))
def test_a_summary_keeps_to_its_limit_and_to_one_line(html, limit):
    cut = summary(html, limit)
    assert len(cut) <= limit
    assert "\n" not in cut


PAGE = (
    '<h2>Thông báo</h2><p>Kính gửi <strong>bà con</strong>,<br>xem <a href="/van-ban/1">văn bản</a>'
    ' và <a href="https://moh.gov.vn/?a=1&amp;b=2" rel="external noopener" title="Bộ Y tế">nguồn'
    "</a>: H<sub>2</sub>O, m<sup>2</sup>, <em>e</em> <u>u</u> <s>s</s></p><ul><li>a</li><li>b"
    "</li></ul><ol><li><p>c</p></li></ol><blockquote><p>d</p></blockquote><hr><figure>"
    '<img alt="Ảnh" height="2" loading="eager" src="/media/2020/08/a-1.webp" width="3">'
    "<figcaption>e</figcaption></figure><table><caption>f</caption>"
    '<thead><tr><th colspan="2" scope="col">g</th></tr></thead>'
    '<tbody><tr><th scope="row">h</th><td rowspan="2">1 &lt; 2 &amp; 3</td></tr></tbody></table>'
    '<p><a href="mailto:ubnd@example.vn">thư</a> <a href="tel:02438551234">gọi</a></p>'
)


def test_a_page_of_everything_allowed_stays_as_it_is():
    assert sanitize(PAGE) == PAGE
    assert {tag for tag, _ in _Listing(PAGE).seen} | {"h3", "h4"} == TAGS


@pytest.mark.parametrize(
    ("given_html", "kept"),
    [
        ("<h1>a</h1><h5>b</h5>", "<h2>a</h2><h4>b</h4>"),
        ("<b>a</b><i class=x>b</i><DEL>c</DEL>", "<strong>a</strong><em>b</em><s>c</s>"),
        ("<div>a</div><div>b<div>c</div></div>", "<p>a</p><p>b</p><p>c</p>"),
        ("<div><p>a</p><ul><li><div>b</div></li></ul></div>", "<p>a</p><ul><li><p>b</p></li></ul>"),
        ("<p>a <font color='red'>b</font> <span style='x'>c</span></p>", "<p>a b c</p>"),
        ("<p>x</p><p>&nbsp;</p><p><br></p><h2></h2><ul><li> </li></ul>", "<p>x</p>"),
        ("<p>a<strong> </strong>b<em></em>c<a href=/x></a></p>", "<p>a bc</p>"),
        ("<p>a<strong><br></strong>b</p>", "<p>a<strong><br></strong>b</p>"),
        ("<table><tr><td></td></tr></table>", "<table><tbody><tr><td></td></tr></tbody></table>"),
        ("<table></table>", ""),
        ("<p><a>x</a><a name=y>z</a></p>", "<p>xz</p>"),
        ("<p>x<img>y<img src=/static/a.png><img src=/media/../a></p>", "<p>xy</p>"),
        ("<img src=/media/a.png>", '<img alt="" loading="lazy" src="/media/a.png">'),
        ("<p>Nha\u0302n&nbsp; Chi\u0301nh&shy;\u200b</p>", "<p>Nhân Chính</p>"),
        ("<p>\u0338x</p>", "<p>x</p>"),
        ("<p>e<a>\u0302</a></p>", "<p>ê</p>"),
        ("<td colspan=2>a</td>", "a"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<o:p></o:p><!--[if mso]><p>x</p><![endif]--><p>y</p>", "<p>y</p>"),
    ],
)
def test_pasted_markup_becomes_the_plain_kind(given_html, kept):
    assert sanitize(given_html) == kept


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/tin-tuc", "/tin-tuc"),
        ("#muc-1", "#muc-1"),
        ("?trang=2", "?trang=2"),
        ("trang/a:b", "trang/a:b"),
        (" HTTPS://moh.gov.vn ", "https://moh.gov.vn"),
        ("//moh.gov.vn/x", "https://moh.gov.vn/x"),
        ("https://a.vn/Hà Nội?q='a'", "https://a.vn/H%C3%A0%20N%E1%BB%99i?q='a'"),
        ("https://a.vn/%C3%A0?x=[1]&amp;y=2#z", "https://a.vn/%C3%A0?x=[1]&amp;y=2#z"),
        ("mailto:a@example.vn?subject=x", "mailto:a@example.vn?subject=x"),
        ("tel:+842438551234", "tel:+842438551234"),
    ],
)
def test_honest_addresses_are_kept_in_one_form(address, kept):
    rel = ' rel="external noopener"' if kept.startswith("https:") else ""
    assert sanitize(f'<a href="{address}">x</a>') == f'<a href="{kept}"{rel}>x</a>'


@pytest.mark.parametrize("value", ["0", "1", "100", "-2", "2px", "1e1", "٣"])
def test_cell_spans_that_would_break_a_table_are_dropped(value):
    assert "colspan" not in sanitize(f"<table><tr><td colspan='{value}'>a</table>")


def test_header_cells_say_what_they_head():
    table = "<table><tr><td><th>A<th>B<tr><th>c<td>1<td>2<tr><th scope=rowgroup>d<td>3</table>"
    scopes = re.findall('scope="([a-z]+)">([A-Za-z])', sanitize(table))
    assert scopes == [("col", "A"), ("col", "B"), ("row", "c"), ("rowgroup", "d")]


def test_a_table_in_a_cell_has_its_own_rows():
    inner = "<table><tr><th>b<th>c</table>"
    scopes = re.findall(
        'scope="([a-z]+)">([a-z])', sanitize(f"<table><tr><th>a<td>{inner}</table>")
    )
    assert scopes == [("row", "a"), ("col", "b"), ("col", "c")]


def test_nesting_without_end_is_flattened_and_nothing_said_is_lost():
    deep = sanitize("<blockquote>" * 500 + "<table><tr><td>x</td></tr></table>")
    assert deep.count("<blockquote>") == 40
    assert plain_text(deep) == "x"
    assert sanitize(deep) == deep


def test_more_tags_than_any_page_has_are_refused():
    with pytest.raises(MarkupTooLargeError, match="more than 20000 tags"):
        sanitize("<br>" * (MAX_TAGS + 1))


def test_unclosed_formatting_cannot_multiply():
    # Each of these once made an HTML5 parser open two thousand elements in every paragraph.
    html = "<p>" + "".join(f"<u x={n}><font y={n}>" for n in range(2000)) + "<p>x" * 2000
    assert len(sanitize(html)) < 10 * len(html)
    assert len(plain_text(html).split()) == 2000


def test_markup_that_would_not_settle_is_reduced_to_its_words(monkeypatch):
    monkeypatch.setattr(markup, "_MAX_PASSES", 0)
    words = sanitize("<p>1 < 2<script>x</script><p>a <b>b</b>")
    monkeypatch.undo()
    assert words == "<p>1 &lt; 2</p><p>a b</p>"
    assert sanitize(words) == words


def test_plain_text_has_a_line_for_each_block():
    assert plain_text(PAGE).split("\n") == [
        "Thông báo",
        "Kính gửi bà con,",
        "xem văn bản và nguồn: H2O, m2, e u s",
        *"abcdefg",
        "h 1 < 2 & 3",
        "thư gọi",
    ]


def test_plain_text_of_a_feed_description_holds_no_markup():
    description = "<a href='x'><img src='y'></a></br>Tóm tắt &amp; <script>z</script><i>tin</i>"
    assert plain_text(description) == "Tóm tắt & tin"


def test_plain_text_of_far_too_many_tags_is_the_beginning():
    assert plain_text("<p>đầu</p>" + "<br>" * MAX_TAGS + "cuối") == "đầu"


def test_a_summary_is_cut_between_words_and_says_so():
    html = "<p>Ủy ban nhân dân phường, thông báo</p><p>lịch mới</p>"
    assert summary(html) == "Ủy ban nhân dân phường, thông báo lịch mới"
    assert summary(html, 42) == "Ủy ban nhân dân phường, thông báo lịch mới"
    assert summary(html, 41) == "Ủy ban nhân dân phường, thông báo lịch…"
    assert summary(html, 27) == "Ủy ban nhân dân phường…"
    assert summary("nghiêng" * 3, 10) == "nghiêngng…"


def test_lines_that_are_no_sentences_are_parted_in_a_summary():
    html = "<p><b>Đối tượng:</b> Người từ 65 tuổi</p><ul><li>Căn cước</li><li>sổ tiêm;</li></ul>"
    assert summary(html + "<p>Hỏi ai?</p><p>Trạm Y tế</p>") == (
        "Đối tượng: Người từ 65 tuổi. Căn cước sổ tiêm; Hỏi ai? Trạm Y tế"
    )


def test_a_list_keeps_where_it_starts_and_how_it_counts() -> None:
    assert sanitize('<ol start="3" type="a"><li>c</li></ol>') == (
        '<ol start="3" type="a"><li>c</li></ol>'
    )
    assert sanitize('<ol start="-1" type="x"><li>c</li></ol>') == "<ol><li>c</li></ol>"


def test_a_summary_is_made_of_sentences_where_there_are_any():
    table = "<h2>Lịch tiếp công dân</h2><table><tr><th>TT</th><td>8h00</td></tr></table>"
    assert summary(f"{table}<p>Nghỉ lễ có thông báo riêng.</p>") == "Nghỉ lễ có thông báo riêng."
    assert summary(table) == "Lịch tiếp công dân TT 8h00"
