"""Text of a .docx or .pdf and sheets of an .xlsx, read in a child process held in by limits.

The parent (`read_text`) starts this very module as a program. What a hostile file can do there is
run into a limit; the parent then says so in plain words. Needs Linux's or BSD's rlimits.
"""

import io
import json
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from wardsite.core.errors import N_, WardsiteError
from wardsite.documents.sheet import HEAD_WITHIN, MAX_DOCUMENTS

MEMORY = 400 * 1024 * 1024  # bytes of address space
MAX_XML = 60 * 1024 * 1024  # bytes of a Word document's text, unpacked
MAX_OUTPUT = 4_000_000  # characters
MAX_SHEETS = 10  # of a workbook
MAX_ROWS = MAX_DOCUMENTS + HEAD_WITHIN + 1  # of a sheet: one more, so that too many are noticed
MAX_COLUMNS = 30
SECONDS_OF_ENDS = 8
SECONDS_OF_ALL = 60
_ENDS = (3, 2)  # pages at the start and at the end: where the fields of a document stand
_COLUMNS = re.compile(r"(?<=\S) {4,}(?=\S)")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

_REASONS = {
    "damaged": N_("The file is damaged: its text cannot be read. Fill in the fields manually."),
    "encrypted": N_("The file is password-protected. Fill in the fields manually."),
    "empty": N_(
        "The file contains only page images and no text (a scan). Fill in the fields manually."
    ),
    "limit": N_("Reading the text takes too much time or memory. Fill in the fields manually."),
}
_SHEET_REASONS = {
    "damaged": N_("The spreadsheet is damaged. Open it in Excel, save it again, and choose it."),
    "limit": N_("The spreadsheet is too large. Divide it into several files."),
}


class TextUnreadableError(WardsiteError):
    """The text of a file cannot be read; `reason` is damaged, encrypted, empty or limit."""

    def __init__(self, reason: str, kind: str) -> None:
        """Take the words for the officer from the reason and the kind of file."""
        super().__init__((_SHEET_REASONS if kind == "xlsx" else _REASONS)[reason])
        self.reason = reason


def read_text(path: Path, kind: str, *, whole: bool) -> str:
    """Return the text of a file of `kind` docx or pdf; line by line, columns apart by tabs.

    Without `whole`, of a PDF only the first pages and the last: enough for the fields, in the time
    an officer waits. Raises TextUnreadableError.
    """
    seconds = SECONDS_OF_ALL if whole else SECONDS_OF_ENDS
    text: str = _ask(path, kind, "whole" if whole else "ends", seconds)
    return text


def read_sheets(path: Path) -> dict[str, list[list[str]]]:
    """Return name and cells, as text with days as 2026-11-24, of each sheet of an .xlsx that shows.

    At most MAX_SHEETS, MAX_ROWS and MAX_COLUMNS. Raises TextUnreadableError (damaged or limit).
    """
    sheets: dict[str, list[list[str]]] = _ask(path, "xlsx", "whole", SECONDS_OF_ENDS)
    return sheets


def _ask(path: Path, kind: str, extent: str, seconds: int) -> Any:
    command = [sys.executable, "-I", "-m", "wardsite.documents.extract", kind, str(path)]
    try:
        # Our own program, and a path made of a hash.
        done = subprocess.run(  # noqa: S603
            [*command, extent, str(seconds)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds + 5,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TextUnreadableError("limit", kind) from error
    if done.returncode != 0 or len(done.stdout) > 8 * MAX_OUTPUT:
        raise TextUnreadableError("limit", kind)
    answer: dict[str, Any] = json.loads(done.stdout)
    if "reason" in answer:
        raise TextUnreadableError(answer["reason"], kind)
    return answer["found"]


def main(arguments: list[str]) -> None:
    """Be the child: take on the limits first, then read, then print JSON."""
    kind, path, extent, seconds = arguments
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    answer: dict[str, Any]
    try:
        content = Path(path).read_bytes()
        found: Any
        if kind == "xlsx":
            found = _xlsx(content)
        else:
            text = _docx(content) if kind == "docx" else _pdf(content, whole=extent == "whole")
            found = text if text.strip() else None
        answer = {"found": found} if found else {"reason": "empty"}
    except _EncryptedError:
        answer = {"reason": "encrypted"}
    except (MemoryError, RecursionError):
        answer = {"reason": "limit"}
    except Exception:  # the parsers raise far more than their own errors on damaged files
        answer = {"reason": "damaged"}
    sys.stdout.write(json.dumps(answer))


class _EncryptedError(Exception):
    """The file needs a password."""


def _docx(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entry = package.getinfo("word/document.xml")
        if entry.file_size > MAX_XML:
            raise MemoryError
        with package.open(entry) as file:
            xml = file.read(MAX_XML + 1)
    if len(xml) > MAX_XML or b"<!DOCTYPE" in xml[:4096]:
        raise MemoryError
    return _bounded(_paragraphs(xml))


def _paragraphs(xml: bytes) -> Iterator[str]:
    """Yield each paragraph's text; those in tables and text boxes too, in the file's order."""
    open_: list[list[str]] = []
    skipped = 0
    for event, node in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):  # noqa: S314
        if node.tag == _FALLBACK:  # the same text box again, for old programs
            skipped += 1 if event == "start" else -1
        elif skipped:
            continue
        elif event == "start":
            if node.tag == f"{_WORD}p":
                open_.append([])
        elif node.tag == f"{_WORD}p":
            yield "".join(open_.pop())
            node.clear()
        elif open_:
            open_[-1].append(_run(node))


def _run(node: ElementTree.Element) -> str:
    if node.tag == f"{_WORD}t":
        return node.text or ""
    if node.tag == f"{_WORD}tab":
        return "\t"
    return "\n" if node.tag in (f"{_WORD}br", f"{_WORD}cr") else ""


def _pdf(content: bytes, *, whole: bool) -> str:
    # Imported here: only the child needs it, and it is slow to load.
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError

    reader = PdfReader(io.BytesIO(content))
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise _EncryptedError
        count = len(reader.pages)
        first, last = _ENDS
        numbers = range(count)
        wanted = numbers if whole or count <= first + last else [*numbers[:first], *numbers[-last:]]
        return _bounded(_page_text(reader.pages[number], whole=whole) for number in wanted)
    except FileNotDecryptedError as error:
        raise _EncryptedError from error


def _page_text(page: Any, *, whole: bool) -> str:
    """Return a page's lines from the top; what stands far apart on one line has a tab between.

    The whole of a long file is for the search alone: without the layout, in half the time.
    """
    if whole:
        return str(page.extract_text())
    laid_out = page.extract_text(
        extraction_mode="layout",
        layout_mode_space_vertically=False,
        layout_mode_scale_weight=1.0,
    )
    return _COLUMNS.sub("\t", str(laid_out))


def _xlsx(content: bytes) -> dict[str, list[list[str]]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return {
        sheet.title: [
            [_cell(value) for value in row]
            for row in sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
        ]
        for sheet in shown[:MAX_SHEETS]
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:2000]


def _bounded(parts: Iterator[str]) -> str:
    out, length = [], 0
    for part in parts:
        out.append(part)
        length += len(part) + 1
        if length > MAX_OUTPUT:
            break
    return "\n".join(out)[:MAX_OUTPUT]


if __name__ == "__main__":
    main(sys.argv[1:])
