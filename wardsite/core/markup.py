"""What HTML is let in, and what it says as plain text.

`sanitize` is the only door through which markup typed, pasted or fetched reaches a page. nh3 (an
HTML5 parser with an allow-list) takes out what is not listed below; a second, small pass over its
well-formed output drops what is left empty and states what the reader needs (`rel`, `scope`,
`alt`). Both are repeated until nothing changes, so that the stored text is exactly what a browser
makes of it: markup that means something else when parsed again never gets out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import clean_pasted, drop_invisible, shorten

_INLINE = frozenset("a strong em u s sub sup".split())
_TEXT_BLOCKS = frozenset("p h2 h3 h4 li blockquote caption figcaption".split())
_GROUPS = frozenset("ul ol table thead tbody tr figure".split())
_CELLS = frozenset({"th", "td"})
_NO_PROSE = frozenset("h2 h3 h4 table figure".split())
_VOID = frozenset({"br", "hr", "img"})
TAGS = _INLINE | _TEXT_BLOCKS | _GROUPS | _CELLS | _VOID

ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),  # said outright: nh3 lets title and lang in everywhere by default
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "loading"},
    "ol": {"start", "type"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}
URL_SCHEMES = {"http", "https", "mailto", "tel"}

# Elements that go with all they hold: none of it is meant to be read as text.
_DROPPED_WHOLE = frozenset(
    "script style svg math template noscript iframe object embed title textarea select xmp "
    "noembed noframes plaintext audio video canvas".split()
)

# What other tags become before parsing; an empty name drops the tag and keeps its text. Blocks
# become paragraphs so that the words on both sides of them do not run together.
_RENAMED = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "u": "u", "ins": "u",
    "s": "s", "strike": "s", "del": "s",
    "h1": "h2", "h5": "h4", "h6": "h4",
    "font": "", "big": "", "small": "", "tt": "", "nobr": "", "code": "",
} | dict.fromkeys(
    "div section article header footer main aside nav address center pre dl dt dd form fieldset "
    "legend details summary".split(),
    "p",
)  # fmt: skip
# An HTML5 parser reopens every unclosed formatting element in each later paragraph unless three
# alike are open already: 27 KB of <u x=1><u x=2>… took 3 s and 1 GB. Without attributes they are
# alike, so these tags lose theirs before parsing.
_RENAMED_TAG = re.compile(rf"<(/?)({'|'.join(_RENAMED)})(?:[\s/][^>]*)?>", re.IGNORECASE)

MAX_TAGS = 20_000  # signs "<" in one text; a table of 4000 cells has 8000
_MAX_DEPTH = 40
_MAX_PASSES = 6

_GAP = re.compile(r"\s+")
_SCHEME = re.compile("([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[^/?#@\s]+(?:[/?#].*)?", re.IGNORECASE)
_OTHER_ADDRESS = re.compile(r"mailto:[^\s@]+@[^\s@]+|tel:[0-9+().*#-]+", re.IGNORECASE)
_ADDRESS_SIGNS = "%/:?#[]@!$&'()*+,;=~"
_VALUES = {
    "src": re.compile("/media(?:/[A-Za-z0-9][A-Za-z0-9._-]*)+"),
    "width": re.compile("[1-9][0-9]{0,3}"),
    "height": re.compile("[1-9][0-9]{0,3}"),
    "loading": re.compile("lazy|eager"),
    "colspan": re.compile("[2-9]|[1-9][0-9]"),
    "rowspan": re.compile("[2-9]|[1-9][0-9]"),
    "scope": re.compile("col|row|colgroup|rowgroup"),
    "start": re.compile("[1-9][0-9]{0,3}"),
    "type": re.compile("[aAiI]"),
}


class MarkupTooLargeError(WardsiteError):
    """The text holds more tags than any real page, or grows past that when parsed."""

    def __init__(self) -> None:
        """Name the limit."""
        super().__init__(
            N_(
                "The formatted text is too complex (more than %(limit)d tags). Split it into "
                "several posts."
            ),
            limit=MAX_TAGS,
        )


def _clean_address(value: str) -> str | None:
    """Return a link address fit to store, or None for one that is not let in.

    Let in: http, https (with a host and no user name before it), mailto, tel and addresses within
    this site. Whatever a browser would skip or rewrite while reading the scheme is settled first.
    """
    address = re.sub(r"[\t\n\r]", "", value).strip("".join(map(chr, range(0x21))))
    if address.startswith("//"):
        address = "https:" + address
    if not address or "\\" in address or len(address) > 2000:
        return None
    address = quote(address, safe=_ADDRESS_SIGNS)
    scheme = _SCHEME.match(address)
    if scheme is None:
        colon_before_path = ":" in re.split("[/?#]", address, maxsplit=1)[0]
        return None if colon_before_path else address
    allowed = _WEB_ADDRESS.fullmatch(address) or _OTHER_ADDRESS.fullmatch(address)
    return scheme[0].lower() + address[scheme.end() :] if allowed else None


def _clean_value(tag: str, name: str, value: str) -> str | None:
    """Return the value an attribute may have (nh3's attribute filter), or None to drop it."""
    if name == "href":
        return _clean_address(value)
    if name in _VALUES:
        value = value.strip().lower() if name in {"loading", "scope"} else value.strip()
        return value if _VALUES[name].fullmatch(value) else None
    return clean_pasted(value) or None  # title, alt


def _rename(found: re.Match[str]) -> str:
    name = _RENAMED[found[2].lower()]
    return f"<{found[1]}{name}>" if name else ""


def _rename_block(found: re.Match[str]) -> str:
    return "" if _RENAMED[found[2].lower()] in _INLINE else _rename(found)


def _parse(html: str, rename: Callable[[re.Match[str]], str]) -> str:
    """Return `html` as nh3 lets it in: well-formed, only listed tags and attributes."""
    import nh3  # loaded when markup first comes in: pages that go out do without it

    # Behind the last ">" no tag can end, and stopping there keeps the search linear.
    head, end, tail = html.encode("utf-8", "ignore").decode().rpartition(">")
    return nh3.clean(
        _RENAMED_TAG.sub(rename, head + end) + tail,
        tags=set(TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes=ATTRIBUTES,
        attribute_filter=_clean_value,
        url_schemes=URL_SCHEMES,
        link_rel=None,
    )


def _clean_text(text: str) -> str:
    """Return the escaped form of one run of text: NFC, visible characters, single gaps.

    Normalising is safe only here, piece by piece: U+0338 after a tag's ">" would compose with it
    to U+226F and eat the tag, so a run may not begin with that sign.
    """
    visible = drop_invisible(text).lstrip("\u0338")
    return escape(_GAP.sub(" ", visible), quote=False)


class _Rewriter(HTMLParser):
    """Writes nh3's output again: without empty leftovers, with `rel`, `scope` and `alt`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        # Each open element: its name, and the place of its start tag in `pieces` (None: left out).
        self._open: list[tuple[str, int | None]] = []
        # Each open table row: the places of its header cells without scope, and has it data cells.
        self._rows: list[tuple[list[int], list[bool]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            self._write_void(tag, given)
            return
        unwanted = len(self._open) >= _MAX_DEPTH or (tag == "a" and "href" not in given)
        self._open.append((tag, None if unwanted else len(self.pieces)))
        if unwanted:
            return
        if tag == "tr":
            self._rows.append(([], []))
        elif tag in _CELLS and self._rows:
            self._note_cell(tag, given)
        elif tag == "a" and given["href"].startswith(("http:", "https:")):
            given["rel"] = "external noopener"
        self._write(tag, given)

    def handle_endtag(self, tag: str) -> None:
        _, start = self._open.pop()
        if start is None:
            return
        if tag == "tr":
            self._state_scopes()
        inside = self.pieces[start + 1 :]
        if tag in _TEXT_BLOCKS and all(piece in {" ", "<br>"} for piece in inside):
            del self.pieces[start:]
        elif tag in _INLINE | _GROUPS and all(piece == " " for piece in inside):
            self.pieces[start:] = inside[:1]
        else:
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if text := _clean_text(data):
            self.pieces.append(text)

    def _write(self, tag: str, attributes: dict[str, str]) -> None:
        written = "".join(
            f' {name}="{escape(value, quote=False).replace(chr(34), "&quot;")}"'
            for name, value in sorted(attributes.items())
        )
        self.pieces.append(f"<{tag}{written}>")

    def _write_void(self, tag: str, given: dict[str, str]) -> None:
        if tag == "img":
            if "src" not in given:
                return
            # Without alt, screen readers would read the file's name out.
            given = {"alt": "", "loading": "lazy"} | given
        self._write(tag, given)

    def _note_cell(self, tag: str, given: dict[str, str]) -> None:
        unscoped, data_cells = self._rows[-1]
        if tag == "td":
            data_cells.append(True)
        elif "scope" not in given:
            unscoped.append(len(self.pieces))

    def _state_scopes(self) -> None:
        """Say what the header cells of the row just read head: the only one its row, else columns.

        WCAG 2.1 technique H63.
        """
        unscoped, data_cells = self._rows.pop()
        scope = "row" if len(unscoped) == 1 and data_cells else "col"
        for place in unscoped:
            self.pieces[place] = f'{self.pieces[place][:-1]} scope="{scope}">'


def _pass(html: str) -> str:
    """Return `html` cleaned once. Raises MarkupTooLargeError."""
    if html.count("<") > MAX_TAGS:
        raise MarkupTooLargeError
    rewriter = _Rewriter()
    rewriter.feed(_parse(html, _rename))
    rewriter.close()
    return "".join(rewriter.pieces).strip()


def sanitize(html: str) -> str:
    """Return the part of `html` that may stand on a page, as NFC.

    Only TAGS and ATTRIBUTES; b, i, h1, div and their like become what is listed. Links lead to
    http, https, mailto, tel or this site; images come from /media/. The result is stable: cleaned
    again, or parsed and written by a browser, it stays the same. Raises MarkupTooLargeError.
    """
    for _ in range(_MAX_PASSES):
        cleaned = _pass(html)
        if cleaned == html:
            return cleaned
        html = cleaned
    # Only markup built for the purpose keeps changing. Its words are kept, its form is not.
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in plain_text(html).splitlines())


class _Reader(HTMLParser):
    """Collects the words of nh3's output, a line for each block; all, or without `left_out`."""

    def __init__(self, left_out: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._left_out, self._depth = left_out, 0

    def _gap(self, tag: str) -> None:
        if tag in _CELLS:
            self.pieces.append(" ")
        elif tag not in _INLINE and tag != "img":
            self.pieces.append("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._gap(tag)
        self._depth += tag in self._left_out

    def handle_endtag(self, tag: str) -> None:
        self._gap(tag)
        self._depth -= tag in self._left_out

    def handle_data(self, data: str) -> None:
        # A line break in the source is a space; only tags make lines.
        if not self._depth:
            self.pieces.append(_GAP.sub(" ", data))


def plain_text(html: str) -> str:
    """Return the words of any HTML, a line for each block, NFC and clean, not escaped.

    Never fails: of a text with more than MAX_TAGS tags only the beginning is read.
    """
    return _words_of(html, frozenset())


def _words_of(html: str, left_out: frozenset[str]) -> str:
    beginning = "<".join(html.split("<", MAX_TAGS)[:MAX_TAGS])
    reader = _Reader(left_out)
    # Without formatting there is nothing an HTML5 parser could multiply.
    reader.feed(_parse(beginning, _rename_block))
    reader.close()
    lines = clean_pasted("".join(reader.pieces), keep_lines=True).split("\n")
    return "\n".join(line for line in lines if line)


def _as_sentences(lines: str) -> str:
    text = ""
    for line in lines.split("\n"):
        ended = text[-1:].isalnum() and line[:1].isupper()
        text += (". " if ended else " " if text else "") + line
    return text


def summary(html: str, limit: int = 300) -> str:
    """Return the words of `html` on one line, at most `limit` characters, cut between words.

    Headings, tables and captions are no sentences: they are left out where there is other text. A
    line that ends in a word, before one that begins anew, is given its full stop. A cut is shown by
    `…`, counted in the limit.
    """
    text = _as_sentences(_words_of(html, _NO_PROSE)) or plain_text(html).replace("\n", " ")
    return shorten(text, limit)
