"""Text and fields out of real files, in the bounded child; hostile ones run into its limits."""

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from tests.held_out_corpus import HELD_OUT
from tests.office import package, pdf
from tests.official_corpus import DISPATCH, MADE, Made
from wardsite.core.official_text import OfficialFields, read_fields
from wardsite.documents import extract
from wardsite.documents.extract import TextUnreadableError, read_text

WANTED = ("code", "kind", "issuer", "issued_on", "summary", "signer", "post")
LEAST = 0.95


def fields_of(content: bytes, kind: str, folder: Path) -> OfficialFields:
    path = folder / f"a.{kind}"
    path.write_bytes(content)
    return read_fields(read_text(path, kind, whole=False))


def hits(made: Made, fields: OfficialFields) -> dict[str, bool]:
    got = {
        "code": str(fields.code or ""),
        "kind": fields.kind,
        "issuer": fields.issuer,
        "issued_on": str(fields.issued_on or ""),
        "summary": fields.summary,
        "signer": fields.signer_name,
        "post": fields.signer_title,
    }
    posts = "; ".join(", ".join(takewhile(str.isupper, block)) for block in made.signed)
    return {name: got[name] == getattr(made, name, posts) for name in WANTED}


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_the_dispatch_itself_fills_every_field(kind: str, tmp_path: Path) -> None:
    content = DISPATCH.as_docx() if kind == "docx" else DISPATCH.as_pdf()
    fields = fields_of(content, kind, tmp_path)
    assert all(hits(DISPATCH, fields).values()), fields
    assert fields.place == "Thanh Xuân"
    assert fields.signer_title == "TL. CHỦ TỊCH, KT. CHÁNH VĂN PHÒNG, PHÓ CHÁNH VĂN PHÒNG"


@pytest.mark.parametrize("kind", ["docx", "pdf"])
@pytest.mark.parametrize(
    ("corpus", "many"), [(MADE, 34), (HELD_OUT, 17)], ids=["corpus", "held-out"]
)
def test_documents_of_every_kind_and_layout_fill_their_fields(
    corpus: Sequence[Made], many: int, kind: str
) -> None:
    """Read in this process, as what is measured is the reading; the child is tested below."""
    rate: Counter[str] = Counter()
    missed = []
    for made in corpus:
        if kind == "docx":
            text = extract._docx(made.as_docx())
        else:
            text = extract._pdf(made.as_pdf(), whole=False)
        for name, hit in hits(made, read_fields(text)).items():
            rate[name] += hit
            if not hit:
                missed.append((made.name, name))
    print(f"\n{kind}: {len(corpus)} documents, hits " + str(dict(rate)))  # shown by pytest -s
    assert len(corpus) == many
    assert all(rate[name] >= LEAST * many for name in WANTED), (rate, missed)


def refused(path: Path, kind: str) -> str:
    with pytest.raises(TextUnreadableError) as caught:
        read_text(path, kind, whole=False)
    return caught.value.reason


def test_what_cannot_be_read_is_told_in_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"%PDF-1.4 nothing")
    assert refused(file, "pdf") == "damaged"
    file.write_bytes(package({"[Content_Types].xml": "x"}))
    assert refused(file, "docx") == "damaged"
    file.write_bytes(package({"word/document.xml": "<w:p"}))
    assert refused(file, "docx") == "damaged"
    file.write_bytes(pdf([[(70, 700, " ")]]))
    assert refused(file, "pdf") == "empty"


def test_a_pdf_with_a_password_is_told_apart(tmp_path: Path) -> None:
    writer = PdfWriter(PdfReader(io.BytesIO(pdf([[(70, 700, "Thông báo")]]))))
    writer.encrypt("mat-khau", algorithm="RC4-128")
    with (tmp_path / "a.pdf").open("wb") as file:
        writer.write(file)
    assert refused(tmp_path / "a.pdf", "pdf") == "encrypted"


def test_bombs_run_into_the_limits_of_the_child(tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w>" + b" " * (extract.MAX_XML + 10))
    assert refused(file, "docx") == "limit"
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    file.write_bytes(
        package({"word/document.xml": f"<!DOCTYPE x [{entities}]><x>&a8;</x>"}),
    )
    assert refused(file, "docx") == "limit"


def test_a_file_that_takes_for_ever_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "SECONDS_OF_ENDS", 1)
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf([[(70, y, "Nội dung dài " * 40) for y in range(800)]] * 5))
    assert refused(file, "pdf") == "limit"


def test_of_a_long_pdf_the_ends_are_enough_and_the_whole_is_read_when_asked(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf([[(70, 700, f"Trang số {n}")] for n in range(1, 41)]))
    ends = read_text(file, "pdf", whole=False)
    assert "Trang số 3" in ends
    assert "Trang số 40" in ends
    assert "Trang số 20" not in ends
    assert "Trang số 20" in read_text(file, "pdf", whole=True)
