"""Selectors of style sheets: read, and held against an element.

What is not known here (`:has`, `:nth-child`, most pseudo-classes) makes a selector unread, which
leaves its rule out; nothing is guessed. What needs a person (`:hover`) never holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from wardsite.core.page import Element

_MAX_COMPOUNDS = 12
_MAX_SELECTOR = 300

_SIMPLE = re.compile(
    r"(?P<tag>\*|[a-zA-Z][\w-]*)|#(?P<id>(?:[\w-]|[^\x00-\x7f]|\\.)+)"
    r"|\.(?P<cls>(?:[\w-]|[^\x00-\x7f]|\\.)+)"
    r"|\[\s*(?P<attr>[\w:-]+)\s*(?:(?P<op>[~|^$*]?=)\s*"
    r"(?:\"(?P<dq>[^\"]*)\"|'(?P<sq>[^']*)'|(?P<bare>[^\]\s]+))\s*[iIsS]?\s*)?\]"
    r"|:(?P<pseudo>not|is|where)\((?P<inner>[^()]*)\)|:(?P<plain>root|first-child|last-child)(?![\w(-])"
)
_BRACKET = re.compile(r"[()\[\],]")
_COMBINATOR = re.compile(r"\s*([>+~])\s*|\s+")


@dataclass(frozen=True)
class Compound:
    """Simple selectors that must hold for one element."""

    tag: str = "*"
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str, str], ...] = ()
    plain: tuple[str, ...] = ()
    nots: tuple[Compound, ...] = ()
    anys: tuple[tuple[Compound, ...], ...] = ()


@dataclass(frozen=True)
class Selector:
    """Compounds from the subject leftwards, each with the combinator that leads to the next."""

    compounds: tuple[Compound, ...]
    combinators: tuple[str, ...]
    specificity: tuple[int, int, int]

    @property
    def key(self) -> str:
        """What the subject must have: an id, a class or a tag."""
        subject = self.compounds[0]
        if subject.ids:
            return f"#{subject.ids[0]}"
        return f".{subject.classes[0]}" if subject.classes else subject.tag


def split_list(selectors: str) -> Iterator[str]:
    """Split a selector list at its commas, none of them within brackets."""
    start = depth = 0
    for mark in _BRACKET.finditer(selectors):
        if mark.group() in "([":
            depth += 1
        elif mark.group() in ")]":
            depth -= 1
        elif depth == 0:
            yield selectors[start : mark.start()].strip()
            start = mark.end()
    yield selectors[start:].strip()


def keys_of(element: Element) -> Iterator[str]:
    """Yield what the subjects of selectors about an element may have as their `key`."""
    yield "*"
    yield element.tag
    if element.get("id"):
        yield f"#{element.get('id')}"
    for name in set(element.get("class").split()):
        yield f".{name}"


@lru_cache(maxsize=20_000)
def parse_selector(text: str) -> Selector | None:
    """Read one complex selector; None for what is not known here, or is about no element."""
    if len(text) > _MAX_SELECTOR or "::" in text:
        return None
    compounds: list[Compound] = []
    combinators: list[str] = []
    position = 0
    while len(compounds) < _MAX_COMPOUNDS:
        compound, position = _read_compound(text, position)
        if compound is None:
            return None
        compounds.append(compound)
        if position == len(text):
            compounds.reverse()
            combinators.reverse()
            return Selector(tuple(compounds), tuple(combinators), _specificity(compounds))
        gap = _COMBINATOR.match(text, position)
        if gap is None:
            return None
        combinators.append(gap[1] or " ")
        position = gap.end()
    return None


def _read_compound(text: str, position: int) -> tuple[Compound | None, int]:
    tag, ids, classes, attributes, plain = "*", [], [], [], []
    nots: list[Compound] = []
    anys: list[tuple[Compound, ...]] = []
    start = position
    while (match := _SIMPLE.match(text, position)) is not None:
        position = match.end()
        if match["tag"]:
            tag = match["tag"].lower()
        elif match["id"]:
            ids.append(_unescape(match["id"]))
        elif match["cls"]:
            classes.append(_unescape(match["cls"]))
        elif match["attr"]:
            value = next((match[n] for n in ("dq", "sq", "bare") if match[n] is not None), "")
            attributes.append((match["attr"].lower(), match["op"] or "", value))
        elif match["plain"]:
            plain.append(match["plain"])
        else:
            inner = [_read_compound(part, 0) for part in split_list(match["inner"])]
            if any(one is None for one, _ in inner):
                return None, position
            known = tuple(one for one, _ in inner if one is not None)
            if match["pseudo"] == "not":
                nots += known
            else:
                anys.append(known)
    if position == start:
        return None, position
    parts = (tuple(ids), tuple(classes), tuple(attributes), tuple(plain), tuple(nots), tuple(anys))
    return Compound(tag, *parts), position


def _unescape(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _specificity(compounds: list[Compound]) -> tuple[int, int, int]:
    ids = sum(len(c.ids) for c in compounds)
    classes = sum(
        len(c.classes) + len(c.attributes) + len(c.plain) + len(c.nots) for c in compounds
    )
    return ids, classes, sum(c.tag != "*" for c in compounds)


def holds(compound: Compound, element: Element) -> bool:
    """Tell whether simple selectors hold for an element."""
    classes = element.get("class").split() if compound.classes else ()
    return (
        compound.tag in {"*", element.tag}
        and all(element.get("id") == name for name in compound.ids)
        and all(name in classes for name in compound.classes)
        and all(_attribute_holds(element, *test) for test in compound.attributes)
        and all(_place_holds(element, name) for name in compound.plain)
        and not any(holds(other, element) for other in compound.nots)
        and all(any(holds(one, element) for one in group) for group in compound.anys)
    )


def _attribute_holds(element: Element, name: str, operator: str, wanted: str) -> bool:
    value = element.attributes.get(name)
    if value is None or not operator:
        return value is not None
    if operator == "=":
        return value == wanted
    if operator == "~=":
        return wanted in value.split()
    if operator == "|=":
        return value == wanted or value.startswith(f"{wanted}-")
    tests = {"^=": value.startswith, "$=": value.endswith, "*=": value.__contains__}
    return bool(wanted) and bool(tests[operator](wanted))


def _place_holds(element: Element, name: str) -> bool:
    if element.parent is None:
        return name == "root"
    nodes = element.parent.children if name == "first-child" else reversed(element.parent.children)
    first = next(node for node in nodes if isinstance(node, Element))
    return name != "root" and first is element


def related(element: Element, combinator: str) -> Iterator[Element]:
    """Yield the elements that a combinator leads to, leftwards."""
    if element.parent is None:
        return
    if combinator == " ":
        yield from element.parent.ancestors()
    elif combinator == ">":
        yield element.parent
    else:
        siblings = [node for node in element.parent.children if isinstance(node, Element)]
        before = [sibling for sibling in siblings if sibling.order < element.order]
        yield from reversed(before) if combinator == "~" else before[-1:]
