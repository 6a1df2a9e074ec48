"""QR codes (mã QR) for paper: drawn here, as lines of an SVG in the page, with no third party."""

from functools import lru_cache

from markupsafe import Markup, escape


@lru_cache(maxsize=256)
def qr(address: str, label: str) -> Markup:
    """Return an SVG of `address` as a QR code, `label` its name for those who cannot see it.

    Error correction M: a print that is folded or stained still reads. Four modules of margin, as
    ISO/IEC 18004 asks.
    """
    import segno  # pages to read ask for it, and most of those come from the page cache

    code = segno.make_qr(address, error="m")
    side = code.symbol_size(border=4)[0]
    path = code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None)
    shape = path.partition(">")[2].removesuffix("</svg>")
    return Markup(  # noqa: S704
        f'<svg class="qr" viewBox="0 0 {side} {side}" width="{side * 4}" height="{side * 4}" '
        f'role="img" aria-label="{escape(label)}">{shape}</svg>'
    )
