"""What a valid district config leaves to be desired: warnings by line, before it is signed.

A warning never stops a file; what must stop it is a problem of `central_config`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from wardsite.core.central_config import Problem
from wardsite.core.central_schema import CentralConfig, Item, Row
from wardsite.core.errors import N_
from wardsite.core.network import is_private_host
from wardsite.core.toml_lines import Path, line_of, lines_by_path
from wardsite.core.vi import phone_digits

DATED: Final = ("banners", "apps", "notices", "hotlines", "links", "topics", "sources")
_NEEDS_BASIS = ("banners", "apps", "notices")
_Found = tuple[Path, str, Mapping[str, object]]


def advice(
    data: bytes, config: CentralConfig, now: datetime, *, untried: bool = True
) -> tuple[Problem, ...]:
    """Return the warnings about `config`, which `parse(data)` gave, in the order of the file.

    `untried`: nobody is about to try the addresses, so they are judged by their names.
    """
    lines = lines_by_path(data.decode())
    found = [
        *_about_time(config, now),
        *_about_basis(config),
        *_about_hotlines(config),
        *_about_banners(config),
        *_about_units(config),
        *(_about_addresses(config) if untried else ()),
    ]
    problems = [
        Problem(line_of(lines, path), field_name(config, path), msgid, params)
        for path, msgid, params in found
    ]
    return tuple(sorted(problems, key=lambda problem: problem.line))


def field_name(config: CentralConfig, path: Path) -> str:
    """Spell `("banners", 0, "alt")` as `banners[bluezone].alt`."""
    name, value = "", object()
    for part in path:
        if isinstance(part, int):
            row = value[part] if isinstance(value, tuple) else None
            name += f"[{row.id}]" if isinstance(row, Row) else f"[#{part + 1}]"
        else:
            value = getattr(config, part, None)
            name += f".{part}" if name else part
    return name


def _items(config: CentralConfig, sections: tuple[str, ...]) -> Iterator[tuple[Path, Item]]:
    for section in sections:
        for index, item in enumerate(getattr(config, section)):
            yield (section, index), item


def _about_time(config: CentralConfig, now: datetime) -> Iterator[_Found]:
    meta = config.config
    if meta.effective_to and meta.effective_to <= now:
        yield (
            ("config", "effective_to"),
            N_("The whole file has expired: units do not show any of its content."),
            {},
        )
    elif meta.effective_from > now:
        yield ("config", "effective_from"), N_("The file takes effect at a later time."), {}
    for path, item in _items(config, DATED):
        if item.valid_to and item.valid_to <= now:
            yield (
                (*path, "valid_to"),
                N_("This item has expired; no unit displays it any more."),
                {},
            )
        elif item.valid_from and item.valid_from > now:
            yield (*path, "valid_from"), N_("This item is not shown yet."), {}
        elif item.valid_to and item.valid_to <= meta.effective_from:
            yield (*path, "valid_to"), N_("This item expires before the file takes effect."), {}


def _about_basis(config: CentralConfig) -> Iterator[_Found]:
    hidden = {document.id for document in config.documents if not document.publish}
    for path, item in _items(config, _NEEDS_BASIS):
        if getattr(item, "mandatory", False) and item.basis is None:
            message = N_(
                "No separate legal basis given: officers and residents see the one for the whole "
                "file."
            )
            yield path, message, {}
    whole = {document.id for document in config.documents} & set(config.config.basis)
    for path, topic in _items(config, ("topics",)):
        about = [document for document in config.documents if topic.id in document.topics]
        if topic.basis is None and about and whole.isdisjoint(document.id for document in about):
            message = N_(
                "Residents see the legal basis of the whole file, which does not name this topic. "
                "Give its own basis, such as %(id)s."
            )
            yield path, message, {"id": about[0].id}
    for path, item in _items(config, DATED):
        if item.basis in hidden:
            yield (*path, "basis"), N_("Residents cannot open this document: publish = false."), {}


def _about_hotlines(config: CentralConfig) -> Iterator[_Found]:
    for index, line in enumerate(config.hotlines):
        if phone_digits(line.display) != phone_digits(line.number):
            message = N_(
                "The displayed number (%(display)s) is different from the number dialled "
                "(%(number)s)."
            )
            yield (
                ("hotlines", index, "display"),
                message,
                {"display": line.display, "number": line.number},
            )


def _about_banners(config: CentralConfig) -> Iterator[_Found]:
    if not any(banner.mandatory for banner in config.banners):
        yield ("banners",), N_("No banner is mandatory."), {}
    for index, banner in enumerate(config.banners):
        if banner.image_url and not banner.image_width:
            message = N_("The picture’s width and height are not given, so they cannot be checked.")
            yield ("banners", index, "image_url"), message, {}


def _about_units(config: CentralConfig) -> Iterator[_Found]:
    if not config.units:
        yield ("units",), N_("The file lists no unit, so nothing can be audited."), {}
    without = sum(unit.url is None for unit in config.units)
    if without:
        message = N_("%(count)d of %(total)d units have no url, so the audit cannot check them.")
        yield ("units",), message, {"count": without, "total": len(config.units)}
    times = Counter((unit.url or "").rstrip("/").lower() for unit in config.units)
    for index, unit in enumerate(config.units):
        if unit.url and times[unit.url.rstrip("/").lower()] > 1:
            yield ("units", index, "url"), N_("Another unit has the same address."), {}
        if unit.url and unit.url.startswith("http://"):
            yield ("units", index, "url"), N_("The address does not use https."), {}


def _about_addresses(config: CentralConfig) -> Iterator[_Found]:
    message = N_("Residents cannot reach this address: it belongs to an internal network.")
    for section in (*DATED, "documents", "units"):
        for index, row in enumerate(getattr(config, section)):
            for name, value in vars(row).items():
                if name.endswith("url") and value:
                    host = urlsplit(value).hostname
                    if host and is_private_host(host):
                        yield (section, index, name), message, {}
