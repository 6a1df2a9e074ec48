"""How pages look, so that a change of look is seen in review.

What is seen of each page is kept under build/screenshots/ (not in git), and the whole of one that
looks different. A copy at half the size, in 32 colours, lies beside this test; a page that differs
from it by more than the tolerance fails and is named. Fonts and their smoothing differ between
machines, so the comparison is a coarse one: both are reduced to small grey cells first. What it
sees is a part that moved, vanished or changed its colour, not a letter. After a wanted change:

    SCREENSHOTS=write script/test tests/browser/test_screenshots.py
"""

import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.browser.served import document_path

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent / "screenshots"
BUILD = Path(__file__).parents[2] / "build" / "screenshots"
ARTICLE = "/tin-tuc/covid-19/mau-huong-dan-nguoi-dan-cai-dat-ung-dung-bluezone"
PATHS = {"home": "/", "topic": "/covid-19", "news": "/tin-tuc", "article": ARTICLE}
PATHS |= {"document": "", "search": "/tim-kiem?q=covid", "contact": "/lien-he"}
PATHS |= {"accessibility": "/tiep-can"}
WIDTHS = {1280: 800, 360: 640}
CELL = 16  # px of the half-size picture
MOST_PART = 0.06  # of the cells may differ
MOST_GREY = 40  # of 255, before a cell counts as different
# Dates and times change by themselves, but fill no cell.


def cells(picture: Image.Image) -> Image.Image:
    """Reduce a picture to one grey value for each cell."""
    grey = picture.convert("L")
    return grey.resize((grey.width // CELL, grey.height // CELL), Image.Resampling.BOX)


def part_that_differs(one: Image.Image, other: Image.Image) -> float:
    """Return how much of the cells differ, from 0 to 1."""
    difference = ImageChops.difference(cells(one), cells(other))
    found = difference.histogram()
    return sum(found[MOST_GREY:]) / sum(found)


@pytest.mark.parametrize("name", PATHS)
def test_a_page_looks_as_it_did(site: str, page: Page, name: str) -> None:
    looks_as_it_did(page, f"{site}{PATHS[name] or document_path(page, site)}", name)


def looks_as_it_did(page: Page, url: str, name: str) -> None:
    """Open a page and compare it, wide and narrow, with its pictures beside this test."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": max(WIDTHS), "height": WIDTHS[max(WIDTHS)]})
    page.goto(url)  # with its pictures; a screenshot waits for the fonts itself
    for width in WIDTHS:
        _compare(page, name, width)


def _compare(page: Page, name: str, width: int) -> None:
    """Compare the page as it stands at a width; writes its picture to build/."""
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    BUILD.mkdir(parents=True, exist_ok=True)
    taken = BUILD / f"{name}-{width}.png"
    page.screenshot(path=taken, caret="initial")
    with Image.open(taken) as whole:
        half = whole.convert("RGB").resize((whole.width // 2, whole.height // 2))
    kept = HERE / f"{name}-{width}.png"
    if os.environ.get("SCREENSHOTS") == "write":
        HERE.mkdir(exist_ok=True)
        half.quantize(32).save(kept, optimize=True)
    with Image.open(kept) as before:
        part = part_that_differs(before.convert("RGB"), half)
    if part > MOST_PART:
        whole_page = BUILD / f"{name}-{width}-whole.png"
        page.screenshot(path=whole_page, full_page=True, caret="initial")
        pytest.fail(f"{name} at {width} px: {part:.0%} differs; see {taken} and {whole_page}")


def test_the_comparison_sees_a_part_that_vanished() -> None:
    with Image.open(HERE / "home-360.png") as picture:
        before = picture.convert("RGB")
    after = before.copy()
    after.paste((255, 255, 255), (0, 60, after.width, 120))
    assert part_that_differs(before, after) > MOST_PART
    assert part_that_differs(before, before) == 0
