"""An instance with something to lose: a post with a picture, an officer who is signed in."""

import gzip
import hashlib
import io
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image as Picture

from tests.conftest import PASSWORD
from tests.page import Browser
from wardsite.application import close_app, create_app
from wardsite.media.service import add_image
from wardsite.ops.archive import zstd
from wardsite.ops.backup import make_backup
from wardsite.settings import Settings, load_settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def lived_in(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An instance after an officer signed in and added a picture, and a proven backup of it."""
    folder = tmp_path_factory.mktemp("lived-in")
    settings = load_settings(shutil.copytree(pristine, folder / "instance"), {})
    app = create_app(settings)
    Browser(app).come_in("the-admin", PASSWORD)
    stream = io.BytesIO()
    Picture.linear_gradient("L").resize((700, 400)).save(stream, "PNG")
    with app.app_context():
        add_image(stream.getvalue(), "anh.png", "Trụ sở", None, NOW)
    close_app(app)
    kept = shutil.copytree(settings.instance, folder / "kept")  # a backup is put on record
    return kept, make_backup(settings, NOW, folder / "ngoai.tar.zst").path


@pytest.fixture
def filled(lived_in: tuple[Path, Path], tmp_path: Path) -> Settings:
    """A copy of that instance."""
    return load_settings(shutil.copytree(lived_in[0], tmp_path / "instance"), {})


@pytest.fixture
def archive(lived_in: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of its backup."""
    return Path(shutil.copy2(lived_in[1], tmp_path))


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
