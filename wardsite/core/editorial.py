"""What an officer should look at before a text goes public. Warnings only: the officer decides."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from wardsite.core.errors import N_
from wardsite.core.markup import plain_text
from wardsite.core.text import drop_invisible, legacy_encoding

LONG_SENTENCE = 60
"""Words (syllables); a sentence of an official text that residents can follow has under forty."""

_IMAGE = re.compile(r"<img\b[^>]*>")
_ALT = re.compile(r'\balt="([^"]*)"')
_HREF = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
_SENTENCE_END = re.compile(r"(?<=[.!?…;:])\s+|\n")
_BLANK = re.compile(r"\[(?:…|\.\.\.|[^\]\n]{0,80}(?:…|\.\.\.))\]")
# Căn cước công dân: twelve digits, of which the first three are a province (001-096); chứng minh
# nhân dân: nine. Digits may stand in groups of three or four.
_ID_12 = re.compile(r"(?<![\d.,/])0\d{2}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}(?![\d/]|[.,]\d)")
_ID_WORD = re.compile(
    r"(?:CCCD|CMND|CMTND|căn cước|chứng minh)[^.\n]{0,40}?\b(\d{9}|\d{12})\b", re.I
)
# Mobile numbers belong to people: 03, 05, 07, 08, 09 and eight more digits (plan of 2018).
_MOBILE = re.compile(r"(?<![\d.])(?:\+?84|0)[ .]?[35789]\d(?:[ .-]?\d){7}(?!\d)")


@dataclass(frozen=True)
class Draft:
    """What is to be looked at. `cover_alt` is None when there is no cover."""

    title: str
    summary: str = ""
    body_html: str = ""
    cover_alt: str | None = None
    repost: bool = False
    source_name: str = ""
    source_url: str = ""
    official_phones: frozenset[str] = frozenset()
    """Digits of the unit's own numbers and hotlines, which are no private ones."""


@dataclass(frozen=True)
class Concern:
    """One thing to look at: `msgid` with `params`, and the words it is about."""

    code: str
    msgid: str
    excerpt: str = ""


def examine(draft: Draft, broken_links: Iterable[str] = ()) -> list[Concern]:
    """Return what to look at before publishing, most serious first; empty when all looks well."""
    body = plain_text(draft.body_html)
    words = "\n".join((draft.title, draft.summary, body))
    return [
        *_personal(words, draft.official_phones),
        *_legacy(words),
        *_blanks(words, draft.title),
        *_pictures(draft),
        *_source(draft),
        *(
            Concern("link", N_("This link leads to a page that does not exist."), link)
            for link in broken_links
        ),
        *_title(draft.title),
        *_sentences(body),
    ]


def internal_links(body_html: str) -> list[str]:
    """Return the addresses within this site that the text links to, each once, in order."""
    found = (html.unescape(href) for href in _HREF.findall(body_html))
    return list(dict.fromkeys(href for href in found if href.startswith("/")))


def _personal(words: str, official: frozenset[str]) -> list[Concern]:
    found = [match[0] for match in _ID_12.finditer(words)]
    found += [match[1] for match in _ID_WORD.finditer(words)]
    ids = {re.sub(r"\D", "", number): number for number in found}
    concerns = [
        Concern("identity", N_("This looks like a citizen identity card number."), number)
        for number in ids.values()
    ]
    for match in _MOBILE.finditer(words):
        digits = re.sub(r"\D", "", match[0])
        digits = "0" + digits[2:] if digits.startswith("84") and len(digits) == 11 else digits
        if digits not in official and digits not in ids:
            concerns.append(
                Concern(
                    "phone",
                    N_("This looks like a personal telephone number."),
                    match[0],
                )
            )
    return list(dict.fromkeys(concerns))


def _legacy(words: str) -> list[Concern]:
    for line in words.split("\n"):
        if legacy_encoding(line):
            msgid = N_(
                "This was typed in an old encoding (TCVN3 or VNI) and cannot be read on the site."
            )
            return [Concern("legacy", msgid, line[:80])]
    return []


def _blanks(words: str, title: str) -> list[Concern]:
    found = dict.fromkeys(match[0] for match in _BLANK.finditer(words))
    if title.rstrip().endswith(("…", "...")):
        found[title] = None
    return [Concern("blank", N_("This still needs to be filled in."), blank) for blank in found]


def _pictures(draft: Draft) -> list[Concern]:
    concerns = []
    for image in _IMAGE.findall(draft.body_html):
        alt = _ALT.search(image)
        if alt is None or not alt[1].strip():
            concerns.append(Concern("alt", N_("A picture in the text has no description.")))
    if draft.cover_alt is not None and not draft.cover_alt.strip():
        concerns.append(Concern("alt", N_("The cover picture has no description.")))
    return concerns


def _source(draft: Draft) -> list[Concern]:
    if draft.repost and not (draft.source_name and draft.source_url):
        return [Concern("source", N_("A repost must name its source and link to it."))]
    return []


def _title(title: str) -> list[Concern]:
    letters = [char for char in drop_invisible(title) if char.isalpha()]
    if len(letters) > 12 and all(char.isupper() for char in letters):
        return [
            Concern("capitals", N_("The title is all in capitals, which is hard to read."), title)
        ]
    return []


def _sentences(body: str) -> list[Concern]:
    concerns = []
    for sentence in _SENTENCE_END.split(body):
        if len(sentence.split()) > LONG_SENTENCE:
            msgid = N_("This sentence is very long. Two shorter ones are easier to follow.")
            concerns.append(Concern("sentence", msgid, sentence[:80].rstrip() + "…"))
    return concerns
