"""What a server process keeps in memory: not what only officers' rare steps or commands need."""

import subprocess
import sys

from tests.terminal import environment
from wardsite.settings import Settings

SERVER = "wardsite.ops.start wardsite.ops.server wardsite.cli".split()


def loaded(settings: Settings, modules: list[str]) -> set[str]:
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(settings.instance),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_process_that_watches_over_the_workers_loads_no_application(
    settings: Settings,
) -> None:
    assert not loaded(settings, SERVER) & {"sqlalchemy", "flask", "alembic", "openpyxl", "PIL"}
    assert "sqlalchemy" in loaded(settings, ["wardsite.wsgi"])


def test_a_worker_loads_what_it_may_never_need_when_it_does(settings: Settings) -> None:
    assert not loaded(settings, ["wardsite.wsgi"]) & {"alembic", "openpyxl", "pypdf", "mako"}
