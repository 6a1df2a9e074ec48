"""Trying the addresses that a district file names, before it is signed (`check --online`)."""

from __future__ import annotations

import hashlib
import io
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from PIL import Image as Pillow

from wardsite import net
from wardsite.central.images import MAX_BYTES as MAX_PICTURE
from wardsite.central.images import WIDTH
from wardsite.core.central_config import Problem
from wardsite.core.central_schema import CentralConfig
from wardsite.core.config_advice import field_name
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.toml_lines import Path, line_of, lines_by_path
from wardsite.media.pictures import PictureError, make_anew
from wardsite.parent.publish import Checked

HEAVY = 200 * 1024  # bytes: a second on a slow 3G line, for a picture on every page
LEAST_CONTRAST = 3.0  # WCAG 2.1, 1.4.11 and large text
_MAX_PAGE, _MAX_DOCUMENT = 4 * 1024 * 1024, 20 * 1024 * 1024
_SECONDS, _AT_ONCE, _PAUSE = 20.0, 8, 1.0
_LINKS: Mapping[str, tuple[str, ...]] = {
    "documents": ("file_url",),
    "banners": ("link_url", "image_url"),
    "apps": ("android_url", "ios_url", "web_url"),
    "sources": ("site_url", "feed_url"),
    "notices": ("link_url",),
    "links": ("url",),
    "units": ("url",),
}


class Step(Protocol):
    """A progress bar, as far as this room knows it."""

    def __enter__(self) -> Step: ...
    def __exit__(self, *error: object) -> None: ...
    def step(self) -> None:
        """One more is done."""


@dataclass(frozen=True)
class Finding:
    """What is the matter with one address; `grave` when units would refuse what lies there."""

    path: Path
    msgid: str
    params: Mapping[str, object]
    grave: bool = False


def try_addresses(
    checked: Checked,
    private_hosts: frozenset[str],
    *,
    progress: Callable[[int, str], Step],
    label: str = "",
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Fetch every address the file names; return what must be mended, and what to think about.

    One host is asked at most once a second, `_AT_ONCE` hosts at the same time.
    """
    config = checked.config
    hosts: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for path, url in _addresses(config):
        hosts[urlsplit(url).hostname or ""].append((path, url))
    total = sum(map(len, hosts.values()))
    findings: list[Finding] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool, progress(total, label) as bar:

        def ask(group: list[tuple[Path, str]]) -> list[Finding]:
            found: list[Finding] = []
            for index, (path, url) in enumerate(group):
                time.sleep(_PAUSE if index else 0)
                found += _try(config, path, url, private_hosts)
                bar.step()
            return found

        for found in pool.map(ask, hosts.values()):
            findings += found
    return _as_problems(checked, findings, True), _as_problems(checked, findings, False)


def _as_problems(checked: Checked, findings: list[Finding], grave: bool) -> tuple[Problem, ...]:
    lines = lines_by_path(checked.data.decode())
    problems = (
        Problem(
            line_of(lines, found.path),
            field_name(checked.config, found.path),
            found.msgid,
            found.params,
        )
        for found in findings
        if found.grave is grave
    )
    return tuple(sorted(problems, key=lambda problem: problem.line))


def _addresses(config: CentralConfig) -> Iterator[tuple[Path, str]]:
    for section, names in _LINKS.items():
        for index, row in enumerate(getattr(config, section)):
            for name in names:
                url = getattr(row, name)
                if url:
                    yield (section, index, name), url


def _try(
    config: CentralConfig, path: Path, url: str, private_hosts: frozenset[str]
) -> Iterator[Finding]:
    section, index, field = path
    row = getattr(config, str(section))[index]
    limit = {"image_url": MAX_PICTURE, "file_url": _MAX_DOCUMENT}.get(str(field), _MAX_PAGE)
    try:
        answer = net.get(
            url,
            allowed_hosts=private_hosts,
            max_bytes=limit,
            deadline_seconds=_SECONDS,
            max_redirects=5,
            accept_insecure_http=True if section == "units" else private_hosts,
        )
    except WardsiteError as error:
        yield Finding(path, error.msgid, error.params)
        return
    if urlsplit(answer.url).hostname != urlsplit(url).hostname:
        elsewhere = {"host": urlsplit(answer.url).hostname}
        yield Finding(path, N_("The address redirects to another host: %(host)s."), elsewhere)
    if field == "image_url":
        yield from _judge_picture(path, answer.body, row.image_sha256, _size(row))
    elif field == "file_url" and hashlib.sha256(answer.body).hexdigest() != row.file_sha256:
        message = N_("The file at this address has a different SHA-256 fingerprint: %(found)s.")
        yield Finding(path, message, {"found": hashlib.sha256(answer.body).hexdigest()}, grave=True)


def _size(row: object) -> tuple[int, int] | None:
    width, height = getattr(row, "image_width", None), getattr(row, "image_height", None)
    return (width, height) if width and height else None


def _judge_picture(
    path: Path, content: bytes, sha256: str, size: tuple[int, int] | None
) -> Iterator[Finding]:
    """Say what is the matter with a banner's picture: identity, form, size, weight, contrast."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        message = N_("The file at this address has a different SHA-256 fingerprint: %(found)s.")
        yield Finding(path, message, {"found": found}, grave=True)
        return
    try:
        made = make_anew(content, (WIDTH,))[-1]
        with Pillow.open(io.BytesIO(content)) as image:
            own = image.size
    except PictureError as error:
        yield Finding(path, error.msgid, error.params, grave=True)
        return
    if size and size != own:
        message = N_("The picture’s actual size is %(width)d × %(height)d px.")
        yield Finding(path, message, {"width": own[0], "height": own[1]})
    if len(content) > HEAVY:
        message = N_("The picture is large (%(size)d KiB); aim for under %(limit)d KiB.")
        yield Finding(path, message, {"size": len(content) // 1024, "limit": HEAVY // 1024})
    ratio = contrast(made.content)
    if ratio < LEAST_CONTRAST:
        message = N_("The picture has low contrast (%(ratio)s : 1): is its text legible?")
        yield Finding(path, message, {"ratio": f"{ratio:.1f}"})


def contrast(content: bytes) -> float:
    """Return the WCAG contrast between the darkest and the lightest twentieth of a picture.

    An upper bound of what its text can have: below 3 nothing in it stands out.
    """
    with Pillow.open(io.BytesIO(content)) as image:
        flat = Pillow.new("RGB", image.size, "white")
        rgba = image.convert("RGBA")
        flat.paste(rgba, mask=rgba)
        flat.thumbnail((200, 200))
        pixels = flat.tobytes()
    channels = (pixels[offset::3] for offset in range(3))
    tones = sorted(
        0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)
        for red, green, blue in zip(*channels, strict=True)
    )
    edge = len(tones) // 20
    return (tones[-1 - edge] + 0.05) / (tones[edge] + 0.05)


def _linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
