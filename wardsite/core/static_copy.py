"""Turns a page of the site into one that stands as a file, without what needs a server.

Only for the site's own well-formed pages, whose templates are ours. What is typed, signed into or
narrowed by a query is left out; lists in pages get an address without a query.
"""

import re
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urlsplit

SEARCH = "/tim-kiem"
_NEEDS_SERVER = re.compile(r"/(quan-tri|dang-nhap|dang-xuat|phan-anh|healthz)(/|$)")
_IN_SHEET = re.compile(r"url\(\s*[\"']?([^\"')]+)")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_DATE_MARK = "\ue000"  # a private character, where the day of the copy goes


@dataclass
class Copy:
    """A page made to stand alone: its text, with a mark for the day, and the addresses it names."""

    text: str
    links: set[str]

    def dated(self, words: str) -> str:
        """Return the text with the day of the copy in words where the site shows today's date."""
        return self.text.replace(_DATE_MARK, escape(words), 1)


def static_address(address: str) -> str | None:
    """Return what an address of this site is among files; None for what needs the server.

    Addresses elsewhere and fragments are returned as they are.
    """
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address.startswith("#"):
        return address
    if not parts.path.startswith("/") or _NEEDS_SERVER.match(parts.path.removeprefix("/en")):
        return None
    path = parts.path.rstrip("/") or "/"
    query = dict(parse_qsl(parts.query))
    if set(query) <= {"tai-ve"}:
        number = ""
    elif set(query) == {"trang"} and query["trang"].isascii() and query["trang"].isdigit():
        number = "" if query["trang"] == "1" else f"/_trang-{query['trang']}"
    else:
        return None
    return path.rstrip("/") + number + (f"#{parts.fragment}" if parts.fragment else "") or "/"


def live_address(address: str) -> str:
    """Return what `static_address` was made of: where the site itself has the page."""
    path, mark, number = urlsplit(address).path.rpartition("/_trang-")
    return f"{path or '/'}?trang={number}" if mark else urlsplit(address).path


def file_name(address: str, html: bool) -> str:
    """Return the file of an address, relative; a page is the index of a folder of its name."""
    path = unquote(urlsplit(address).path).strip("/")
    return f"{path}/index.html".lstrip("/") if html else path


def sheet_links(sheet: str) -> list[str]:
    """Return the addresses that a style sheet draws on, as they are written."""
    return [found for found in _IN_SHEET.findall(sheet) if not found.startswith(("data:", "#"))]


def copy_of(html: str) -> Copy:
    """Return a page made to stand alone."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Copy("".join(reader.out), reader.links)


@dataclass
class _Open:
    """An element that is open: where it began in the output, and whether a link stands in it."""

    name: str
    begins: int
    holds_link: bool = False


@dataclass
class _Skipping:
    """What is being left out: until the end of this element."""

    name: str
    depth: int = field(default=1)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.links: set[str] = set()
        self._open: list[_Open] = []
        self._skipping: _Skipping | None = None
        self._dated = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping is not None:
            self._skipping.depth += tag == self._skipping.name
            return
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and static_address(values.get("action", "")) not in (
            SEARCH,
            f"/en{SEARCH}",
        ):
            self._skip(tag)
        elif tag == "a" and "href" in values and static_address(values["href"]) is None:
            self._leave_out_link()
        else:
            self._start(tag, values)

    def _start(self, tag: str, values: dict[str, str]) -> None:
        if tag == "a":
            for element in self._open:
                element.holds_link = True
        if tag not in _VOID:
            self._open.append(_Open(tag, len(self.out)))
        self.out.append(self._relinked(self.get_starttag_text() or "", values))
        if tag == "time" and not self._dated:
            # The strip at the top: on a copy "today" would be wrong tomorrow.
            self._dated = True
            self.out[-1] = "<span>"
            self.out.append(f"{_DATE_MARK}</span>")
            self._open.pop()
            self._skip(tag)

    def _relinked(self, text: str, values: dict[str, str]) -> str:
        for name in ("href", "src", "action"):
            address = values.get(name, "")
            found = static_address(address) if address else None
            if found is None or not found.startswith("/"):
                continue
            self.links.add(found.partition("#")[0])
            if found != address:
                text = text.replace(f'{name}="{escape(address)}"', f'{name}="{escape(found)}"')
        for part in values.get("srcset", "").split(","):
            if part.strip().startswith("/"):
                self.links.add(part.split()[0])
        return text

    def _leave_out_link(self) -> None:
        """Leave out a link; its line too, when nothing but the link is in it."""
        for element in reversed(self._open):
            if element.name in ("li", "p"):
                if not element.holds_link and not "".join(self.out[element.begins + 1 :]).strip():
                    del self.out[element.begins :]
                    del self._open[self._open.index(element) :]
                    self._skip(element.name)
                    return
                break
        self._skip("a")

    def _skip(self, tag: str) -> None:
        self._skipping = _Skipping(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._skipping is not None:
            self._skipping.depth -= tag == self._skipping.name
            if not self._skipping.depth:
                self._skipping = None
            return
        while self._open and self._open.pop().name != tag:
            pass
        self.out.append(f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # In SVG: no links of ours.
        self._put(self.get_starttag_text() or "")

    def handle_data(self, data: str) -> None:
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._put(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._put(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._put(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._put(f"<!{decl}>")

    def _put(self, text: str) -> None:
        if self._skipping is None:
            self.out.append(text)
