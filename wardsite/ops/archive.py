"""The file of a backup: written in one pass, and read as if a stranger had made it.

USTAR inside zstd (RFC 8878): an archive must open in ten years with nothing but `tar` and `zstd`.
Level 3: better than gzip at its fastest and several times as fast. Backups of before were gzip and
are still read; which one a file is, its first bytes say, never its name.
"""

import gzip
import hashlib
import io
import shutil
import sys
import tarfile
import zlib
from pathlib import Path
from typing import IO, Any, cast

from wardsite.core.backup import MANIFEST, SECRET_KEY, DamagedBackupError
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.manifest import FileEntry, Manifest, read_manifest
from wardsite.ops.progress import Progress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_MANIFEST = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_RESERVE = 32 * 1024 * 1024
_SLACK = 64 * 1024  # the end of a tar file is padded

_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
_WRITTEN: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 3,
    zstd.CompressionParameter.checksum_flag: 1,
}
# 16 MB, all that reading may take: ours need 2 MB, and a stranger's could ask for 2 GB.
_READ: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 24}

# What is raised for bytes that are no archive, or not all of one.
_NO_ARCHIVE = (
    tarfile.TarError,
    EOFError,
    zstd.ZstdError,
    zlib.error,
    gzip.BadGzipFile,
    ValueError,
)
_NAMES_COLLIDE = (FileExistsError, NotADirectoryError, IsADirectoryError)


class NoSpaceError(WardsiteError):
    """The disk has too little room."""


def describe(path: Path) -> FileEntry:
    """Return size and SHA-256 of a file. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FileEntry(size=size, sha256=digest.hexdigest())


def write_archive(out: IO[bytes], manifest: Manifest, sources: dict[str, Path]) -> None:
    """Write `manifest` and the files it names, read from `sources`. Raises OSError."""
    at = int(manifest.made_at.timestamp())
    with (
        zstd.ZstdFile(out, "wb", options=_WRITTEN) as packed,
        tarfile.open(
            fileobj=cast(IO[bytes], packed), mode="w|", format=tarfile.USTAR_FORMAT
        ) as tar,
    ):
        content = manifest.model_dump_json().encode()
        tar.addfile(_member(MANIFEST, len(content), at), io.BytesIO(content))
        for name, entry in manifest.files.items():
            with sources[name].open("rb") as file:
                tar.addfile(_member(name, entry.size, at), file)


def unpack(archive: Path, into: Path | None, progress: Progress | None = None) -> Manifest:
    """Check every byte of an archive and write its files below `into`, an empty folder.

    With `into` None nothing is written. Raises DamagedBackupError for whatever is not exactly what
    the manifest says: links, other names, other sizes, other contents, truncation, more than it
    names; OSError when the disk cannot take it.
    """
    try:
        with archive.open("rb") as raw, _unpacked(raw) as plain:
            bounded = _Bounded(plain, MAX_MANIFEST + _SLACK)
            with tarfile.open(
                fileobj=cast(IO[bytes], bounded), mode="r|", tarinfo=_PlainFile
            ) as tar:
                manifest = _first(tar)
                if into is not None:
                    check_space(into, manifest.size)
                bounded.allow(manifest.size + 1024 * len(manifest.files) + _SLACK)
                _unpack_files(tar, manifest, into, progress)
            bounded.finish()
            return manifest
    except (*_NO_ARCHIVE, *_NAMES_COLLIDE) as error:
        raise DamagedBackupError(
            N_("%(file)s is not a backup, or is damaged: %(reason)s"),
            file=archive.name,
            reason=str(error)[:200],
        ) from error


def _unpacked(raw: IO[bytes]) -> gzip.GzipFile | zstd.ZstdFile:
    """Return the tar file within `raw`, which neither of the two formats may hide from us."""
    beginning = raw.read(len(_ZSTD))
    raw.seek(0)
    if beginning.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    if beginning != _ZSTD:
        raise DamagedBackupError(N_("The file is not a backup: it does not begin with a manifest."))
    return zstd.ZstdFile(raw, "rb", options=_READ)


class _PlainFile(tarfile.TarInfo):
    """A member that is a plain file; any other kind is refused before its content is read."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_PlainFile":
        found = super().frombuf(buf, encoding, errors)
        if found.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or found.name.endswith("/"):
            raise DamagedBackupError(
                N_("The backup contains “%(name)s”, which is not a regular file."),
                name=found.name[:80],
            )
        return found


class _Bounded:
    """A stream that refuses to give more than was announced."""

    def __init__(self, stream: gzip.GzipFile | zstd.ZstdFile, allowance: int) -> None:
        self._stream = stream
        self._left = allowance

    def allow(self, allowance: int) -> None:
        """Let this many more bytes through, and no leftover of before."""
        self._left = allowance

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes. Raises DamagedBackupError past the allowance."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise DamagedBackupError(
                N_("The backup contains files that are not listed in its manifest.")
            )
        return data

    def finish(self) -> None:
        """Read to the end, which checks the format's own sum; only padding may follow."""
        while data := self.read(_CHUNK):
            if data.strip(b"\0"):
                raise DamagedBackupError(
                    N_("The backup contains files that are not listed in its manifest.")
                )


def check_space(folder: Path, needed: int) -> None:
    """Raise NoSpaceError unless `needed` bytes fit below `folder`, and some for the site."""
    free = shutil.disk_usage(folder).free
    if free < needed + _RESERVE:
        ours = [part for part in (folder, *folder.parents) if part.name.startswith(".")]
        raise NoSpaceError(
            N_("The disk holding %(folder)s has %(free)s MB free; %(needed)s MB is needed."),
            folder=str(ours[0].parent if ours else folder),  # a working folder says nothing
            free=free // 2**20,
            needed=(needed + _RESERVE) // 2**20,
        )


def _first(tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    if member is None or member.name != MANIFEST or member.size > MAX_MANIFEST:
        raise DamagedBackupError(N_("The file is not a backup: it does not begin with a manifest."))
    return read_manifest(_opened(tar, member).read())


def _unpack_files(
    tar: tarfile.TarFile, manifest: Manifest, into: Path | None, progress: Progress | None
) -> None:
    waiting, done = dict(manifest.files), 0
    while (member := tar.next()) is not None:
        entry = waiting.pop(member.name, None)
        if entry is None or member.size != entry.size:
            raise DamagedBackupError(
                N_("“%(name)s” in the backup does not match the manifest."),
                name=member.name[:80],
            )
        _copy(_opened(tar, member), member.name, entry, into)
        done += entry.size
        if progress:
            progress(done, manifest.size)
    if waiting:
        raise DamagedBackupError(
            N_("The backup is missing %(count)s files, such as “%(name)s”."),
            count=len(waiting),
            name=min(waiting),
        )


def _copy(content: IO[bytes], name: str, entry: FileEntry, into: Path | None) -> None:
    digest, target = hashlib.sha256(), None
    try:
        if into is not None:
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            target = path.open("xb")
            path.chmod(0o600 if name == SECRET_KEY else 0o644)
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            if target:
                target.write(chunk)
    finally:
        if target:
            target.close()
    if digest.hexdigest() != entry.sha256:
        raise DamagedBackupError(N_("“%(name)s” in the backup is damaged."), name=name)


def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = tar.extractfile(member)
    if found is None:
        raise DamagedBackupError(
            N_("The backup contains “%(name)s”, which is not a regular file."),
            name=member.name[:80],
        )
    return found


def _member(name: str, size: int, at: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    values: dict[str, Any] = {"size": size, "mtime": at}
    values["mode"] = 0o600 if name == SECRET_KEY else 0o644
    for key, value in values.items():
        setattr(member, key, value)
    return member
