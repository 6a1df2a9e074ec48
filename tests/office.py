"""Office files made by the tests, byte by byte: Word packages and PDF with a text layer."""

import io
import zipfile
import zlib
from xml.sax.saxutils import escape

Table = list[list[list[str]]]
"""Rows of cells of paragraphs."""
Block = str | Table

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def package(parts: dict[str, str | bytes]) -> bytes:
    """Return a zip archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(blocks: list[Block], **extra: str | bytes) -> bytes:
    """Return a Word document of paragraphs and tables; `extra` adds parts (`__` stands for /)."""
    body = "".join(_paragraph(b) if isinstance(b, str) else _table(b) for b in blocks)
    return package(
        {
            "[Content_Types].xml": _TYPES,
            "word/document.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:document '
            f'xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
            **{name.replace("__", "/"): content for name, content in extra.items()},
        }
    )


def _paragraph(text: str) -> str:
    # Word splits a line into runs wherever it was edited: halve it, as a real file would be.
    half = len(text) // 2
    runs = "".join(
        f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>'
        for part in (text[:half], text[half:])
    )
    return f"<w:p>{runs}</w:p>"


def _table(rows: Table) -> str:
    cells = (
        "".join(f"<w:tc>{''.join(map(_paragraph, cell))}</w:tc>" for cell in row) for row in rows
    )
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def pdf(pages: list[list[tuple[int, int, str]]]) -> bytes:
    """Return a PDF whose pages hold (x, y, text) in points from the lower left corner.

    The text layer is as Word's: glyph numbers, and a table that says which letters they are.
    """
    letters = sorted({char for page in pages for _x, _y, text in page for char in text})
    glyph = {char: number for number, char in enumerate(letters, 1)}
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    def stream(content: bytes) -> bytes:
        packed = zlib.compress(content)
        return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (
            len(packed),
            packed,
        )

    add(b"<< /Type /Catalog /Pages 2 0 R >>")
    add(b"")
    table = add(stream(_to_unicode(glyph)))
    info = add(
        b"<< /Type /FontDescriptor /FontName /Made /Flags 4 /FontBBox [0 0 1000 1000] "
        b"/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>"
    )
    child = add(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /DW 500 /FontDescriptor %d 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>" % info
    )
    font = add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-H "
        b"/DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (child, table)
    )
    kids = []
    for page in pages:
        drawn = "\n".join(
            f"BT /F1 12 Tf 1 0 0 1 {x} {y} Tm <{''.join(f'{glyph[c]:04x}' for c in text)}> Tj ET"
            for x, y, text in page
        )
        content = add(stream(drawn.encode()))
        kids.append(
            add(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
                b"/Resources << /Font << /F1 %d 0 R >> >> >>" % (content, font)
            )
        )
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (refs, len(kids))
    return _file(objects)


def _to_unicode(glyph: dict[str, int]) -> bytes:
    pairs = [f"<{number:04x}> <{ord(char):04x}>" for char, number in glyph.items()]
    blocks = (pairs[start : start + 100] for start in range(0, len(pairs), 100))
    maps = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Made def "
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{maps}\nendcmap end end"
    ).encode()


def _file(objects: list[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    )
    return out.getvalue()
