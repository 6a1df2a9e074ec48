"""A picture's bytes in, clean WebP bytes out; of the original only the pixels survive.

A photo of 40 million pixels must not take a server of 512 MB down, so the whole picture is held
once at most: JPEG is decoded at a fraction of its size, everything else is reduced before it is
converted, and formats whose decoders keep several copies have a lower limit.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wardsite.core.errors import N_, WardsiteError

# Pillow is loaded when a picture comes: a server that only sends pages does without its memory.
if TYPE_CHECKING:
    from PIL import Image as Pillow

MAX_PIXELS = 40_000_000
MAX_PIXELS_OTHER = 12_000_000
"""For WebP, AVIF and 16-bit PNG: decoding them takes several copies."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
WIDTHS = (480, 960, 1600)
"""px: a phone, a phone with a dense screen or a tablet, a desktop."""

MAX_COEFFICIENTS = 160_000_000
"""Bytes that a progressive JPEG keeps until its last scan has come: two for each sample, so three
a pixel as phones make it (4:2:0), six where colour is kept whole, eight in CMYK."""
_HEIC = re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL)
_LEAN_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK")
_STRIP = 64  # rows of the reduced picture that are made at a time


class PictureError(WardsiteError):
    """The bytes are not a picture that can be used."""


@dataclass(frozen=True)
class Picture:
    """One size of a picture; px and WebP bytes."""

    width: int
    height: int
    content: bytes


def make_anew(content: bytes, widths: tuple[int, ...] = WIDTHS) -> list[Picture]:
    """Return the picture as WebP at each width that is no enlargement, smallest first.

    Raises PictureError for what is no JPEG, PNG, WebP, GIF or AVIF, is damaged, or has too many
    pixels by its header (checked before decoding: Pillow itself only warns).
    """
    from PIL import Image as Pillow

    try:
        with Pillow.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_size(image)
            pixels = _decoded(image, max(widths))
            image.close()  # lets go of the whole picture before the smaller ones are made
        return [_resized(pixels, width) for width in _useful(widths, pixels.width)]
    except PictureError:
        raise
    # Pillow raises all of these for damaged files, and more than its own UnidentifiedImageError.
    except (
        OSError,
        ValueError,
        SyntaxError,
        TypeError,
        Pillow.DecompressionBombError,
        EOFError,
        OverflowError,
    ) as error:
        if _HEIC.match(content):
            raise PictureError(
                N_(
                    "This is an iPhone photo in HEIC format, which browsers cannot display. On "
                    "the iPhone choose Settings, Camera, Formats, Most Compatible, and take it "
                    "again; or send it by Zalo and use the photo that arrives."
                )
            ) from error
        raise PictureError(
            N_("This picture format cannot be used. Use JPEG, PNG, WebP, GIF or AVIF.")
        ) from error


def _check_size(image: Pillow.Image) -> None:
    from PIL.JpegImagePlugin import JpegImageFile

    lean = image.format in ("JPEG", "PNG", "GIF") and image.mode in _LEAN_MODES
    limit = MAX_PIXELS if lean else MAX_PIXELS_OTHER
    if isinstance(image, JpegImageFile) and "progressive" in image.info:
        limit = min(limit, int(MAX_COEFFICIENTS / _bytes_per_pixel(image.layer)))
    if image.width * image.height > limit:
        raise PictureError(
            N_("The picture has more than %(limit)s million pixels."), limit=limit // 1_000_000
        )


def _bytes_per_pixel(layers: list[tuple[int, int, int, int]]) -> float:
    """Return what the coefficients of a JPEG take; of a layer, 1 and 2 are its sampling."""
    most = max(across for _, across, _, _ in layers) * max(down for _, _, down, _ in layers)
    return 2 * sum(across * down for _, across, down, _ in layers) / most


def _decoded(image: Pillow.Image, enough: int) -> Pillow.Image:
    """Return the pixels upright, as RGB or RGBA, no larger than needed for `enough` px."""
    from PIL import ImageOps

    wanted = "RGBA" if _has_transparency(image) else "RGB"
    image.draft("RGB", (enough, enough))
    image.load()
    if image.mode.startswith("I"):
        # 16 bits a sample: Pillow would cut them off at 255 instead of scaling.
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    factor = min(image.width, image.height) // enough
    small = _reduced(image, factor, wanted) if factor > 1 else image.convert(wanted)
    ImageOps.exif_transpose(small, in_place=True)
    return small


def _reduced(image: Pillow.Image, factor: int, mode: str) -> Pillow.Image:
    """Return the picture at 1/`factor`, made strip by strip: converting it whole doubles it."""
    from PIL import Image as Pillow

    size = (-(-image.width // factor), -(-image.height // factor))
    small = Pillow.new(mode, size)
    small.info = {name: value for name, value in image.info.items() if name != "transparency"}
    for top in range(0, image.height, factor * _STRIP):
        bottom = min(image.height, top + factor * _STRIP)
        strip = image.crop((0, top, image.width, bottom)).convert(mode).reduce(factor)
        small.paste(strip, (0, top // factor))
    return small


def _useful(widths: tuple[int, ...], own: int) -> list[int]:
    largest = min(own, max(widths))
    return [*(width for width in widths if width < largest), largest]


def _has_transparency(image: Pillow.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _resized(image: Pillow.Image, width: int) -> Picture:
    height = max(1, round(image.height * width / image.width))
    resized = image if width == image.width else image.resize((width, height))
    buffer = io.BytesIO()
    # Said outright: Pillow would copy some of these from the original.
    resized.save(
        buffer, "WEBP", quality=80, method=4, exif=b"", xmp=b"", icc_profile=_profile(image)
    )
    return Picture(resized.width, resized.height, buffer.getvalue())


def _profile(image: Pillow.Image) -> bytes:
    """Return the colour profile when it still fits the pixels: phones photograph in wide colour."""
    profile = image.info.get("icc_profile")
    fits = isinstance(profile, bytes) and len(profile) < 20_000 and profile[16:20] == b"RGB "
    return profile if fits and isinstance(profile, bytes) else b""
