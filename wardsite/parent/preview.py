"""What a ward and a school would show of a district file that is not signed yet.

The site itself renders it: a scratch instance for each kind of unit takes the file, signed with a
key that is thrown away, through the same sync as any unit. What comes of it is a folder of pages
that opens in any browser, without a server, and can be handed to whoever has to agree.
"""

from __future__ import annotations

import os
import posixpath
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from gettext import gettext as _
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from wardsite.application import close_app, create_app
from wardsite.core.central_schema import CentralConfig
from wardsite.core.mandate import Kind
from wardsite.core.signing import generate_key_pair, parse_public_key, sign
from wardsite.core.static_copy import sheet_links
from wardsite.language import terminal_language
from wardsite.ops.instance import make_instance
from wardsite.parent.publish import check, draft
from wardsite.parent.report import write

KINDS: tuple[Kind, ...] = ("ward", "school")
PAGES = {"/": "index.html", "/covid-19": "covid-19.html", "/tinh-trang": "tinh-trang.html"}
SIZES = ((360, 640), (1280, 800))  # px: a phone, a desktop
_VALID_DAYS = 90
_FRAMES_STYLE = (
    "body{margin:0 auto;max-width:82rem;padding:1.5rem 1rem 4rem;color:#14232b;background:#f4f6f7;"
    'font:1rem/1.55 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}'
    "h1{font-size:1.6rem;line-height:1.25}"
    "h2{margin:2.5rem 0 .5rem;border-bottom:2px solid;padding-bottom:.25rem}"
    "ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:0;padding:0;list-style:none}"
    "figure{margin:1.25rem 0}figcaption{color:#51626b}figure div{overflow-x:auto}a{color:#0b5394}"
    "iframe{border:1px solid #607078;background:#fff;vertical-align:top}"
)
_ADDRESS = re.compile(r'(\s(?:href|src|action)=")(/[^"]*|[^"#:]*)(")')
_SRCSET = re.compile(r'\ssrcset="[^"]*"')
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)


def preview(path: Path, out: Path, now: datetime) -> Path:
    """Write the preview of a district file into `out` and return its first page.

    Raises what `check` and `draft` raise, and CannotWriteError.
    """
    ready = draft(check(path, now), _VALID_DAYS, now)
    with tempfile.TemporaryDirectory() as folder, _without_settings():
        scratch = Path(folder)
        key = _sign_for_once(scratch, ready.data)
        for kind in KINDS:
            _render(scratch, ready.config, kind, key, now, out / kind)
    first = out / "index.html"
    write(first, _frames(ready.config).encode())
    return first


def unit_for(config: CentralConfig, kind: Kind) -> tuple[str, str]:
    """Return id and name of the unit to show: the first of its kind in the file, or an invented."""
    for row in config.units:
        if row.kind == kind:
            return row.id, row.name
    names = {"ward": _("A ward"), "school": _("A school")}
    return f"{kind}-preview", names[kind]


@contextmanager
def _without_settings() -> Iterator[None]:
    """Keep the machine's WARDSITE_* away, so that a scratch instance touches no real database."""
    own = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("WARDSITE_")}
    try:
        yield
    finally:
        os.environ.update(own)


def _sign_for_once(folder: Path, data: bytes) -> str:
    passphrase = "for this preview only"  # noqa: S105 (the key is gone with the folder)
    public, secret = generate_key_pair(passphrase)
    (folder / "district.toml").write_bytes(data)
    signature = sign(data, secret, passphrase, "preview")
    (folder / "district.toml.minisig").write_bytes(signature)
    return parse_public_key(public).text


def _render(
    scratch: Path, config: CentralConfig, kind: Kind, key: str, now: datetime, out: Path
) -> None:
    unit_id, name = unit_for(config, kind)
    made = make_instance(
        scratch / kind,
        unit_id,
        kind,
        name,
        now,
        district_url=str(scratch / "district.toml"),
        district_key=key,
    )
    if made.sync_error is not None:
        raise made.sync_error
    app = create_app(made.settings)
    try:
        client = app.test_client()
        for address, file in PAGES.items():
            answer = client.get(address, follow_redirects=True)
            if answer.status_code == 200:
                page = _standing_alone(answer.get_data(as_text=True), client, out)
                write(out / file, page.encode())
    finally:
        close_app(app)


def _standing_alone(html: str, client: FlaskClient, out: Path) -> str:
    """Return a page whose files lie beside it and whose other links lead nowhere."""

    def relinked(match: re.Match[str]) -> str:
        path = urlsplit(match[2]).path
        if path.startswith(("/static/", "/media/")):
            _keep(path, client, out)
            return f"{match[1]}{path.lstrip('/')}{match[3]}"
        return f"{match[1]}{PAGES.get(path, '#')}{match[3]}"

    return _ADDRESS.sub(relinked, _SRCSET.sub("", _SCRIPT.sub("", html)))


def _keep(path: str, client: FlaskClient, out: Path) -> None:
    """Save a file of the site under its own path, and what a style sheet draws on."""
    # Addresses come from our own templates; the path still may not leave the folder.
    target = out / posixpath.normpath(path).lstrip("/")
    if target.exists() or not target.resolve().is_relative_to(out.resolve()):
        return
    answer = client.get(path)
    if answer.status_code != 200:
        return
    write(target, answer.get_data())
    if path.endswith(".css"):
        for address in sheet_links(answer.get_data(as_text=True)):
            whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
            _keep(urlsplit(whole).path, client, out)


def _frames(config: CentralConfig) -> str:
    """Return the page that shows the others at the width of a phone and of a desktop."""
    title = escape(_("Preview, not published: %(title)s") % {"title": config.config.title})
    head = (
        f'<!doctype html>\n<html lang="{terminal_language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_FRAMES_STYLE}</style></head><body><main><h1>{title}</h1>"
    )
    parts = [_frames_of(kind, unit_for(config, kind)[1]) for kind in KINDS]
    return "".join([head, *parts, "</main></body></html>\n"])


def _frames_of(kind: Kind, name: str) -> str:
    names = {"/": _("Home"), "/tinh-trang": _("Status")}
    links = "".join(
        f'<li><a href="{kind}/{file}">{escape(names.get(address, address))}</a></li>'
        for address, file in PAGES.items()
    )
    screens = zip((_("Preview on a phone"), _("Preview on a computer")), SIZES, strict=True)
    return f"<h2>{escape(name)}</h2><ul>{links}</ul>" + "".join(
        f'<figure><figcaption>{escape(said)} ({width} × {height})</figcaption><div tabindex="0">'
        f'<iframe src="{kind}/index.html" width="{width}" height="{height}" '
        f'title="{escape(said)}: {escape(name)}"></iframe></div></figure>'
        for said, (width, height) in screens
    )
