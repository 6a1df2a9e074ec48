"""The production server: Granian against gunicorn (gthread) and waitress, with this application."""

import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench import content, others, servers
from bench.row import Row
from bench.servers import Server, proportional_memory

SLOW = 64  # clients that send a request byte by byte and never end it
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Seen:
    """Requests a second and p99 in ms; the same with slow clients; bytes; seconds to recover."""

    rate: float
    p99: float
    rate_with_slow: float
    memory: int
    recovery: float


def run() -> list[Row]:
    """Measure the three one after the other; the goal is that Granian is not the worse one."""
    beside = others.beside(["gunicorn", "waitress"])
    with tempfile.TemporaryDirectory() as name:
        instance = content.make(Path(name) / "instance", 2_000)
        granian = _measure(instance, None, beside)
        rows = []
        for who in ("gunicorn", "waitress"):
            rows += _compare(who, granian, _measure(instance, who, beside))
    return rows


def _compare(who: str, ours: Seen, other: Seen) -> list[Row]:
    def row(what: str, mine: float, theirs: float, form: str, *, at_most: bool) -> Row:
        return Row(
            f"Granian : {who}, {what}",
            format(mine, form),
            format(theirs, form),
            mine / theirs,
            1,
            at_most=at_most,
        )

    slow = f"requests/s beside {SLOW} slow clients (at least 1 is told)"
    rows = [
        row("cached home, requests/s", ours.rate, other.rate, ".0f", at_most=False),
        row("cached home, p99 ms", ours.p99, other.p99, ".2f", at_most=True),
        row(slow, ours.rate_with_slow, max(1.0, other.rate_with_slow), ".0f", at_most=False),
        row("PSS, MB", ours.memory / MEGABYTE, other.memory / MEGABYTE, ".1f", at_most=True),
    ]
    if other.recovery:
        kill = "s without an answer after its worker is killed"
        rows.append(row(kill, ours.recovery, other.recovery, ".2f", at_most=True))
    return rows


def _measure(instance: Path, who: str | None, beside: Path) -> Seen:
    with _served(instance, who, beside) as site:
        url = site.url + "/"
        calm = servers.load(url, 4)
        servers.load(url + servers.UNKEPT, 2, 16)
        memory = proportional_memory(site.pid)
        with _slow_clients(site):
            beset = servers.load(url, 4)
        return Seen(calm.rate, calm.p99, beset.rate, memory, _recovery(site))


@contextmanager
def _served(instance: Path, who: str | None, beside: Path) -> Iterator[Server]:
    if who is None:
        with servers.wardsite(instance) as site:
            yield site
        return
    port = servers.free_port()
    options = {
        "gunicorn": ["-k", "gthread", "--threads", "4", "-w", "1", "-b", f"127.0.0.1:{port}"],
        "waitress": ["--threads=4", f"--listen=127.0.0.1:{port}"],
    }
    command = [sys.executable, "-m", who, *options[who], "wardsite.wsgi:application"]
    environment = os.environ | {"PYTHONPATH": str(beside), "WARDSITE_INSTANCE": str(instance)}
    with servers.process(command, f"http://127.0.0.1:{port}", environment) as site:
        yield site


@contextmanager
def _slow_clients(site: Server) -> Iterator[None]:
    """Hold connections on which a request began and does not end."""
    port = int(site.url.rpartition(":")[2])
    held = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(SLOW)]
    for connection in held:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    time.sleep(0.5)
    yield
    for connection in held:
        connection.close()


def _recovery(site: Server) -> float:
    """Kill the worker and return how long nobody is answered; 0 where there is none to kill."""
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split()
    workers = [int(child) for child in children if "resource_tracker" not in _command(child)]
    if not workers:
        return 0.0
    start = time.perf_counter()
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    while not servers.answers(site.url + "/"):
        if time.perf_counter() - start > 30:
            raise RuntimeError("the server did not recover")
        time.sleep(0.01)
    return time.perf_counter() - start


def _command(pid: str) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return "resource_tracker"
