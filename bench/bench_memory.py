"""Memory of all server processes (PSS), and how soon the server answers after it was started."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import content, servers
from bench.row import Row
from bench.servers import Server, proportional_memory

MEGABYTE = 1024 * 1024
STARTS = 5


def run() -> list[Row]:
    """Measure one site of 2,000 posts under load, then many starts."""
    with tempfile.TemporaryDirectory() as name:
        instance = content.make(Path(name) / "instance", 2_000)
        with servers.wardsite(instance) as site:
            _ask(site, 10_000, 10_000)
            after = proportional_memory(site.pid)
            _ask(site, 90_000, 10_000)
            later = proportional_memory(site.pid)
        return [
            _row("PSS after 10,000 cached and 10,000 uncached : 90 MB", after, 90 * MEGABYTE, 1),
            _row("PSS after 100,000 more : before them", later, after, 1.03),
            _start(instance),
        ]


def _ask(site: Server, kept: int, anew: int) -> None:
    """Ask for so many pages that are kept, and so many that are made anew, and no fewer."""
    for count, query in ((kept, ""), (anew, servers.UNKEPT)):
        left = count
        while left > 0:
            load = servers.load(f"{site.url}/{query}", 3, 16)
            if load.errors:
                raise RuntimeError(f"{load.errors} answers were no page")
            left -= int(load.rate * 3)


def _row(what: str, ours: int, other: int, goal: float) -> Row:
    return Row(
        what,
        f"{ours / MEGABYTE:.1f} MB",
        f"{other / MEGABYTE:.1f} MB",
        ours / other,
        goal,
        at_most=True,
    )


def _start(instance: Path) -> Row:
    """Compare the first answer with the time of importing the frameworks alone, in turns."""
    ours, other = [], []
    importing = ["taskset", "-c", servers.SERVER_CORE, sys.executable, "-c"]
    importing.append("import flask, flask_babel, flask_sqlalchemy, sqlalchemy.orm, babel.dates")
    for _ in range(STARTS):
        start = time.perf_counter()
        subprocess.run(importing, check=True)
        other.append(time.perf_counter() - start)
        ours.append(_first_answer(instance))
    mine, theirs = statistics.median(ours), statistics.median(other)
    return Row(
        "start to first answer : importing Flask, SQLAlchemy, Babel, s",
        f"{mine:.2f}",
        f"{theirs:.2f}",
        mine / theirs,
        1.5,
        at_most=True,
    )


def _first_answer(instance: Path) -> float:
    port = servers.free_port()
    environment = os.environ | {"WARDSITE_INSTANCE": str(instance), "WARDSITE_PORT": str(port)}
    start = time.perf_counter()
    command = ["taskset", "-c", servers.SERVER_CORE, str(servers.WARDSITE), "serve"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not servers.answers(f"http://127.0.0.1:{port}/"):
            time.sleep(0.005)
        return time.perf_counter() - start
    finally:
        process.terminate()
        process.wait(20)
