"""Pictures: of what is uploaded only the pixels survive."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.page import Browser
from wardsite.media.pictures import MAX_PIXELS, WIDTHS, PictureError, make_anew

UPLOAD = "/quan-tri/hinh-anh/tai-len"


def encoded(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (10, 90, 120)).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_webp_at_each_width_that_is_no_enlargement(kind: str) -> None:
    sizes = make_anew(encoded(kind, (1000, 500)))
    assert [picture.width for picture in sizes] == [480, 960, 1000]
    for picture in sizes:
        with Image.open(io.BytesIO(picture.content)) as image:
            assert (image.format, image.size) == ("WEBP", (picture.width, picture.height))
    assert [picture.width for picture in make_anew(encoded(kind, (4000, 10)))] == list(WIDTHS)


def test_where_and_with_what_it_was_taken_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "a telephone"
    exif.get_ifd(0x8825)[1] = "N"  # place
    made = make_anew(encoded("JPEG", (60, 40), exif=exif.tobytes()))[-1]
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.size == (40, 60)
        assert not image.getexif()
    assert b"telephone" not in made.content


def test_what_is_hidden_behind_the_pixels_is_gone() -> None:
    made = make_anew(encoded("PNG") + b"<script>alert(1)</script>")
    assert all(b"<script>" not in picture.content for picture in made)


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header() -> None:
    # A valid PNG header that claims 20000 × 20000 pixels, and nothing after it.
    png = bytearray(encoded("PNG"))
    png[16:24] = (20_000).to_bytes(4, "big") * 2
    import zlib

    png[29:33] = zlib.crc32(bytes(png[12:29])).to_bytes(4, "big")
    assert 20_000 * 20_000 > MAX_PIXELS
    with pytest.raises(PictureError):
        make_anew(bytes(png))


@given(st.binary(max_size=300), st.integers(0, 150))
def test_damaged_bytes_are_a_picture_or_refused_and_nothing_else(noise: bytes, cut: int) -> None:
    for content in (noise, encoded("PNG")[:cut] + noise, encoded("JPEG")[: cut * 4] + noise):
        try:
            sizes = make_anew(content)
        except PictureError:
            continue
        assert sizes


@pytest.mark.parametrize("name", ["x.svg", "x.html", "x.png"])
def test_markup_is_no_picture_whatever_it_is_called(
    signed_in: Callable[[str], Browser], name: str
) -> None:
    author = signed_in("author")
    token = author.get("/quan-tri/tin-tuc/viet").all("input", name_="csrf_token")[0]["value"]
    svg = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>")
    answer = author.client.post(UPLOAD, data={"csrf_token": token, "file": (svg, name)})
    assert answer.status_code == 422
    assert "JPEG" in answer.get_json()["error"]


def test_the_editor_gets_the_address_of_what_it_sent(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    author = signed_in("author")
    token = author.get("/quan-tri/tin-tuc/viet").all("input", name_="csrf_token")[0]["value"]
    file = (io.BytesIO(encoded("JPEG", (900, 600))), "ảnh.jpg")
    answer = author.client.post(UPLOAD, data={"csrf_token": token, "file": file, "alt": "Cổng"})
    said = answer.get_json()
    assert (said["width"], said["height"], said["alt"]) == (900, 600, "Cổng")
    sent = client.client.get(said["url"])
    assert sent.mimetype == "image/webp"
    assert "immutable" in sent.headers["Cache-Control"]
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    sent.close()
