"""Feeds: 10,000 items in, how fast and in how much memory; and pages while feeds are slow."""

import http.server
import statistics
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from bench import servers
from bench.row import Row
from wardsite.application import create_app
from wardsite.core import feeds
from wardsite.extensions import db, transaction
from wardsite.models import Source
from wardsite.settings import load_settings
from wardsite.sources.ingest import fetch_due, take

ITEMS, A_FEED = 10_000, 200
DRIP_SECONDS = 8.0
LEAST_RATE = 500.0


def run() -> list[Row]:
    """Measure both on one instance."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers.make_instance(folder)
        app = create_app(load_settings(folder, {"WARDSITE_ALLOWED_PRIVATE_HOSTS": "127.0.0.1"}))
        with app.app_context():
            rows = [_rate(), _memory(), _delay(app)]
            db.session.remove()
            db.engine.dispose()
    return rows


def _rate() -> Row:
    now = datetime.now(UTC)
    with transaction() as session:
        for n in range(ITEMS // A_FEED):
            session.add(Source(name=f"Nguồn {n}", site_url="https://x.example/", publish="auto"))
    ids = [row.id for row in db.session.query(Source).filter(Source.name.startswith("Nguồn "))]
    stored, start = 0, time.perf_counter()
    for number in ids:
        feed = feeds.parse(body(number, A_FEED, now), "https://x.example/rss")
        entries = feeds.newest(feed.entries, A_FEED, now)
        with transaction() as session:
            source = session.get_one(Source, number)
            source.max_items, source.mode = A_FEED, "feed"
            stored += take(session, source, entries, now)[0]
    rate = stored / (time.perf_counter() - start)
    if stored != ITEMS:
        raise AssertionError(f"{stored} of {ITEMS} items were stored")
    return Row(
        f"{ITEMS:,} feed items read, stored, indexed, items/s : {LEAST_RATE:.0f}",
        f"{rate:.0f}",
        f"{LEAST_RATE:.0f}",
        rate / LEAST_RATE,
        1,
        at_most=False,
    )


def _memory() -> Row:
    """Compare the peak of reading one feed of 10,000 items with one of 1,000.

    The text of the feed is bounded by MAX_BYTES and apart; what counts is what is made of it.
    """
    now = datetime.now(UTC)

    def peak(count: int) -> int:
        feed = feeds.parse(body(0, count, now), "https://x.example/rss")
        tracemalloc.start()
        feeds.newest(feed.entries, A_FEED, now)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    few, many = peak(ITEMS // 10), peak(ITEMS)
    return Row(
        f"memory of reading {ITEMS:,} : {ITEMS // 10:,} items, text apart, KiB",
        f"{many / 1024:.0f}",
        f"{few / 1024:.0f}",
        many / few,
        1.5,
        at_most=True,
    )


def _delay(app: Flask) -> Row:
    """Compare a page, made anew each time, while five feeds drip, with the same page in peace."""
    client = app.test_client()

    def page() -> float:
        start = time.perf_counter()
        if client.get(f"/tim-kiem?q=tin+{time.perf_counter_ns() % 97}").status_code != 200:
            raise AssertionError("no page")
        return time.perf_counter() - start

    page()
    calm = statistics.median(page() for _ in range(40))
    with dripping() as url:
        with transaction() as session:
            for row in session.query(Source):
                row.active = False
            for n in range(5):
                fetched = {"mode": "feed", "feed_url": f"{url}/{n}"}
                session.add(Source(name=f"Chậm {n}", site_url="https://x.example/", **fetched))
        worker = threading.Thread(target=_fetch_all, args=(app,))
        worker.start()
        busy = []
        while worker.is_alive() and len(busy) < 200:
            busy.append(page())
        worker.join()
    busy_page = statistics.median(busy)
    return Row(
        "a page while feeds are fetched : in peace, ms",
        f"{busy_page * 1000:.1f}",
        f"{calm * 1000:.1f}",
        busy_page / calm,
        1.5,
        at_most=True,
    )


def _fetch_all(app: Flask) -> None:
    with app.app_context():
        list(fetch_due(app.extensions["wardsite"], datetime.now(UTC)))
        db.session.remove()


@contextmanager
def dripping() -> Iterator[str]:
    """Run a server that sends every feed a piece at a time."""

    class Drip(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            whole = body(1, 20, datetime.now(UTC))
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            for start in range(0, len(whole), len(whole) // 10 + 1):
                self.wfile.write(whole[start : start + len(whole) // 10 + 1])
                self.wfile.flush()
                time.sleep(DRIP_SECONDS / 50)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Drip)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def body(source: int, count: int, now: datetime) -> bytes:
    """Return a feed of `count` items, a minute apart."""
    items = "".join(
        f"<item><title>Tin {source}-{n}: phòng, chống dịch bệnh tại phường</title>"
        f"<link>https://x.example/{source}/{n}?utm_source=rss</link>"
        f"<description><![CDATA[<a href='/x'><img src='/y.jpg'></a></br>Tóm tắt số {n} của một "
        f"tin dựng để đo, dài như tóm tắt thật của một tờ báo thường là.]]></description>"
        f"<pubDate>{(now - timedelta(minutes=n)):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>Báo</title>{items}</channel></rss>".encode()
