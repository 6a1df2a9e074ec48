"""Does a resident see this element? Why not, as far as markup and style sheets alone can tell.

Decided without laying the page out: what is said to be hidden or covered is so by a rule that can
be named; what hides by measure (pushed far down, tiny type, a picture that happens to lie over it)
is not found here. docs/district.md says so to whoever reads an audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from wardsite.core.errors import N_
from wardsite.core.page import Element, Page
from wardsite.core.stylesheet import Styles

_FAR_OUT = -500.0  # px: nothing begins that far outside a page by design
_UNSEEN = 0.1  # opacity
_TINY = 2.0  # px
_LENGTH = re.compile(r"(-?[\d.]+)\s*(px|em|rem|vw|vh|%|)")
_PLACED = re.compile(r"position\s*:\s*(?:fixed|absolute)")
_MAX_COVERS = 200
_PICTURES = frozenset({"img", "svg", "picture", "canvas", "video", "input"})

NOT_DISPLAYED = N_("it is not displayed (display: none)")
INVISIBLE = N_("it is invisible (visibility or opacity)")
OFF_SCREEN = N_("it is outside the screen")
NO_SIZE = N_("its size is zero")
SAME_COLOUR = N_("its text is the same colour as its background")
COVERED = N_("it is covered by another element")


@dataclass(frozen=True, eq=False, slots=True)
class Cover:
    """An element that hides what it lies over: what it is in, and where it is stacked."""

    element: Element
    chain: frozenset[Element]
    frame: Element | None
    height: float


@dataclass
class View:
    """A page as it is laid out at one width."""

    page: Page
    styles: Styles
    _covers: list[Cover] | None = None
    _chains: dict[Element, str | None] = field(default_factory=dict)
    _answers: dict[tuple[Element, bool], str | None] = field(default_factory=dict)

    def why_hidden(self, element: Element, *, is_text: bool = False) -> str | None:
        """Return the msgid of what keeps residents from seeing an element, None when nothing does.

        `is_text`: it is the words in the element that must be seen. Raises TooMuchStyleError.
        """
        asked = (element, is_text)
        if asked not in self._answers:
            self._answers[asked] = self._look_at(element, is_text)
        return self._answers[asked]

    def _look_at(self, element: Element, is_text: bool) -> str | None:
        reason = self._why_chain_hidden(element)
        if reason:
            return reason
        if self._visibility(element) in {"hidden", "collapse"}:
            return INVISIBLE
        if is_text and (reason := self._why_text_hidden(element)):
            return reason
        return COVERED if self._is_covered(element) else None

    def _why_chain_hidden(self, element: Element) -> str | None:
        """Return what hides an element or anything that it is in; the nearest comes first."""
        waiting: list[Element] = []
        at: Element | None = element
        while at is not None and at not in self._chains:
            waiting.append(at)
            at = at.parent
        self.styles.spend(len(waiting))
        reason = self._chains[at] if at is not None else None
        for each in reversed(waiting):
            reason = self._chains[each] = self._why_itself_hidden(each) or reason
        return reason

    def _why_itself_hidden(self, element: Element) -> str | None:
        style = self.styles.of(element)
        display = style.get("display", "none" if _is_hidden_by_markup(element) else "")
        if display == "none" or style.get("content-visibility") == "hidden":
            return NOT_DISPLAYED
        if _is_inside_closed(element):
            return NOT_DISPLAYED
        if _number(style.get("opacity", "1"), 1.0) < _UNSEEN:
            return INVISIBLE
        if _is_far_out(style):
            return OFF_SCREEN
        return NO_SIZE if _has_no_size(element, style) else None

    def _visibility(self, element: Element) -> str:
        return self._inherited(element, "visibility") or "visible"

    def _why_text_hidden(self, element: Element) -> str | None:
        size = pixels(self._inherited(element, "font-size"))
        if size is not None and size < 1.0:
            return NO_SIZE
        if (pixels(self._inherited(element, "text-indent")) or 0.0) <= _FAR_OUT:
            return OFF_SCREEN
        text, ground = self._inherited(element, "color"), self._ground(element)
        if _colour(text) is not None and _colour(text) == _colour(ground):
            return SAME_COLOUR
        return SAME_COLOUR if _colour(text) == "transparent" else None

    def _inherited(self, element: Element, name: str) -> str:
        for each in element.ancestors():
            self.styles.spend(1)
            value = self.styles.of(each).get(name)
            if value and value != "inherit":
                return value
        return ""

    def _ground(self, element: Element) -> str:
        for each in element.ancestors():
            self.styles.spend(1)
            style = self.styles.of(each)
            if "url(" in style.get("background", "") + style.get("background-image", ""):
                return ""
            ground = style.get("background-color") or style.get("background", "")
            if ground and ground not in {"none", "transparent", "inherit"}:
                return ground
        return ""

    # --- Covers

    def _is_covered(self, element: Element) -> bool:
        covers = self._find_covers()
        if not covers:
            return False
        chain = set(element.ancestors())
        self.styles.spend(len(chain) + len(covers))
        return any(
            cover.element not in chain
            and element not in cover.chain
            and self._lies_over(cover, element, chain)
            for cover in covers
        )

    def _find_covers(self) -> list[Cover]:
        """Return the elements that fill what they are placed in, opaque and in sight."""
        if self._covers is None:
            keys = self.styles.keys_with(_PLACED)
            placed = (
                element
                for element in self.page.elements()
                if "position" in element.get("style").lower() or self.styles.mentions(element, keys)
            )
            found = islice(self._opaque(placed), _MAX_COVERS)
            self._covers = [self._as_cover(element) for element in found]
        return self._covers

    def _as_cover(self, element: Element) -> Cover:
        chain = frozenset(element.ancestors())
        self.styles.spend(len(chain))
        if self.styles.of(element).get("position") == "fixed":
            frame: Element | None = None
        else:
            outer = element.parent.ancestors() if element.parent else iter(())
            frame = next((each for each in outer if self._is_positioned(each)), None)
        return Cover(element, chain, frame, self._height(element, frame))

    def _opaque(self, elements: Iterator[Element]) -> Iterator[Element]:
        for element in elements:
            style = self.styles.of(element)
            is_placed = style.get("position") in {"fixed", "absolute"}
            if is_placed and _fills(style) and self._hides_what_is_behind(element, style):
                yield element

    def _hides_what_is_behind(self, element: Element, style: dict[str, str]) -> bool:
        if self._why_chain_hidden(element):
            return False
        if self._visibility(element) != "visible" or _number(style.get("opacity", "1"), 1.0) < 0.5:
            return False
        ground = style.get("background") or style.get("background-color", "")
        has_picture = element.tag in _PICTURES or "url(" in style.get("background-image", "")
        return has_picture or _is_opaque(ground)

    def _lies_over(self, cover: Cover, element: Element, chain: set[Element]) -> bool:
        if cover.frame is not None and cover.frame not in chain:
            return False
        height = self._height(element, cover.frame)
        is_later = cover.element.order > element.order
        return cover.height > height or (cover.height == height and is_later)

    def _is_positioned(self, element: Element) -> bool:
        return self.styles.of(element).get("position", "static") not in {"static", "inherit"}

    def _height(self, element: Element, frame: Element | None) -> float:
        """Return the z-index that places an element within `frame`: that of the outermost layer."""
        height = -0.5 if not self._is_positioned(element) else 0.0
        for each in element.ancestors():
            if each is frame:
                break
            self.styles.spend(1)
            if self._is_positioned(each):
                height = _number(self.styles.of(each).get("z-index", ""), 0.0)
        return height


def _is_hidden_by_markup(element: Element) -> bool:
    closed_dialog = element.tag == "dialog" and "open" not in element.attributes
    return (
        "hidden" in element.attributes
        or "popover" in element.attributes
        or element.tag in {"template", "datalist", "noscript", "head", "rp"}
        or (element.tag == "input" and element.get("type").lower() == "hidden")
        or closed_dialog
    )


def _is_inside_closed(element: Element) -> bool:
    parent = element.parent
    return (
        parent is not None
        and parent.tag == "details"
        and "open" not in parent.attributes
        and element.tag != "summary"
    )


def _is_far_out(style: dict[str, str]) -> bool:
    if style.get("position") in {"absolute", "fixed", "relative"}:
        sides = (pixels(style.get(side, "")) for side in ("left", "top", "right", "bottom"))
        if any(side is not None and side <= _FAR_OUT for side in sides):
            return True
    margins = (pixels(style.get(f"margin-{side}", "")) for side in ("left", "top"))
    if any(margin is not None and margin <= _FAR_OUT for margin in margins):
        return True
    transform = style.get("transform", "")
    moved = (pixels(part) for part in re.findall(r"-?[\d.]+(?:px|em|rem)", transform))
    if "translate" in transform and any(part is not None and part <= _FAR_OUT for part in moved):
        return True
    return bool(
        re.search(r"translate[xy]?\(\s*-[1-9]\d\d+%|scale[xy]?\(\s*0+(\.0*)?\s*[,)]", transform)
    )


def _has_no_size(element: Element, style: dict[str, str]) -> bool:
    if element.tag == "img" and (
        element.get("width") in {"0", "1"} or element.get("height") in {"0", "1"}
    ):
        return True
    names = ("width", "height", "max-width", "max-height")
    sizes = (pixels(style.get(name, "")) for name in names)
    is_small = any(size is not None and size <= _TINY for size in sizes)
    clips = style.get("overflow", "") in {"hidden", "clip", "scroll", "auto"}
    if is_small and (clips or element.tag in _PICTURES):
        return True
    corners = [pixels(part) for part in re.findall(r"[\w.-]+", style.get("clip", "")[4:])]
    if style.get("position") in {"absolute", "fixed"} and style.get("clip", "").startswith("rect"):
        if len(corners) == 4 and all(side is not None and side <= _TINY for side in corners):
            return True
    path = style.get("clip-path", "").replace(" ", "")
    return bool(re.match(r"inset\((?:5\d|[6-9]\d|100)(?:\.\d+)?%\)|(?:circle|ellipse)\(0", path))


def _fills(style: dict[str, str]) -> bool:
    inset = style.get("inset", "")
    if inset and all(pixels(part) == 0 for part in inset.split()):
        return True
    edges = {
        side for side in ("top", "right", "bottom", "left") if pixels(style.get(side, "")) == 0
    }
    wide = style.get("width", "") in {"100%", "100vw"} or edges >= {"left", "right"}
    tall = style.get("height", "") in {"100%", "100vh", "100dvh"} or edges >= {"top", "bottom"}
    return wide and tall


def _is_opaque(ground: str) -> bool:
    if not ground or ground.split()[0] in {"none", "transparent", "inherit", "initial", "unset"}:
        return False
    alpha = re.search(r"(?:rgba|hsla|rgb|hsl)\([^)]*[,/]\s*([\d.]+)(%?)\s*\)", ground)
    if alpha and (ground.startswith(("rgba", "hsla")) or "/" in alpha.group()):
        return float(alpha[1]) / (100 if alpha[2] else 1) >= 0.8
    return True


def pixels(value: str) -> float | None:
    """Return a CSS length in px (1em = 16px; of a width of 360 for vw), None for what has none."""
    match = _LENGTH.fullmatch(value.strip())
    if match is None:
        return None
    number = _number(match[1], 0.0)
    if match[2] == "" and number != 0:
        return None
    if match[2] == "%":
        return 0.0 if number == 0 else None
    return number * {"em": 16.0, "rem": 16.0, "vw": 3.6, "vh": 6.4}.get(match[2], 1.0)


def _number(text: str, otherwise: float) -> float:
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return otherwise
    return value if abs(value) < 1e12 else otherwise


_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "blue": (0, 0, 255)}


def _colour(value: str) -> tuple[int, ...] | str | None:
    """Return red, green and blue of a plain colour, `transparent`, or None when it is neither."""
    word = value.split()[0] if value and not value.startswith("rgb") else value
    if word in {"transparent"}:
        return "transparent"
    if word in _NAMED:
        return _NAMED[word]
    if match := re.fullmatch(r"#([0-9a-f]{3})", word):
        return tuple(int(digit * 2, 16) for digit in match[1])
    if match := re.fullmatch(r"#([0-9a-f]{6})", word):
        return tuple(int(match[1][at : at + 2], 16) for at in (0, 2, 4))
    if match := re.fullmatch(
        r"rgba?\(\s*(\d+)\s*,?\s*(\d+)\s*,?\s*(\d+)\s*(?:[,/]\s*1(?:\.0*)?)?\)", word
    ):
        return tuple(int(part) for part in match.groups())
    return None
