"""Pages made anew with 20 to 200,000 posts; `script/bench --plot` draws them."""

import statistics
import tempfile
import time
from html import escape
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from bench import content, servers
from bench.row import Row
from wardsite.application import create_app
from wardsite.extensions import transaction
from wardsite.settings import load_settings

COUNTS = (20, 2_000, 20_000, 200_000)
PAGES = {
    "home": "/",
    "home after a commit": "/",
    "list of news": "/tin-tuc",
    "page 50 of the list": "/tin-tuc?trang=50",
    "a post": "/tin-tuc/{section}/thong-bao-7",
    "RSS": "/rss.xml",
}
SECTION = "chi-dao-dieu-hanh"  # where content.make puts post 7
FIRST = "home after a commit"  # what is kept of the menu and the mandate is read again for it
ROUNDS = 25
Times = dict[str, dict[int, float]]


def run() -> list[Row]:
    """Compare 20,000 posts with 20."""
    found = measure((20, 20_000))
    return [
        Row(
            f"{what} made anew, 20,000 : 20 posts, ms",
            f"{times[20_000] * 1000:.2f}",
            f"{times[20] * 1000:.2f}",
            times[20_000] / times[20],
            1.2,
            at_most=True,
        )
        for what, times in found.items()
        if 20 in times
    ]


def measure(counts: tuple[int, ...]) -> Times:
    """Return the median seconds of each page at each number of posts, all timed in turns."""
    found: dict[str, dict[int, list[float]]] = {what: {} for what in PAGES}
    with tempfile.TemporaryDirectory() as name:
        sites = {}
        for count in counts:
            folder = content.make(Path(name) / str(count), count)
            sites[count] = create_app(load_settings(folder, {})).test_client(use_cookies=False)
        for _ in range(ROUNDS):
            for what, path in PAGES.items():
                for count, client in sites.items():
                    if what == FIRST:
                        _commit(client.application)
                    taken = _time(client, path.format(section=SECTION))
                    if taken is not None:
                        found[what].setdefault(count, []).append(taken)
    return {
        what: {count: statistics.median(times) for count, times in counted.items()}
        for what, counted in found.items()
    }


def _time(client: FlaskClient, path: str) -> float | None:
    unkept = path + servers.UNKEPT.replace("?", "&" if "?" in path else "?")
    start = time.perf_counter()
    status = client.get(unkept).status_code
    taken = time.perf_counter() - start
    if status == 404 and "trang" in path:
        return None  # so few posts have no such page
    if status != 200:
        raise RuntimeError(f"{path}: {status}")
    return taken


def _commit(app: Flask) -> None:
    with app.app_context(), transaction():
        pass


def plot(path: Path) -> Times:
    """Measure at every number of posts and write the curves to an SVG file."""
    found = measure(COUNTS)
    path.write_text(drawing(found), encoding="utf-8")
    return found


def drawing(found: Times) -> str:
    """Return the curves as SVG: posts to the right by powers of ten, milliseconds upwards."""
    wide, high, left, under = 640, 320, 56, 44
    top = max(max(times.values()) for times in found.values()) * 1000 * 1.1
    ticks = [top * n / 5 for n in range(6)]

    def x(count: int) -> float:
        return left + (wide - left - 150) * COUNTS.index(count) / (len(COUNTS) - 1)

    def y(ms: float) -> float:
        return high - under - (high - under - 16) * ms / top

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
    ]
    for tick in ticks:
        out.append(f'<path d="M{left} {y(tick):.1f}H{wide - 150}" stroke="#ccc"/>')
        out.append(
            f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.0f}</text>'
        )
    for count in COUNTS:
        out.append(
            f'<text x="{x(count):.1f}" y="{high - 24}" text-anchor="middle">{count:,}</text>'
        )
    out.append(f'<text x="{left}" y="{high - 6}">posts; milliseconds to make the page anew</text>')
    colours = ("#0f4459", "#a23b2c", "#5b7a1f", "#7a4f9a", "#b07a00", "#555555")
    last = sorted(found, key=lambda what: found[what][max(found[what])])
    for colour, (what, times) in zip(colours, found.items(), strict=True):
        points = " ".join(f"{x(count):.1f},{y(ms * 1000):.1f}" for count, ms in times.items())
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        # Names in the order of the curves' ends, apart from each other.
        at = high - under - 4 - 18 * last.index(what)
        out.append(f'<text x="{wide - 144}" y="{at}" fill="{colour}">{escape(what)}</text>')
    return "\n".join([*out, "</svg>\n"])
