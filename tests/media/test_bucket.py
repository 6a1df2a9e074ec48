"""Pictures and files in an S3-compatible store: carried there and back, and what its absence does.

Tried against OpenStack Swift, a real store.
"""

import io
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image as Picture

from tests.conftest import PASSWORD
from tests.page import Browser
from tests.swift import KEY, SECRET, Swift, installed
from tests.terminal import wardsite
from wardsite.application import close_app, create_app
from wardsite.doctor import data
from wardsite.doctor.finding import State
from wardsite.media.bucket import KEY_FILE, Bucket, bucket_of
from wardsite.media.files import trim
from wardsite.media.service import add_image
from wardsite.ops.backup import make_backup
from wardsite.settings import Settings, load_settings

NOW = datetime.now(UTC)
pytestmark = [pytest.mark.sqlite, pytest.mark.slow]


@pytest.fixture
def swift(tmp_path: Path) -> Iterator[Swift]:
    if not installed() and os.environ.get("CI") != "true":
        pytest.skip("Debian's swift-proxy, -account, -container, -object are missing")
    assert installed(), "Debian's swift-proxy, -account, -container, -object are missing"
    made = Swift(tmp_path / "swift")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def picture(shade: int) -> bytes:
    stream = io.BytesIO()
    Picture.linear_gradient("L").rotate(shade).resize((700, 400)).save(stream, "PNG")
    return stream.getvalue()


def add(app: Flask, shade: int) -> str:
    with app.app_context():
        return add_image(picture(shade), "anh.png", "Trụ sở", None, NOW).name


def sent(app: Flask, name: str) -> tuple[int, bytes]:
    with app.test_client().get(f"/media/{name}") as answer:
        return answer.status_code, answer.data


def there(settings: Settings) -> Bucket:
    bucket = bucket_of(settings)
    assert bucket is not None
    return bucket


def of(settings: Settings, check: str) -> list[tuple[State, str]]:
    found = [finding for finding in data.database(settings, NOW) if finding.check == check]
    return [(finding.state, str(finding.message)) for finding in found]


def clear(media: Path) -> None:
    for path in media.rglob("*.webp"):
        path.unlink()


def test_pictures_live_in_a_real_store_and_come_back(
    app: Flask, settings: Settings, swift: Swift
) -> None:
    instance, media, toml = settings.instance, settings.instance / "media", "wardsite.toml"
    first, before = add(app, 0), (settings.instance / toml).read_text()
    sizes = {path.name: path.read_bytes() for path in media.glob("*.webp")}
    assert len(sizes) == 2
    close_app(app)

    # Without a key, and with a wrong one: nothing has changed, and no secret is told.
    for key, words in (("", KEY_FILE), (f"{KEY}\nsai-bi-mat\n", "Không chuyển được")):
        if key:
            (instance / KEY_FILE).write_text(key)
        done = wardsite(instance, "move-media", swift.url)
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr
        assert "sai-bi-mat" not in done.stdout + done.stderr
        assert (instance / toml).read_text() == before
    (instance / KEY_FILE).write_text(f"{KEY}\n{SECRET}\n")
    (instance / KEY_FILE).chmod(0o600)
    done = wardsite(instance, "move-media", swift.url)
    assert done.returncode == 0, done.stderr
    moved = load_settings(instance, {})
    assert moved.media_bucket == swift.url
    assert there(moved).names().keys() == sizes.keys()

    # From another machine's empty cache: fetched once, sent from here.
    clear(media)
    app = create_app(moved)
    try:
        editor = Browser(app)
        editor.sign_in("the-editor", PASSWORD)
        for name, content in sizes.items():
            assert sent(app, name) == (200, content)
            assert (media / name).read_bytes() == content
        assert sent(app, f"{'0' * 32}.webp")[0] == 404
        second = add(app, 90)
        assert second in there(moved).names()
        proof = make_backup(moved, NOW).proof
        assert (proof.missing, of(moved, "files")[0][0]) == (0, State.OK)

        # The store is away: what is cached is sent, a backup is made, an upload is refused.
        (media / first).unlink()
        swift.away()
        assert sent(app, second)[0] == 200
        assert sent(app, first)[0] == 503
        assert of(moved, "files")[0][0] is State.FAULT
        fields = editor.get("/quan-tri/hinh-anh").all("input")
        token = next(field["value"] for field in fields if field.get("name") == "csrf_token")
        upload = {"file": (io.BytesIO(picture(45)), "anh.png"), "csrf_token": token}
        refused = editor.client.post("/quan-tri/hinh-anh/tai-len", data=upload)
        assert (refused.status_code, "Kho hình ảnh" in refused.json["error"]) == (507, True)
        assert make_backup(moved, NOW + timedelta(hours=1)).proof.missing == 0
        swift.back()
        until = time.monotonic() + 40  # the store is left in peace for some seconds
        while (answer := sent(app, first))[0] == 503 and time.monotonic() < until:
            time.sleep(0.2)
        assert answer == (200, sizes[first])

        # Damaged in the store: never sent. Gone from it: told.
        clear(media)
        there(moved).put(first, b"another")
        assert sent(app, first)[0] == 503
        there(moved).delete(first)
        assert of(moved, "files")[0][0] is State.WARNING
        there(moved).put(first, sizes[first])

        # The cache is kept in bounds, and nothing is lost by it.
        assert sent(app, first)[0] == 200
        assert trim(moved) == 0
        assert trim(replace(moved, media_cache_mb=0)) == 1
        assert not (media / first).exists()
    finally:
        close_app(app)

    done = wardsite(instance, "move-media", "--back")
    assert done.returncode == 0, done.stderr
    assert load_settings(instance, {}).media_bucket == ""
    assert {path.name for path in media.glob("*.webp")} > sizes.keys()
    assert (media / first).read_bytes() == sizes[first]
