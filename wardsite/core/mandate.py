"""What the centre orders a unit to show at a moment: a pure function of config, unit and `now`.

Invariants:
- An item is in the mandate when its audience holds the unit, the config is in effect
  (`effective_from` ≤ now < `effective_to`) and so is the item (`valid_from` ≤ now < `valid_to`).
  Ends are exclusive, and no job has to run for an item to appear or to go.
- `expires_at` is about the freshness of the signed file, never about what it mandates: past it the
  mandate is marked `expired` and nothing else changes.
- Between two moments that `next_change` names, the mandate is the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal, TypeVar

from wardsite.core.central_schema import (
    App,
    Authority,
    Banner,
    CentralConfig,
    ConfigMeta,
    Document,
    Hotline,
    Item,
    Link,
    Notice,
    Parent,
    Source,
    Topic,
    UnitRow,
)

Kind = Literal["ward", "school", "office"]
_T = TypeVar("_T", bound=Item)


@dataclass(frozen=True)
class Unit:
    """This site's unit: its id in the centre's list, and its kind."""

    id: str
    kind: Kind


Place = Literal["slot", "home-top", "sidebar", "footer"]
_POSITIONS: dict[Place, tuple[str, ...]] = {
    "slot": ("all-pages-top", "sidebar-top"),
    "home-top": ("home-top",),
    "sidebar": ("sidebar",),
    "footer": ("footer",),
}


@dataclass(frozen=True)
class Mandate:
    """What is in effect for one unit at one moment, each section in the order to show it.

    `parent`, `authorities` and `units` describe the centre and stand as long as the config does.
    `drills` are exercises: counted in the status, never shown. `config` and `parent` are None
    only in the built-in mandate.
    """

    config: ConfigMeta | None = None
    parent: Parent | None = None
    banners: tuple[Banner, ...] = ()
    apps: tuple[App, ...] = ()
    notices: tuple[Notice, ...] = ()
    hotlines: tuple[Hotline, ...] = ()
    links: tuple[Link, ...] = ()
    topics: tuple[Topic, ...] = ()
    documents: tuple[Document, ...] = ()
    sources: tuple[Source, ...] = ()
    authorities: tuple[Authority, ...] = ()
    units: tuple[UnitRow, ...] = ()
    drills: tuple[Notice, ...] = ()
    expired: bool = False

    @property
    def document_ids(self) -> frozenset[str]:
        """The ids of the documents in effect, which decide what rows of documents are public."""
        return frozenset(document.id for document in self.documents)

    def banners_at(self, place: Place, *, home: bool) -> tuple[Banner, ...]:
        """Return the banners of one place on a page, which is the home page or another.

        `all-pages-top` and `sidebar-top` share the slot under the heading: a phone has no side
        column, and there both mean "seen first". A banner whose scope is `home` shows there only.
        """
        positions = _POSITIONS[place]
        return tuple(
            banner
            for banner in self.banners
            if banner.position in positions and (home or banner.scope == "all-pages")
        )

    def item_keys(self) -> tuple[str, ...]:
        """Return `section/id` of everything on order, drills too, as the status reports it."""
        described = {"authorities", "units"}
        sections = (f.name for f in fields(self) if f.name not in described)
        return tuple(
            f"{section}/{item.id}"
            for section in sections
            if isinstance(items := getattr(self, section), tuple)
            for item in items
        )


def links_by_group(links: Iterable[Link]) -> list[tuple[str, list[Link]]]:
    """Return the links by their group, those without one first, else in their order."""
    groups: dict[str, list[Link]] = {"": []}
    for link in links:
        groups.setdefault(link.group or "", []).append(link)
    return [(group, members) for group, members in groups.items() if members]


def in_effect(config: CentralConfig, unit: Unit, now: datetime) -> Mandate:
    """Return what `config` orders `unit` to show at `now` (aware)."""
    expired = config.config.expires_at <= now
    if not _is_on(config.config.effective_from, config.config.effective_to, now):
        return Mandate(
            config=config.config,
            parent=config.parent,
            authorities=_by_order(config.authorities),
            units=config.units,
            expired=expired,
        )
    notices = _by_order(_current(config.notices, unit, now))
    return Mandate(
        config=config.config,
        parent=config.parent,
        banners=_by_order(_current(config.banners, unit, now)),
        apps=_by_order(_current(config.apps, unit, now)),
        notices=tuple(notice for notice in notices if not notice.drill),
        hotlines=_by_order(_current(config.hotlines, unit, now)),
        links=_by_order(_current(config.links, unit, now)),
        topics=tuple(sorted(_current(config.topics, unit, now), key=lambda row: row.menu_order)),
        documents=_newest_first(_published(config.documents, unit)),
        sources=_by_order(_current(config.sources, unit, now)),
        authorities=_by_order(config.authorities),
        units=config.units,
        drills=tuple(notice for notice in notices if notice.drill),
        expired=expired,
    )


def next_change(config: CentralConfig, unit: Unit, now: datetime) -> datetime | None:
    """Return the first moment after `now` at which `in_effect` answers otherwise, or None."""
    return min((moment for moment in _turning_points(config, unit) if moment > now), default=None)


def config_in_force(
    current: CentralConfig, previous: CentralConfig | None, now: datetime
) -> CentralConfig:
    """Return the config that rules at `now`: `current`, or `previous` until `current` takes effect.

    A revision may be signed ahead of the day it takes effect; until then the one before it stands.
    Ask this again at `current.config.effective_from`.
    """
    if previous is not None and now < current.config.effective_from:
        return previous
    return current


def basis_of(config: CentralConfig, item: Item | Document) -> tuple[Document, ...]:
    """Return the documents that order `item`: its own basis, else that of the whole config."""
    own = item.basis if isinstance(item, Item) else None
    wanted = {own} if own else set(config.config.basis)
    return tuple(document for document in config.documents if document.id in wanted)


def builtin() -> Mandate:
    """Return the mandate of a unit that has no config yet: what the dispatch itself names.

    Công văn 1208/UBND-VHTT of 12/8/2020: the Bluezone banner (item 2), the section on the epidemic
    and its three official sources (item 3). None has a basis among the documents, since there are
    none.
    """
    banner = Banner(
        id="bluezone",
        title="Cài đặt ứng dụng Bluezone",
        alt="Cài đặt ứng dụng Bluezone: phát hiện, truy vết nhanh người có khả năng bị lây nhiễm "
        "Covid-19",
        link_url="https://www.bluezone.gov.vn/",
        position="sidebar-top",
        mandatory=True,
        order=1,
        new_tab=True,
        valid_from=datetime(2020, 8, 11, 17, tzinfo=UTC),
    )
    topic = Topic(
        id="covid-19",
        label="Phòng, chống dịch Covid-19",
        slug="phong-chong-dich-covid-19",
        mandatory=True,
    )
    sources = tuple(
        Source(id=key, name=name, site_url=url, mode="link", official=True, topic="covid-19")
        for key, name, url in (
            ("moh", "Cổng thông tin điện tử Bộ Y tế", "https://moh.gov.vn/"),
            ("suckhoedoisong", "Báo Sức khỏe và Đời sống", "https://suckhoedoisong.vn/"),
            (
                "soyte-hanoi",
                "Cổng thông tin điện tử Sở Y tế Hà Nội",
                "https://soyte.hanoi.gov.vn/",
            ),
        )
    )
    return Mandate(banners=(banner,), topics=(topic,), sources=sources)


def _is_on(start: datetime | None, end: datetime | None, now: datetime) -> bool:
    return (start is None or start <= now) and (end is None or now < end)


def is_addressed(audience: tuple[str, ...], unit: Unit) -> bool:
    """Return whether `audience` holds `unit`; an empty one holds all."""
    return not audience or not {"all", unit.kind, f"unit:{unit.id}"}.isdisjoint(audience)


def _current(items: tuple[_T, ...], unit: Unit, now: datetime) -> Iterator[_T]:
    for item in items:
        if is_addressed(item.audience, unit) and _is_on(item.valid_from, item.valid_to, now):
            yield item


def _published(documents: tuple[Document, ...], unit: Unit) -> Iterator[Document]:
    return (row for row in documents if row.publish and is_addressed(row.audience, unit))


_Ordered = TypeVar("_Ordered", Banner, App, Notice, Hotline, Link, Source, Authority)


def _by_order(items: Iterable[_Ordered]) -> tuple[_Ordered, ...]:
    return tuple(sorted(items, key=lambda item: item.order))


def _newest_first(documents: Iterable[Document]) -> tuple[Document, ...]:
    return tuple(sorted(documents, key=lambda document: document.issued_on, reverse=True))


def _items(config: CentralConfig) -> Iterator[Item]:
    for section in (
        config.banners,
        config.apps,
        config.notices,
        config.hotlines,
        config.links,
        config.topics,
        config.sources,
    ):
        yield from section


def _turning_points(config: CentralConfig, unit: Unit) -> Iterator[datetime]:
    """Yield the ends of every stretch in which something of the mandate is on."""
    meta = config.config
    yield meta.expires_at
    if any(row.publish and is_addressed(row.audience, unit) for row in config.documents):
        yield from _ends(meta.effective_from, meta.effective_to)
    for item in _items(config):
        if is_addressed(item.audience, unit):
            start = max(item.valid_from or meta.effective_from, meta.effective_from)
            stops = [end for end in (item.valid_to, meta.effective_to) if end is not None]
            end = min(stops, default=None)
            if end is None or start < end:
                yield from _ends(start, end)


def _ends(start: datetime, end: datetime | None) -> Iterator[datetime]:
    yield start
    if end is not None:
        yield end
