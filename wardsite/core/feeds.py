"""Feeds of official sources: bytes in, entries out; which of them are new, changed or ignored.

RSS 2.0, RSS 1.0, Atom and JSON Feed, in any encoding they come in. Kept of an entry: title, a plain
summary, link, time; never the body, which is the publisher's.
"""

from __future__ import annotations

import codecs
import heapq
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit
from xml.parsers import expat

from wardsite.core import feed_scan
from wardsite.core.errors import N_
from wardsite.core.feed_scan import DoctypeError, FeedFormatError, RawItem
from wardsite.core.markup import plain_text
from wardsite.core.search import folded_words
from wardsite.core.text import clean_pasted, shorten
from wardsite.core.vi import TIMEZONE

__all__ = [
    "MAX_BYTES",
    "DoctypeError",
    "Feed",
    "FeedEntry",
    "FeedFormatError",
    "Known",
    "Verdict",
    "judge",
    "link_key",
    "newest",
    "parse",
    "parse_date",
    "speaks_of",
]

MAX_BYTES = 8 * 1024 * 1024
MAX_ENTRIES = 10_000
MAX_TITLE = 300
MAX_SUMMARY = 300
_MAX_LINK = 2000
_CHUNK = 64 * 1024
_MAX_KEY = 500
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)

_DECLARED = re.compile(
    rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FALLBACK = "cp1258"  # what Vietnamese Windows wrote before Unicode

_WEB_PAGE = re.compile(r"\ufeff?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"^\s*(?:thứ\s+\w+|chủ\s+nhật|cn|t[2-8])\s*,?\s*(?:ngày\s+)?", re.IGNORECASE)
_ZONE = re.compile(r"\s*(?:(?:gmt|utc)\s*\+\s*0?7(?::?00)?|ict|\(gmt\+7\)|\+07:?00)\s*$", re.I)
_DAY_FIRST = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,T-]+(\d{1,2})[:h](\d{2})(?::(\d{2}))?\s*([ap]m)?)?",
    re.IGNORECASE,
)
_TIME_FIRST = re.compile(
    r"(\d{1,2})[:h](\d{2})(?::(\d{2}))?[ ,-]+(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})"
)
_TRACKING = re.compile(r"utm_|fbclid$|gclid$|zarsrc$")


@dataclass(frozen=True)
class FeedEntry:
    """One headline of a feed. `published_at` (UTC) is None when the feed gives no usable time.

    `key` is the feed's own name for it, else its link; `link` is a whole http(s) address.
    """

    key: str
    link: str
    title: str
    summary: str
    published_at: datetime | None


@dataclass(frozen=True)
class Feed:
    """The entries of a feed, read as they are asked for; `fault` says what is wrong with its form.

    Reading may raise FeedFormatError; what was yielded before it is good.
    """

    entries: Iterator[FeedEntry]
    fault: str


@dataclass(frozen=True)
class Known:
    """What is stored of an entry that came before."""

    title: str
    summary: str
    published_at: datetime
    guessed: bool


Verdict = Literal["new", "changed", "same", "old"]


def parse(body: bytes, url: str, content_type: str = "") -> Feed:
    """Read a feed that came from `url`. Raises FeedFormatError when it is none.

    A feed that is broken as XML is read all the same, and its `fault` names the first fault.
    """
    text = _decode(body, content_type)
    if _WEB_PAGE.match(text):
        raise FeedFormatError(N_("The response is a web page, not a feed."))
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return Feed(_json_entries(text, url), "")
    return Feed(_entries(feed_scan.scan(text), url), _xml_fault(body))


def newest(entries: Iterable[FeedEntry], limit: int, now: datetime) -> list[FeedEntry]:
    """Return the `limit` newest entries, newest first, each article once; holds no more than that.

    An entry without a time counts as new, and one from the future as of now: it would stay on top.
    """
    heap: list[tuple[datetime, int, FeedEntry]] = []
    names: set[tuple[str, str]] = set()
    for place, entry in enumerate(entries):
        entry = _clamp(entry, now)
        if not names.isdisjoint(_names(entry)):
            continue
        ranked = (entry.published_at or now, -place, entry)
        if len(heap) < limit:
            heapq.heappush(heap, ranked)
        elif ranked > heap[0]:
            names -= _names(heapq.heapreplace(heap, ranked)[2])
        else:
            continue
        names |= _names(entry)
    return [entry for _, _, entry in sorted(heap, reverse=True)]


def _names(entry: FeedEntry) -> set[tuple[str, str]]:
    return {("key", entry.key), ("link", link_key(entry.link))}


def judge(entry: FeedEntry, known: Known | None, now: datetime, keep_days: int) -> Verdict:
    """Tell what is to be done with an entry: store, amend, leave, or ignore as too old."""
    if known is None:
        at = entry.published_at or now
        return "old" if at < now - timedelta(days=keep_days) else "new"
    dated = entry.published_at is not None and entry.published_at != known.published_at
    if (entry.title, entry.summary) != (known.title, known.summary) or (known.guessed and dated):
        return "changed"
    return "same"


def speaks_of(entry: FeedEntry, keywords: Collection[str]) -> bool:
    """Tell whether an entry holds one of the keywords, marks and case aside; none means any."""
    if not keywords:
        return True
    spoken = _spoken(f"{entry.title}\n{entry.summary}")
    return any(_spoken(keyword) in spoken for keyword in keywords)


def _spoken(text: str) -> str:
    return f" {folded_words(clean_pasted(text))} "


def link_key(link: str) -> str:
    """Return what makes two links the same article: no scheme, `www.`, fragment or tracking."""
    parts = urlsplit(link)
    host = (parts.hostname or "").removeprefix("www.")
    query = urlencode(
        [
            (k, v)
            for k, v in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.match(k)
        ]
    )
    port = f":{parts.port}" if parts.port else ""
    return f"{host}{port}{parts.path.rstrip('/')}{'?' + query if query else ''}"


def parse_date(text: str) -> datetime | None:
    """Return the moment a feed means, in UTC, or None when it cannot be read.

    A time without a zone is Hà Nội's; `GMT+7`, `ICT`, `+07:00` and Vietnamese weekdays are
    understood; days come before months, as in Việt Nam.
    """
    cleaned = clean_pasted(text)[:80]
    if not cleaned:
        return None
    plain = _ZONE.sub("", _WEEKDAY.sub("", cleaned)).strip()
    for read in (_iso, _vietnamese, _rfc):
        moment = read(cleaned, plain)
        if moment is not None:
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=TIMEZONE)
            try:
                moment = moment.astimezone(UTC)
            except (OverflowError, ValueError):
                return None
            return moment if moment >= _OLDEST else None
    return None


def _iso(cleaned: str, _plain: str) -> datetime | None:
    try:
        return datetime.fromisoformat(cleaned)
    except ValueError:
        return None


def _rfc(cleaned: str, plain: str) -> datetime | None:
    if plain != _WEEKDAY.sub("", cleaned).strip():
        cleaned = f"{plain} +0700"
    try:
        return parsedate_to_datetime(cleaned)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _vietnamese(_cleaned: str, plain: str) -> datetime | None:
    if found := _DAY_FIRST.fullmatch(plain):
        day, month, year, hour, minute, second, half = found.groups()
    elif found := _TIME_FIRST.fullmatch(plain):
        hour, minute, second, day, month, year = found.groups()
        half = None
    else:
        return None
    if half is not None and int(day) > 12 >= int(month):
        half_first = False
    else:
        half_first = half is not None  # 8/12/2020 10:30:00 AM: only American programs write so
    if half_first:
        day, month = month, day
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
    except ValueError:
        return None


def _decode(body: bytes, content_type: str) -> str:
    """Return the text of a feed. UTF-8 is believed wherever the bytes are, whatever is declared."""
    if not body.strip():
        raise FeedFormatError(N_("The response is empty."))
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        declared = _DECLARED.search(body[:1000])
        charset = _CHARSET.search(content_type)
        named = [declared[1].decode("ascii")] if declared else []
        for encoding in (*named, *([charset[1]] if charset else []), _FALLBACK):
            try:
                return body.decode(encoding, "strict" if encoding != _FALLBACK else "replace")
            except (LookupError, ValueError):
                continue
    return body.decode(_FALLBACK, "replace")


def _xml_fault(body: bytes) -> str:
    """Return what a strict XML parser says of a feed, or nothing when it is well formed.

    The parser is told to refuse every document type before it is read.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise DoctypeError(N_("The feed declares a document type (DOCTYPE), so it was not read."))

    parser.StartDoctypeDeclHandler = refuse
    try:
        for start in range(0, len(body), _CHUNK):
            parser.Parse(body[start : start + _CHUNK], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        return str(error)[:200]
    return ""


def _entries(items: Iterable[RawItem], base: str) -> Iterator[FeedEntry]:
    for count, item in enumerate(items):
        if count >= MAX_ENTRIES:
            return
        entry = _entry(
            key=item.first(feed_scan.KEY),
            link=_link(item),
            title=item.first(feed_scan.TITLE),
            summary=item.first(feed_scan.SUMMARY),
            date=item.first(feed_scan.DATE),
            base=base,
        )
        if entry is not None:
            yield entry


def _link(item: RawItem) -> str:
    alternates = [href for rel, href in item.links if rel.lower() == "alternate" and href.strip()]
    link = item.first(feed_scan.LINK) or next(iter(alternates), "")
    guid = item.first(feed_scan.KEY).strip()
    return link or (guid if guid.lower().startswith(("http://", "https://")) else "")


def _json_entries(text: str, base: str) -> Iterator[FeedEntry]:
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise FeedFormatError(
            N_("The JSON feed cannot be read: %(reason)s"), reason=str(error)[:200]
        ) from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise FeedFormatError(N_("The response is not a feed (RSS, Atom or JSON Feed)."))
    for item in items[:MAX_ENTRIES]:
        if not isinstance(item, dict):
            continue
        entry = _entry(
            key=_string(item, "id"),
            link=_string(item, "url", "external_url"),
            title=_string(item, "title"),
            summary=_string(item, "summary", "content_text", "content_html"),
            date=_string(item, "date_published", "date_modified"),
            base=base,
        )
        if entry is not None:
            yield entry


def _string(item: dict[str, Any], *names: str) -> str:
    values = (item.get(name) for name in names)
    found = next((value for value in values if value not in (None, "", [], {})), "")
    return str(found)[:100_000] if isinstance(found, str | int | float) else ""


def _entry(
    *, key: str, link: str, title: str, summary: str, date: str, base: str
) -> FeedEntry | None:
    """Return an entry fit to store, or None when it has no title or leads nowhere on the web."""
    address = _address(link, base) if link.strip() else None
    name = _plain(title, MAX_TITLE)
    if address is None or not name:
        return None
    return FeedEntry(
        key=clean_pasted(key)[:_MAX_KEY] or link_key(address)[:_MAX_KEY],
        link=address,
        title=name,
        summary=_plain(summary, MAX_SUMMARY),
        published_at=parse_date(date),
    )


def _plain(html: str, limit: int) -> str:
    """Return the words of a field on one line, cut between words."""
    html = html[:20_000]
    text = clean_pasted(plain_text(html) if "<" in html or "&" in html else html)
    return shorten(text, limit)


def _address(link: str, base: str) -> str | None:
    """Return a whole http(s) address with a host and without a user name, or None."""
    try:
        joined = urljoin(base, clean_pasted(link).replace(" ", "%20"))
        parts = urlsplit(joined)
        host, _ = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            return None
        address = urlunsplit(parts)
        link_key(address)
    except ValueError:
        return None
    safe = quote(address, safe="%/:?#[]@!$&'()*+,;=~")
    return safe if len(safe) <= _MAX_LINK and "\\" not in joined else None


def _clamp(entry: FeedEntry, now: datetime) -> FeedEntry:
    if entry.published_at is not None and entry.published_at > now:
        return replace(entry, published_at=now)
    return entry
