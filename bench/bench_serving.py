"""The home page, kept and made anew, against nginx, Flask's hello world and Wagtail."""

import gzip
import statistics
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import content, others, servers
from bench.row import Row
from bench.servers import Load

ROUNDS = 3
POSTS = 2_000
Loads = dict[str, list[Load]]


def run() -> list[Row]:
    """Load all in turns, and compare medians."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        urls = _start(folder, stack)
        loads: Loads = {who: [] for who in [*urls, "anew", "wagtail alone"]}
        for _ in range(ROUNDS):
            for who, url in urls.items():
                loads[who].append(servers.load(url, 3))
            # One request at a time: what one page costs.
            loads["anew"].append(servers.load(urls["site"] + servers.UNKEPT, 3, 1))
            loads["wagtail alone"].append(servers.load(urls["wagtail"], 3, 1))
    return _rows(loads)


def _start(folder: Path, stack: ExitStack) -> dict[str, str]:
    instance = content.make(folder / "instance", POSTS)
    site = stack.enter_context(servers.wardsite(instance))
    home = urllib.request.urlopen(site.url + "/").read()
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_bytes(home)
    (folder / "www" / "index.html.gz").write_bytes(gzip.compress(home, 6))
    files = f"root {folder}/www; gzip_static on; etag on;"
    running = {
        "site": site,
        "static": stack.enter_context(servers.nginx(folder / "static", files)),
        "static by TLS": stack.enter_context(servers.nginx(folder / "tls", files, tls=True)),
        "deployed": stack.enter_context(servers.deployed(folder, instance)),
        "hello": stack.enter_context(servers.flask_hello(folder / "hello")),
        "page": stack.enter_context(servers.flask_hello(folder / "page", home)),
        "wagtail": stack.enter_context(others.wagtail(POSTS, page_cache=False)),
        "wagtail kept": stack.enter_context(others.wagtail(POSTS, page_cache=True)),
    }
    return {who: server.url + "/" for who, server in running.items()}


def _rows(loads: Loads) -> list[Row]:
    def rate(what: str, ours: str, other: str, goal: float) -> Row:
        mine, theirs = (_median(loads[who], _requests) for who in (ours, other))
        return Row(what, f"{mine:.0f}", f"{theirs:.0f}", mine / theirs, goal, at_most=False)

    failed = sum(load.errors for who in ("site", "deployed", "anew") for load in loads[who])
    tails = [_median(loads[who], _p99) for who in ("site", "static")]
    return [
        rate("cached home : nginx static, requests/s", "site", "static", 0.55),
        rate("cached home : Flask hello, requests/s", "site", "hello", 8),
        rate("cached home : Flask with the same page, requests/s", "site", "page", 8),
        rate(f"cached home : Wagtail, {POSTS:,} posts, requests/s", "site", "wagtail", 500),
        rate("cached home : Wagtail with page cache, requests/s", "site", "wagtail kept", 15),
        rate(
            "as deployed : nginx static, both by TLS, requests/s", "deployed", "static by TLS", 0.8
        ),
        rate("as deployed by TLS : nginx static without, requests/s", "deployed", "static", 0.8),
        rate(f"uncached home : Wagtail’s, {POSTS:,} posts, requests/s", "anew", "wagtail alone", 2),
        Row(
            "cached home : nginx static, p99 at 32 connections, ms",
            f"{tails[0]:.2f}",
            f"{tails[1]:.2f}",
            tails[0] / tails[1],
            2,
            at_most=True,
        ),
        Row("home, answers not 2xx", str(failed), "0", failed, 0, at_most=True),
    ]


def _p99(load: Load) -> float:
    return load.p99


def _requests(load: Load) -> float:
    return load.rate


def _median(loads: list[Load], what: Callable[[Load], float]) -> float:
    return statistics.median(what(load) for load in loads)
