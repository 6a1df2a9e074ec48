"""The only door out: a guarded GET, and the reading of local files in place of an address.

Invariants:
- A name is resolved once, its addresses are checked, and the connection goes to a checked address.
  Private, loopback, link-local, reserved, multicast and IPv4-in-IPv6 addresses are refused unless
  the caller (from settings) names that host. Every redirect goes through the same door.
- One deadline covers everything: resolving, connecting, TLS, each read. A drip cannot outlast it.
- Never more than `max_bytes` of decoded body are held, whatever the compression.
- https unless the caller allows http. No proxy, cookie or credential from the environment.

Built on httpcore (what httpx stands on): there the network backend is a public argument, and the
raw body can be decompressed in bounded steps.
"""

from __future__ import annotations

import os
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from urllib.parse import SplitResult, quote, unquote, urldefrag, urljoin, urlsplit

import certifi
import httpcore

from wardsite.core.errors import N_, reason_of
from wardsite.netguard import (
    Deadline,
    FetchError,
    GuardedBackend,
    RefusedAddressError,
    TooSlowError,
    UnreachableError,
)

__all__ = [
    "BadStatusError",
    "BrokenAnswerError",
    "CertificateError",
    "FetchError",
    "LocalFileError",
    "RefusedAddressError",
    "RefusedUrlError",
    "Response",
    "TooLargeError",
    "TooManyRedirectsError",
    "TooSlowError",
    "UnreachableError",
    "get",
    "read_local",
]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_URL = 4000
_MAX_HEADER_VALUE = 500
_LONGEST_RETRY = 7 * 24 * 3600
_CHUNK = 64 * 1024
_OPENSSL_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class RefusedUrlError(FetchError):
    """The address is not one this door opens for: malformed, not https, with credentials."""


class CertificateError(UnreachableError):
    """The server's TLS certificate does not hold."""


class BrokenAnswerError(UnreachableError):
    """What came back is not a whole HTTP answer."""


class TooLargeError(FetchError):
    """The body is larger than allowed."""


class TooManyRedirectsError(FetchError):
    """More redirects than allowed."""


class BadStatusError(FetchError):
    """The server answered, but with neither the body nor "not modified"."""

    def __init__(self, status: int, retry_after_seconds: int | None) -> None:
        """Keep the HTTP `status` and how long the server asks to be left alone."""
        super().__init__(N_("The server responded with status %(status)d."), status=status)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class LocalFileError(FetchError):
    """The local file is missing, unreadable or not a plain file."""


@dataclass(frozen=True)
class Response:
    """A good answer: a body, or `not_modified` and an empty one.

    `url` is the last address after redirects. `server_time` is the server's Date header and
    `certificate_expires_at` the end of its TLS certificate, both UTC, None when not given.
    `headers` are all that came, by their names in lower case, the first of each.
    """

    status: int
    body: bytes
    url: str
    etag: str | None
    last_modified: str | None
    retry_after_seconds: int | None
    not_modified: bool
    content_type: str | None = None
    server_time: datetime | None = None
    certificate_expires_at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def get(
    url: str,
    *,
    allowed_hosts: frozenset[str] = frozenset(),
    max_bytes: int,
    deadline_seconds: float,
    max_redirects: int = 3,
    etag: str | None = None,
    last_modified: str | None = None,
    accept_insecure_http: bool | frozenset[str] = False,
    user_agent: str = "wardsite",
    before_request: Callable[[], None] | None = None,
) -> Response:
    """Fetch `url` and return its body, or raise the `FetchError` that says why not.

    `allowed_hosts` are hosts (names or addresses, without port) that may lie in a private network.
    `etag` and `last_modified` of an earlier answer make the request conditional.
    `accept_insecure_http` also opens for http: of any host, or of the hosts given; every redirect
    is held to it. `before_request` is called before every request, redirects included, to keep a
    pace; what it waits counts against the deadline.
    """
    deadline = Deadline(deadline_seconds)
    headers = _request_headers(user_agent, etag, last_modified)
    for _ in range(max_redirects + 1):
        parts = _check_url(url, accept_insecure_http)
        if before_request is not None:
            before_request()
        with _open(url, parts, headers, allowed_hosts, deadline) as exchange:
            target = exchange.redirect_target()
            if target is None:
                return exchange.response(max_bytes, is_conditional=bool(etag or last_modified))
        url = _join(url, target)
    raise TooManyRedirectsError(
        N_("The server redirects more than %(limit)d times."), limit=max_redirects
    )


def read_local(url_or_path: str, max_bytes: int) -> bytes:
    """Read a local file named by a path or a `file://` address.

    Links on the way are followed, but only a plain file is read: no device, pipe or folder.
    Raises `LocalFileError`, `RefusedUrlError` or `TooLargeError`.
    """
    path = _local_path(url_or_path)
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to must not wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not S_ISREG(os.fstat(descriptor).st_mode):
                raise LocalFileError(N_("%(path)s is not a regular file."), path=str(path))
            body = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise LocalFileError(
            N_("%(path)s cannot be read: %(reason)s."), path=str(path), reason=reason
        ) from error
    if len(body) > max_bytes:
        raise TooLargeError(
            N_("%(path)s is larger than %(limit)d bytes."), path=str(path), limit=max_bytes
        )
    return body


def _local_path(url_or_path: str) -> Path:
    if not url_or_path.lower().startswith("file:"):
        return Path(url_or_path)
    parts = urlsplit(url_or_path)
    if parts.netloc not in {"", "localhost"} or parts.query or parts.fragment:
        raise _refused_url(url_or_path)
    return Path(unquote(parts.path))


def _check_url(url: str, accept_insecure_http: bool | frozenset[str]) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
        host = parts.hostname or ""
        host.encode("idna")
    except ValueError:
        raise _refused_url(url) from None
    if not host or len(url) > _MAX_URL or "@" in parts.netloc or not url.isprintable():
        raise _refused_url(url)
    if " " in url or "\\" in url:
        raise _refused_url(url)
    may_be_plain = accept_insecure_http is True or (
        accept_insecure_http is not False and host in accept_insecure_http
    )
    if parts.scheme == "https" or (parts.scheme == "http" and may_be_plain):
        return parts
    raise RefusedUrlError(N_("Only https:// addresses can be fetched, not %(url)s."), url=url[:200])


def _join(url: str, target: str) -> str:
    try:
        return urldefrag(urljoin(url, target)).url
    except ValueError:
        raise _refused_url(target) from None


def _refused_url(url: str) -> RefusedUrlError:
    shown = "".join(char if char.isprintable() else "?" for char in url[:200])
    return RefusedUrlError(N_("%(url)s is not a valid address."), url=shown)


@lru_cache(maxsize=4)
def _tls_context(_cert_file: str | None, _cert_dir: str | None) -> ssl.SSLContext:
    """The system's authorities and Mozilla's, since a small machine may have no list of its own.

    The arguments are OpenSSL's own environment variables: another value, another context.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


# --- One request


def _request_headers(
    user_agent: str, etag: str | None, last_modified: str | None
) -> list[tuple[bytes, bytes]]:
    wanted = {
        "User-Agent": user_agent,
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "If-None-Match": etag,
        "If-Modified-Since": last_modified,
    }
    # What a server once gave comes back in the next request: never a line break or a novel.
    return [
        (name.encode(), value.encode("ascii", "ignore"))
        for name, value in wanted.items()
        if value and value.isprintable() and len(value) <= _MAX_HEADER_VALUE
    ]


@contextmanager
def _open(
    url: str,
    parts: SplitResult,
    headers: list[tuple[bytes, bytes]],
    allowed_hosts: frozenset[str],
    deadline: Deadline,
) -> Iterator[_Exchange]:
    """Send one request and hand out the answer while its connection is open."""
    host = (parts.hostname or "").encode("idna")
    port = b":%d" % parts.port if parts.port else b""
    host_header = (b"[%b]" % host if b":" in host else host) + port
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=?~-._')}" if parts.query else ""
    target = httpcore.URL(
        scheme=parts.scheme, host=host, port=parts.port, target=(path + query).encode()
    )
    is_https = parts.scheme == "https"
    pool = httpcore.ConnectionPool(
        ssl_context=_tls_context(*map(os.environ.get, _OPENSSL_VARIABLES)) if is_https else None,
        network_backend=GuardedBackend(allowed_hosts, deadline),
    )
    with (
        _named_errors(host.decode(), deadline),
        pool,
        pool.stream("GET", target, headers=[(b"Host", host_header), *headers]) as answer,
    ):
        yield _Exchange(url, answer)


@contextmanager
def _named_errors(host: str, deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException:
        deadline.passed()
    except httpcore.ProtocolError as error:
        raise BrokenAnswerError(
            N_("%(host)s sent an invalid or incomplete response."), host=host
        ) from error
    except httpcore.NetworkError as error:
        cause = error.args[0] if error.args else None  # the pool cuts __cause__ off
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise CertificateError(
                N_("The certificate of %(host)s is not valid: %(reason)s."),
                host=host,
                # “Hostname mismatch, certificate is not valid for …”: the host is named already.
                reason=cause.verify_message.partition(",")[0],
            ) from error
        if isinstance(cause, ssl.SSLError):
            raise UnreachableError(
                N_("%(host)s does not offer a secure connection (%(reason)s)."),
                host=host,
                reason=cause.reason,
            ) from error
        raise UnreachableError(N_("%(host)s closed the connection."), host=host) from error


class _Exchange:
    """An answer whose body has not been read yet."""

    def __init__(self, url: str, answer: httpcore.Response) -> None:
        self._url = url
        self._answer = answer
        self._headers: dict[str, str] = {}
        for name, value in answer.headers:
            self._headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))

    def redirect_target(self) -> str | None:
        """Return where a redirect leads, None when this is not one."""
        if self._answer.status not in _REDIRECTS:
            return None
        target = self._headers.get("location")
        if not target:
            raise BrokenAnswerError(
                N_("%(host)s sent an invalid or incomplete response."), host=self._url[:200]
            )
        return target

    def response(self, max_bytes: int, *, is_conditional: bool) -> Response:
        """Read the body and return the whole, or raise the `FetchError` that says why not."""
        status = self._answer.status
        not_modified = status == 304 and is_conditional
        if status != 200 and not not_modified:
            raise BadStatusError(status, self._retry_after())
        return Response(
            status=status,
            body=b"" if not_modified else self._body(max_bytes),
            url=self._url,
            etag=self._short("etag"),
            last_modified=self._short("last-modified"),
            retry_after_seconds=self._retry_after(),
            not_modified=not_modified,
            content_type=self._short("content-type"),
            server_time=_http_date(self._headers.get("date")),
            certificate_expires_at=self._certificate_end(),
            headers=dict(self._headers),
        )

    def _body(self, max_bytes: int) -> bytes:
        announced = self._headers.get("content-length", "0")[:20]
        encoding = self._headers.get("content-encoding", "identity").strip().lower()
        # Compression adds a little to what is incompressible; more than that is not a body.
        if int(announced) > max_bytes + _CHUNK:
            raise _too_large(max_bytes)
        chunks = self._answer.iter_stream()
        if encoding in {"gzip", "x-gzip"}:
            chunks = _gunzip(_limited(chunks, max_bytes + _CHUNK), self._url)
        elif encoding != "identity":
            raise BrokenAnswerError(
                N_("%(host)s sent an invalid or incomplete response."), host=self._url[:200]
            )
        return b"".join(_limited(chunks, max_bytes))

    def _short(self, name: str) -> str | None:
        value = self._headers.get(name)
        return value if value and len(value) <= _MAX_HEADER_VALUE else None

    def _retry_after(self) -> int | None:
        value = self._headers.get("retry-after", "")
        if value.isascii() and value.isdecimal():
            return min(int(value[:10]), _LONGEST_RETRY)
        moment = _http_date(value)
        if moment is None:
            return None
        return min(max(round(moment.timestamp() - time.time()), 0), _LONGEST_RETRY)

    def _certificate_end(self) -> datetime | None:
        stream = self._answer.extensions.get("network_stream")
        connection = stream.get_extra_info("ssl_object") if stream else None
        certificate = connection.getpeercert() if connection else None
        if not certificate or "notAfter" not in certificate:
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def _limited(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > max_bytes:
            raise _too_large(max_bytes)
        yield chunk


def _gunzip(chunks: Iterable[bytes], url: str) -> Iterator[bytes]:
    """Decompress in steps of at most `_CHUNK`, so that a bomb goes off in small pieces."""
    inflate = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            yield inflate.decompress(chunk, _CHUNK)
            while inflate.unconsumed_tail:
                yield inflate.decompress(inflate.unconsumed_tail, _CHUNK)
    except zlib.error:
        raise BrokenAnswerError(
            N_("%(host)s sent an invalid or incomplete response."), host=url[:200]
        ) from None
    if not inflate.eof or inflate.unused_data:
        raise BrokenAnswerError(
            N_("%(host)s sent an invalid or incomplete response."), host=url[:200]
        )


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(N_("The body is larger than %(limit)d bytes."), limit=max_bytes)


def _http_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
