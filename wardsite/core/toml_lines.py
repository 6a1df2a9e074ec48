"""Where in a TOML text does each value stand: path → line, for messages an official can follow.

`tomllib` forgets positions. This walk reads a text that `tomllib` has already accepted and that is
not deeply nested, so it only has to find the ends of things, not to judge them.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_INLINE_BLANK = re.compile(r"[ \t]*")
_KEY_PART = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_LEXEME = re.compile(
    rf"(?P<key>(?:{_KEY_PART.pattern})(?:[ \t]*+\.[ \t]*+(?:{_KEY_PART.pattern}))++)"
    rf"|#[^\n]*|{_STRING.pattern}|(?P<open>[\"'])|[A-Za-z0-9_-]++|.",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")


class _Walk:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.lines: dict[Path, int] = {}
        self.newlines = [match.start() for match in re.finditer("\n", text)]
        self.last_index: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self.skip(_BLANK)
        while self.pos < len(self.text):
            if self.text[self.pos] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def header(self) -> Path:
        start = self.pos
        is_array = self.text.startswith("[[", self.pos)
        self.pos += 2 if is_array else 1
        parts = self.key()
        self.pos += 2 if is_array else 1
        path = (*self.in_current_rows(parts[:-1]), parts[-1])
        if is_array:
            self.last_index[path] = self.last_index.get(path, -1) + 1
            self.note(path, start)
            path = (*path, self.last_index[path])
        self.note(path, start)
        return path

    def in_current_rows(self, parts: list[str]) -> Path:
        """Return `parts` with the index of the row being written after each array of tables."""
        path: Path = ()
        for part in parts:
            path = (*path, part)
            if path in self.last_index:
                path = (*path, self.last_index[path])
        return path

    def pair(self, table: Path) -> None:
        start = self.pos
        path = table
        for part in self.key():
            path = (*path, part)
            self.note(path, start)
        self.pos += 1  # the equals sign
        self.skip(_INLINE_BLANK)
        self.value(path)

    def key(self) -> list[str]:
        """Read a dotted key and the blanks around it; stop on the character after."""
        parts: list[str] = []
        while True:
            self.skip(_INLINE_BLANK)
            raw = self.skip(_KEY_PART)
            parts.append(tomllib.loads(f"k={raw}")["k"] if raw[:1] in {'"', "'"} else raw)
            self.skip(_INLINE_BLANK)
            if not self.text.startswith(".", self.pos):
                return parts
            self.pos += 1

    def value(self, path: Path) -> None:
        char = self.text[self.pos : self.pos + 1]
        if char in {'"', "'"}:
            self.skip(_STRING)
        elif char == "[":
            self.array(path)
        elif char == "{":
            self.inline_table(path)
        else:
            self.skip(_BARE_VALUE)

    def array(self, path: Path) -> None:
        self.pos += 1
        index = 0
        self.skip(_BLANK)
        while not self.text.startswith("]", self.pos):
            self.note((*path, index), self.pos)
            self.value((*path, index))
            index += 1
            self.skip_comma()
        self.pos += 1

    def inline_table(self, path: Path) -> None:
        self.pos += 1
        self.skip(_BLANK)
        while not self.text.startswith("}", self.pos):
            self.pair(path)
            self.skip_comma()
        self.pos += 1

    def skip_comma(self) -> None:
        self.skip(_BLANK)
        if self.pos >= len(self.text):
            raise ValueError("not the TOML that tomllib read")
        if self.text.startswith(",", self.pos):
            self.pos += 1
            self.skip(_BLANK)

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Move past what `pattern` matches here and return it."""
        match = pattern.match(self.text, self.pos)
        if match is None:
            raise ValueError("not the TOML that tomllib read")
        self.pos = match.end()
        return match.group()

    def note(self, path: Path, pos: int) -> None:
        self.lines.setdefault(path, bisect_right(self.newlines, pos - 1) + 1)


def longest_key(text: str) -> int:
    """Return how many parts the longest dotted key of `text` has, 1 when there is none.

    For any text, before `tomllib` sees it: that keeps every prefix of a key, so one key of 100,000
    parts costs it gigabytes. Stops where a string is not closed, as `tomllib` does.
    """
    longest = 1
    for lexeme in _LEXEME.finditer(text):
        if lexeme["open"]:
            break
        if lexeme["key"]:
            longest = max(longest, len(_KEY_PART.findall(lexeme["key"])))
    return longest


def lines_by_path(text: str) -> dict[Path, int]:
    """Return the 1-based line of every table, row, key and array element in `text`.

    A path is made of keys and 0-based row numbers: `("banners", 0, "alt")`. `text` must be TOML
    that `tomllib.loads` accepts; on anything else `ValueError` may be raised.
    """
    walk = _Walk(text)
    walk.document()
    return walk.lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of `path`, or of the nearest thing around it that is in the file, or 1."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1
