"""Style sheets as far as they can hide something: rules, media, selectors, the cascade.

Read by a scanner that is linear in the text. What it does not know (nesting, `@import`, most
pseudo-classes) leaves a rule out; it never guesses. What needs a person (`:hover`) never holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from wardsite.core.page import Element

MAX_RULES = 60_000
PHONE, DESKTOP = 360, 1280  # px: the widths that a page is judged at
_MAX_COMPOUNDS = 12
_MAX_SELECTOR = 300
_MAX_STEPS = 3_000_000  # of matching, for a whole page

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MARK = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{};]', re.DOTALL)
_HIDING = re.compile(
    r"display|visibility|opacity|position|clip|transform|text-indent|font-size|overflow|"
    r"(?<![\w-])(?:max-)?(?:width|height)|(?<![\w-])(?:left|top|right|bottom|inset|color|"
    r"background|background-color|background-image|z-index)\s*:",
    re.IGNORECASE,
)
_DECLARATION = re.compile(
    r"(?<![a-zA-Z-])([a-zA-Z-]+)\s*:\s*"
    r"((?:[^;\"'(]|\"[^\"]{0,999}\"|'[^']{0,999}'|\([^)]{0,999}\))*)"
)
_MEDIA_WIDTH = re.compile(r"\(\s*(min|max)-width\s*:\s*([\d.]+)(px|em|rem)?\s*\)")
_RANGE_WIDTH = re.compile(r"\(\s*width\s*([<>]=?)\s*([\d.]+)(px|em|rem)?\s*\)")
_SIMPLE = re.compile(
    r"(?P<tag>\*|[a-zA-Z][\w-]*)|#(?P<id>(?:[\w-]|[^\x00-\x7f]|\\.)+)"
    r"|\.(?P<cls>(?:[\w-]|[^\x00-\x7f]|\\.)+)"
    r"|\[\s*(?P<attr>[\w:-]+)\s*(?:(?P<op>[~|^$*]?=)\s*"
    r"(?:\"(?P<dq>[^\"]*)\"|'(?P<sq>[^']*)'|(?P<bare>[^\]\s]+))\s*[iIsS]?\s*)?\]"
    r"|:(?P<pseudo>not|is|where)\((?P<inner>[^()]*)\)|:(?P<plain>root|first-child|last-child)(?![\w(-])"
)
_SIMPLE_BLOCK = re.compile(r"[^{\"']*")
_BRACKET = re.compile(r"[()\[\],]")
_COMBINATOR = re.compile(r"\s*([>+~])\s*|\s+")


class TooMuchStyleError(ValueError):
    """Matching the page's rules takes longer than any page for people needs."""


@dataclass(frozen=True)
class Rule:
    """A rule that might hide something; `order` is its place in the cascade."""

    selector: str
    declarations: str
    order: int


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


@dataclass
class Styles:
    """The rules that hold at one width, found by what their subject must be."""

    width: int
    by_key: dict[str, list[Rule]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0
    _steps: int = 0
    _known: dict[Element, dict[str, str]] = field(default_factory=dict)

    def add(self, sheet: str, media: str = "") -> None:
        """Add a style sheet after those that are there; `media` is that of its link."""
        if media and not media_holds(media, self.width):
            return
        for selectors, declarations in scan(sheet, self.width):
            for selector in _split(selectors):
                if self.count >= MAX_RULES:
                    return
                key = _key(selector)
                if key is not None:
                    self.by_key[key].append(Rule(selector, declarations, self.count))
                self.count += 1

    def of(self, element: Element) -> dict[str, str]:
        """Return the declared values that win for an element, without what it inherits."""
        if element not in self._known:
            self._known[element] = self._cascade(element)
        return self._known[element]

    def mentions(self, element: Element, keys: frozenset[str]) -> bool:
        """Tell whether one of the rule keys could be about the element."""
        return not keys.isdisjoint(_keys_of(element))

    def keys_with(self, pattern: re.Pattern[str]) -> frozenset[str]:
        """Return the keys of the rules whose declarations match `pattern`."""
        return frozenset(
            key
            for key, rules in self.by_key.items()
            if any(pattern.search(rule.declarations) for rule in rules)
        )

    def _cascade(self, element: Element) -> dict[str, str]:
        weighed: list[tuple[bool, bool, tuple[int, int, int], int, str, str]] = []
        for rule in self._candidates(element):
            selector = parse_selector(rule.selector)
            if selector and self._matches(selector, 0, element):
                weighed += [
                    (important, False, selector.specificity, rule.order, name, value)
                    for name, value, important in declarations(rule.declarations)
                ]
        weighed += [
            (important, True, (0, 0, 0), index, name, value)
            for index, (name, value, important) in enumerate(declarations(element.get("style")))
        ]
        return {name: value for *_, name, value in sorted(weighed, key=lambda entry: entry[:4])}

    def _candidates(self, element: Element) -> Iterator[Rule]:
        for key in _keys_of(element):
            yield from self.by_key.get(key, ())

    def _matches(self, selector: Selector, at: int, element: Element) -> bool:
        """Tell whether the compounds from `at` on hold, the first of them for `element`."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise TooMuchStyleError
        if not _holds(selector.compounds[at], element):
            return False
        if at + 1 == len(selector.compounds):
            return True
        combinator = selector.combinators[at]
        if combinator in "+~" and element.parent is not None:
            self._steps += len(element.parent.children)
        return any(
            self._matches(selector, at + 1, other) for other in _related(element, combinator)
        )


def scan(sheet: str, width: int) -> Iterator[tuple[str, str]]:
    """Yield (selectors, declarations) of the rules that hold at `width` and could hide a thing."""
    text = _COMMENT.sub(" ", sheet)
    start, holds = 0, [True]
    position = 0
    while (mark := _MARK.search(text, position)) is not None:
        position = mark.end()
        sign = mark.group()
        if sign == "}":
            if len(holds) > 1:
                holds.pop()
        elif sign == "{":
            prelude = text[start : mark.start()].strip()
            if prelude.lower().startswith(("@media", "@supports", "@layer", "@container")):
                holds.append(holds[-1] and _condition_holds(prelude.lower(), width))
            else:
                end = _block_end(text, position)
                body = text[position:end]
                position = end + 1
                if holds[-1] and not prelude.startswith("@") and _HIDING.search(body):
                    yield prelude, body.partition("{")[0]
        elif sign != ";":
            continue
        start = position


def _block_end(text: str, position: int) -> int:
    end = text.find("}", position)
    if end >= 0 and _SIMPLE_BLOCK.fullmatch(text, position, end):
        return end
    depth = 1
    for mark in _MARK.finditer(text, position):
        depth += {"{": 1, "}": -1}.get(mark.group(), 0)
        if depth == 0:
            return mark.start()
    return len(text)


def _condition_holds(prelude: str, width: int) -> bool:
    if prelude.startswith("@media"):
        return media_holds(prelude.removeprefix("@media"), width)
    return not prelude.startswith("@container")


def media_holds(query: str, width: int) -> bool:
    """Tell whether a media query holds for a light screen of `width` px."""
    if len(query) > _MAX_SELECTOR:
        return False
    return any(_one_query_holds(part, width) for part in query.lower().split(","))


def _one_query_holds(query: str, width: int) -> bool:
    negated = query.strip().startswith("not")
    rest = query
    holds = True
    for match in _MEDIA_WIDTH.finditer(query):
        limit = float(match[2]) * (1 if match[3] in (None, "px") else 16)
        holds &= width >= limit if match[1] == "min" else width <= limit
        rest = rest.replace(match.group(), "")
    for match in _RANGE_WIDTH.finditer(query):
        limit = float(match[2]) * (1 if match[3] in (None, "px") else 16)
        holds &= width >= limit if match[1].startswith(">") else width <= limit
        rest = rest.replace(match.group(), "")
    unknown = re.sub(r"\b(?:not|only|and|all|screen)\b", "", rest).strip()
    return (holds and not unknown) is not negated


@lru_cache(maxsize=20_000)
def declarations(text: str) -> tuple[tuple[str, str, bool], ...]:
    """Return (property, value, important) of a block or a style attribute, in lower case."""
    found = []
    for match in _DECLARATION.finditer(text[:20_000]):
        value, _, bang = match[2].strip().lower().partition("!")
        found.append((match[1].lower(), value.strip(), "important" in bang))
    return tuple(found)


def _split(selectors: str) -> Iterator[str]:
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


def _key(selector: str) -> str | None:
    """Return what a selector's subject must have: an id, a class or a tag; None: never seen."""
    if len(selector) > _MAX_SELECTOR or "::" in selector:
        return None
    parsed = parse_selector(selector)
    if parsed is None:
        return None
    subject = parsed.compounds[0]
    if subject.ids:
        return f"#{subject.ids[0]}"
    return f".{subject.classes[0]}" if subject.classes else subject.tag


def _keys_of(element: Element) -> Iterator[str]:
    yield "*"
    yield element.tag
    if element.get("id"):
        yield f"#{element.get('id')}"
    for name in set(element.get("class").split()):
        yield f".{name}"


@lru_cache(maxsize=20_000)
def parse_selector(text: str) -> Selector | None:
    """Read one complex selector; None when it has something that is not known here."""
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
            inner = [_read_compound(part, 0) for part in _split(match["inner"])]
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


def _holds(compound: Compound, element: Element) -> bool:
    classes = element.get("class").split() if compound.classes else ()
    return (
        compound.tag in {"*", element.tag}
        and all(element.get("id") == name for name in compound.ids)
        and all(name in classes for name in compound.classes)
        and all(_attribute_holds(element, *test) for test in compound.attributes)
        and all(_place_holds(element, name) for name in compound.plain)
        and not any(_holds(other, element) for other in compound.nots)
        and all(any(_holds(one, element) for one in group) for group in compound.anys)
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


def _related(element: Element, combinator: str) -> Iterator[Element]:
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
