"""A photo of 40 million pixels does not take a small server down."""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Pillow

from tests.page import Browser
from wardsite.media.pictures import (
    MAX_PIXELS,
    MAX_PIXELS_OTHER,
    PictureError,
    make_anew,
)

LIMIT_MB = 300
SIZE = (8000, 5000)
CHILD = """
import os, re, sys
from pathlib import Path
from wardsite.application import create_app
from wardsite.media.pictures import make_anew
for name in sys.argv[1:]:
    # A process for each picture, made of one that holds the whole program; its own peak is counted.
    if os.fork() == 0:
        Path("/proc/self/clear_refs").write_text("5")
        assert make_anew(Path(name).read_bytes())
        # VmHWM, not ru_maxrss: that one is inherited from the process that makes this one.
        peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
        print(name, int(peak[1]) // 1024, flush=True)
        os._exit(0)
    assert os.wait()[1] == 0, name
"""
LESS = (4000, 3000)
PICTURES: dict[str, tuple[str, str, tuple[int, int], dict[str, int | bool]]] = {
    "baseline": ("RGB", "JPEG", SIZE, {"quality": 60}),
    "progressive": ("RGB", "JPEG", SIZE, {"quality": 60, "progressive": True, "subsampling": 2}),
    "progressive-4:2:2": (
        "RGB", "JPEG", SIZE, {"quality": 60, "progressive": True, "subsampling": 1},
    ),
    "progressive-4:4:4": (
        "RGB", "JPEG", (6450, 4130), {"quality": 60, "progressive": True, "subsampling": 0},
    ),
    "png": ("RGB", "PNG", SIZE, {"compress_level": 1}),
    "transparent": ("RGBA", "PNG", SIZE, {"compress_level": 1}),
    "palette": ("P", "PNG", SIZE, {"compress_level": 1}),
    "gif": ("P", "GIF", SIZE, {}),
    "four-colours": ("CMYK", "JPEG", SIZE, {"quality": 60}),
    "four-colours-progressive": (
        "CMYK", "JPEG", (5000, 4000), {"quality": 60, "progressive": True, "subsampling": 0},
    ),
    "webp": ("RGB", "WEBP", LESS, {"quality": 50, "method": 0}),
    "avif": ("RGB", "AVIF", LESS, {"quality": 40, "speed": 10}),
    "deep": ("I;16", "PNG", LESS, {"compress_level": 1}),
}  # fmt: skip


def test_the_largest_pictures_of_each_kind_stay_under_the_limit(tmp_path: Path) -> None:
    paths = []
    for name, (mode, kind, size, options) in PICTURES.items():
        paths.append(tmp_path / name)
        with Pillow.new(mode, size, 90) as image:
            image.save(paths[-1], kind, **options)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, paths)], capture_output=True, text=True
    )
    assert child.returncode == 0, child.stderr
    peaks = {Path(name).name: int(mb) for name, mb in map(str.split, child.stdout.splitlines())}
    assert peaks.keys() == PICTURES.keys()
    assert {name: mb for name, mb in peaks.items() if mb >= LIMIT_MB} == {}


def test_one_pixel_row_more_is_refused_by_the_header() -> None:
    buffer = io.BytesIO()
    Pillow.new("1", (SIZE[0], SIZE[1] + 1)).save(buffer, "PNG")
    with pytest.raises(PictureError, match="40 million"):
        make_anew(buffer.getvalue())


def test_a_progressive_picture_that_keeps_too_much_is_refused_by_the_header() -> None:
    buffer = io.BytesIO()
    with Pillow.new("L", (8000, 100)) as image:
        image.convert("RGB").save(buffer, "JPEG", progressive=True, subsampling=0)
    # Only the header is looked at: the height that it tells is in the two bytes before the width.
    header = buffer.getvalue().replace(b"\x00\x64\x1f\x40", b"\x13\x88\x1f\x40", 1)
    with pytest.raises(PictureError, match="26 million"):
        make_anew(header)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_a_photo_in_the_format_of_an_iphone_is_refused_with_the_way_out(
    brand: bytes, signed_in: Callable[[str], Browser]
) -> None:
    photo = b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic" + bytes(200)
    browser = signed_in("author")
    page = browser.post("/quan-tri/hinh-anh", files=(io.BytesIO(photo), "IMG_1.HEIC"), alt="Họp")
    assert "Tương thích nhất" in page.text


def test_where_and_with_what_a_photo_was_taken_is_gone_and_it_stands_upright() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "MakerOfThePhone"
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    Pillow.new("RGB", (40, 20), "red").save(buffer, "JPEG", exif=exif)
    assert b"MakerOfThePhone" in buffer.getvalue()
    made = make_anew(buffer.getvalue())[-1]
    assert (made.width, made.height) == (20, 40)
    assert b"MakerOfThePhone" not in made.content
    with Pillow.open(io.BytesIO(made.content)) as image:
        assert not image.getexif()


def test_the_limits_are_told_before_the_upload_as_they_are(
    signed_in: Callable[[str], Browser],
) -> None:
    figures = [MAX_PIXELS, MAX_PIXELS_OTHER]
    browser = signed_in("author")
    for path in ("/quan-tri/hinh-anh", "/quan-tri/tin-tuc/viet"):
        told = re.search(r"đến (\d+) triệu .*? đến (\d+) triệu", browser.get(path).text)
        assert told is not None, path
        assert [int(figure) * 1_000_000 for figure in told.groups()] == figures
