"""Publishing while 64 residents read the page: no failure, a short tail, seen at once."""

import tempfile
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from bench import content, servers
from bench.row import Row
from bench.servers import Load
from wardsite.application import create_app
from wardsite.extensions import db, transaction
from wardsite.models import Category, Post
from wardsite.settings import load_settings

READERS, WORKERS, SECONDS, EVERY = 64, 2, 8, 1.0
LOOKS = 24  # connections after each post, so that every worker is asked


def run() -> list[Row]:
    """Load the page in peace, then while a post comes each second."""
    with tempfile.TemporaryDirectory() as name:
        instance = content.make(Path(name) / "instance", 2_000)
        app = create_app(load_settings(instance, {}))
        with servers.wardsite(instance, workers=str(WORKERS)) as site:
            url = site.url + "/tin-tuc"
            calm = servers.load(url, SECONDS, READERS)
            loads: list[Load] = []
            reading = threading.Thread(
                target=lambda: loads.append(servers.load(url, SECONDS, READERS))
            )
            reading.start()
            unseen = _publish_for(SECONDS - 1, app, url)
            reading.join()
    return [
        Row(
            f"{READERS} readers while posts are published : in peace, p99 ms",
            f"{loads[0].p99:.2f}",
            f"{calm.p99:.2f}",
            loads[0].p99 / calm.p99,
            5,
            at_most=True,
        ),
        _none("answers not 2xx while posts are published", loads[0].errors),
        _none(f"pages without the new post, of {LOOKS} after each", unseen),
    ]


def _none(what: str, count: int) -> Row:
    return Row(what, str(count), "0", count, 0, at_most=True)


def _publish_for(seconds: float, app: Flask, url: str) -> int:
    """Publish a post every while; return how often the page then lacked it."""
    unseen, number, until = 0, 0, time.monotonic() + seconds
    while time.monotonic() < until:
        number += 1
        title = f"Tin khẩn số {number}"
        with app.app_context():
            _publish(title, number)
        for _ in range(LOOKS):
            page = urllib.request.urlopen(url, timeout=20).read().decode()
            unseen += f"{title}<" not in page
        time.sleep(EVERY)
    return unseen


def _publish(title: str, number: int) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        section = session.query(Category.id).order_by(Category.id).limit(1).scalar()
        session.add(
            Post(
                title=title,
                slug=f"tin-khan-{number}",
                category_id=section,
                status="published",
                published_at=now,
                created_at=now,
                updated_at=now,
            )
        )
    db.session.remove()
