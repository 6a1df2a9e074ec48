"""Pages kept ready in memory, before Flask: a signed-out GET that is fresh is answered from here.

What is kept: answers 200 to GET that say until when they are fresh (site/freshness.py) and set no
cookie, asked for without our cookie and with no query but a few known keys. How long: until the
content's version moves, or that moment, the next at which something on the site appears or expires.
On a miss one thread renders and the others wait for it, so that what was just published is on the
next page; when that takes long, they get the page that was good until now. When rendering fails,
the last good page goes out for up to a day: residents see the site while the database is locked or
the disk full. A page made before something was withdrawn stands in for nothing
(serving/withdrawal.py).
"""

import gzip
import hashlib
import logging
import re
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import brotli
from werkzeug.http import parse_accept_header

from wardsite.serving.page_store import PageStore, StoredPage
from wardsite.serving.version import ContentVersion, VersionUnreadableError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "wardsite="
FRESH_UNTIL = "X-Wardsite-Fresh-Until"  # seconds since the epoch; never leaves the server
NOT_OURS = ("/quan-tri", "/media/", "/tep/", "/en/quan-tri")
MAX_BYTES = 16 * 1024 * 1024
MAX_BODY = 1024 * 1024
MAX_STALE = 24 * 3600  # seconds
PATIENCE = 0.25  # seconds after a rendering began for which others wait although there is a page
WAIT = 5.0  # seconds that a request waits for another one's rendering when there is none
REST = 2.0  # seconds after a failed rendering until the next try
# How long a proxy in front may keep a page, and for how much longer it may go out while the proxy
# asks again; browsers may add the second figure: 5 seconds in all (deploy/nginx/wardsite.conf).
SHARED_SECONDS, SHARED_RENEWING = 3, 1
LONGEST_ACCEPTED = 200  # characters of Accept-Encoding that are looked into, and remembered
COMPRESSIBLE = ("text/", "application/json", "application/xml", "application/rss", "image/svg")
MIN_COMPRESSED = 500  # bytes; smaller ones would grow

# Query keys that pages understand, with the values worth keeping; others are rendered, never kept.
QUERY = {
    "trang": re.compile(r"[1-9][0-9]{0,2}"),
    "ban-in": re.compile(r"1"),
    "loai": re.compile(r"[a-z-]{1,20}"),
    "nam": re.compile(r"(19|20)[0-9]{2}"),
}
# Marks that Facebook, Zalo and others put on shared links: no page looks at them.
SHARED_LINK = re.compile(r"utm_[a-z_]{1,20}|fbclid|gclid|mibextid|zarsrc")
MAX_QUERY = 600  # characters and
MAX_FIELDS = 12  # fields of a query that is looked into

_log = logging.getLogger(__name__)


class Ready(NamedTuple):
    """A page in one encoding, put together once: it goes out thousands of times."""

    etag: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Entry:
    """A page as it goes out; times in seconds since the epoch."""

    version: int | None
    made_at: float
    fresh_until: float
    headers: tuple[tuple[str, str], ...]
    etag: str
    bodies: dict[str, bytes]

    @property
    def size(self) -> int:
        return sum(len(body) for body in self.bodies.values()) + 1000

    @cached_property
    def ready(self) -> dict[str, Ready]:
        """How it goes out in each encoding, while it is true for long enough."""
        return {encoding: self._ready(encoding) for encoding in self.bodies}

    def _ready(self, encoding: str) -> Ready:
        body = self.bodies[encoding]
        etag = f'{self.etag[:-1]}-{encoding}"' if encoding else self.etag
        headers = [*self.headers, ("ETag", etag), ("Vary", "Accept-Encoding, Cookie")]
        if not self.says_how_long:
            headers.append(("Cache-Control", _SHARED_LONG))
        if encoding:
            headers.append(("Content-Encoding", encoding))
        return Ready(etag, [*headers, ("Content-Length", str(len(body)))], body)

    @cached_property
    def says_how_long(self) -> bool:
        """Whether the page itself says how long it may be kept."""
        return any(name.lower() == "cache-control" for name, _ in self.headers)


class PageCache:
    """WSGI middleware that keeps pages; `sent` is told of each request answered with 200 or 304."""

    def __init__(
        self,
        application: "WSGIApplication",
        version: ContentVersion,
        hosts: tuple[str, ...] = (),
        max_bytes: int = MAX_BYTES,
        withdrawn_at: Callable[[], float] = lambda: 0.0,
        store: PageStore | None = None,
        sent: Callable[["WSGIEnvironment"], None] = lambda _environ: None,
    ) -> None:
        self.sent = sent
        self.store = store
        self.application = application
        self.withdrawn_at = withdrawn_at
        self.version = version
        self.hosts = frozenset(hosts)
        self.max_bytes = max_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._rendering: dict[str, _Rendering] = {}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        key = self._key(environ)
        if key is None:
            return self._pass_on(environ, start_response)
        entry = self._entries.get(key)
        version = self._version()
        if version is None:
            # The database does not answer: nor would rendering, after a wait.
            entry = self._stand_in(key)
        elif entry is not None and not _is_fresh(entry, version):
            entry = None
        if entry is None:
            entry, passed_on = self._render_once(key, version, environ, start_response)
            if entry is None:
                return passed_on
        self.sent(environ)
        return _send(entry, environ, start_response)

    def _key(self, environ: "WSGIEnvironment") -> str | None:
        """Return what tells pages apart, or None for a request that is not ours to answer."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        if COOKIE in environ.get("HTTP_COOKIE", "") or "HTTP_RANGE" in environ:
            return None
        path = environ.get("PATH_INFO", "")
        if path.startswith(NOT_OURS):
            return None
        host = environ.get("HTTP_HOST", "")
        if self.hosts:
            if host.partition(":")[0] not in self.hosts:
                return None
            host = ""  # pages name base_url, whatever name and port they were asked for by
        query = _query(environ.get("QUERY_STRING", ""))
        return None if query is None else f"{host}\n{path}\n{query}"

    def _version(self) -> int | None:
        try:
            return self.version.read()
        except (sqlite3.Error, VersionUnreadableError):
            return None

    def _render_once(
        self,
        key: str,
        version: int | None,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> tuple[Entry | None, Iterable[bytes]]:
        while True:
            with self._lock:
                other = self._rendering.get(key)
                if other is None:
                    mine = self._rendering[key] = _Rendering()
                    break
            other.done.wait(max(0.0, other.began + PATIENCE - time.monotonic()))
            entry = self._entries.get(key)
            if entry is not None and _is_as_new(entry, version):
                return entry, ()
            if not other.done.is_set():
                return self._without_rendering(key, other, environ, start_response)
        try:
            return self._render(key, version, environ, start_response)
        finally:
            with self._lock:
                del self._rendering[key]
            mine.done.set()

    def _without_rendering(
        self,
        key: str,
        other: "_Rendering",
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> tuple[Entry | None, Iterable[bytes]]:
        """Answer while another thread takes long to render the page."""
        entry = self._stand_in(key)
        if entry is None:
            other.done.wait(WAIT)
            entry = self._stand_in(key)
        if entry is not None:
            return entry, ()
        return None, self._pass_on(environ, start_response)

    def _render(
        self,
        key: str,
        version: int | None,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> tuple[Entry | None, Iterable[bytes]]:
        answer, started = _Answer(), time.time()
        # A HEAD is rendered as the GET that it stands for, or the body would be kept empty; what
        # is no part of the key is not rendered either.
        request = environ | {"REQUEST_METHOD": "GET", "QUERY_STRING": key.rpartition("\n")[2]}
        for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
            request.pop(name, None)
        chunks = self.application(request, answer.start)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        stale = self._stand_in(key)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and stale is not None:
            _log.warning("stale page sent: rendering answered %s", answer.status)
            self._keep(key, replace(stale, version=version, fresh_until=time.time() + REST))
            return stale, ()
        if version is not None and answer.may_be_kept and len(body) <= MAX_BODY:
            entry = answer.entry(body, version, started)
            self._keep(key, entry)
            self._store(key, entry)
            return entry, ()
        if answer.status != HTTPStatus.OK and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._drop(key)
        self._not_kept(environ, start_response)(answer.line, answer.headers)
        return None, [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _pass_on(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        return self.application(environ, self._not_kept(environ, start_response))

    def _not_kept(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "StartResponse":
        """Let an answer go out that is not kept here: nobody on the way may keep it either."""

        def start(
            line: str, headers: list[tuple[str, str]], *rest: Any
        ) -> Callable[[bytes], object]:
            if line.startswith(("200", "304")):
                self.sent(environ)
            names = {name.lower() for name, _ in headers}
            own = FRESH_UNTIL.lower()
            if own in names:
                headers = [pair for pair in headers if pair[0].lower() != own]
                if "cache-control" not in names:
                    headers.append(("Cache-Control", "no-cache"))
            return start_response(line, headers, *rest)

        return start

    def _keep(self, key: str, entry: Entry) -> None:
        with self._lock:
            old = self._entries.pop(key, None)
            self._bytes += entry.size - (old.size if old else 0)
            self._entries[key] = entry
            while self._bytes > self.max_bytes:
                _, dropped = self._entries.popitem(last=False)
                self._bytes -= dropped.size

    def _stand_in(self, key: str) -> Entry | None:
        """Return the page that may go out although it is not fresh, if need be from the disk."""
        entry = self._entries.get(key) or self._stored(key)
        if entry is None or not 0 <= time.time() - entry.made_at < MAX_STALE:
            return None
        return entry if entry.made_at > self.withdrawn_at() else None

    def _drop(self, key: str) -> None:
        """Forget a page that is there no longer: withdrawn, it must not stand in for anything."""
        with self._lock:
            old = self._entries.pop(key, None)
            self._bytes -= old.size if old else 0
        if self.store is not None and _is_storable(key):
            self.store.drop(key)

    def _store(self, key: str, entry: Entry) -> None:
        if self.store is not None and _is_storable(key):
            self.store.keep(key, StoredPage(entry.made_at, entry.headers, entry.bodies[""]))

    def _stored(self, key: str) -> Entry | None:
        page = self.store.find(key) if self.store is not None and _is_storable(key) else None
        return None if page is None else _entry(page.body, page.headers, page.made_at)


class _Rendering:
    """A page being rendered by one thread, `began` on the monotonic clock."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.done = threading.Event()


class _Answer:
    """What the application said before the body."""

    def __init__(self) -> None:
        self.line = ""
        self.headers: list[tuple[str, str]] = []

    def start(
        self, line: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        self.line, self.headers = line, headers
        return _no_write

    @property
    def status(self) -> int:
        return int(self.line[:3] or 500)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def may_be_kept(self) -> bool:
        return bool(
            self.status == HTTPStatus.OK
            and self.header(FRESH_UNTIL.lower())
            and not self.header("set-cookie")
        )

    def entry(self, body: bytes, version: int, started: float) -> Entry:
        """Return the answer as it is kept; `started` is when its rendering began."""
        own = {"content-length", "etag", "vary", "date", "content-encoding", FRESH_UNTIL.lower()}
        headers = tuple(pair for pair in self.headers if pair[0].lower() not in own)
        entry = _entry(body, headers, started)
        until = float(self.header(FRESH_UNTIL.lower()))
        return replace(entry, version=version, fresh_until=until)


def _entry(body: bytes, headers: tuple[tuple[str, str], ...], made_at: float) -> Entry:
    """Return a page that is not fresh, but may stand in."""
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return Entry(
        version=None,
        made_at=made_at,
        fresh_until=0.0,
        headers=headers,
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        bodies=_compressed(body, kind),
    )


def _is_storable(key: str) -> bool:
    """Tell whether a page is worth a file: an address of its own, and no part of the software."""
    _, path, query = key.split("\n")
    return not query and not path.startswith("/static/")


def _no_write(_data: bytes) -> None:
    raise RuntimeError("the application uses WSGI's write(), which the page cache cannot keep")


def _is_fresh(entry: Entry, version: int | None) -> bool:
    # A page made later than now was made by a clock that has since been put back.
    return entry.version == version and entry.made_at <= time.time() < entry.fresh_until


def _is_as_new(entry: Entry, version: int | None) -> bool:
    """Tell whether the page is of this version of the content or a later one, and in its time."""
    of = entry.version
    return of is not None and version is not None and of >= version and _is_fresh(entry, of)


def _query(query: str) -> str | None:
    """Return the part of a query that tells pages apart; None when it is not for the cache."""
    if not query:
        return ""
    if len(query) > MAX_QUERY or query.count("&") >= MAX_FIELDS:
        return None
    pairs = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not SHARED_LINK.fullmatch(name)
    ]
    known = all(name in QUERY and QUERY[name].fullmatch(value) for name, value in pairs)
    return urlencode(sorted(pairs)) if known else None


_SHARED = (
    f"public, max-age=0, s-maxage={{}}, stale-while-revalidate={{}}, stale-if-error={MAX_STALE}"
)
OF_BODY = ("Content-Encoding", "Content-Length")
_SHARED_LONG = _SHARED.format(SHARED_SECONDS, SHARED_RENEWING)


def _shared(left: float) -> str:
    """Return Cache-Control for a page that is true for `left` more seconds (RFC 9111, RFC 5861)."""
    seconds = max(0, min(SHARED_SECONDS, int(left)))
    renewing = min(SHARED_RENEWING, int(left) - seconds) if left > 0 else 0
    return _SHARED.format(seconds, renewing)


def _compressed(body: bytes, content_type: str) -> dict[str, bytes]:
    bodies = {"": body}
    if len(body) >= MIN_COMPRESSED and content_type.startswith(COMPRESSIBLE):
        bodies["br"] = brotli.compress(body, quality=6)
        bodies["gzip"] = gzip.compress(body, compresslevel=6, mtime=0)
    return bodies


def _encoding(accepted: str) -> str:
    """Return the best encoding that an Accept-Encoding header allows; "" for none."""
    return _best_encoding(accepted) if len(accepted) <= LONGEST_ACCEPTED else ""


@lru_cache(256)  # browsers have few ways to say it
def _best_encoding(accepted: str) -> str:
    quality = parse_accept_header(accepted)
    return next((encoding for encoding in ("br", "gzip") if quality[encoding]), "")


def _send(
    entry: Entry, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    encoding = _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag, headers, body = entry.ready.get(encoding) or entry.ready[""]
    left = entry.fresh_until - time.time()
    if left < SHARED_SECONDS + SHARED_RENEWING and not entry.says_how_long:
        shared = ("Cache-Control", _shared(left))
        headers = [shared if name == "Cache-Control" else (name, value) for name, value in headers]
    if etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", [pair for pair in headers if pair[0] not in OF_BODY])
        return []
    start_response("200 OK", headers.copy())
    return [body] if environ["REQUEST_METHOD"] == "GET" else []
