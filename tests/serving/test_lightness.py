"""What a server process keeps in memory: not what only officers' rare steps or commands need."""

import subprocess
import sys

from tests.terminal import environment
from wardsite.settings import Settings

STARTING = "wardsite.ops.start wardsite.ops.server wardsite.cli".split()
WATCHING = "wardsite.ops.supervisor wardsite.ops.watchdog wardsite.ops.logs granian".split()
APPLICATION = {"sqlalchemy", "flask", "jinja2", "alembic", "openpyxl", "PIL"}
# What officers need now and then: pictures, paper, backups, what fetches, old formats by name.
RARE = {
    *("PIL", "alembic", "certifi", "fido2", "fpdf", "httpcore", "mako", "openpyxl", "psycopg"),
    *("puremagic", "pypdf", "pyrage", "segno", "tarfile"),
}


def loaded(settings: Settings, modules: list[str]) -> set[str]:
    found = run(f"import sys, {', '.join(modules)}; print(*sys.modules)", settings)
    return {name.partition(".")[0] for name in found}


def run(code: str, settings: Settings) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(settings.instance),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_process_that_watches_over_the_workers_loads_no_application(
    settings: Settings,
) -> None:
    assert not loaded(settings, STARTING) & (APPLICATION | {"granian"})
    watching = loaded(settings, WATCHING)
    assert not watching & (APPLICATION | {"click", "pydantic"})
    assert "granian" in watching


def test_a_worker_loads_what_it_may_never_need_when_it_does(settings: Settings) -> None:
    found = run("import sys, wardsite.wsgi; print(*sys.modules)", settings)
    assert "sqlalchemy.dialects.sqlite" in found
    assert not set(found) & (RARE | {"sqlalchemy.dialects.postgresql"})
