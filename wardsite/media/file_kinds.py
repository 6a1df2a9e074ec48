"""What an attached file really is, by its bytes; macros, scripts and bombs are refused.

The name a file came with decides nothing. What passes is still served so that a browser never runs
it (media/views.py); this is the first of the two walls.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from wardsite.core.errors import N_, WardsiteError

MAX_UNPACKED = 200 * 1024 * 1024
"""bytes a file may unpack to; a bomb of 99 KB has been seen to fill a gigabyte."""
MAX_ENTRIES = 5000
_PDF_OBJECTS = re.compile(rb"/ObjStm\b.{0,500}?stream\r?\n", re.DOTALL)
_TOO_MUCH = N_("The file unpacks to far more than a normal document, so it was not accepted.")
_MAX_PART, _MAX_OBJECTS = 4 * 1024 * 1024, 64 * 1024 * 1024
"""bytes that one and that all streams of a PDF's objects may unpack to."""
_MAX_LINKS = 1024 * 1024  # bytes of one list of relations that are looked through


@dataclass(frozen=True)
class FileKind:
    """A kind of file that may be attached: its extension and the type it is served as."""

    extension: str
    mimetype: str


KINDS = {
    kind.extension: kind
    for kind in (
        FileKind("pdf", "application/pdf"),
        FileKind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        FileKind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        FileKind(
            "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        ),
        FileKind("odt", "application/vnd.oasis.opendocument.text"),
        FileKind("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    )
}
_OFFICE_PARTS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_OPEN_DOCUMENT = {KINDS[name].mimetype.encode(): name for name in ("odt", "ods")}
# Long enough not to occur by chance in compressed bytes, as a short one such as /JS would.
_PDF_ACTIVE = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")
_PDF_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class FileRefusedError(WardsiteError):
    """The file may not be attached; the message says why and what to do."""


def kind_of(content: bytes) -> FileKind:
    """Return what the bytes are: pdf, docx, xlsx, pptx, odt or ods.

    Raises FileRefusedError for anything else, for damaged files, for what unpacks to more than
    MAX_UNPACKED, and for files that carry macros, scripts, programs or links to fetch them.
    """
    if content.startswith(b"%PDF-"):
        return _checked_pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return _checked_package(content)
    if content.startswith(_OLD_OFFICE):
        raise FileRefusedError(
            N_(
                "This file is password-protected or in an old format (.doc, .xls, .ppt). Save it "
                "as .docx, .xlsx or PDF without a password, then attach it."
            )
        )
    if not content:
        raise FileRefusedError(N_("The file is empty."))
    name = _name_of(content)
    if not name:
        raise FileRefusedError(
            N_("Only PDF, Word, Excel, PowerPoint and OpenDocument files are accepted.")
        )
    raise FileRefusedError(
        N_(
            "Only PDF, Word, Excel, PowerPoint and OpenDocument files are accepted; this file "
            "is: %(found)s"
        ),
        found=name,
    )


def _name_of(content: bytes) -> str:
    import puremagic  # its list of all the world's formats is for a refusal only

    try:
        found = puremagic.magic_string(content[:65536])
    except (puremagic.PureError, ValueError):
        found = []
    return str(found[0].extension or found[0].name) if found else ""


def _checked_pdf(content: bytes) -> FileKind:
    if b"%%EOF" not in content[-2048:]:
        raise FileRefusedError(N_("The PDF is damaged: the end is missing. Create it again."))
    if any(_is_active(part) for part in (content, *_object_streams(content))):
        raise FileRefusedError(
            N_("The PDF contains a script, a program or an embedded file. Print it to a new PDF.")
        )
    return KINDS["pdf"]


def _is_active(part: bytes) -> bool:
    # A name may hide behind hexadecimal escapes: /J#61vaScript.
    plain = _PDF_HEX.sub(lambda found: bytes([int(found[1], 16)]), part)
    return any(name in part or name in plain for name in _PDF_ACTIVE)


def _object_streams(content: bytes) -> Iterator[bytes]:
    """Yield the compressed objects of a PDF 1.5, where names cannot be read from outside.

    Raises FileRefusedError for more than any program makes, since what is not read could hide.
    """
    left = _MAX_OBJECTS
    for number, found in enumerate(_PDF_OBJECTS.finditer(content)):
        packed = content[found.end() : found.end() + _MAX_LINKS]
        reader = zlib.decompressobj()
        with suppress(zlib.error):
            part = reader.decompress(packed, _MAX_PART)
            left -= len(part)
            whole = len(part) < _MAX_PART and (reader.eof or len(packed) < _MAX_LINKS)
            if left <= 0 or number >= MAX_ENTRIES or not whole:
                raise FileRefusedError(_TOO_MUCH)
            yield part


def _checked_package(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            _check_size(entries)
            kind = _package_kind(package, {entry.filename for entry in entries})
            _check_harmless(package, entries)
    except FileRefusedError:
        raise
    # zipfile raises all of these for what is no whole archive.
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError, EOFError,
            RuntimeError, OverflowError) as error:  # fmt: skip
        raise FileRefusedError(N_("The file is damaged and cannot be opened.")) from error
    return kind


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
        raise FileRefusedError(_TOO_MUCH)
    for entry in entries:
        if entry.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", entry.filename):
            raise FileRefusedError(N_("The file is damaged and cannot be opened."))


def _package_kind(package: zipfile.ZipFile, names: set[str]) -> FileKind:
    if "mimetype" in names:
        with package.open("mimetype") as file:
            found = _OPEN_DOCUMENT.get(file.read(200).strip())
        if found:
            return KINDS[found]
    elif "[Content_Types].xml" in names:
        for part, extension in _OFFICE_PARTS.items():
            if part in names:
                return KINDS[extension]
    raise FileRefusedError(
        N_("Compressed files (.zip) are not accepted. Attach each document separately.")
    )


def _check_harmless(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        name = entry.filename.lower()
        if name.endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs", ".hta")) or (
            "activex/" in name
            or name.startswith(("basic/", "scripts/"))
            or (name == "[content_types].xml" and _declares_macros(_start(package, entry)))
        ):
            raise FileRefusedError(
                N_("The file contains macros or programs. Save it without them, or as PDF.")
            )
        if name == "meta-inf/manifest.xml" and b"encryption-data" in _start(package, entry):
            raise FileRefusedError(
                N_("The file is password-protected. Save it without a password.")
            )
        if name.endswith("settings.xml.rels") and b"attachedTemplate" in (
            links := _start(package, entry)
        ):
            _check_template(links)


def _declares_macros(types: bytes) -> bool:
    """Tell whether a package says that it has macros, whatever the part with them is called.

    UTF-16 is read as well; letters as numbers, which no program writes here, hide something.
    """
    plain = types.replace(b"\0", b"").lower()
    marks = (b"vbaproject", b"macroenabled", b"activex", b"&#")
    return len(types) >= _MAX_LINKS or any(mark in plain for mark in marks)


def _check_template(links: bytes) -> None:
    """Refuse a template fetched from elsewhere: it can bring macros after the file was checked."""
    for relation in re.findall(rb"<Relationship\b[^>]*>", links):
        if b"attachedTemplate" in relation and re.search(
            rb"""Target\s*=\s*["'](?:https?:|\\\\|//)""", relation, re.IGNORECASE
        ):
            raise FileRefusedError(
                N_(
                    "The file loads a template from another location. Save it as a new file, or "
                    "as PDF."
                )
            )


def _start(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with package.open(entry) as file:
        return file.read(_MAX_LINKS)
