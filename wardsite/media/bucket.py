"""A bucket of an S3-compatible store, for sites that several machines serve (media_bucket).

By obstore, the binding of Apache's object_store: loaded only where the setting asks for it. The key
is in the file `media_key` of the instance, never in the settings, and in no message.
"""

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from wardsite.core.errors import N_, WardsiteError
from wardsite.settings import Settings

if TYPE_CHECKING:
    from obstore.store import S3Store

KEY_FILE = "media_key"
WHOLE = 120  # seconds for one file
WRITING = 20  # seconds of silence after a file was sent
READING = 5  # the same while a resident waits, and with them one of the server's few threads
REST = 5.0  # seconds after a reading that failed, in which nobody waits for the next
T = TypeVar("T")


class BucketError(OSError):
    """The store does not answer, or refuses; `serving.disk.cause` has words for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EREMOTEIO, reason[:300])


class BucketSettingsError(WardsiteError):
    """The key of the bucket or the library is missing."""


class Bucket:
    """Files by name; `Bucket(settings.media_bucket, …)`. Every method raises BucketError."""

    def __init__(self, url: str, region: str, instance: Path) -> None:
        self._url, self._region, self._instance = url, region, instance
        self._rest_until = 0.0

    @cached_property
    def _writer(self) -> "S3Store":
        return self._connected(WRITING)

    @cached_property
    def _reader(self) -> "S3Store":
        return self._connected(READING)

    def _connected(self, seconds: int) -> "S3Store":
        """Return the store as it is to be asked. Raises BucketSettingsError."""
        try:
            from obstore.store import S3Store
        except ModuleNotFoundError:
            raise BucketSettingsError(
                N_("The library for the file store is missing: %(command)s"),
                command="pip install --require-hashes -r requirements-s3.txt",
            ) from None
        parts = urlsplit(self._url)
        name, secret = _key(self._instance / KEY_FILE)
        return S3Store(
            parts.path.strip("/"),
            endpoint=f"{parts.scheme}://{parts.netloc}",
            region=self._region,
            access_key_id=name,
            secret_access_key=secret,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": parts.scheme == "http",
                "connect_timeout": "3s",
                "read_timeout": f"{seconds}s",
                "timeout": f"{WHOLE}s",
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=seconds)},
        )

    def put(self, name: str, content: bytes) -> None:
        """Write a file whole, over one of that name."""
        import obstore

        with _told():
            obstore.put(self._writer, name, content, use_multipart=False)

    def get(self, name: str) -> bytes | None:
        """Return a file's content, or None when there is none of that name."""
        import obstore

        with self._asked():
            return _or_none(lambda: bytes(obstore.get(self._reader, name).bytes()))

    def has(self, name: str) -> bool:
        """Tell whether there is a file of that name."""
        import obstore

        with self._asked():
            return _or_none(lambda: obstore.head(self._reader, name)) is not None

    def delete(self, name: str) -> None:
        """Take a file away, if it is there."""
        import obstore

        with _told():
            _or_none(lambda: obstore.delete(self._writer, name))

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Let nobody wait for a store that did not answer a moment ago."""
        if time.monotonic() < self._rest_until:
            raise BucketError("the store did not answer a moment ago")
        try:
            with _told():
                yield
        except BucketError:
            self._rest_until = time.monotonic() + REST
            raise

    def ready(self) -> None:
        """Raise BucketSettingsError when the key or the library is missing."""
        self._writer  # noqa: B018 - made by being asked for

    def names(self, below: str = "") -> dict[str, float]:
        """Return the names of the files there and when each was written (seconds since 1970)."""
        import obstore

        with _told():
            return {
                entry["path"]: entry["last_modified"].timestamp()
                for entries in obstore.list(self._writer, prefix=below.rstrip("/") or None)
                for entry in entries
            }


def bucket_of(settings: Settings) -> Bucket | None:
    """Return the bucket that the settings name, or None."""
    if not settings.media_bucket:
        return None
    return Bucket(settings.media_bucket, settings.media_region, settings.instance)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what the library raises as one error, without its details: they quote the request."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        raise BucketError(str(error).partition("\n")[0]) from None
    except BucketSettingsError as error:
        raise BucketError(str(error)) from None


def _or_none(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except FileNotFoundError:
        return None


def _key(file: Path) -> tuple[str, str]:
    """Return the two lines of the key's file: its name and its secret."""
    try:
        name, secret = file.read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        raise BucketSettingsError(
            N_("The key for the file store is missing: %(file)s, with the key’s name and secret."),
            file=str(file),
        ) from None
    return name, secret
