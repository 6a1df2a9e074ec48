"""Files on disk: named by their content, written whole or not at all."""

import hashlib
import os
import tempfile
from pathlib import Path


def store(folder: Path, content: bytes, suffix: str) -> str:
    """Write `content` under a name made of its SHA-256 and return the name; the same bytes once.

    The bytes are on the disk (file and folder synced) before the name exists, so that a reader
    never sees half a file, not even after a power cut. Raises OSError: disk full or read-only.
    """
    name = content_name(content, suffix)
    if (folder / name).exists():
        sync_folder(folder)  # whoever wrote it may have died before this
    else:
        write_atomically(folder / name, content)
    return name


def content_name(content: bytes, suffix: str) -> str:
    """Return the name that `store` gives a file with this content."""
    return f"{hashlib.sha256(content).hexdigest()[:32]}{suffix}"


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace `path` by `content` in one step. Raises OSError, leaving the old file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_file(file: Path) -> None:
    """Make what was written to `file` survive a power cut."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
