"""The verbs of media: the only writer of images."""

from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from wardsite.core.text import clean_pasted
from wardsite.extensions import db, transaction
from wardsite.filestore import store, write_atomically
from wardsite.media.pictures import WIDTHS, make_anew
from wardsite.models import Image
from wardsite.settings import Settings


def media_folder() -> Path:
    """Return the folder of the instance that holds the pictures."""
    settings: Settings = current_app.extensions["wardsite"]
    return settings.instance / "media"


def add_image(
    content: bytes, original_name: str, alt: str, user_id: int | None, now: datetime
) -> Image:
    """Make the picture anew, store it, and return its row; the same picture twice is one file.

    Raises PictureError, and OSError when the disk is full.
    """
    sizes = make_anew(content)
    largest = sizes[-1]
    name = store(media_folder(), largest.content, ".webp")
    for size in sizes[:-1]:
        _store_variant(name, size.width, size.content)
    with transaction() as session:
        image = session.scalar(select(Image).where(Image.name == name))
        if image is None:
            image = Image(name=name, created_at=now, user_id=user_id)
            session.add(image)
        image.original_name = clean_pasted(original_name)[-200:]
        image.alt = clean_pasted(alt) or image.alt or ""
        image.width, image.height = largest.width, largest.height
        image.size = len(largest.content)
    return image


def image(image_id: int | None) -> Image | None:
    """Return the picture with this id, or None."""
    return db.session.get(Image, image_id) if image_id is not None else None


def variants(name: str, width: int) -> list[tuple[str, int]]:
    """Return (file name, width in px) of each stored size of a picture, smallest first."""
    stem = name.removesuffix(".webp")
    return [(f"{stem}-{size}.webp", size) for size in WIDTHS if size < width] + [(name, width)]


def _store_variant(name: str, width: int, content: bytes) -> None:
    path = media_folder() / f"{name.removesuffix('.webp')}-{width}.webp"
    if not path.exists():
        write_atomically(path, content)
