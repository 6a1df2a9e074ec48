"""A sync without change, against the one conditional request that it cannot do without."""

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.row import Row, paired
from bench.servers import EXAMPLE
from wardsite import net
from wardsite.application import create_app
from wardsite.central.sync import Outcome, sync
from wardsite.ops.instance import make_instance
from wardsite.settings import load_settings

ETAG = '"one"'
ROUNDS = 15


def run() -> list[Row]:
    """Serve the example district file on loopback and sync with it again and again."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        requests: list[str] = []
        url = stack.enter_context(_centre(requests))
        folder = Path(name) / "instance"
        key = str(EXAMPLE / "EXAMPLE-DO-NOT-USE.pub")
        environment = {"WARDSITE_ALLOWED_PRIVATE_HOSTS": "127.0.0.1"}
        make_instance(folder, "ha-dinh", "ward", "Phường Hạ Đình", datetime.now(UTC))
        settings = replace(
            load_settings(folder, environment), district_url=url, district_keys=(key,)
        )
        app = create_app(settings)
        with app.app_context():
            assert sync(settings, datetime.now(UTC)) is Outcome.APPLIED
            before = _version(folder)

            def ours() -> None:
                assert sync(settings, datetime.now(UTC)) is Outcome.UNCHANGED

            def bare() -> None:
                net.get(
                    url,
                    allowed_hosts=frozenset({"127.0.0.1"}),
                    accept_insecure_http=True,
                    max_bytes=262_144,
                    deadline_seconds=30,
                    etag=ETAG,
                )

            ours()  # the first one after a change may note the time of contact
            requests.clear()
            mine, other = paired(ours, bare, ROUNDS)
        each = len(requests) / ROUNDS - 1  # the bare requests are the other half
        writes = _version(folder) - before
    return [
        Row(
            "sync without change : one conditional GET",
            f"{mine * 1000:.1f} ms",
            f"{other * 1000:.1f} ms",
            mine / other,
            20,
            at_most=True,
        ),
        Row("requests of a sync without change", f"{each:g}", "1", each, 1, at_most=True),
        Row("commits that residents could notice", str(writes), "0", writes, 0, at_most=True),
    ]


@contextmanager
def _centre(requests: list[str]) -> Iterator[str]:
    """Serve the example with an ETag on loopback, noting what is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            unchanged = self.headers.get("If-None-Match") == ETAG
            body = b"" if unchanged else (EXAMPLE / self.path.lstrip("/")).read_bytes()
            self.send_response(304 if unchanged else 200)
            self.send_header("ETag", ETAG)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/district.toml"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _version(folder: Path) -> int:
    database = sqlite3.connect(folder / "wardsite.db")
    try:
        return int(database.execute("SELECT number FROM content_version").fetchone()[0])
    finally:
        database.close()
