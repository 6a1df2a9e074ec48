"""Carrying an instance's pictures and files to a bucket of an S3-compatible store, or back.

Every file is written and read back before the settings name the new place; nothing is taken away
from the old one, so whatever fails leaves the site as it was.
"""

from pathlib import Path

from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.media.bucket import Bucket, bucket_of
from wardsite.media.files import MediaFiles, check, files_of
from wardsite.ops.lock import alone
from wardsite.ops.progress import Progress
from wardsite.ops.switch import switch
from wardsite.settings import Settings, check_value, load_settings


class MediaMoveError(WardsiteError):
    """The files could not be carried over; the site goes on with those it has."""


def move_media(folder: Path, url: str, show: Progress) -> int:
    """Carry all files to the bucket at `url`, or back to the folder for ""; return how many.

    `show` is told how many files of how many are done. Raises InUseError while the site is being
    served, SettingsError, BucketSettingsError, MediaMoveError.
    """
    check_value("media_bucket", url)
    with alone(folder):
        settings = load_settings(folder)
        if bool(settings.media_bucket) == bool(url):
            raise MediaMoveError(N_("The pictures and files are already there."))
        try:
            count = _to(settings, url, show) if url else _back(settings, show)
        except OSError as error:
            raise MediaMoveError(
                N_("The files could not be transferred; nothing has changed: %(reason)s"),
                reason=reason_of(error),
            ) from error
        switch(folder, "media_bucket", url)
        return count


def _to(settings: Settings, url: str, show: Progress) -> int:
    bucket, here = Bucket(url, settings.media_region, settings.instance), files_of(settings)
    bucket.ready()
    names = sorted(name for name in here.names() if not Path(name).name.startswith("."))
    for number, name in enumerate(names, 1):
        content = (here.folder / name).read_bytes()
        bucket.put(name, content)
        if bucket.get(name) != content:
            raise MediaMoveError(
                N_("“%(name)s” reads back differently from what was written."), name=name
            )
        show(number, len(names))
    return len(names)


def _back(settings: Settings, show: Progress) -> int:
    bucket = bucket_of(settings)
    if bucket is None:
        raise AssertionError("there is a bucket to come back from")
    bucket.ready()
    here = MediaFiles(settings.instance / "media")
    names = sorted(bucket.names())
    for number, name in enumerate(names, 1):
        content = bucket.get(name)
        if content is None:
            raise MediaMoveError(N_("“%(name)s” has since disappeared from the store."), name=name)
        check(name, content)
        here.put(name, content)
        show(number, len(names))
    return len(names)
