"""An instance with something to lose: a post with a picture, an officer who is signed in."""

import gzip
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image as Picture

from tests.page import Browser
from wardsite.application import close_app
from wardsite.media.service import add_image
from wardsite.ops.archive import zstd
from wardsite.ops.backup import make_backup
from wardsite.settings import Settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def filled(app: Flask, settings: Settings, signed_in: Callable[[str], Browser]) -> Settings:
    """The instance after an officer signed in and added a picture."""
    signed_in("admin")
    stream = io.BytesIO()
    Picture.linear_gradient("L").resize((700, 400)).save(stream, "PNG")
    with app.app_context():
        add_image(stream.getvalue(), "anh.png", "Trụ sở", None, NOW)
    close_app(app)
    return settings


@pytest.fixture
def archive(filled: Settings, tmp_path: Path) -> Path:
    """A proven backup of it, elsewhere."""
    return make_backup(filled, NOW, tmp_path / "ngoai.tar.zst").path


def plain_tar(archive: Path) -> bytes:
    """Return the tar file within a backup as it is made now."""
    return zstd.decompress(archive.read_bytes())


def in_both_formats(tar: bytes, folder: Path) -> list[Path]:
    """Write a tar file as backups are now, and as they were before."""
    for name, content in (("moi", zstd.compress(tar, 1)), ("cu", gzip.compress(tar, 1))):
        (folder / name).write_bytes(content)
    return [folder / "moi", folder / "cu"]


def tree(folder: Path) -> dict[str, str]:
    """Return every file below a folder with the digest of its content; locks hold none."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }
