"""One setting of wardsite.toml changed by a command that has carried data elsewhere."""

from pathlib import Path

import tomlkit

from wardsite.core.errors import N_, reason_of
from wardsite.filestore import write_atomically
from wardsite.settings import SETTINGS_FILE, SettingsError


def switch(instance: Path, key: str, value: str) -> None:
    """Write `key` into the settings, or take it out for ""; all else stays as it was written.

    With a database's address, which may hold a password, others may no longer read the file.
    Raises SettingsError when the file cannot be written; it is then as it was.
    """
    file = instance / SETTINGS_FILE
    try:
        values = tomlkit.parse(file.read_text(encoding="utf-8"))
        if value:
            values[key] = value
        else:
            values.pop(key, None)
        readers = 0o770 if values.get("database_url") else 0o777
        write_atomically(file, tomlkit.dumps(values).encode(), file.stat().st_mode & readers)
    except OSError as error:
        raise SettingsError(
            N_("Cannot write to %(folder)s: %(reason)s"),
            folder=str(instance),
            reason=reason_of(error),
        ) from error
