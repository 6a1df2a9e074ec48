"""Where pictures and attached files are: the instance's folder, or a bucket that it is a cache of.

Files never change under a name, so a cached one is right for good. With a bucket every file is in
it before its name is known to anybody, and what a resident asks for is sent from this machine:
fetched once, then from the folder, which `trim` keeps in bounds.
"""

import hashlib
import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from wardsite.extensions import current_settings
from wardsite.filestore import content_name, store, write_atomically
from wardsite.media.bucket import Bucket, BucketError, bucket_of
from wardsite.settings import Settings

_NAME = re.compile(r"(attachments/)?([0-9a-f]{32})(-[0-9]{1,4})?\.[a-z0-9]{1,5}")


@dataclass(frozen=True)
class MediaFiles:
    """Files by name: `<digest>.webp`, `<digest>-480.webp`, `attachments/<digest>.pdf`."""

    folder: Path
    bucket: Bucket | None = None

    def store(self, content: bytes, suffix: str, below: str = "") -> str:
        """Keep a file under a name made of its content, and return that name; it is durable then.

        Raises OSError: disk full, store out of reach.
        """
        if self.bucket is not None:
            self.bucket.put(below + content_name(content, suffix), content)
        return store(self.folder / below, content, suffix)

    def put(self, name: str, content: bytes) -> None:
        """Keep a file under this name, unless it is there. Raises OSError."""
        if self.bucket is not None:
            self.bucket.put(name, content)
        if not (self.folder / name).exists():
            write_atomically(self.folder / name, content)

    def path(self, name: str) -> Path:
        """Return where a file is on this machine, or would be; fetched when need be.

        Raises OSError: store out of reach, or not what the name says.
        """
        path = self.folder / name
        if self.bucket is None:
            return path
        if path.exists():
            with suppress(OSError):  # when it was last wanted; what browsers are told stays
                os.utime(path, (time.time(), path.stat().st_mtime))
        elif _NAME.fullmatch(name) and (content := self.bucket.get(name)) is not None:
            check(name, content)
            write_atomically(path, content)
        return path

    def has(self, name: str) -> bool:
        """Tell whether there is such a file. Raises OSError: store out of reach."""
        here = (self.folder / name).is_file()
        return here or (self.bucket is not None and self.bucket.has(name))

    def delete(self, name: str) -> None:
        """Take a file away, if it is there. Raises OSError: store out of reach."""
        if self.bucket is not None:
            self.bucket.delete(name)
        (self.folder / name).unlink(missing_ok=True)

    def names(self, below: str = "") -> dict[str, float]:
        """Return the names of the files there and when each was written (seconds since 1970)."""
        if self.bucket is not None:
            return self.bucket.names(below)
        return {
            path.relative_to(self.folder).as_posix(): path.stat().st_mtime
            for path in (self.folder / below).rglob("*")
            if path.is_file()
        }


def check(name: str, content: bytes) -> None:
    """Raise BucketError when a file named by its content holds another; smaller sizes are not."""
    found = _NAME.fullmatch(name)
    if found and not found[3] and hashlib.sha256(content).hexdigest()[:32] != found[2]:
        raise BucketError(f"{name} in the store is damaged")


def files_of(settings: Settings) -> MediaFiles:
    """Return where the files of an instance are."""
    return MediaFiles(settings.instance / "media", bucket_of(settings))


def files() -> MediaFiles:
    """Return where the files of the application's instance are."""
    found: MediaFiles | None = current_app.extensions.get("wardsite.files")
    if found is None:
        found = files_of(current_settings())
        current_app.extensions["wardsite.files"] = found
    return found


def trim(settings: Settings) -> int:
    """Drop from the cache what was wanted longest ago, down to its bounds; return how many files.

    Only with a bucket, and only what the bucket has. Raises OSError.
    """
    kept = files_of(settings)
    here = [path for path in kept.folder.rglob("*") if path.is_file()] if kept.bucket else []
    surplus = sum(path.stat().st_size for path in here) - settings.media_cache_mb * 2**20
    if kept.bucket is None or surplus <= 0:
        return 0
    safe, gone = kept.names().keys(), 0
    for path in sorted(here, key=lambda path: path.stat().st_atime):
        if surplus > 0 and path.relative_to(kept.folder).as_posix() in safe:
            surplus -= path.stat().st_size
            path.unlink(missing_ok=True)
            gone += 1
    return gone
