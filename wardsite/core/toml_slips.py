"""What is wrong with a TOML text, for who writes it and does not read English.

`tomllib` says it in English, for programmers; what it says begins in one of a few ways.
"""

from __future__ import annotations

import re
import tomllib

from wardsite.core.errors import N_, WardsiteError

_LONGEST = 200
_TWICE = N_("This field or section is written twice.")
_OPEN_QUOTE = N_(
    "Text is not closed by a quotation mark on this line, or there is an invisible character in it."
)
_OPEN_BRACKET = N_("A bracket is not closed, here or on a line before.")
_SYNTAX = {
    "Expected newline or end of document": N_(
        "There is something more behind the value. Text stands in straight quotation marks; a date "
        "without any, year first: 2020-08-12."
    ),
    "Invalid value": N_(
        "The value cannot be read. Text stands in straight quotation marks, not in curly ones."
    ),
    "Expected '='": N_("There is no equals sign between the name of a field and its value."),
    "Invalid statement": N_("This line is neither a field, a section nor a comment."),
    "Invalid initial character": N_(
        "The name of a field has a character it may not have: only letters without diacritics, "
        "digits, - and _."
    ),
    "Invalid date": N_("There is no such day or time."),
    "Unescaped": N_("A backslash in text is written twice: \\\\."),
    "Illegal character": _OPEN_QUOTE,
    "Unterminated string": _OPEN_QUOTE,
    'Expected "': _OPEN_QUOTE,
    "Unclosed": _OPEN_BRACKET,
    "Expected ']": _OPEN_BRACKET,
    "Cannot": _TWICE,
    "Duplicate": _TWICE,
}
"""How tomllib's English sentences begin → what is to be mended."""


def slip_of(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, WardsiteError]:
    """Return the line of what `tomllib` refused in `text`, from 1, and what is to be mended."""
    message = str(error)
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if place is None:
        line, reason = 1, message
    else:
        line = int(place[1]) if place[1] else text.rstrip("\n").count("\n") + 1
        reason = message[: place.start()]
    for beginning, msgid in _SYNTAX.items():
        if reason.startswith(beginning):
            return line, WardsiteError(msgid)
    return line, WardsiteError(N_("This is not valid TOML: %(reason)s."), reason=reason[:_LONGEST])
