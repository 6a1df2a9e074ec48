"""Which language the terminal speaks, and its catalogue; needs no app."""

import gettext as stdlib_gettext
import os

from wardsite.core.errors import WardsiteError
from wardsite.settings import TRANSLATIONS


def terminal_language() -> str:
    """Return `en` when LC_ALL or LANG says English, else `vi`."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if spoken.lower().startswith("en") else "vi"


def speak_on_terminal() -> None:
    """Make the standard library's gettext, which Click uses too, read our catalogue."""
    os.environ["LANGUAGE"] = terminal_language()
    stdlib_gettext.bindtextdomain("messages", str(TRANSLATIONS))
    stdlib_gettext.textdomain("messages")


def explain_on_terminal(error: WardsiteError) -> str:
    """Return what went wrong in the terminal's language."""
    return error.said(stdlib_gettext.gettext)
