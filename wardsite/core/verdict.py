"""Is what was mandated on show on this page? A mandate and a page in, a verdict for each item out.

The page alone decides: it may be of any make, and what its unit says of itself is not asked here. A
resident may come with a phone or at a desk, so an item counts as on show when both see it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from urllib.parse import parse_qsl, urljoin, urlsplit

from wardsite.core.central_schema import App, Banner, Document, Hotline, Link, Notice, Source, Topic
from wardsite.core.errors import N_
from wardsite.core.mandate import Mandate
from wardsite.core.page import Element, Page
from wardsite.core.page_text import Text, contents, folded
from wardsite.core.visibility import View

_MAX_ANCHORS, _MAX_HITS, _MAX_INSIDE = 5000, 30, 200
_ENOUGH_WORDS = 0.6  # of a banner's title, for a link to count as that banner
_PICTURES = frozenset({"img", "svg", "picture"})
_WORDS = re.compile(r"\w+")

ON_PHONES = N_("on phones: %(reason)s")
AT_DESKS = N_("on wide screens: %(reason)s")


class State(enum.Enum):
    """How one mandated item stands on one unit's site."""

    ON_SHOW = "on-show"
    MISSING = "missing"
    HIDDEN = "hidden"
    WRONG_LINK = "wrong-link"
    OLD_REVISION = "old-revision"
    REPORTED = "reported"  # the unit says so; the page that was read cannot prove it
    UNKNOWN = "unknown"  # the page that was read cannot tell
    UNREACHABLE = "unreachable"

    @property
    def falls_short(self) -> bool:
        """Whether the unit has something to mend."""
        return self not in {State.ON_SHOW, State.REPORTED, State.UNKNOWN}


@dataclass(frozen=True)
class Words:
    """An English sentence to be translated and filled; a param may be such a sentence itself,
    or a `timedelta` to be said in a unit that fits it.
    """

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ItemVerdict:
    """The verdict on one item, and why."""

    section: str
    id: str
    title: str
    mandatory: bool
    state: State
    why: Words | None = None

    @property
    def key(self) -> str:
        """`section/id`, as the status of a unit spells it."""
        return f"{self.section}/{self.id}"


Address = tuple[str, str, str, tuple[tuple[str, str], ...]]
_Answer = tuple[State, Words | None]
_MISSING: _Answer = (State.MISSING, None)
_ON_SHOW: _Answer = (State.ON_SHOW, None)


def judge(order: Mandate, site: Site) -> tuple[ItemVerdict, ...]:
    """Return the verdict on each item of `order`, drills left out, in the order of the mandate."""
    return tuple(_judge(order, site))


def _judge(order: Mandate, site: Site) -> Iterator[ItemVerdict]:
    for banner in order.banners:
        yield _verdict("banners", banner, banner.title, site.banner(banner))
    for notice in order.notices:
        yield _verdict("notices", notice, notice.title, site.notice(notice))
    for app in order.apps:
        yield _verdict("apps", app, app.name, site.app(app))
    for topic in order.topics:
        yield _verdict("topics", topic, topic.label, site.text(topic.label))
    for source in order.sources:
        yield _verdict("sources", source, source.name, site.link(source.site_url, source.name))
    for line in order.hotlines:
        yield _verdict("hotlines", line, f"{line.label}: {line.display}", site.hotline(line))
    for link in order.links:
        yield _verdict("links", link, link.label, site.link(link.url, link.label))
    for document in order.documents:
        found = site.text(document.code)
        # A document may stand on a page of its own: its absence from this one proves nothing.
        answer = found if found[0] is State.ON_SHOW else (State.UNKNOWN, None)
        yield _verdict("documents", document, document.code, answer)


def _verdict(
    section: str,
    item: Banner | Notice | App | Topic | Source | Hotline | Link | Document,
    title: str,
    answer: _Answer,
) -> ItemVerdict:
    mandatory = bool(getattr(item, "mandatory", True))
    return ItemVerdict(section, item.id, title, mandatory, *answer)


@dataclass(eq=False)
class Anchor:
    """A link of the page: where it leads, and all it says, in sight or not."""

    element: Element
    url: str
    words: str

    @cached_property
    def address(self) -> Address | None:
        """Where it leads, in a form that can be compared."""
        return comparable(self.url)

    @cached_property
    def is_in_slot(self) -> bool:
        """Whether it stands where a wardsite has its banners."""
        return any("data-slot" in each.attributes for each in self.element.ancestors())

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its words, each once."""
        return frozenset(_WORDS.findall(self.words))

    @cached_property
    def has_picture(self) -> bool:
        """Whether a picture is among what it holds; an icon that says nothing is none."""
        inside = islice(self.element.descendants(), _MAX_INSIDE)
        return any(isinstance(node, Element) and _is_picture(node) for node in inside)


@dataclass
class Site:
    """A page as it was read, with what is asked of it over and over."""

    page: Page
    url: str
    phone: View
    desk: View

    @cached_property
    def anchors(self) -> list[Anchor]:
        """Every link of the page."""
        base = _join(self.url, self.page.base)
        found = []
        for element in self.page.elements():
            if element.tag in {"a", "area"} and "href" in element.attributes:
                url = _join(base, element.get("href"))
                found.append(Anchor(element, url, folded(_words_in(element))))
            if len(found) >= _MAX_ANCHORS:
                break
        return found

    @cached_property
    def by_address(self) -> dict[Address, list[Anchor]]:
        """The links of the page by where they lead, each list in the order of the page."""
        found: dict[Address, list[Anchor]] = {}
        for anchor in self.anchors:
            if anchor.address is not None:
                found.setdefault(anchor.address, []).append(anchor)
        return found

    def leading_to(self, url: str) -> list[Anchor]:
        """Return the links that lead to `url`, as `comparable` judges."""
        wanted = comparable(url)
        return self.by_address.get(wanted, []) if wanted is not None else []

    @cached_property
    def whole_text(self) -> Text:
        """All words of the page, in sight or not."""
        return Text.of(self.page.body)

    # --- What each kind of item must look like

    def banner(self, banner: Banner) -> _Answer:
        """A banner is a link to the address that shows a picture, or words of its title."""
        leading = dict.fromkeys(self.leading_to(banner.link_url))
        fitting = [a for a in islice(leading, _MAX_HITS) if self._is_banner(a, banner)]
        if fitting:
            # Where a wardsite has its banners, what lies elsewhere does not stand in for them.
            return self._first_seen([a for a in fitting if a.is_in_slot] or fitting, banner)
        astray = [
            a for a in self.anchors if a not in leading and (a.is_in_slot or _says(a, banner))
        ]
        seen = [a for a in astray[:_MAX_HITS] if _anchor_reason(self.desk, a) is None]
        if seen:
            return State.WRONG_LINK, Words(
                N_("it leads to %(found)s instead of %(wanted)s"),
                {"found": seen[0].url[:200], "wanted": banner.link_url},
            )
        if leading:
            return State.MISSING, Words(N_("the page has a link there, but no banner"))
        return _MISSING

    def notice(self, notice: Notice) -> _Answer:
        """A notice shows its title, and its link when it has one."""
        answer = self.text(notice.title)
        if answer[0] is State.ON_SHOW and notice.link_url:
            return self._with_a_link(answer, [notice.link_url])
        return answer

    def app(self, app: App) -> _Answer:
        """An app shows its name, and one of its links when it has any."""
        urls = [url for url in (app.android_url, app.ios_url, app.web_url) if url]
        answer = self.text(app.name)
        return self._with_a_link(answer, urls) if urls and answer == _ON_SHOW else answer

    def link(self, url: str, label: str) -> _Answer:
        """A link that residents see leads to the address."""
        leading = self.leading_to(url)
        if leading:
            return self._first_seen(leading[:_MAX_HITS])
        wanted = folded(label)
        same_words = [a for a in self.anchors if a.words == wanted][:_MAX_HITS]
        astray = [a for a in same_words if _anchor_reason(self.desk, a) is None]
        if astray:
            return State.WRONG_LINK, Words(
                N_("it leads to %(found)s instead of %(wanted)s"),
                {"found": astray[0].url[:200], "wanted": url},
            )
        return _MISSING

    def hotline(self, line: Hotline) -> _Answer:
        """A hotline shows its number, grouped in any way."""
        digits = r"[\s.()-]{0,3}".join(line.number)
        return self._text_seen(self.whole_text.find(re.compile(digits), alone=True))

    def text(self, words: str) -> _Answer:
        """The words stand somewhere on the page, in one piece."""
        return self._text_seen(self.whole_text.find(re.compile(re.escape(folded(words)))))

    # --- What is in sight

    def _with_a_link(self, answer: _Answer, urls: list[str]) -> _Answer:
        leading = [anchor for url in urls for anchor in self.leading_to(url)]
        if not leading:
            return State.WRONG_LINK, Words(N_("no link leads to %(wanted)s"), {"wanted": urls[0]})
        seen = self._first_seen(leading[:_MAX_HITS])
        return answer if seen == _ON_SHOW else seen

    def _is_banner(self, anchor: Anchor, banner: Banner) -> bool:
        ground = self.desk.styles.of(anchor.element).get("background-image", "")
        has_picture = anchor.has_picture or "url(" in ground
        return has_picture or anchor.is_in_slot or _says(anchor, banner)

    def _first_seen(self, anchors: Iterable[Anchor], banner: Banner | None = None) -> _Answer:
        """On show when phones see one of the links, and desks one; else why the first is not."""
        return self._seen_on_both(
            [_anchor_reason(self.phone, a, banner) for a in anchors],
            [_anchor_reason(self.desk, a, banner) for a in anchors],
        )

    def _text_seen(self, hits: list[list[Element]]) -> _Answer:
        if not hits:
            return _MISSING
        return self._seen_on_both(
            [_text_reason(self.phone, hit) for hit in hits],
            [_text_reason(self.desk, hit) for hit in hits],
        )

    def _seen_on_both(self, phone: list[str | None], desk: list[str | None]) -> _Answer:
        unseen_on_phone = None if None in phone else phone[0]
        unseen_at_desk = None if None in desk else desk[0]
        if unseen_on_phone and unseen_at_desk:
            return State.HIDDEN, Words(unseen_at_desk)
        if unseen_on_phone:
            return State.HIDDEN, Words(ON_PHONES, {"reason": Words(unseen_on_phone)})
        if unseen_at_desk:
            return State.HIDDEN, Words(AT_DESKS, {"reason": Words(unseen_at_desk)})
        return _ON_SHOW


def _anchor_reason(view: View, anchor: Anchor, banner: Banner | None = None) -> str | None:
    """Return why neither picture nor words of a link are seen, None when one is.

    An icon is something to see only where there is nothing else; of a banner that is words, the
    words that say it are to be seen, not those beside them alone.
    """
    reason = view.why_hidden(anchor.element)
    if reason:
        return reason
    if "url(" in view.styles.of(anchor.element).get("background-image", ""):
        return None
    reasons: list[str] = []
    icons: list[str | None] = []
    words, seen = "", ""
    for holder, node in islice(contents(anchor.element), _MAX_INSIDE):
        if isinstance(node, Element) and node.tag in _PICTURES:
            unseen = view.why_hidden(node)
            if not _is_picture(node):
                icons.append(unseen)
                continue
            if unseen is None:
                return None
        elif isinstance(node, str) and node.strip():
            unseen = view.why_hidden(holder, is_text=True)
            words += node
            seen += node if unseen is None else ""
        else:
            continue
        reasons += [unseen] if unseen else []
    if seen and not (banner and _say(words, banner) and not _say(seen, banner)):
        return None
    if not reasons and icons:
        return None if None in icons else icons[0]
    return reasons[0] if reasons else N_("the link is empty")


def _text_reason(view: View, holders: list[Element]) -> str | None:
    reasons = (view.why_hidden(element, is_text=True) for element in holders)
    return next((reason for reason in reasons if reason), None)


def _is_picture(element: Element) -> bool:
    icon = element.tag == "svg" and element.get("aria-hidden") == "true"
    return element.tag in _PICTURES and not icon


def _says(anchor: Anchor, banner: Banner) -> bool:
    """Tell whether a link's words hold enough of the banner's title."""
    title, wanted = _vocabulary(banner.title)
    if len(wanted) < 2:
        return title == anchor.words
    return len(wanted & anchor.vocabulary) >= _ENOUGH_WORDS * len(wanted)


def _say(words: str, banner: Banner) -> bool:
    """Tell whether words on a page hold enough of a banner's title, or of its text instead."""
    said = _vocabulary(words)[1]
    return any(
        len(wanted & said) >= _ENOUGH_WORDS * len(wanted) > 0
        for wanted in (_vocabulary(banner.title)[1], _vocabulary(banner.alt)[1])
    )


@lru_cache(maxsize=200)
def _vocabulary(text: str) -> tuple[str, frozenset[str]]:
    """Return a text folded, and its words, each once."""
    words = folded(text)
    return words, frozenset(_WORDS.findall(words))


def _words_in(element: Element) -> str:
    """Return what a link says: its words and the descriptions of its pictures."""
    said = []
    for node in islice(element.descendants(), _MAX_INSIDE):
        if isinstance(node, str):
            said.append(node)
        elif node.get("alt"):
            said.append(f" {node.get('alt')} ")
    return f"{''.join(said)} {element.get('aria-label')} {element.get('title')}"[:5000]


# --- Addresses


@lru_cache(maxsize=4000)
def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


@lru_cache(maxsize=4000)
def comparable(url: str) -> Address | None:
    """Return an address such that equal ones lead to one place; None for what is no address.

    By the same scheme, to the very host and path: `www.`, a closing slash, a fragment and `utm_…`
    counters make no difference.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode().rstrip(".")
        port = parts.port
    except ValueError:
        return None
    if parts.username or port not in {None, 443 if parts.scheme == "https" else 80}:
        host = parts.netloc
    query = sorted(pair for pair in parse_qsl(parts.query) if not pair[0].startswith("utm_"))
    path = parts.path.rstrip("/")
    return parts.scheme.lower(), host.removeprefix("www."), path, tuple(query)
