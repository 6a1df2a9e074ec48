"""The key that signs cookies: made once for an instance, readable by its owner alone."""

import secrets
from pathlib import Path

from wardsite.core.errors import N_
from wardsite.filestore import write_atomically
from wardsite.settings import SettingsError

FILE = "secret_key"


def make_secret_key(instance: Path) -> None:
    """Write a new key (mode 0600) unless there is one."""
    if not (instance / FILE).exists():
        write_atomically(instance / FILE, secrets.token_hex(32).encode(), mode=0o600)


def secret_key(instance: Path) -> str:
    """Return the key; raises SettingsError when it is missing, unreadable or too short."""
    try:
        key = (instance / FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        key = ""
    if len(key) < 32:
        raise SettingsError(
            N_("%(file)s is missing or damaged. Restore it from a backup."),
            file=str(instance / FILE),
        )
    return key
