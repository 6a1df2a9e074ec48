"""Hostile pages and style sheets: eight times the length, how many times the time."""

import gc
import time
from collections.abc import Callable

from bench.row import Row
from wardsite.core.page import PageTooLargeError, read_page
from wardsite.core.page_text import Text
from wardsite.core.stylesheet import PHONE, Sheet

HOSTILE_PAGES = (
    "<b>", "<p><b id=1>", "<!--", "<a x='", "<a x=\"", "<style>", "</p>", "<table><tr>",
    "<p><table>", "</", "<a ", "&", "<a href=x>", "<select><option>", "<svg><style>", "< ",
    "<div class=a><p>", "<li>", "<button>", "<form><div></form>",
)  # fmt: skip
HOSTILE_SHEETS = (
    "a,", ".a{", "a{b:c}", "@media(", "{", "}", '"', "a:(", "/*", "#a:not(", "a{display:none;",
    "a b ",
)  # fmt: skip
SHORT, LONG = 20_000, 160_000
GOAL = 25  # what is linear takes some 8 to 12 times as long; what is quadratic takes 64


def run() -> list[Row]:
    """Measure the worst of each kind."""
    return [
        _worst("hostile page eight times as long", HOSTILE_PAGES, _read_page),
        _worst("hostile style sheet eight times as long", HOSTILE_SHEETS, _read_sheet),
    ]


def _read_page(text: str) -> None:
    try:
        Text.of(read_page(text).body)
    except PageTooLargeError:
        pass


def _read_sheet(text: str) -> None:
    Sheet.read(f"{text}{{display:none}}", PHONE)


def _worst(what: str, pieces: tuple[str, ...], read: Callable[[str], None]) -> Row:
    def measured(piece: str) -> tuple[float, float, str]:
        long = _seconds(read, piece * (LONG // len(piece)))
        return long, max(_seconds(read, piece * (SHORT // len(piece))), 0.002), piece

    long, short, piece = max(map(measured, pieces), key=lambda found: found[0] / found[1])
    return Row(
        f"{what} (worst: {piece})",
        f"{long * 1000:.0f} ms",
        f"{short * 1000:.0f} ms",
        long / short,
        GOAL,
        at_most=True,
    )


def _seconds(read: Callable[[str], None], text: str) -> float:
    """Return the least processor time of three; the collector's share is not the page's."""
    best = float("inf")
    gc.disable()
    for _ in range(3):
        started = time.process_time()
        read(text)
        best = min(best, time.process_time() - started)
    gc.enable()
    return best
