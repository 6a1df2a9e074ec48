"""Pictures of banners: fetched once, checked, made anew, kept beside the district file.

A picture never holds up the file that names it: what fails is noted, the banner is drawn as text,
and a later sync tries again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from wardsite.central.fetch import Source, SyncError
from wardsite.core.central_schema import Banner, CentralConfig
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.mandate import Unit, is_addressed
from wardsite.filestore import store
from wardsite.media.pictures import PictureError, make_anew

MAX_BYTES = 2 * 1024 * 1024
MAX_PICTURES = 24
WIDTH = 1200  # px: the widest a banner is ever drawn, on a dense screen
RETRY_AFTER = timedelta(hours=1)

Entry = dict[str, Any]


class WrongPictureError(WardsiteError):
    """The bytes are not those whose SHA-256 the district file gives."""


def fetch_pictures(
    source: Source,
    folder: Path,
    unit: Unit,
    config: CentralConfig,
    before: Mapping[str, Entry],
    now: datetime,
) -> dict[str, Entry]:
    """Return an entry for each picture that `config` names for `unit`, by SHA-256 of the original.

    A good entry has `name`, `width`, `height`; a bad one `tried_at`, and why: `msgid`, `params`.
    What is here already is not fetched again. Raises OSError when the disk is full.
    """
    entries: dict[str, Entry] = {}
    for banner in _with_picture(config, unit):
        digest = banner.image_sha256 or ""
        known = before.get(digest, {})
        entries[digest] = (
            known
            if is_kept(folder, known) or not _is_due(known, now)
            else _fetch(source, folder, banner, now)
        )
    return entries


def wants_retry(
    folder: Path, unit: Unit, config: CentralConfig, entries: Mapping[str, Entry], now: datetime
) -> bool:
    """Tell whether a picture is missing that may be tried again at `now`."""
    wanted = (entries.get(banner.image_sha256 or "", {}) for banner in _with_picture(config, unit))
    return any(not is_kept(folder, entry) and _is_due(entry, now) for entry in wanted)


def is_kept(folder: Path, entry: Mapping[str, Any]) -> bool:
    """Tell whether the picture of an entry lies in `folder`."""
    return "name" in entry and (folder / entry["name"]).exists()


def needed(
    entries: Mapping[str, Entry], configs: Iterable[CentralConfig | None]
) -> dict[str, Entry]:
    """Return the entries that one of `configs` names."""
    named = {banner.image_sha256 for config in configs if config for banner in config.banners}
    return {digest: entry for digest, entry in entries.items() if digest in named}


def _with_picture(config: CentralConfig, unit: Unit) -> Iterator[Banner]:
    found = (
        banner
        for banner in config.banners
        if banner.image_url and is_addressed(banner.audience, unit)
    )
    return islice(found, MAX_PICTURES)


def _is_due(entry: Mapping[str, Any], now: datetime) -> bool:
    if "tried_at" not in entry:
        return True
    tried = datetime.fromisoformat(entry["tried_at"])
    return not tried <= now < tried + RETRY_AFTER


def _fetch(source: Source, folder: Path, banner: Banner, now: datetime) -> Entry:
    try:
        content = source.picture(banner.image_url or "", MAX_BYTES)
        if hashlib.sha256(content).hexdigest() != banner.image_sha256:
            raise WrongPictureError(
                N_("The picture does not match the one specified in the district file.")
            )
        made = make_anew(content, (WIDTH,))[-1]
    except (SyncError, WrongPictureError, PictureError) as error:
        return {
            "msgid": error.msgid,
            "params": error.plain_params(),
            "tried_at": now.isoformat(),
        }
    name = store(folder, made.content, ".webp")
    return {"name": name, "width": made.width, "height": made.height}
