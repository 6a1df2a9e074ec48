"""A real PostgreSQL for tests: Debian's package, on a free port, as a user that is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from wardsite.settings import SETTINGS_FILE


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, or None where PostgreSQL is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    places = [*debian, *([Path(found).parent] if found else [])]
    return next((place for place in places if (place / "pg_ctl").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """Run a server and yield the address of an empty database; skips where there is none."""
    place = programs()
    if place is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is missing: install Debian's package postgresql")
        pytest.skip("PostgreSQL is missing (Debian's package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="wardsite-pg-"))
    user = _user() if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        command = [str(place / program), *arguments]
        done = subprocess.run(
            command, user=user, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    data = folder / "data"
    run("initdb", "-D", str(data), "-U", "ward", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://ward@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes the databases of instances: nothing to do for SQLite, whose database is a file."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self._count = 0

    @contextmanager
    def for_new(self, folder: Path) -> Iterator[None]:
        """Let an instance that is made meanwhile in `folder` have a database of its own."""
        if not self.url:
            yield
            return
        url = self.create()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WARDSITE_DATABASE_URL", url)
            yield
        with (folder / SETTINGS_FILE).open("a", encoding="utf-8") as file:
            file.write(f'database_url = "{url}"\n')

    @contextmanager
    def copied(self, instance: Path, to: Path) -> Iterator[Path]:
        """Copy an instance that nothing is connected to, with its database, for a while."""
        shutil.copytree(instance, to)
        if not self.url:
            yield to
            return
        file = to / SETTINGS_FILE
        text = file.read_text(encoding="utf-8")
        old = tomllib.loads(text)["database_url"]
        new = self.create(old.rpartition("/")[2])
        file.write_text(text.replace(old, new), encoding="utf-8")
        yield to
        self._run(f"DROP DATABASE {new.rpartition('/')[2]} WITH (FORCE)")

    def create(self, template: str = "template0") -> str:
        """Make a database and return its address; nobody may be connected to the template."""
        self._count += 1
        self._run(f"CREATE DATABASE ward_{self._count} TEMPLATE {template}")
        return f"{self.url.rpartition('/')[0]}/ward_{self._count}"

    def _run(self, statement: str) -> None:
        url = self.url.replace("+psycopg", "", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


def _user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
