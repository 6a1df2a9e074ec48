"""The last good pages on disk: what residents see when the site starts and its database cannot.

SQLite cannot open its database on a full or read-only disk (in WAL mode it has files to make), but
files can be read. Written when a page is rendered, without waiting for the disk: a page that a
power cut tore is told by its digest and passed over. What is taken away is no longer sent
(serving/withdrawal.py).
"""

import hashlib
import json
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_PAGES = 500
FOLDER = "pages"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredPage:
    """A page as it was made; seconds since the epoch."""

    made_at: float
    headers: tuple[tuple[str, str], ...]
    body: bytes


class PageStore:
    """A folder of pages, each named by the digest of its key. No method raises OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = -1
        self._troubled = False

    def keep(self, key: str, page: StoredPage) -> None:
        """Write a page; a disk that takes nothing more is logged once and otherwise passed over."""
        head = {
            "made_at": page.made_at,
            "headers": page.headers,
            "sha256": hashlib.sha256(page.body).hexdigest(),
        }
        path = self._path(key)
        part = path.with_suffix(f".{os.getpid()}")
        try:
            self.folder.mkdir(mode=0o750, exist_ok=True)
            self._make_room()
            part.write_bytes(json.dumps(head).encode() + b"\n" + page.body)
            part.replace(path)
            self._count += 1
            self._troubled = False
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if not self._troubled:
                _log.warning("pages are not kept on disk: %s", error.strerror)
            self._troubled = True

    def find(self, key: str) -> StoredPage | None:
        """Return the page, or None when there is none or it is damaged."""
        try:
            head, _, body = self._path(key).read_bytes().partition(b"\n")
            values = json.loads(head)
            if values["sha256"] != hashlib.sha256(body).hexdigest():
                return None
            headers = tuple((str(name), str(value)) for name, value in values["headers"])
            return StoredPage(float(values["made_at"]), headers, body)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def drop(self, key: str) -> None:
        """Forget a page."""
        with suppress(OSError):
            self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.page"

    def _make_room(self) -> None:
        """Delete the oldest half once there are too many: made-up addresses must not fill disks."""
        if 0 <= self._count < MOST_PAGES:
            return
        pages = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime)
        surplus = pages[: len(pages) // 2] if len(pages) >= MOST_PAGES else []
        for path in surplus:
            path.unlink(missing_ok=True)
        self._count = len(pages) - len(surplus)
