"""What tests read off a poster and a picture for Zalo."""

import io

import segno
from PIL import Image
from pypdf import PdfReader

from wardsite.media.card import SIDE


def poster_text(content: bytes) -> str:
    """Return the words of a poster, which must be one page of A4 with its fonts in it."""
    reader = PdfReader(io.BytesIO(content))
    (page,) = reader.pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    for font in page["/Resources"]["/Font"].values():
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in descriptor.get_object()
    assert reader.trailer["/Root"]["/Lang"] == "vi-VN"
    return " ".join(page.extract_text().split())


def code_in(picture: bytes) -> list[list[bool]]:
    """Return the modules of the QR code in a picture: the white square at the foot."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    assert image.size == (SIDE, SIDE)
    foot = image.crop((SIDE // 2, SIDE - 230, SIDE, SIDE))
    box = foot.point(lambda grey: 255 * (grey > 245)).getbbox()
    assert box is not None
    square = foot.crop(box)
    assert abs(square.width - square.height) <= 2
    return [[bool(square.getpixel((x, y)) < 128) for x in range(square.width)]
            for y in range(square.height)]  # fmt: skip


def leads_to(picture: bytes, address: str) -> bool:
    """Tell whether the code in the picture is that of the address, module by module."""
    pixels, wanted = code_in(picture), segno.make_qr(address, error="m").matrix
    modules = len(wanted) + 8
    step = len(pixels) / modules
    return all(
        pixels[int((row + 4.5) * step)][int((column + 4.5) * step)] == bool(dark)
        for row, line in enumerate(wanted)
        for column, dark in enumerate(line)
    )
