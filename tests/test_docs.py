"""What the documents promise is there, and what is there is in the documents."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import click
import pytest

from wardsite.cli import main
from wardsite.settings import REPOSITORY, Settings

DOCS = REPOSITORY / "docs"
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
PAGES = sorted([REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *DOCS.glob("*.md")])


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that does something."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))
    else:
        yield path


def test_every_setting_is_in_the_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", OPERATIONS, re.MULTILINE))
    keys = {key.name: key for key in fields(Settings) if key.name != "instance"}
    assert set(keys) <= set(rows)
    for name, key in keys.items():
        told = rows[name].strip("` ")
        default = {"": "trống", "()": "trống", "None": "trống"}.get(
            str(key.default), str(key.default)
        )
        assert told == ("bắt buộc" if key.default is MISSING else default), name


@pytest.mark.parametrize("path", list(commands(main, ("wardsite",))), ids=" ".join)
def test_every_command_is_explained(path: tuple[str, ...]) -> None:
    *group, last = path
    everything = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    # `wardsite central keygen`, `check`, `sign`: the group once, then each of its commands.
    together = rf"`{' '.join(group)} \w+`[^|]*`{last}`"
    assert " ".join(path) in everything or re.search(together, everything)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_document_points_at_a_file_that_is_not_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text)
    for target in targets:
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target


def test_every_file_that_the_security_page_names_is_there() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tests|wardsite|script|deploy)/[\w/.]+)(?:::[\w:]+)?`", text))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (DOCS.parent / name).exists()] == []


def test_every_fault_that_is_promised_to_be_survived_names_a_test_that_is_there() -> None:
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) >= 8
    for file, name in named:
        assert f"\ndef {name}(" in (REPOSITORY / file).read_text(encoding="utf-8"), name
