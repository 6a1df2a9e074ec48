"""docs/security.md answers every item of ASVS 5.0 of levels 1 and 2, and its tests are there."""

import ast
import re

from wardsite.settings import REPOSITORY

# Section: how many of its items are of level 1 or 2, counted from the first (OWASP ASVS 5.0.0).
SECTIONS = (
    "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 "
    "4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 "
    "7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 11.1:2 11.2:3 11.3:3 11.4:4 "
    "11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 "
    "15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3"
)
# Chapters that are no part of such a site, answered as a whole.
CHAPTERS = ("10", "17")
PAGE = (REPOSITORY / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([\d., ]+) \| (yes|partly|no|n/a) \| (.+) \|$", PAGE, re.MULTILINE)


def test_each_item_is_answered_once() -> None:
    wanted = [
        f"{section}.{number + 1}"
        for section, count in (entry.split(":") for entry in SECTIONS.split())
        for number in range(int(count))
    ]
    answered = [item for items, _answer, _how in ROWS for item in items.split(", ")]
    assert sorted(answered) == sorted([*wanted, *CHAPTERS])


def test_each_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", PAGE)
    assert len(named) > 80
    missing = []
    for file, name in named:
        tree = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        if name.rpartition(":")[2] not in functions:
            missing.append(f"{file}::{name}")
    assert missing == []
