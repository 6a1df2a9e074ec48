"""A browser for tests that reads every page it is given and fails on one that is badly made."""

import itertools
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
LABELLED = frozenset(("input", "select", "textarea"))


class Node:
    """An element: name, attributes, children, text."""

    def __init__(self, name: str, attributes: dict[str, str], parent: "Node | None") -> None:
        self.name, self.attributes, self.parent = name, attributes, parent
        self.children: list[Node | str] = []
        self._walked: list[Node] = []

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    def walk(self) -> "list[Node]":
        """Return the element and all within, as they stand; kept, since a page changes no more."""
        if not self._walked:
            self._walked = [self]
            for child in self.children:
                if isinstance(child, Node):
                    self._walked += child.walk()
        return self._walked

    def all(self, name: str = "", **wanted: str) -> "list[Node]":
        """Return descendants by name and attributes (`data_slot="x"` for data-slot)."""
        return [
            node
            for node in self.walk()
            if (not name or node.name == name)
            and all(
                node.attributes.get(key.rstrip("_").replace("_", "-")) == value
                for key, value in wanted.items()
            )
        ]

    def one(self, name: str = "", **wanted: str) -> "Node":
        found = self.all(name, **wanted)
        assert len(found) == 1, f"{len(found)} of <{name} {wanted}>"
        return found[0]

    @property
    def text(self) -> str:
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Node("#root", {}, None)
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(
            Node(tag, {name: value or "" for name, value in attrs}, self.here)
        )

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.here.name != tag:
            self.faults.append(f"</{tag}> closes <{self.here.name}>")
            return
        self.here = self.here.parent or self.root

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def parse(html: str) -> Node:
    """Return the tree of a page; fails on elements that do not nest."""
    tree = _Tree()
    tree.feed(html)
    assert not tree.faults, tree.faults
    assert tree.here is tree.root, f"<{tree.here.name}> is never closed"
    return tree.root


@dataclass
class Page:
    """A page that was read and found well made."""

    response: TestResponse
    root: Node
    url: str

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.root.one("body").text

    @property
    def title(self) -> str:
        return self.root.one("title").text

    def all(self, name: str = "", **wanted: str) -> list[Node]:
        return self.root.all(name, **wanted)

    def one(self, name: str = "", **wanted: str) -> Node:
        return self.root.one(name, **wanted)

    @property
    def links(self) -> set[str]:
        """The addresses on this site that the page links to."""
        hrefs = {urljoin(self.url, node["href"]) for node in self.all("a") if node.get("href")}
        return {
            href.partition("#")[0]
            for href in hrefs
            if href.startswith("/") and not href.startswith("//")
        }


def check(root: Node, language: str) -> None:
    """Fail on what no page may have, and for what every page must."""
    assert root.one("html")["lang"] == language
    assert root.one("title").text
    assert len(root.all("h1")) == 1, [node.text for node in root.all("h1")]
    assert len(root.all("main")) == 1
    levels = [int(node.name[1]) for node in root.walk() if re.fullmatch("h[1-6]", node.name)]
    for before, after in itertools.pairwise(levels):
        assert after <= before + 1, f"h{after} follows h{before}"
    ids = [node["id"] for node in root.walk() if node.get("id")]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    _check_code(root)
    _check_forms(root, ids)
    for image in root.all("img"):
        assert "alt" in image.attributes, image.attributes
        assert "width" in image.attributes, image.attributes
    for link in root.all("a"):
        assert _name(link), f"a link without words: {link.attributes}"


def _check_code(root: Node) -> None:
    for node in root.walk():
        assert "style" not in node.attributes, f"inline style on <{node.name}>"
        assert not any(name.startswith("on") for name in node.attributes), node.attributes
        assert not node.get("href").lower().startswith("javascript:"), node.attributes
    for script in root.all("script"):
        assert script.get("src") or script.get("type") == "application/ld+json", "inline script"
    assert not root.all("style"), "inline style sheet"
    for node in root.all("script") + root.all("link") + root.all("img"):
        address = node.get("src") or node.get("href")
        if node.name == "link" and node.get("rel") not in ("stylesheet", "icon", "manifest"):
            continue
        assert not urlsplit(address).netloc, f"a third party: {address}"


def _check_forms(root: Node, ids: list[str]) -> None:
    labels = {node.get("for") for node in root.all("label")}
    for form in root.all("form"):
        assert "action" in form.attributes, "a form without action"
        if form.get("method").lower() == "post":
            assert form.all("input", name_="csrf_token"), f"no token: {form['action']}"
        for field in form.walk():
            if "hidden" in field.attributes or field.get("type") in ("hidden", "submit"):
                continue
            if field.name in LABELLED:
                named = field.get("id") in labels or field.get("aria-label")
                assert named or _inside_label(field), f"no label: {field.attributes}"
            for target in field.get("aria-describedby").split():
                assert target in ids, f"aria-describedby={target} is not there"


def _inside_label(node: Node) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.name == "label":
            return True
        parent = parent.parent
    return False


def _name(node: Node) -> str:
    alts = "".join(image.get("alt") for image in node.all("img"))
    return node.text or node.get("aria-label") or alts


class Browser:
    """A client with a cookie jar; `get` and `post` return pages that have been checked."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, url: str, status: int = 200) -> Page:
        return self._page(self.client.get(url), url, status)

    def post(self, url: str, status: int = 200, page: str = "", **fields: Any) -> Page:
        """Post a form found on `page` (or at `url`) with its token, and follow where it leads."""
        data = {"csrf_token": self._token(page or url), **fields}
        response = self.client.post(url, data=data, follow_redirects=True)
        return self._page(response, response.request.path, status)

    def sign_in(self, name: str, password: str) -> Page:
        return self.post("/dang-nhap", name=name, password=password)

    def come_in(self, name: str, password: str) -> None:
        """Sign in as well, but do not look at the page that comes next: it is a costly one."""
        data = {"csrf_token": self._token("/dang-nhap"), "name": name, "password": password}
        response = self.client.post("/dang-nhap", data=data)
        assert response.status_code == 302, response.text

    def _token(self, url: str) -> str:
        form = self.client.get(url)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
        assert token, f"no form to post on {url}: {form.status}"
        return token[1]

    def _page(self, response: TestResponse, url: str, status: int) -> Page:
        assert response.status_code == status, f"{url}: {response.status}\n{response.text[:2000]}"
        response.get_data()
        response.close()  # a file that was sent stays open otherwise
        if response.mimetype != "text/html" or status in (301, 302, 303, 304):
            return Page(response, Node("#root", {}, None), url)
        root = parse(response.text)
        check(root, "en" if url == "/en" or url.startswith("/en/") else "vi")
        return Page(response, root, url)
