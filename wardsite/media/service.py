"""The verbs of media: the only writer of images and of who uses them."""

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.core.errors import N_, NotAllowedError, NotFoundError, WardsiteError
from wardsite.core.search import folded_words
from wardsite.core.text import clean_pasted
from wardsite.extensions import current_settings, db, transaction
from wardsite.media.files import files
from wardsite.media.pictures import WIDTHS, make_anew
from wardsite.models import Image, ImageUse, SiteProfile
from wardsite.search import titles
from wardsite.serving.paging import Page, by_number

PAGE_SIZE = 24
_OWN = re.compile(r"/media/([0-9a-f]{32})(?:-\d+)?\.webp")


class PictureInUseError(WardsiteError):
    """The picture is shown somewhere, or an earlier revision of a post shows it."""


def add_image(
    content: bytes, original_name: str, alt: str, user_id: int | None, now: datetime
) -> Image:
    """Make the picture anew, store it, and return its row; the same picture twice is one file.

    Raises PictureError, and OSError when the disk is full.
    """
    sizes = make_anew(content)
    largest = sizes[-1]
    name = files().store(largest.content, ".webp")
    for size in sizes[:-1]:
        _store_variant(name, size.width, size.content)
    with transaction(public=False) as session:
        image = session.scalar(select(Image).where(Image.name == name))
        if image is None:
            image = Image(name=name, created_at=now, user_id=user_id)
            session.add(image)
        image.original_name = clean_pasted(original_name)[-200:]
        image.alt = clean_pasted(alt) or image.alt or ""
        image.folded = folded_words(f"{image.alt} {image.original_name}")
        image.width, image.height = largest.width, largest.height
        image.size = len(largest.content)
    return image


def image(image_id: int | None) -> Image | None:
    """Return the picture with this id, or None."""
    return db.session.get(Image, image_id) if image_id is not None else None


def picture(image_id: int) -> Image:
    """Return the picture with this id; raises NotFoundError."""
    found = image(image_id)
    if found is None:
        raise NotFoundError
    return found


def library(words: str = "", number: int = 1, *, counted: bool = True) -> Page[Image]:
    """Return a page of the pictures, newest first, whose description or name has all the words.

    With words, titles.MOST at most. Not `counted`, its total and its last page only tell whether
    another page follows.
    """
    query = titles.with_words(select(Image), Image.folded, words)
    newest = query.order_by(Image.created_at.desc(), Image.id.desc())
    most = titles.MOST if words else None
    most = most if counted else (number + 1) * PAGE_SIZE
    return by_number(Image, newest, number, PAGE_SIZE, most)


def describe(officer: SignedIn, image_id: int, alt: str, now: datetime) -> Image:
    """Change what is said of a picture to those who cannot see it. Raises NotFoundError."""
    with transaction() as session:
        changed = session.get(Image, image_id)
        if changed is None:
            raise NotFoundError
        changed.alt = clean_pasted(alt)
        changed.folded = folded_words(f"{changed.alt} {changed.original_name}")
        record(session, now, officer.user.name, "image-describe", str(image_id))
    return changed


def uses(image_id: int) -> list[ImageUse]:
    """Return who shows a picture, and who did in an earlier revision; present users first."""
    found = select(ImageUse).where(ImageUse.image_id == image_id)
    return list(db.session.scalars(found.order_by(ImageUse.current.desc(), ImageUse.owner)))


def is_logo(image_id: int) -> bool:
    """Tell whether the site shows the picture in its heading."""
    logo = select(SiteProfile.id).where(SiteProfile.logo_id == image_id)
    return db.session.scalar(logo) is not None


def note_uses(
    session: Session, owner: str, html: str, more: Collection[int] = (), *, history: bool = True
) -> None:
    """Write down, in the caller's transaction, which pictures `owner`'s text and `more` ids show.

    With `history`, pictures it no longer shows stay on record, since an old revision may come back.
    """
    names = {f"{stem}.webp" for stem in _OWN.findall(html)}
    shown = set(more)
    if names:
        shown |= set(session.scalars(select(Image.id).where(Image.name.in_(names))))
    known = {row.image_id: row for row in session.scalars(_uses_of(owner))}
    for image_id, row in known.items():
        if image_id not in shown and not history:
            session.delete(row)
        else:
            row.current = image_id in shown
    session.add_all(ImageUse(image_id=new, owner=owner) for new in shown - known.keys())


def not_current(session: Session, owner: str) -> None:
    """Say that `owner` shows no picture now, though it may again (a post in the bin)."""
    session.execute(update(ImageUse).where(ImageUse.owner == owner).values(current=False))


def forget_uses(session: Session, owner: str) -> None:
    """Drop all that is known of an owner that is gone for good."""
    session.execute(delete(ImageUse).where(ImageUse.owner == owner))


def delete_image(officer: SignedIn, image_id: int, now: datetime) -> None:
    """Delete a picture that nothing uses; authors only what they uploaded.

    Raises PictureInUseError, NotAllowedError, NotFoundError.

    The files go after the commit: a crash between the two leaves bytes nobody refers to, never a
    page with a hole.
    """
    with transaction(public=False) as session:
        gone = session.get(Image, image_id)
        if gone is None:
            raise NotFoundError
        if not officer.may("editor") and gone.user_id != officer.user.id:
            raise NotAllowedError(
                N_("Your role does not allow you to delete pictures uploaded by others.")
            )
        used = session.scalar(select(ImageUse.owner).where(ImageUse.image_id == image_id).limit(1))
        if used is not None or is_logo(image_id):
            raise PictureInUseError(
                N_(
                    "The picture is in use, or an earlier version of a post uses it, so it was "
                    "not deleted."
                )
            )
        names = [name for name, _width in variants(gone.name, gone.width)]
        record(session, now, officer.user.name, "image-delete", str(image_id), name=gone.name)
        session.delete(gone)
    for name in names:
        files().delete(name)


def _uses_of(owner: str) -> Select[ImageUse]:
    return select(ImageUse).where(ImageUse.owner == owner)


def variants(name: str, width: int) -> list[tuple[str, int]]:
    """Return (file name, width in px) of each stored size of a picture, smallest first."""
    stem = name.removesuffix(".webp")
    return [(f"{stem}-{size}.webp", size) for size in WIDTHS if size < width] + [(name, width)]


def _store_variant(name: str, width: int, content: bytes) -> None:
    files().put(f"{name.removesuffix('.webp')}-{width}.webp", content)


def upload_limit_mb() -> int:
    """Return the size of the largest file that may be sent, in MB; told before the upload."""
    settings = current_settings()
    return settings.max_upload_mb
