"""`wardsite export`: the whole public site as files, for a mirror or a CDN, and kept up to date.

The site itself renders every page, as a resident sees it, beginning from its front page, its map
and its feeds and following its own links. Only what changed is written; what is gone is removed,
and nothing that this command did not write.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, render_template
from flask.testing import FlaskClient
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.test import TestResponse

from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.static_copy import (
    SEARCH,
    copy_of,
    file_name,
    live_address,
    sheet_links,
    static_address,
)
from wardsite.core.text import fold
from wardsite.core.vi import short_date, to_local
from wardsite.extensions import db
from wardsite.mandate import service as mandates
from wardsite.models import ContentVersion
from wardsite.ops.progress import Progress
from wardsite.search import service as search
from wardsite.settings import Settings
from wardsite.site.freshness import fresh_until
from wardsite.site.search import open_gates

MANIFEST = "wardsite-export.json"
SEARCH_INDEX = "/search-index.json"
MOST_FOUND = 5_000  # pages in the search index, newest first
_BEGIN = (
    *("/", "/en", "/rss.xml", "/sitemap.xml", "/robots.txt", "/cap.xml"),
    *("/sw.js", "/manifest.webmanifest", "/ngoai-tuyen", "/en/ngoai-tuyen"),
    *("/.well-known/security.txt", "/phan-anh/tra-loi", "/en/phan-anh/tra-loi"),
)
_NOWHERE = "/khong-co-trang-nay"
_AGENT = {"User-Agent": "wardsite export (robot)"}  # not to be counted as a visit
_MOVED = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={0}">'


class ExportFolderError(WardsiteError):
    """The folder cannot take the export."""


@dataclass
class Exported:
    """What was done: counts of files, and the addresses that the site names but does not have."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Before:
    """What the last export left; `files`: for each its digest, and that of all but the day."""

    version: int = -1
    until: float = 0.0
    files: dict[str, list[str]] = field(default_factory=dict)


def export(app: Flask, out: Path, now: datetime, progress: Progress) -> Exported:
    """Bring the files in `out` up to date. Raises ExportFolderError, before anything is written.

    When nothing has changed on the site since the last time, nothing is rendered.
    """
    old = _before(out)
    settings: Settings = app.extensions["wardsite"]
    with app.test_request_context("/", base_url=settings.public_url):
        version = db.session.scalar(select(ContentVersion.number))
        until = fresh_until(now)
        db.session.remove()
    if old.version == version and now.timestamp() < old.until:
        return Exported(unchanged=len(old.files))
    try:
        out.mkdir(parents=True, exist_ok=True)
        copier = _Copier(app, out, now, old.files)
        copier.run(progress)
        state = {"version": version, "until": until.timestamp(), "files": copier.files}
        state = {"format": 1, "made_at": now.astimezone(UTC).isoformat(), **state}
        _put(out / MANIFEST, json.dumps(state, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise ExportFolderError(
            N_("Cannot write to %(folder)s: %(reason)s"),
            folder=str(out),
            reason=reason_of(error),
        ) from None
    return copier.done


class _Copier:
    """One run: what is to be looked at, what was, and the files of now."""

    def __init__(self, app: Flask, out: Path, now: datetime, before: dict[str, list[str]]) -> None:
        self.app, self.out, self.before = app, out.resolve(), before
        self.settings: Settings = app.extensions["wardsite"]
        self.client: FlaskClient = app.test_client()
        self.now = now
        self.day: dict[bool, str] = {}
        self.files: dict[str, list[str]] = {}
        self.done = Exported()
        self.waiting: deque[str] = deque()
        self.known: set[str] = set()

    def run(self, progress: Progress) -> None:
        """Copy everything, then remove what is no longer part of the site."""
        self._search()
        with self._asking("/"):
            mandate = mandates.at(self.now)
            pages = search.public_pages(self.now, open_gates(mandate), 10**6)
        self._look_at([*_BEGIN, *(path for path, _at in pages if path.startswith("/"))])
        while self.waiting:
            self._copy(self.waiting.popleft())
            progress(len(self.known) - len(self.waiting), len(self.known))
        lost = self._get(_NOWHERE).get_data(as_text=True).replace(f"/en{_NOWHERE}", "/en")
        self._write("404.html", self._standing(lost))
        for name in self.before.keys() - self.files.keys():
            self._remove(name)

    def _look_at(self, addresses: list[str]) -> None:
        for address in addresses:
            found = static_address(address)
            if address in _BEGIN:
                found = address
            if found is not None and found.startswith("/") and found not in self.known:
                self.known.add(found)
                self.waiting.append(found)

    def _get(self, address: str) -> TestResponse:
        return self.client.get(address, base_url=self.settings.public_url, headers=_AGENT)

    def _copy(self, address: str) -> None:
        with self._get(live_address(address)) as answer:
            kind = answer.mimetype
            if answer.status_code in (301, 302, 307, 308):
                target = static_address(urlsplit(answer.headers["Location"]).path)
                if target is not None:
                    self._look_at([target])
                    self._write(file_name(address, True), (_MOVED.format(target).encode(), ""))
            elif answer.status_code != HTTPStatus.OK:
                if address not in _BEGIN:
                    self.done.missing.append(address)
            elif kind == "text/html":
                self._write(file_name(address, True), self._standing(answer.get_data(as_text=True)))
            else:
                if kind == "text/css":
                    links = sheet_links(answer.get_data(as_text=True))
                    self._look_at(
                        [posixpath.normpath(posixpath.join(address, "..", x)) for x in links]
                    )
                elif kind == "application/manifest+json":
                    self._look_at([icon["src"] for icon in answer.get_json(force=True)["icons"]])
                self._write(file_name(address, False), (answer.get_data(), ""))

    def _standing(self, html: str) -> tuple[bytes, str]:
        """Return a page as it goes into its file, and the digest of all of it but the day."""
        copy = copy_of(html)
        self._look_at(sorted(copy.links))
        words = self.day['<html lang="en"' in html]
        return copy.dated(words).encode(), _digest(copy.text.encode())

    def _search(self) -> None:
        """Write the small index that stands in for the search, and its page in each language."""
        self.known.update((SEARCH, f"/en{SEARCH}"))
        with self._asking("/"):
            mandate = mandates.at(self.now)
            entries = search.public_entries(self.now, open_gates(mandate), MOST_FOUND)
            lines = [
                {
                    "url": entry.url,
                    "title": entry.title,
                    "label": " · ".join(filter(None, (entry.code, entry.label))),
                    "day": to_local(entry.at).date().isoformat() if entry.kind != "page" else "",
                    "words": fold(f"{entry.title} {entry.code} {entry.body}")[:400],
                }
                for entry in entries
            ]
        self._write(SEARCH_INDEX.lstrip("/"), (json.dumps(lines, ensure_ascii=False).encode(), ""))
        for prefix in ("", "/en"):
            with self._asking(prefix + SEARCH):
                day = short_date(to_local(self.now))
                self.day[bool(prefix)] = gettext("Copy of %(day)s", day=day)
                html = render_template("site/search_static.html", index=SEARCH_INDEX)
            self._write(file_name(prefix + SEARCH, True), self._standing(html))

    @contextmanager
    def _asking(self, path: str) -> Iterator[None]:
        """Stand in a request for a path, its language included."""
        english = path == "/en" or path.startswith("/en/")
        more = {"wardsite.language": "en"} if english else {}
        with self.app.test_request_context(
            path.removeprefix("/en") or "/",
            base_url=self.settings.public_url,
            environ_overrides={"SCRIPT_NAME": "/en" if english else "", **more},
        ):
            yield
            db.session.remove()

    def _write(self, name: str, made: tuple[bytes, str]) -> None:
        """Write a file unless it is there and the same but for the day of the copy."""
        body, content = made
        digest = _digest(body)
        target = self.out / name
        # Names come from addresses of our own pages, which officers can write too.
        if not name or not target.resolve().is_relative_to(self.out) or name == MANIFEST:
            return
        before = self.before.get(name)
        same = before is not None and (before[1] == content if content else before[0] == digest)
        if before is not None and same and target.is_file():
            self.files[name] = before
            self.done.unchanged += 1
            return
        _put(target, body)
        self.files[name] = [digest, content]
        self.done.written += 1

    def _remove(self, name: str) -> None:
        target = self.out / name
        if not target.resolve().is_relative_to(self.out):
            return
        target.unlink(missing_ok=True)
        self.done.removed += 1
        for folder in target.parents:
            if folder == self.out or any(folder.iterdir()):
                break
            folder.rmdir()


def _before(out: Path) -> _Before:
    """Return what the last export left; raise ExportFolderError for a folder that is no export."""
    try:
        found = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        return _Before(found["version"], float(found["until"]), dict(found["files"]))
    except FileNotFoundError:
        if out.is_dir() and any(out.iterdir()):
            raise ExportFolderError(
                N_(
                    "%(folder)s contains other files; choose an empty folder or one used for an "
                    "earlier export."
                ),
                folder=str(out),
            ) from None
        return _Before()
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ExportFolderError(
            N_("%(file)s cannot be read: %(reason)s"), file=str(out / MANIFEST), reason=str(error)
        ) from None


def _put(target: Path, body: bytes) -> None:
    """Replace a file in one step; a mirror can be made anew, so nothing waits for the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".part-{os.getpid()}")
    part.write_bytes(body)
    part.chmod(0o644)
    part.replace(target)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
