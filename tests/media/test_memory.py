"""A photo of 40 million pixels does not take a small server down."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as Pillow

from wardsite.media.pictures import PictureError, make_anew

LIMIT_MB = 300
SIZE = (8000, 5000)
CHILD = """
import re, sys
from pathlib import Path
from wardsite.application import create_app
from wardsite.media.pictures import make_anew
sizes = make_anew(Path(sys.argv[1]).read_bytes())
assert sizes[-1].width == 1600, sizes[-1].width
# VmHWM, not ru_maxrss: that one is inherited from the process that makes this one.
print(int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024)
"""


@pytest.mark.parametrize(
    ("mode", "kind", "size", "options"),
    [
        ("RGB", "JPEG", SIZE, {"quality": 60}),
        ("RGB", "JPEG", (6000, 4000), {"quality": 60, "progressive": True, "subsampling": 0}),
        ("RGB", "PNG", SIZE, {"compress_level": 1}),
        ("RGBA", "PNG", SIZE, {"compress_level": 1}),
        ("P", "PNG", SIZE, {"compress_level": 1}),
    ],
)
def test_the_largest_pictures_stay_under_the_limit(
    tmp_path: Path, mode: str, kind: str, size: tuple[int, int], options: dict[str, int | bool]
) -> None:
    path = tmp_path / "photo"
    with Pillow.new(mode, size, 90) as image:
        image.save(path, kind, **options)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True
    )
    assert int(child.stdout) < LIMIT_MB


def test_one_pixel_row_more_is_refused_by_the_header() -> None:
    buffer = io.BytesIO()
    Pillow.new("1", (SIZE[0], SIZE[1] + 1)).save(buffer, "PNG")
    with pytest.raises(PictureError, match="40 million"):
        make_anew(buffer.getvalue())


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
