"""The colours a unit may choose from: few, each a whole set whose contrast a test measures.

The sets themselves are in static/css/site.css under `[data-theme]`; `deep` repeats the darkest
colour of each for what is outside the style sheet (the browser's bar, the installed app).
"""

from dataclasses import dataclass

from wardsite.core.errors import N_


@dataclass(frozen=True)
class Theme:
    """A set of colours; `label` is a msgid, `deep` a CSS colour."""

    id: str
    label: str
    deep: str


THEMES = (
    Theme("ho", N_("Lake blue"), "#0a3040"),
    Theme("ngoc", N_("Jade green"), "#123324"),
    Theme("sen", N_("Lotus purple"), "#4a1630"),
    Theme("cham", N_("Indigo"), "#1c2450"),
    Theme("nau", N_("Earth brown"), "#3d2414"),
)
_BY_ID = {theme.id: theme for theme in THEMES}
_BY_KIND = {"school": "ngoc"}


def theme_of(chosen: str, kind: str) -> Theme:
    """Return the theme an officer chose, or the one customary for the kind of unit."""
    return _BY_ID.get(chosen) or _BY_ID[_BY_KIND.get(kind, "ho")]
