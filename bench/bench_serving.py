"""The cached home page, against nginx with the same bytes and against Flask's hello world."""

import gzip
import statistics
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import servers
from bench.row import Row
from bench.servers import Load

ROUNDS = 3


def run() -> list[Row]:
    """Load the three in turns, and compare medians."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        servers.make_instance(folder / "instance")
        site = stack.enter_context(servers.wardsite(folder / "instance"))
        hello = stack.enter_context(servers.flask_hello(folder))
        home = urllib.request.urlopen(site.url + "/").read()
        (folder / "www").mkdir()
        (folder / "www" / "index.html").write_bytes(home)
        (folder / "www" / "index.html.gz").write_bytes(gzip.compress(home, 6))
        static = stack.enter_context(
            servers.nginx(folder, f"root {folder}/www; gzip_static on; etag on;")
        )
        urls = {"site": site.url + "/", "static": static.url + "/", "hello": hello.url + "/"}
        loads: dict[str, list[Load]] = {name: [] for name in urls}
        for _ in range(ROUNDS):
            for who, url in urls.items():
                loads[who].append(servers.load(url))
    failed = sum(load.errors for load in loads["site"])
    return [
        _rate("cached home : nginx static, requests/s", loads["site"], loads["static"], 0.55),
        _rate("cached home : Flask hello, requests/s", loads["site"], loads["hello"], 8),
        Row(
            "cached home : nginx static, p99 ms",
            f"{_median(loads['site'], _p99):.2f}",
            f"{_median(loads['static'], _p99):.2f}",
            _median(loads["site"], _p99) / _median(loads["static"], _p99),
            2,
            at_most=True,
        ),
        Row("cached home, answers not 2xx", str(failed), "0", failed, 0, at_most=True),
    ]


def _p99(load: Load) -> float:
    return load.p99


def _requests(load: Load) -> float:
    return load.rate


def _median(loads: list[Load], what: Callable[[Load], float]) -> float:
    return statistics.median(what(load) for load in loads)


def _rate(what: str, ours: list[Load], other: list[Load], goal: float) -> Row:
    mine, theirs = _median(ours, _requests), _median(other, _requests)
    return Row(what, f"{mine:.0f}", f"{theirs:.0f}", mine / theirs, goal, at_most=False)
