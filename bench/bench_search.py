"""Searching 100,000 items against 1,000, each in its own instance."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from bench import servers
from bench.row import Row, paired
from wardsite.application import create_app
from wardsite.extensions import db, transaction
from wardsite.search import service
from wardsite.search.index import index_all
from wardsite.search.service import Entry
from wardsite.settings import load_settings

FEW, MANY = 1_000, 100_000
NOW = datetime(2026, 11, 24, tzinfo=UTC)
ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()
RHYMES = "a á à ạ ai an án anh ao ấp ăn ân e ê em in inh o ô ơn ong u ư ươi uyên yêu".split()
QUERIES = (
    "bán",  # everywhere
    "ban",
    "bán tháo chanh",
    '"bán tháo"',
    "tran nge",
    "1208/UBND-VHTT",
    "covid-19",
    "khong co tu nay",
    "chan",
    "thư",
)


def run() -> list[Row]:
    """Search both in turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with instance(folder / "few", FEW) as few, instance(folder / "many", MANY) as many:
            slow, quick = [], []
            for query in QUERIES:
                ours, other = paired(lambda q=query: ask(many, q), lambda q=query: ask(few, q))
                slow.append(ours)
                quick.append(other)
    mean_many, mean_few = statistics.mean(slow), statistics.mean(quick)
    worst = max(range(len(QUERIES)), key=lambda place: slow[place] / quick[place])
    return [
        Row(
            f"search {MANY:,} : {FEW:,} items, mean of {len(QUERIES)} queries, ms",
            f"{mean_many * 1000:.2f}",
            f"{mean_few * 1000:.2f}",
            mean_many / mean_few,
            10,
            at_most=True,
        ),
        Row(
            f"  the worst of them: {QUERIES[worst]}",
            f"{slow[worst] * 1000:.2f}",
            f"{quick[worst] * 1000:.2f}",
            slow[worst] / quick[worst],
            10,
            at_most=True,
        ),
    ]


def ask(app: Flask, query: str) -> int:
    """Search once, as a page does."""
    with app.app_context():
        return service.find(query, NOW, ()).total


@contextmanager
def instance(folder: Path, count: int) -> Iterator[Flask]:
    """Make an instance that holds `count` items of some 60 words."""
    servers.make_instance(folder)
    app = create_app(load_settings(folder, {}))
    start = time.perf_counter()
    with app.app_context():
        items = list(enumerate(texts(count)))
        for first in range(0, count, 2_000):
            with transaction() as session:
                part = items[first : first + 2_000]
                owned = {f"bench:{number}": [entry(number, text)] for number, text in part}
                index_all(session, owned)
        rate = count / (time.perf_counter() - start)
        print(f"  {count:,} items indexed, {rate:.0f} a second", flush=True)
        yield app
        db.session.remove()
        db.engine.dispose()


def entry(number: int, text: str) -> Entry:
    """Return an item; one in a thousand is a document with a number."""
    code = f"{number}/UBND-VHTT" if number % 1000 == 208 else ""
    title, body = text[:60], text
    at = NOW - timedelta(minutes=7 * number)
    return Entry("document" if code else "post", title, f"/{number}", at, body=body, code=code)


def texts(count: int) -> Iterator[str]:
    """Yield texts whose words are as unevenly common as those of a language."""
    chance = random.Random(1208)  # noqa: S311 the same texts every time
    vocabulary = [onset + rhyme for onset in ONSETS for rhyme in RHYMES]
    chance.shuffle(vocabulary)
    vocabulary = ["bán", "tháo", "chanh", *vocabulary]
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    for number in range(count):
        rare = f" Covid-19 {number}" if number % 50 == 0 else ""
        yield " ".join(chance.choices(vocabulary, weights, k=60)) + rare
