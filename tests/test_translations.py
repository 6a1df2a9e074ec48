"""Every word that a page or a command says is in the catalogue, in Vietnamese."""

import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from wardsite.settings import REPOSITORY, TRANSLATIONS

TEMPLATES = sorted((REPOSITORY / "wardsite" / "templates").rglob("*.html"))
# Words that are the same in every language, or that a page says in its own.
PLAIN = {"English", "Tiếng Việt", "CSV", "RSS", "article", "Facebook", "Zalo", "wardsite"}
PLAIN |= {"nginx", "wardsite serve", "wardsite tick"}  # programs and commands are called alike
JINJA = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
SPOKEN = re.compile(r'\b(?:alt|title|aria-label|placeholder|content)="([^"]*)"')
TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
# The marks of a comment that the service worker opens; what stands in it is read all the same.
COMMENT = re.compile(r"<!-- \w+$|^\w+ -->$", re.MULTILINE)
META = re.compile(r"<meta[^>]*>|<!doctype[^>]*>", re.IGNORECASE)


def test_the_catalogue_is_complete_and_current() -> None:
    done = subprocess.run(
        [REPOSITORY / "script" / "translations", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_translation_is_the_english_text_again() -> None:
    with (TRANSLATIONS / "vi" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="vi")
    same = [str(message.id) for message in catalogue if message.id == message.string != ""]
    # One word may be the same in both ("Menu"); a sentence may not.
    assert not [msgid for msgid in same if re.search(r"[a-z]{3,} [a-z]{2,}", msgid)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_speaks_past_the_catalogue(path: Path) -> None:
    text = META.sub("", path.read_text(encoding="utf-8"))
    text = COMMENT.sub("", JINJA.sub("", text))
    said: list[str] = SPOKEN.findall(text)
    said += TAG.sub("\n", text).splitlines()
    words = [line.strip() for line in said if re.search(r"[^\W\d_]{2,}", line)]
    assert not [line for line in words if line not in PLAIN and not line.startswith("/")]
