"""An audit of sixty units, against the visit to the slowest of them alone."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.row import Row
from bench.servers import EXAMPLE
from wardsite.parent.audit import Manner, audit

UNITS = 60
SLOW_SECONDS = 6.0  # what the slowest unit takes for its home page
PAGE = ("<p>Trang thông tin điện tử</p><div class='a b'><a href='/x'>Tin</a></div>" * 800).encode()
SHEET = b".a .b{color:red}.menu{display:none}" * 3000


def run() -> list[Row]:
    """Audit the slowest unit alone, then all sixty, and compare."""
    with _units() as port, tempfile.TemporaryDirectory() as folder:
        alone = _seconds(Path(folder), port, [1])
        together = _seconds(Path(folder), port, range(1, UNITS + 1))
    return [
        Row(
            f"audit of {UNITS} units : its slowest unit alone",
            f"{together:.1f} s",
            f"{alone:.1f} s",
            together / alone,
            2,
            at_most=True,
        )
    ]


@dataclass
class _Silent:
    """No progress bar."""

    total: int
    label: str

    def __enter__(self) -> "_Silent":
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to close."""

    def step(self) -> None:
        """Nothing to show."""


def _seconds(folder: Path, port: int, numbers: Iterable[int]) -> float:
    text = (EXAMPLE / "district.toml").read_text(encoding="utf-8").split("[[units]]")[0]
    for number in numbers:
        text += f'[[units]]\nid = "u{number}"\nkind = "ward"\nname = "U"\n'
        text += f'url = "http://127.0.0.{number}:{port}/"\n'
    path = folder / "district.toml"
    path.write_text(text, encoding="utf-8")
    hosts = frozenset(f"127.0.0.{number}" for number in range(1, UNITS + 1))
    started = time.perf_counter()
    found = audit(path, datetime.now(UTC), Manner(private_hosts=hosts), progress=_Silent)
    taken = time.perf_counter() - started
    assert all(unit.items for unit in found.units)
    return taken


@contextmanager
def _units() -> Iterator[int]:
    """Serve every unit on a loopback address of its own; the first is slow."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/" and self.headers["Host"].startswith("127.0.0.1:"):
                time.sleep(SLOW_SECONDS)
            head = b"<!doctype html><link rel=stylesheet href=/style.css>"
            body = SHEET if self.path == "/style.css" else head + PAGE
            self.send_response(404 if self.path.startswith("/.well-known") else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer.request_queue_size = 128
    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104 (all of 127.0.0.0/8)
    # In a process of its own, so that the units do not share the interpreter with the audit.
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever)
    process.start()
    server.socket.close()
    try:
        yield server.server_address[1]
    finally:
        process.terminate()
        process.join()
