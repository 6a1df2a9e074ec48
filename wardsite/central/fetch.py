"""Getting the district file and its signature from https, a path or `file://`, in bounded time.

Nothing here is believed; what comes back has yet to be verified.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from wardsite import net
from wardsite.central.alarms import OUT_OF_REACH
from wardsite.core.central_schema import MAX_BYTES
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.signing import MAX_SIGNATURE_BYTES
from wardsite.net import FetchError
from wardsite.settings import Settings

DEADLINE_SECONDS = 30.0
MAX_REDIRECTS = 3

_REFUSALS = (
    net.RefusedUrlError,
    net.RefusedAddressError,
    net.TooLargeError,
    net.TooManyRedirectsError,
)


class SyncError(WardsiteError):
    """The district file did not come into force; the last good one stays.

    `exit_code` is what `wardsite sync` ends with, `code` the name of the refusal for programs.
    """

    exit_code = 2

    def __init__(self, error: WardsiteError) -> None:
        """Take over the words of `error`, the refusal itself."""
        super().__init__(error.msgid, **error.params)
        self.code = type(error).__name__
        self.retry_after_seconds: int | None = None


class RefusedError(SyncError):
    """What the centre's address gave must not be taken."""


class OutOfReachError(SyncError):
    """The centre's address gave nothing to judge."""

    exit_code = 3

    def __init__(self, error: WardsiteError) -> None:
        """Keep how long the server asked to be left alone."""
        super().__init__(error)
        self.code = OUT_OF_REACH
        self.retry_after_seconds = getattr(error, "retry_after_seconds", None)


@dataclass(frozen=True)
class Validators:
    """What makes the next request conditional; empty means unconditional."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Answer:
    """The bytes of the district file, or `not_modified` and none."""

    body: bytes
    not_modified: bool
    validators: Validators


class Source:
    """The address of the district file; one deadline holds for all that one sync asks of it."""

    def __init__(self, settings: Settings, seconds: float) -> None:
        """Start the clock: `seconds` for everything."""
        self._url = settings.district_url
        self._allowed = frozenset(host.lower() for host in settings.allowed_private_hosts)
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def body(self, validators: Validators) -> Answer:
        """Return the district file. Raises RefusedError, OutOfReachError."""
        return self._read(self._url, MAX_BYTES, validators)

    def signature(self) -> bytes:
        """Return the signature beside it. Raises RefusedError, OutOfReachError."""
        return self._read(_beside(self._url), MAX_SIGNATURE_BYTES, Validators()).body

    def picture(self, url: str, max_bytes: int) -> bytes:
        """Return a picture that the district file names. Raises RefusedError, OutOfReachError."""
        return self._get(url, max_bytes, Validators()).body

    def _read(self, url: str, max_bytes: int, validators: Validators) -> Answer:
        if urlsplit(url).scheme.lower() in {"http", "https"}:
            return self._get(url, max_bytes, validators)
        try:
            return Answer(net.read_local(url, max_bytes), False, Validators())
        except FetchError as error:
            raise _named(error) from error

    def _get(self, url: str, max_bytes: int, validators: Validators) -> Answer:
        try:
            answer = net.get(
                url,
                allowed_hosts=self._allowed,
                max_bytes=max_bytes,
                deadline_seconds=max(self._ends - time.monotonic(), 0.0),
                max_redirects=MAX_REDIRECTS,
                etag=validators.etag or None,
                last_modified=validators.last_modified or None,
                accept_insecure_http=self._may_be_plain(url),
            )
            if not (urlsplit(answer.url).scheme == "https" or self._may_be_plain(answer.url)):
                raise net.RefusedUrlError(
                    N_("Only https:// addresses can be fetched, not %(url)s."), url=answer.url[:200]
                )
        except net.TooSlowError as error:
            # In terms of the whole, not of what was left for this one request.
            raise OutOfReachError(net.TooSlowError(error.msgid, seconds=self._seconds)) from error
        except FetchError as error:
            raise _named(error) from error
        found = Validators(answer.etag or "", answer.last_modified or "")
        return Answer(answer.body, answer.not_modified, found)

    def _may_be_plain(self, url: str) -> bool:
        """Tell whether the settings name the host, so that plain http to it is meant."""
        return (urlsplit(url).hostname or "") in self._allowed


def _beside(url: str) -> str:
    """Return the address of the signature: `.minisig` after the path, before any query."""
    parts = urlsplit(url)
    if parts.scheme.lower() not in {"http", "https"}:
        return f"{url}.minisig"
    return parts._replace(path=f"{parts.path}.minisig").geturl()


def _named(error: FetchError) -> SyncError:
    return RefusedError(error) if isinstance(error, _REFUSALS) else OutOfReachError(error)
