"""Names of browsers, from what the usual ones send."""

import pytest

from wardsite.core.browsers import browser_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64) {WEBKIT} Chrome/140.0 Safari/537.36",
            "Chrome, Windows",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140 Safari/537 Edg/140", "Edge, Windows"),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} coc_coc_browser/130 Chrome/124",
            "Cốc Cốc, Windows",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; K) {WEBKIT} Chrome/140 Mobile Safari",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox, Linux",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("<script>" + "x" * 200, "<script>" + "x" * 72),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(sent: str, name: str) -> None:
    assert browser_name(sent) == name
