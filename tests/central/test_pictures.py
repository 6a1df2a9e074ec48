"""Pictures of banners: checked, made anew, served from here; a bad one never holds up its file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image

from tests.central.centre import NOW, Centre, Script, district, raw, redirect, reply
from tests.central.conftest import UnitUnderTest
from wardsite.central.sync import Outcome
from wardsite.mandate import service as mandates

MakeUnit = Callable[..., UnitUnderTest]
HOUR = timedelta(hours=1)


def drawn(width: int = 600, height: int = 200, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


PICTURE = drawn()


def with_banner(centre: Centre, revision: int, content: bytes = PICTURE, more: str = "") -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    extra = f"""
[[banners]]
id = "co-anh"
title = "Có ảnh"
alt = "Biểu ngữ có ảnh"
link_url = "https://example.gov.vn/"
position = "footer"
mandatory = true
valid_from = 2020-08-12T00:00:00+07:00
image_url = "{centre.base("/anh.png")}"
image_sha256 = "{digest}"
{more}
"""
    return centre.publish(district(revision, extra))


def image(unit: UnitUnderTest) -> mandates.BannerImage | None:
    with unit.app.test_request_context("/en/"):
        (banner,) = (row for row in mandates.at(NOW).banners if row.id == "co-anh")
        return mandates.image_of(banner)


def test_picture_is_made_anew_and_served_from_this_host(
    unit: UnitUnderTest, centre: Centre
) -> None:
    with_banner(centre, 4)
    centre.serve("/anh.png", reply(PICTURE))
    assert unit.sync() is Outcome.APPLIED
    found = image(unit)
    assert found is not None
    assert (found.width, found.height) == (600, 200)
    with unit.app.test_client().get(found.url) as response:
        assert response.mimetype == "image/webp"
        assert "immutable" in response.headers["Cache-Control"]
        with Image.open(io.BytesIO(response.data)) as made:
            assert (made.format, made.size) == ("WEBP", (600, 200))
    page = unit.app.test_client().get("/").text
    assert 'alt="Biểu ngữ có ảnh"' in page
    assert found.url in page
    assert "anh.png" not in page


def test_large_picture_is_made_smaller(unit: UnitUnderTest, centre: Centre) -> None:
    content = drawn(3000, 600)
    with_banner(centre, 4, content)
    centre.serve("/anh.png", reply(content))
    unit.sync()
    found = image(unit)
    assert found is not None
    assert (found.width, found.height) == (1200, 240)


@pytest.mark.parametrize(
    ("content", "script"),
    [
        pytest.param(PICTURE, reply(b"", "404 Not Found"), id="missing"),
        pytest.param(PICTURE, reply(drawn(601)), id="another picture"),
        pytest.param(PICTURE, reply(PICTURE + b"<script>"), id="something appended"),
        pytest.param(b"<svg/>", reply(b"<svg/>"), id="a drawing that can run"),
        pytest.param(b"MZ", reply(b"MZ"), id="a program"),
        pytest.param(b"", reply(b""), id="nothing"),
        pytest.param(PICTURE[:300], reply(PICTURE[:300]), id="half a picture"),
        pytest.param(b"#" * 2_100_000, reply(b"#" * 2_100_000), id="too large"),
        pytest.param(PICTURE, redirect("https://169.254.169.254/x"), id="sent elsewhere"),
        pytest.param(PICTURE, raw(b"nonsense\r\n\r\n"), id="no HTTP"),
        pytest.param(drawn(9000, 9000, "1"), None, id="too many pixels"),
    ],
)
def test_bad_picture_holds_nothing_up_and_the_text_banner_stands_in(
    unit: UnitUnderTest, centre: Centre, content: bytes, script: Script | None
) -> None:
    with_banner(centre, 4, content)
    centre.serve("/anh.png", script or reply(content))
    assert unit.sync() is Outcome.APPLIED
    assert unit.status().revision == 4
    assert image(unit) is None
    (alarm,) = unit.status().alarms
    assert alarm.code == "pictures"
    assert str(alarm.message).startswith("Banner pictures that could not be downloaded: 1. ")
    assert len(str(alarm.message)) > 60, "it says why"
    assert "Biểu ngữ có ảnh" in unit.app.test_client().get("/").text
    assert not list(unit.folder.glob("*.webp"))


def test_missing_picture_is_tried_again_by_a_later_sync_and_not_by_every_one(
    unit: UnitUnderTest, centre: Centre
) -> None:
    with_banner(centre, 4)
    unit.sync()
    centre.paths()
    unit.sync(NOW + HOUR / 2)
    assert "/anh.png" not in centre.paths()
    centre.serve("/anh.png", reply(PICTURE))
    assert unit.sync(NOW + HOUR) is Outcome.UNCHANGED
    assert image(unit) is not None
    assert unit.alarms(NOW + HOUR) == set()


def test_picture_is_fetched_once(unit: UnitUnderTest, centre: Centre) -> None:
    for revision in (4, 5):
        with_banner(centre, revision)
        centre.serve("/anh.png", reply(PICTURE))
        unit.sync()
    assert centre.paths().count("/anh.png") == 1


def test_picture_that_no_kept_revision_names_is_removed(
    unit: UnitUnderTest, centre: Centre
) -> None:
    with_banner(centre, 4)
    centre.serve("/anh.png", reply(PICTURE))
    unit.sync()
    for revision, left in ((5, 1), (6, 0)):
        centre.publish(district(revision))
        unit.sync()
        assert len(list(unit.folder.glob("*.webp"))) == left


def test_lost_picture_is_fetched_again(unit: UnitUnderTest, centre: Centre) -> None:
    with_banner(centre, 4)
    centre.serve("/anh.png", reply(PICTURE))
    unit.sync()
    for path in unit.folder.glob("*.webp"):
        path.unlink()
    assert image(unit) is None
    unit.sync(NOW + HOUR)
    assert image(unit) is not None


def test_picture_for_others_is_not_fetched(unit: UnitUnderTest, centre: Centre) -> None:
    with_banner(centre, 4, more='audience = ["school"]')
    unit.sync()
    assert "/anh.png" not in centre.paths()
    assert unit.alarms() == set()


@pytest.mark.parametrize(
    "name", ["known.json", "..%2fwardsite.toml", "x.toml", ".lock", "missing.webp"]
)
def test_nothing_but_pictures_is_served_from_the_folder(unit: UnitUnderTest, name: str) -> None:
    assert unit.app.test_client().get(f"/media/chi-dao/{name}").status_code == 404
