"""A real PostgreSQL for tests: Debian's package, on a Unix socket, as a user that is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from wardsite.settings import SETTINGS_FILE

# Nothing here need outlive the power: what a real server does for that is left out.
HASTE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "shared_buffers=32MB",
)


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
    user = server_user() if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(place / program), *arguments]
        done = subprocess.run(
            command, user=user, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    data = folder / "data"
    run("initdb", "-D", str(data), "-U", "ward", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    options = " ".join(f"-c {option}" for option in ("listen_addresses=", *HASTE))
    start = ("-l", str(folder / "log"), "-o", f"{options} -k {folder}", "start")
    run("pg_ctl", "-D", str(data), "-w", *start)
    try:
        yield f"postgresql+psycopg://ward@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes the databases of instances: nothing to do for SQLite, whose database is a file."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self._count = 0
        self._connection: psycopg.Connection | None = None

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
        new = self.create(old)
        file.write_text(text.replace(old, new), encoding="utf-8")
        yield to
        self.drop(new)

    def create(self, template: str = "") -> str:
        """Make a database and return its address; nobody may be connected to the template's."""
        self._count += 1
        name = f"ward_{os.getpid()}_{self._count}"
        self._create(name, make_url(template).database if template else "template0")
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def renew(self, url: str, template: str) -> None:
        """Put a copy of the template's database in the place of the one at `url`."""
        self.drop(url)
        self._create(make_url(url).database, make_url(template).database)

    def shut(self, url: str) -> None:
        """End every connection to a database and let nobody in again."""
        name = make_url(url).database
        self._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        those = "FROM pg_stat_activity WHERE datname = %s"
        self._connected().execute(f"SELECT pg_terminate_backend(pid, 10000) {those}", [name])

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _create(self, name: str | None, template: str | None) -> None:
        # Copying files is four times as quick as logging every page, with fsync off.
        how = "STRATEGY file_copy" if self._server_version() >= 150_000 else ""
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} {how}")

    def close(self) -> None:
        """End the one connection that makes them."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, statement: str) -> None:
        self._connected().execute(statement.encode())

    def _server_version(self) -> int:
        return self._connected().info.server_version

    def _connected(self) -> psycopg.Connection:
        if self._connection is None:
            url = make_url(self.url).set(drivername="postgresql").render_as_string(False)
            self._connection = psycopg.connect(url, autocommit=True)
        return self._connection


@contextmanager
def databases() -> Iterator[Databases]:
    """Run a server and yield what makes databases on it."""
    with server() as url:
        made = Databases(url)
        try:
            yield made
        finally:
            made.close()


def server_user() -> str:
    """Return who runs the server when root may not."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
