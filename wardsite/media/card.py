"""A square picture of a text, to be passed on in Zalo groups: 1080 × 1080 px, JPEG."""

from __future__ import annotations

import io

import segno
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, ImageOps

from wardsite.media import sheet as look
from wardsite.media.sheet import Sheet, balance, prepared, wrap

SIDE = 1080
_MARGIN = 72
_HEAD = 132
_FOOT = 236
_INNER = SIDE - 2 * _MARGIN
_TITLES = (88, 80, 72, 66, 60, 54, 48, 44, 40, 36, 32, 28, 24)
_PICTURE = 340
_LEAD = 34


def card(sheet: Sheet) -> bytes:
    """Return the picture: the unit, the title, the beginning, and the code that leads on."""
    sheet = prepared(sheet)
    image = Pillow.new("RGB", (SIDE, SIDE), look.PAPER)
    draw = ImageDraw.Draw(image)
    _draw_head(image, draw, sheet)
    top = _HEAD + 8
    if sheet.picture is not None:
        with Pillow.open(sheet.picture) as photo:
            image.paste(ImageOps.fit(photo.convert("RGB"), (SIDE, _PICTURE)), (0, top))
        top += _PICTURE
    _draw_words(draw, sheet, top)
    _draw_foot(image, draw, sheet)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92, subsampling=0, optimize=True)
    return buffer.getvalue()


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    file = look.BOLD if bold else look.REGULAR
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)


def _draw_head(image: Pillow.Image, draw: ImageDraw.ImageDraw, sheet: Sheet) -> None:
    draw.rectangle((0, 0, SIDE, _HEAD), fill=look.RED if sheet.urgent else sheet.colour)
    draw.rectangle((0, _HEAD, SIDE, _HEAD + 7), fill=look.GOLD)
    x = _MARGIN
    if sheet.logo is not None:
        with Pillow.open(sheet.logo) as logo:
            shown = ImageOps.contain(logo.convert("RGBA"), (96, 96))
        image.paste(shown, (x, (_HEAD - shown.height) // 2), shown)
        x += shown.width + 24
    room = SIDE - _MARGIN - x
    name = sheet.unit
    size = next(
        s for s in (46, 40, 34, 28, 24) if _font(s, True).getlength(name) <= room or s == 24
    )
    font = _font(size, True)
    lines = wrap(name, room, font.getlength)[:2]
    over = sheet.over
    y = (_HEAD - len(lines) * size * 1.25 - (30 if over else 0)) / 2 - 2
    if over:
        draw.text((x, y), over, "#e9dfc8", _font(22))
        y += 32
    for line in lines:
        _line(draw, x, y, line, font, "#ffffff")
        y += size * 1.25


def _draw_words(draw: ImageDraw.ImageDraw, sheet: Sheet, top: int) -> None:
    """Set title and beginning between head and foot, in the middle of the room they have."""
    label = f"{sheet.label} · {sheet.day}" if sheet.label and sheet.day else sheet.label
    notes = [(sheet.mark, look.RED), (label, look.GOLD_TEXT)]
    small = _font(28, True)
    room = SIDE - _FOOT - top - 56
    used = 50 * sum(bool(text) for text, _ink in notes)
    share = 0.72 if sheet.picture is None else 0.95
    font, lines = _title(sheet.title, (room - used) * share)
    leading = font.size * 1.24
    lead = _lead(sheet, room - used - len(lines) * leading - 30)
    height = used + len(lines) * leading + (30 + len(lead) * _LEAD * 1.4 if lead else 0)
    y = top + 28 + max(0.0, (room - height) / 2)
    for text, ink in notes:
        if text:
            _line(draw, _MARGIN, y, text, small, ink)
            y += 50
    for line in lines:
        _line(draw, _MARGIN, y, line, font, look.RED if sheet.urgent else sheet.colour)
        y += leading
    y += 24
    for line in lead:
        _line(draw, _MARGIN, y, line, _font(_LEAD), look.INK)
        y += _LEAD * 1.4


def _title(title: str, room: float) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    for size in _TITLES:
        font = _font(size, True)
        lines = balance(title, _INNER, font.getlength)
        if len(lines) * size * 1.24 <= room:
            break
    return font, lines


def _lead(sheet: Sheet, room: float) -> list[str]:
    """Return as many lines of the beginning as there is room for, the last one ending in `…`."""
    text = sheet.lead or " ".join(block.text for block in sheet.blocks[:4])
    measure = _font(_LEAD).getlength
    lines = wrap(text, _INNER, measure)
    most = min(6, int(room // (_LEAD * 1.4)))
    if len(lines) <= most:
        return lines
    if most < 2:
        return []
    kept = lines[:most]
    while kept[-1] and measure(kept[-1] + "…") > _INNER:
        kept[-1] = kept[-1].rpartition(" ")[0]
    kept[-1] = kept[-1].rstrip(" ,;:.–-") + "…"
    return kept


def _draw_foot(image: Pillow.Image, draw: ImageDraw.ImageDraw, sheet: Sheet) -> None:
    top = SIDE - _FOOT
    draw.rectangle((0, top, SIDE, SIDE), fill=sheet.colour)
    draw.rectangle((0, top, SIDE, top + 5), fill=look.GOLD)
    room = _INNER
    if sheet.address:
        code = _code(sheet.address, _FOOT - 46)
        image.paste(code, (SIDE - _MARGIN - code.width, top + 5 + (_FOOT - 5 - code.height) // 2))
        room -= code.width + 36
    rows = []
    for text, size, bold, ink in (
        (sheet.invitation if sheet.address else "", 34, True, "#ffffff"),
        (sheet.host, 26, False, "#f3e7c9"),
        *((line, 24, False, "#d5dde0") for line in sheet.contact),
    ):
        font = _font(size, bold)
        rows += [(line, font, ink) for line in wrap(text, room, font.getlength)[:1]]
    y = top + (_FOOT - sum(font.size * 1.4 for _text, font, _ink in rows)) / 2
    for text, font, ink in rows:
        _line(draw, _MARGIN, y, text, font, ink)
        y += font.size * 1.4


def _code(address: str, most: int) -> Pillow.Image:
    """Return the QR code in whole pixels a module, at most `most` px wide."""
    code = segno.make_qr(address, error="m")
    scale = max(1, most // code.symbol_size(border=4)[0])
    buffer = io.BytesIO()
    code.save(buffer, kind="png", scale=scale, border=4)
    return Pillow.open(buffer).convert("RGB")


def _line(
    draw: ImageDraw.ImageDraw, x: float, y: float, text: str, font: ImageFont.FreeTypeFont, ink: str
) -> None:
    draw.text((x, y), text.replace("\u00a0", " "), ink, font)
