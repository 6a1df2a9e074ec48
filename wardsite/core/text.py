"""Vietnamese text at the boundaries: NFC, pasted rubbish, folding, shortening, slugs, old fonts.

Everything typed, fetched or read passes through `nfc` (or `clean_pasted`, which includes it),
because the same word can arrive precomposed or with combining marks and then compares unequal.
"""

from __future__ import annotations

import re
import unicodedata

_D_WITH_STROKE = "đĐðÐɖƉ"  # U+0111 U+0110, and the look-alikes U+00F0 U+00D0 U+0256 U+0189
_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_MODERN = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")  # letters no Latin-1 font trick can produce


def nfc(s: str) -> str:
    """Return `s` in Unicode NFC, the only form this site stores or compares."""
    return unicodedata.normalize("NFC", s)


class _Visible(dict[int, str]):
    """Lazy table for `str.translate` that deletes what nobody can see.

    Format characters (Cf: soft hyphen, zero-width, byte-order mark, direction overrides), controls
    (Cc), lone surrogates (Cs: they cannot be encoded) and the two noncharacters XML forbids.
    Controls that mean a gap (form feed, next line) become a space.
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        unseen = unicodedata.category(char) in {"Cc", "Cf", "Cs"} or char in "\ufffe\uffff"
        if unseen and char not in "\t\n\r":
            char = " " if char.isspace() else ""
        self[code] = char
        return char


class _Folded(dict[int, str]):
    """Lazy table for `str.translate`: one NFC character to one plain lower-case character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _D_WITH_STROKE:
            folded = "d"
        else:
            base, *marks = list(unicodedata.normalize("NFD", char))
            # Hangul also decomposes, but into letters: only marks may be dropped.
            keep = any(unicodedata.category(mark) != "Mn" for mark in marks)
            folded = char if keep else base.lower()
        self[code] = folded
        return folded


_VISIBLE = _Visible()
_FOLDED = _Folded()


def drop_invisible(s: str) -> str:
    """Return `s` in NFC without soft hyphens, zero-width, control and direction characters.

    Spaces and line breaks are kept. Run `looks_like_tcvn3` before this: in those fonts
    U+00AD is the letter ư.
    """
    return nfc(s.translate(_VISIBLE))


def clean_pasted(s: str, keep_lines: bool = False) -> str:
    """Clean text typed or pasted from Word, a PDF or a phone.

    NFC; invisible characters go; every kind of space (NBSP too) becomes one plain space; runs
    collapse and ends are stripped. With `keep_lines`, line breaks of every kind become `\\n`, each
    line is cleaned by itself and at most one blank line is left between two others.
    """
    if not keep_lines:
        return _BLANKS.sub(" ", drop_invisible(s)).strip()
    lines = [clean_pasted(line) for line in _LINE_BREAKS.split(s)]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def fold(s: str) -> str:
    """Return `s` without marks and case, for searching: `Đình`, `ĐÌNH` and `dinh` fold alike.

    Exactly one character out for each character of `nfc(s)`, so a place found in the folded text
    is the same place in the NFC original. SQLite cannot do this: its tokenizer keeps đ.
    """
    return nfc(s).translate(_FOLDED)


def shorten(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters; a cut falls between words and is shown by `…`.

    The `…` counts. A text that is one long word is cut within it.
    """
    if len(text) <= limit:
        return text
    head, gap, _ = text[:limit].rpartition(" ")
    kept = head if gap else text[: limit - 1]
    return kept.rstrip(" ,;:.–-") + "…"


def row_number(typed: str) -> int | None:
    """Return what was typed as a row's number: ASCII figures alone, at most 18 (64 bits); or None.

    More figures than the database can look up name no row, and Python refuses thousands of them.
    """
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 18 else None


def slugify(s: str, max_length: int = 80, fallback: str = "muc") -> str:
    """Return the address form of a title: `Thượng Đình` gives `thuong-dinh`.

    Only a-z, 0-9 and single hyphens, at most `max_length` characters, cut between words where
    there is a gap. `fallback` is returned when nothing is left, e.g. for a title in Chinese.
    """
    plain = fold(unicodedata.normalize("NFKC", clean_pasted(s)))
    slug = _NOT_SLUG.sub("-", plain).strip("-")
    if len(slug) > max_length:
        head, gap, _ = slug[: max_length + 1].rpartition("-")
        slug = head if gap else slug[:max_length]
    return slug or fallback


# Is it a Vietnamese syllable? Enough to tell a right guess from a wrong one, not a spell checker.
_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
    "[ou]?(?:(?:iê|yê|ia|ya|uô|ua|ươ|ưa|[aeêioôơuưy])(?:ch|nh|ng|[cmnptiyou])?"
    "|[ăâ](?:ng|[cmnptuy]))"
)
_TONES = {0x0300: None, 0x0301: None, 0x0303: None, 0x0309: None, 0x0323: None}
_STOPPED = ("c", "ch", "p", "t")


def _is_syllable(word: str) -> bool:
    """Say whether one word is spelt as a Vietnamese syllable may be."""
    marks = unicodedata.normalize("NFD", word.lower())
    toneless = nfc(marks.translate(_TONES))
    if not _SYLLABLE.fullmatch(toneless):
        return False
    # A syllable closed by a stop carries only sắc or nặng.
    return not toneless.endswith(_STOPPED) or "\u0301" in marks or "\u0323" in marks


# TCVN3 ("ABC", the .VnTime fonts): the VN3 set of TCVN 5712:1993 read as Latin-1. Capitals with a
# tone do not exist in it: the fonts whose names end in H draw the small letters as capitals.
_TCVN3_SEEN = "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
_TCVN3_MEANT = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_TCVN3 = str.maketrans(_TCVN3_SEEN, _TCVN3_MEANT)
_TCVN3_WORD = re.compile(f"[A-Za-z{re.escape(_TCVN3_SEEN)}]+")
# Signs that real text does not put inside words. U+00AD is not one: real text hyphenates with it.
_TCVN3_SIGN = re.compile("[¡¢£¤¥¦§¨©ª«¬®¶·¸¹»¼½¾]|(?<!^)µ")


def looks_like_tcvn3(s: str) -> bool:
    """Say whether `s` was probably typed for the old TCVN3 (.VnTime) fonts: `ph­êng`, `nh©n d©n`.

    A guess for offering `from_tcvn3` with a preview, never for converting in silence. True when at
    least two words, more than half of those that would change, turn into Vietnamese syllables, one
    of them by a sign that is no letter, and no letter is present that only Unicode has.
    """
    if _MODERN.search(s):
        return False
    changed = [word for word in _TCVN3_WORD.findall(s) if len(word) > 1 and not word.isascii()]
    right = [word for word in changed if _is_syllable(word.translate(_TCVN3))]
    signed = any(_TCVN3_SIGN.search(word) for word in right)
    return signed and len(right) >= 2 and 2 * len(right) > len(changed)


def from_tcvn3(s: str) -> str:
    """Return text typed for the TCVN3 fonts as Unicode (NFC); other characters stay as they are.

    Text that was shown in a capitals font (.VnTimeH) comes out in small letters: the case was in
    the font, not in the text.
    """
    return nfc(s.translate(_TCVN3))


# VNI-Windows: a vowel followed by a sign for its tone or shape; ơ ư đ and i are single letters.
# Rows: what is seen, what is meant. Tones stand in the order huyền, sắc, hỏi, ngã, nặng.
_VNI_TONES = "øùûõï"
_VNI_ROWS: tuple[tuple[str, str, str], ...] = (
    ("a", _VNI_TONES, "àáảãạ"),
    ("a", "êèéúüë", "ăằắẳẵặ"),
    ("a", "âàáåãä", "âầấẩẫậ"),
    ("e", _VNI_TONES, "èéẻẽẹ"),
    ("e", "âàáåãä", "êềếểễệ"),
    ("o", _VNI_TONES, "òóỏõọ"),
    ("o", "âàáåãä", "ôồốổỗộ"),
    ("ô", _VNI_TONES, "ờớởỡợ"),
    ("u", _VNI_TONES, "ùúủũụ"),
    ("ö", _VNI_TONES, "ừứửữự"),
    ("y", _VNI_TONES[:4], "ỳýỷỹ"),
)
_VNI_SINGLE = dict(zip("ôöìíæóòîñ", "ơưìíỉĩịỵđ", strict=True))
_VNI = _VNI_SINGLE | {
    vowel + sign: letter
    for vowel, signs, letters in _VNI_ROWS
    for sign, letter in zip(signs, letters, strict=True)
}
_VNI_PART = re.compile("|".join(sorted(_VNI, key=len, reverse=True)), re.IGNORECASE)
_VNI_WORD = re.compile("[a-zøùûõïêèéúüëâàáåãäôöìíæóòîñ]+", re.IGNORECASE)
_VNI_SURE = re.compile("[aeo]â|öô", re.IGNORECASE)
_VNI_LIKELY = re.compile("^ñ|[aeouyôö][øûõï]|[aeo][åä]", re.IGNORECASE)


def looks_like_vni(s: str) -> bool:
    """Say whether `s` was probably typed for the old VNI-Windows fonts: `nhaân daân phöôøng`.

    A guess for a warning only. True when one word holds a pair no other spelling has (aâ eâ oâ öô)
    or two words hold a likelier one, they turn into Vietnamese syllables, and no letter is present
    that only Unicode has. Pairs such as oà are no evidence: `hoàn toàn` is right as it is.
    """
    if _MODERN.search(s):
        return False
    words = [
        word for word in _VNI_WORD.findall(s) if _VNI_SURE.search(word) or _VNI_LIKELY.search(word)
    ]
    right = [word for word in words if _is_syllable(from_vni(word))]
    return len(right) >= 2 or any(map(_VNI_SURE.search, right))


def legacy_encoding(s: str) -> str:
    """Return which old fonts `s` was probably typed for, "tcvn3" or "vni", or an empty string."""
    if looks_like_tcvn3(s):
        return "tcvn3"
    return "vni" if looks_like_vni(s) else ""


def _vni_letter(found: re.Match[str]) -> str:
    """Return the letter meant by one pair or sign; the case is that of its first character."""
    seen = found[0]
    meant = _VNI[seen.lower()]
    return meant.upper() if seen[0].isupper() else meant


def from_vni(s: str) -> str:
    """Return text typed for the VNI-Windows fonts as Unicode (NFC); the rest stays as it is."""
    return nfc(_VNI_PART.sub(_vni_letter, nfc(s)))
