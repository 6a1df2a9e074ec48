"""Reading a feed's markup as it really comes: a scan for the elements that matter, no XML parser.

Real feeds hold blank lines before the declaration, bare `&`, `&nbsp;`, HTML outside CDATA, unknown
prefixes and `</br>`. An XML parser refuses each of them, and expands entities when it
does not. This scan knows no entity but those of XML itself, refuses any DTD, goes through the text
once, and holds one item at a time.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from wardsite.core.errors import N_, WardsiteError

_ITEMS = frozenset({"item", "entry"})
_CHANNELS = frozenset({"rss", "feed", "rdf:rdf", "rdf", "channel"})
# Of an item, by what they tell. The first that is there counts.
TITLE = ("title", "dc:title")
LINK = ("link",)
KEY = ("guid", "id")
SUMMARY = ("description", "summary", "content:encoded", "content", "dc:description")
DATE = ("pubdate", "published", "dc:date", "date", "issued", "updated", "modified")
_FIELDS = frozenset((*TITLE, *LINK, *KEY, *SUMMARY, *DATE))
# Elements with a title, link or date of their own, which is not the item's.
_ASIDE = frozenset({"source", "author", "image", "media:group", "media:content", "enclosure"})
_OWN_PREFIXES = ("atom:", "rss:", "a10:", "atom10:")
_MAX_FIELD = 100_000  # characters of one field that are read; only its beginning is ever shown
_NAME = re.compile(r"[A-Za-z_][\w:.-]{0,60}")
_ATTRIBUTE = re.compile(r"([\w:.-]{1,60})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_MAX_ATTRIBUTES = 4000  # characters of one tag


class FeedFormatError(WardsiteError):
    """What came is no feed that can be read."""


class DoctypeError(FeedFormatError):
    """The feed declares a document type, through which entities could be defined."""


@dataclass
class RawItem:
    """The fields of one item as they stand in the feed; `links` are (rel, href) of Atom links."""

    fields: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)

    def first(self, names: tuple[str, ...]) -> str:
        """Return the first of some fields that says anything, or nothing."""
        return next((self.fields[name] for name in names if self.fields.get(name, "").strip()), "")


@dataclass(frozen=True)
class _Token:
    """A piece of markup: `start`, `end`, `text` (references not resolved) or `cdata`."""

    kind: str
    name: str
    text: str
    attributes: str = ""
    closed: bool = False


def scan(text: str) -> Iterator[RawItem]:
    """Yield the items of an RSS or Atom feed, in order.

    Raises DoctypeError, and FeedFormatError when the text is no feed.
    """
    reader = _Reader()
    for token in _tokens(text):
        item = reader.read(token)
        if item is not None:
            yield item
    if reader.item is not None:
        yield reader.item  # cut off within its last item: what is there counts
    if not reader.is_feed:
        raise FeedFormatError(N_("The response is not a feed (RSS, Atom or JSON Feed)."))


def resolve(text: str) -> str:
    """Return text with XML's own five references and numbers resolved; a bare `&` stays."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return _NAMED[found[1]]
    code = int(found[2]) if found[2] else int(found[3], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or code == 0:
        return ""
    return chr(code)


def _tokens(text: str) -> Iterator[_Token]:
    """Cut the text at its tags. Every search begins where the last one ended: linear time."""
    at, size = 0, len(text)
    while at < size:
        start = text.find("<", at)
        if start < 0:
            start = size
        if start > at:
            yield _Token("text", "", text[at:start])
        if start == size:
            return
        at = yield from _markup(text, start)


def _markup(text: str, start: int) -> Generator[_Token, None, int]:
    """Yield the piece of markup that begins at `start`; return where it ends."""
    if text.startswith("<![CDATA[", start):
        end = _end(text, "]]>", start)
        yield _Token("cdata", "", text[start + 9 : end])
        return end + 3
    for opening, closing in (("<!--", "-->"), ("<?", "?>")):
        if text.startswith(opening, start):
            return _end(text, closing, start + len(opening)) + len(closing)
    if text.startswith("<!", start):
        raise DoctypeError(N_("The feed declares a document type (DOCTYPE), so it was not read."))
    is_end = text.startswith("</", start)
    name = _NAME.match(text, start + (2 if is_end else 1))
    if name is None:
        yield _Token("text", "", "<")
        return start + 1
    end = _tag_end(text, name.end())
    inside = text[name.end() : end][:_MAX_ATTRIBUTES]
    own = _plain_name(name[0])
    yield _Token(
        "end" if is_end else "start", own, text[start : end + 1], inside, inside.endswith("/")
    )
    return end + 1


def _tag_end(text: str, start: int) -> int:
    """Return where a tag's `>` is: not within quotes, unless the quotes never end."""
    end = first = _end(text, ">", start)
    for _ in range(3):
        inside = text[start : min(end, start + _MAX_ATTRIBUTES)]
        if inside.count('"') % 2 == 0 and inside.count("'") % 2 == 0:
            return end
        end = _end(text, ">", end + 1)
    return first


def _end(text: str, closing: str, start: int) -> int:
    end = text.find(closing, start)
    return len(text) if end < 0 else end


def _plain_name(name: str) -> str:
    name = name.lower()
    for prefix in _OWN_PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


class _Reader:
    """Puts tokens together to items."""

    def __init__(self) -> None:
        self.item: RawItem | None = None
        self.is_feed = False
        self._field = ""
        self._aside = ""
        self._parts: list[str] = []
        self._length = 0

    def read(self, token: _Token) -> RawItem | None:
        """Take one token; return an item when it is complete."""
        if token.kind in ("text", "cdata"):
            self._add(token.text if token.kind == "cdata" else resolve(token.text))
            return None
        if token.kind == "end" and token.name in _ITEMS:
            return self._finish_item()
        if token.kind == "start" and token.name in _CHANNELS:
            self.is_feed = True
        if self.item is None:
            if token.kind == "start" and token.name in _ITEMS and self.is_feed:
                self.item = RawItem()
            return None
        return self._within(self.item, token)

    def _within(self, item: RawItem, token: _Token) -> RawItem | None:
        if token.kind == "start" and token.name in _ITEMS:
            finished, self.item = self._finish_item(), RawItem()
            return finished
        if self._aside:
            if token.kind == "end" and token.name == self._aside:
                self._aside = ""
        elif self._field:
            self._inside_field(token)
        elif token.kind == "start" and not token.closed and token.name in _ASIDE:
            self._aside = token.name
        elif token.kind == "start" and token.name in _FIELDS:
            self._open(item, token)
        return None

    def _open(self, item: RawItem, token: _Token) -> None:
        if token.name == "link":
            given = {
                m[1].lower(): m[2] or m[3] or "" for m in _ATTRIBUTE.finditer(token.attributes)
            }
            if "href" in given:
                item.links.append((given.get("rel", "alternate"), resolve(given["href"])))
        if not token.closed:
            self._field, self._parts, self._length = token.name, [], 0

    def _inside_field(self, token: _Token) -> None:
        if token.kind == "end" and token.name == self._field:
            self._close_field()
        else:
            self._add(token.text)  # HTML that stands there without CDATA

    def _add(self, text: str) -> None:
        if self.item is not None and self._field and self._length < _MAX_FIELD:
            self._parts.append(text)
            self._length += len(text)

    def _close_field(self) -> None:
        if self.item is not None and self._field:
            text = "".join(self._parts)[:_MAX_FIELD]
            if text.strip() and not self.item.fields.get(self._field, "").strip():
                self.item.fields[self._field] = text
        self._field, self._parts = "", []

    def _finish_item(self) -> RawItem | None:
        self._close_field()
        finished, self.item, self._aside = self.item, None, ""
        return finished
