"""Every set of colours a unit may choose keeps its contrasts, by the formula of WCAG 2.2."""

import re
from pathlib import Path

import pytest

import wardsite
from wardsite.site.themes import THEMES, theme_of

CSS = (Path(wardsite.__file__).parent / "static" / "css" / "site.css").read_text("utf-8")
DARK = CSS[CSS.index("@media (prefers-color-scheme: dark)") :]
LIGHT = CSS[: CSS.index("/* ---------------------------------------------------------------- 2")]

# (text, ground, least contrast): 7 for body text, 4.5 for other text, 3 for what is not text.
PAIRS = [
    *(("ink", ground, 7.0) for ground in ("paper", "sheet", "shade", "lake-wash", "gold-wash")),
    *(("soft", ground, 4.5) for ground in ("paper", "sheet", "shade", "lake-wash", "gold-wash")),
    *(("link", ground, 4.5) for ground in ("paper", "sheet", "shade", "lake-wash", "gold-wash")),
    *(("lake", ground, 4.5) for ground in ("paper", "sheet", "shade", "lake-wash", "gold-wash")),
    *(("red", ground, 4.5) for ground in ("paper", "sheet", "red-wash")),
    *(("green", ground, 4.5) for ground in ("sheet", "green-wash")),
    *(("gold-text", ground, 4.5) for ground in ("paper", "sheet", "gold-wash")),
    *(("edge", ground, 3.0) for ground in ("paper", "sheet")),
    *(("focus", ground, 3.0) for ground in ("paper", "sheet", "lake-wash")),
    ("on-lake", "lake", 4.5),
    ("white", "ground", 7.0),
    ("white", "lake-deep", 7.0),
    ("on-lake-soft", "ground", 4.5),
    ("on-lake-soft", "lake-deep", 4.5),
    ("white", "bluezone", 4.5),
]


def variables(css: str, selector: str) -> dict[str, str]:
    """Return the colours that a rule sets."""
    found = re.search(re.escape(selector) + r" \{(.*?)\}", css, re.DOTALL)
    assert found, selector
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", found[1]))


def colours(theme: str, dark: bool) -> dict[str, str]:
    rules = [(LIGHT, ":root"), (LIGHT, f'[data-theme="{theme}"]')]
    if dark:
        rules += [(DARK, ":root"), (DARK, f'[data-theme="{theme}"]')]
    merged = {"white": "#ffffff"}
    for css, selector in rules:
        merged |= variables(css, selector)
    return merged


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definitions)."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("theme", [theme.id for theme in THEMES])
def test_every_theme_keeps_its_contrasts(theme: str, dark: bool) -> None:
    found = colours(theme, dark)
    weak = {
        (text, ground): round(contrast(found[text], found[ground]), 2)
        for text, ground, least in PAIRS
        if contrast(found[text], found[ground]) < least
    }
    assert weak == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.id)
def test_the_colour_outside_the_style_sheet_is_the_one_within(theme: object) -> None:
    assert colours(theme.id, dark=False)["lake-deep"] == theme.deep  # type: ignore[attr-defined]


def test_a_school_is_green_until_it_chooses() -> None:
    assert theme_of("", "school").id == "ngoc"
    assert theme_of("", "ward").id == "ho"
    assert theme_of("sen", "school").id == "sen"
    assert theme_of("no-longer-there", "ward").id == "ho"
