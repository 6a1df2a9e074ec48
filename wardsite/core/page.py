"""Any website's HTML in, a tree of elements out, in time and memory linear in the page.

A parser that follows the HTML standard to the letter can be made to build millions of elements from
a small page (its adoption agency copies formatting), which a hostile page would use. This one reads
tokens as the standard does and builds the tree by its main rules: implied ends, scopes, raw text of
scripts and styles, a depth of at most 512 as in Chromium. Where it departs from the standard, in
mis-nested formatting, an element keeps rather more ancestors than less. Nothing here is run.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from wardsite.core.errors import N_, WardsiteError

MAX_ELEMENTS = 60_000
MAX_DEPTH = 512
_MAX_ATTRIBUTES = 100

_SPACE = " \t\n\f\r"
_NAME = re.compile(rf"[^{_SPACE}/>]+")
_ATTRIBUTE = re.compile(
    rf"[{_SPACE}/]*([^{_SPACE}/>][^{_SPACE}/>=]*)"
    rf"(?:[{_SPACE}]*=[{_SPACE}]*(?:\"([^\"]*)(?:\"|\Z)|'([^']*)(?:'|\Z)|([^{_SPACE}>]+)))?"
)
_TAG_END = re.compile(rf"[{_SPACE}/]*>")
_COMMENT_END = re.compile(r"--!?>")
_RAW = ("script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "title", "textarea")
_RAW_END = {name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE) for name in _RAW}
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_NOT_IN_TREE = frozenset({"head", "link", "meta", "base", "script", "style", "title", "noscript"})
_BOUNDARY = frozenset(
    "applet caption html table td th marquee object template button select".split()
)
_CLOSES_P = frozenset(
    (
        "address article aside blockquote center details dialog dir div dl fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search "
        "section summary table ul li dd dt"
    ).split()
)
_BLOCKS = _CLOSES_P | {"body", "br", "img", "option", "td", "th", "tr", "caption", "legend"}
# A start tag ends an open one of these, unless one of the others lies between.
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "option": (frozenset({"option"}), frozenset({"select"})),
    "a": (frozenset({"a"}), frozenset({"td", "th", "table"})),
    "button": (frozenset({"button"}), frozenset({"table"})),
    "td": (frozenset({"td", "th"}), frozenset({"table"})),
    "th": (frozenset({"td", "th"}), frozenset({"table"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "tbody": (frozenset({"tbody", "thead", "tfoot"}), frozenset({"table"})),
    "tfoot": (frozenset({"tbody", "thead", "tfoot"}), frozenset({"table"})),
}
_TABLE_PARTS = frozenset({"table", "tr", "td", "th", "tbody", "thead", "tfoot", "caption"})
_FORMATTING = frozenset("a b big code em font i nobr s small span strike strong tt u".split())
_CODECS = frozenset(
    {"utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-15"}
    | {f"cp{number}" for number in (1250, 1251, 1252, 1254, 1256, 1258)}
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{1,40})", re.I)


class PageTooLargeError(WardsiteError):
    """The page has more elements than any page for people."""


@dataclass(eq=False, slots=True)
class Element:
    """An element: names in lower case, references in values resolved; `order` is its place."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    order: int
    children: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return an attribute, empty when it is not there."""
        return self.attributes.get(name, "")

    def ancestors(self) -> Iterator[Element]:
        """Yield the element itself, its parent, and so on up to the root."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    def descendants(self) -> Iterator[Element | str]:
        """Yield the texts and elements inside, in order."""
        waiting: list[Element | str] = self.children[::-1]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, Element):
                waiting += node.children[::-1]


@dataclass
class Page:
    """A page: its tree, its own style sheets in order, and where its links start from.

    `styles` holds texts, and addresses of linked sheets as `StyleLink`.
    """

    root: Element
    body: Element
    styles: list[str | StyleLink] = field(default_factory=list)
    base: str = ""
    title: str = ""
    scripts: int = 0

    def elements(self) -> Iterator[Element]:
        """Yield every element, in the order of the page."""
        yield self.root
        for node in self.root.descendants():
            if isinstance(node, Element):
                yield node


@dataclass(frozen=True)
class StyleLink:
    """A linked style sheet: its address as written, and the media it is for."""

    href: str
    media: str


def decode(body: bytes, content_type: str | None) -> str:
    """Return a page's text: by byte order mark, HTTP header, meta element, else UTF-8."""
    if body.startswith(codecs.BOM_UTF8):
        return body[3:].decode("utf-8", "replace")
    header = re.search(r"charset\s*=\s*[\"']?([\w-]{1,40})", content_type or "", re.I)
    meta = _META_CHARSET.search(body[:4096])
    named = header[1] if header else meta[1].decode() if meta else "utf-8"
    try:
        name = codecs.lookup(named).name
    except LookupError:
        name = "utf-8"
    return body.decode(name if name in _CODECS else "utf-8", "replace")


def read_page(text: str) -> Page:
    """Read a page. Raises PageTooLargeError, and nothing else."""
    return _Builder(text).build()


class _Builder:
    """One pass over one page."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\0", "")
        self.pos = 0
        self.count = 2
        root = Element("html", {}, None, 0)
        body = Element("body", {}, root, 1)
        root.children.append(body)
        self.page = Page(root, body)
        self.stack = [body]
        self.open: Counter[str] = Counter()

    def build(self) -> Page:
        text = self.text
        while True:
            start = text.find("<", self.pos)
            self.add_text(text[self.pos : start if start >= 0 else len(text)])
            if start < 0:
                return self.page
            self.pos = start + 1
            self.markup(text[self.pos : self.pos + 3])

    def markup(self, ahead: str) -> None:
        """Read what follows a `<`."""
        if ahead[:1].isascii() and ahead[:1].isalpha():
            self.start_tag()
        elif ahead[:1] == "/" and ahead[1:2].isascii() and ahead[1:2].isalpha():
            self.pos += 1
            name, _ = self.tag()
            if name:
                self.close(name)
        elif ahead == "!--":
            # From two characters in: `<!-->` and `<!--->` are whole comments.
            match = _COMMENT_END.search(self.text, self.pos + 1)
            self.pos = match.end() if match else len(self.text)
        elif ahead[:1] in {"!", "?", "/"} and ahead:
            end = self.text.find(">", self.pos)
            self.pos = end + 1 if end >= 0 else len(self.text)
        else:
            self.add_text("<")

    def tag(self) -> tuple[str, dict[str, str]]:
        """Read name and attributes; an empty name when the page ends within the tag."""
        match = _NAME.match(self.text, self.pos)
        name = match.group().lower() if match else ""
        attributes: dict[str, str] = {}
        self.pos = match.end() if match else self.pos
        while (end := _TAG_END.match(self.text, self.pos)) is None:
            found = _ATTRIBUTE.match(self.text, self.pos)
            if found is None or found.end() >= len(self.text):
                self.pos = len(self.text)
                return "", {}
            self.pos = found.end()
            if len(attributes) < _MAX_ATTRIBUTES:
                value = next((part for part in found.groups()[1:] if part is not None), "")
                value = html.unescape(value) if "&" in value else value
                attributes.setdefault(found[1].lower(), value)
        self.pos = end.end()
        return name, attributes

    def start_tag(self) -> None:
        name, attributes = self.tag()
        if name in {"html", "body"}:
            known = self.page.root if name == "html" else self.page.body
            known.attributes = {**attributes, **known.attributes}
        elif name == "plaintext":
            self.add_text(self.text[self.pos :])
            self.pos = len(self.text)
        elif name in _RAW_END:
            self.raw(name, attributes)
        elif name in _NOT_IN_TREE:
            self.note(name, attributes)
        elif name:
            self.open_element(name, attributes)

    def raw(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the text of an element that holds no markup, up to its end tag."""
        match = _RAW_END[name].search(self.text, self.pos)
        content = self.text[self.pos : match.start() if match else len(self.text)]
        self.pos = len(self.text)
        if match:
            self.pos = match.start() + 2
            self.tag()
        if name == "style" and attributes.get("media", "").lower() != "print":
            self.page.styles.append(content)
        elif name == "title":
            self.page.title = self.page.title or html.unescape(content).strip()
        elif name == "script":
            self.page.scripts += 1
        elif name in {"textarea", "xmp"}:
            element = self.open_element(name, attributes)
            element.children.append(html.unescape(content))
            self.close(name)

    def note(self, name: str, attributes: dict[str, str]) -> None:
        """Keep what an element of the head says about the page."""
        words = attributes.get("rel", "").lower().split()
        if name == "base" and not self.page.base:
            self.page.base = attributes.get("href", "")
        elif name == "link" and "stylesheet" in words and "alternate" not in words:
            link = StyleLink(attributes.get("href", ""), attributes.get("media", ""))
            self.page.styles.append(link)

    def open_element(self, name: str, attributes: dict[str, str]) -> Element:
        self.imply_ends(name)
        if self.count >= MAX_ELEMENTS:
            raise PageTooLargeError(
                N_("The page has more than %(limit)d elements."), limit=MAX_ELEMENTS
            )
        parent = self.stack[-1]
        element = Element(name, attributes, parent, self.count)
        self.count += 1
        parent.children.append(element)
        if name not in _VOID and len(self.stack) < MAX_DEPTH:
            self.stack.append(element)
            self.open[name] += 1
        return element

    def imply_ends(self, name: str) -> None:
        if name in _CLOSES_P and self.open["p"]:
            self.pop_to(frozenset({"p"}), _BOUNDARY)
        if name in _ENDS:
            self.pop_to(*_ENDS[name])

    def close(self, name: str) -> None:
        """End the nearest open element of that name, if the standard's scopes let it be found."""
        if not self.open[name]:
            return
        if name in _FORMATTING and self.has_block_above(name):
            # Blocks inside go on after `</a>`; only the formatting itself is over.
            index = max(i for i, element in enumerate(self.stack) if element.tag == name)
            del self.stack[index]
            self.open[name] -= 1
            return
        stop = frozenset({"template"}) if name in _TABLE_PARTS else _BOUNDARY - {name}
        self.pop_to(frozenset({name}), stop)

    def has_block_above(self, name: str) -> bool:
        for element in reversed(self.stack):
            if element.tag == name:
                return False
            if element.tag in _CLOSES_P:
                return True
        return False

    def pop_to(self, names: frozenset[str], stop: frozenset[str]) -> None:
        """Close open elements down to the nearest of `names`, none when one of `stop` is nearer."""
        for index in range(len(self.stack) - 1, 0, -1):
            if self.stack[index].tag in names:
                for element in self.stack[index:]:
                    self.open[element.tag] -= 1
                del self.stack[index:]
                return
            if self.stack[index].tag in stop:
                return

    def add_text(self, text: str) -> None:
        if text:
            self.stack[-1].children.append(html.unescape(text) if "&" in text else text)


def is_block(element: Element) -> bool:
    """Tell whether words on either side of an element are apart."""
    return element.tag in _BLOCKS
