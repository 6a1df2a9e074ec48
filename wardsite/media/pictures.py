"""A picture's bytes in, clean WebP bytes out; of the original only the pixels survive."""

import io
from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageOps

from wardsite.core.errors import N_, WardsiteError

MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
WIDTHS = (480, 960, 1600)
"""px: a phone, a phone with a dense screen or a tablet, a desktop."""


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

    Raises PictureError for what is no JPEG, PNG, WebP, GIF or AVIF, is damaged, or has more than
    MAX_PIXELS by its header (checked before decoding: Pillow itself only warns).
    """
    try:
        with Pillow.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureError(
                    N_("The picture has more than %(limit)s million pixels."),
                    limit=MAX_PIXELS // 1_000_000,
                )
            # JPEG can be decoded at a fraction of its size: 40 million pixels fit a small server.
            image.draft("RGB", (max(widths), max(widths)))
            upright = ImageOps.exif_transpose(image)
            pixels = upright.convert("RGBA" if _has_transparency(upright) else "RGB")
        return [_resized(pixels, width) for width in _useful(widths, pixels.width)]
    except PictureError:
        raise
    # Pillow raises all of these for damaged files, and more than its own UnidentifiedImageError.
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError, EOFError) as error:
        raise PictureError(
            N_("This is not a picture that can be used (JPEG, PNG, WebP, GIF or AVIF).")
        ) from error


def _useful(widths: tuple[int, ...], own: int) -> list[int]:
    smaller = [width for width in widths if width < own]
    return [*smaller, min(own, max(widths))]


def _has_transparency(image: Pillow.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _resized(image: Pillow.Image, width: int) -> Picture:
    height = max(1, round(image.height * width / image.width))
    resized = image if width == image.width else image.resize((width, height))
    buffer = io.BytesIO()
    resized.save(buffer, "WEBP", quality=80, method=4)
    return Picture(resized.width, resized.height, buffer.getvalue())
