"""Style sheets as far as they can hide something: rules, media, selectors, the cascade.

Read by a scanner that is linear in the text. What it does not know (nesting, `@import`, most
pseudo-classes) leaves a rule out; it never guesses. What needs a person (`:hover`) never holds.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from wardsite.core.page import Element
from wardsite.core.selectors import Selector, holds, keys_of, parse_selector, related, split_list

MAX_RULES = 30_000  # that could hide a thing; a shop's site with all its plugins has a third
PHONE, DESKTOP = 360, 1280  # px: the widths that a page is judged at
_MAX_QUERY = 300
MAX_STEPS = 400_000  # of matching and looking, for a whole page at one width
_MAX_KEPT = 100_000  # rules of sheets kept for the next page that links to the same

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
_SIMPLE_BLOCK = re.compile(r"[^{\"']*")


class TooMuchStyleError(ValueError):
    """Matching the page's rules takes longer than any page for people needs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that might hide something; `order` is its place in its sheet."""

    selector: Selector
    declarations: str
    order: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One style sheet as it holds at one width: its rules, by what their subject must be."""

    by_key: dict[str, list[Rule]]
    count: int
    _found: dict[re.Pattern[str], frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, width: int) -> Sheet:
        """Read a style sheet, at most MAX_RULES of its rules."""
        by_key: dict[str, list[Rule]] = defaultdict(list)
        count = 0
        for selectors, block in scan(text, width):
            for selector in split_list(selectors):
                if count >= MAX_RULES:
                    return cls(by_key, count)
                parsed = parse_selector(selector)
                if parsed is not None:
                    by_key[parsed.key].append(Rule(parsed, block, count))
                count += 1
        return cls(by_key, count)

    def keys_with(self, pattern: re.Pattern[str]) -> frozenset[str]:
        """Return the keys of the rules whose declarations match `pattern`."""
        if pattern not in self._found:
            self._found[pattern] = frozenset(
                key
                for key, rules in self.by_key.items()
                if any(pattern.search(rule.declarations) for rule in rules)
            )
        return self._found[pattern]


class Shelf:
    """Sheets read lately: units of one make share theirs, and each is read once for all of them."""

    def __init__(self, room: int = _MAX_KEPT) -> None:
        """Keep at most about `room` rules."""
        self._room = room
        self._sheets: OrderedDict[tuple[str, int], Sheet] = OrderedDict()
        self._rules = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sheets)

    def sheet(self, text: str, width: int) -> Sheet:
        """Return a sheet, from the shelf when it is there; the longest unused give way."""
        with self._lock:
            kept = self._sheets.get((text, width))
            if kept is not None:
                self._sheets.move_to_end((text, width))
                return kept
        made = Sheet.read(text, width)
        with self._lock:
            if (text, width) not in self._sheets:
                self._sheets[text, width] = made
                # A sheet without rules takes room too: that of its text.
                self._rules += _weight(text, made)
            while self._rules > self._room:
                (gone, _), sheet = self._sheets.popitem(last=False)
                self._rules -= _weight(gone, sheet)
        return made


def _weight(text: str, sheet: Sheet) -> int:
    return sheet.count + len(text) // 200 + 1


_shelf = Shelf()


@dataclass
class Styles:
    """The rules that hold at one width, and the work that one page may cause."""

    width: int
    sheets: list[Sheet] = field(default_factory=list)
    steps: int = 0
    _count: int = 0
    _known: dict[Element, dict[str, str]] = field(default_factory=dict)

    def add(self, sheet: str, media: str = "") -> None:
        """Add a style sheet after those that are there; `media` is that of its link.

        Raises TooMuchStyleError when the page has MAX_RULES rules: a later one might hide a thing.
        """
        if not media or media_holds(media, self.width):
            self.sheets.append(_shelf.sheet(sheet, self.width))
            self._count += self.sheets[-1].count
            if self._count >= MAX_RULES:
                raise TooMuchStyleError

    def of(self, element: Element) -> dict[str, str]:
        """Return the declared values that win for an element, without what it inherits."""
        known = self._known.get(element)
        if known is None:
            known = self._known[element] = self._cascade(element)
        return known

    def mentions(self, element: Element, keys: frozenset[str]) -> bool:
        """Tell whether one of the rule keys could be about the element."""
        return not keys.isdisjoint(keys_of(element))

    def keys_with(self, pattern: re.Pattern[str]) -> frozenset[str]:
        """Return the keys of the rules whose declarations match `pattern`."""
        return frozenset[str]().union(*(sheet.keys_with(pattern) for sheet in self.sheets))

    def spend(self, steps: int) -> None:
        """Count work. Raises TooMuchStyleError when it is more than a page for people causes."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise TooMuchStyleError

    def _cascade(self, element: Element) -> dict[str, str]:
        weighed: list[tuple[tuple[object, ...], str, str]] = []
        for place, rule in self._candidates(element):
            if self._matches(rule.selector, 0, element):
                rank = (False, rule.selector.specificity, place, rule.order)
                weighed += [
                    ((important, *rank), name, value)
                    for name, value, important in declarations(rule.declarations)
                ]
        weighed += [
            ((important, True, (0, 0, 0), 0, index), name, value)
            for index, (name, value, important) in enumerate(declarations(element.get("style")))
        ]
        self.spend(len(weighed))
        return {name: value for _, name, value in sorted(weighed, key=lambda entry: entry[0])}

    def _candidates(self, element: Element) -> Iterator[tuple[int, Rule]]:
        keys = list(keys_of(element))
        for place, sheet in enumerate(self.sheets):
            for key in keys:
                for rule in sheet.by_key.get(key, ()):
                    yield place, rule

    def _matches(self, selector: Selector, at: int, element: Element) -> bool:
        """Tell whether the compounds from `at` on hold, the first of them for `element`."""
        self.spend(1)
        if not holds(selector.compounds[at], element):
            return False
        if at + 1 == len(selector.compounds):
            return True
        combinator = selector.combinators[at]
        if combinator in "+~" and element.parent is not None:
            self.spend(len(element.parent.children))
        return any(self._matches(selector, at + 1, other) for other in related(element, combinator))


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


@lru_cache(maxsize=1000)
def _condition_holds(prelude: str, width: int) -> bool:
    if prelude.startswith("@media"):
        return media_holds(prelude.removeprefix("@media"), width)
    return not prelude.startswith("@container")


def media_holds(query: str, width: int) -> bool:
    """Tell whether a media query holds for a light screen of `width` px."""
    if len(query) > _MAX_QUERY:
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
