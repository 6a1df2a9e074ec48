"""The site as an installed app, and what a device keeps for reading without a network."""

import json
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from wardsite.extensions import current_settings
from wardsite.mandate import service as mandates
from wardsite.serving.assets import asset
from wardsite.serving.language import plain_url
from wardsite.site import service
from wardsite.site.themes import theme_of

bp = Blueprint("offline", __name__)

PAPER = "#faf7ef"  # --paper of site.css, behind the app while it starts
# Neither a browser nor a proxy may hold on to an old worker: it is how the worker is switched off.
_CURRENT = {"Cache-Control": "no-cache"}


@bp.get("/ngoai-tuyen")
def page() -> ResponseReturnValue:
    """The page shown without a network: hotlines, contact, and the pages this device has kept."""
    return render_template("site/offline.html")


@bp.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """The web app manifest (W3C): name, colours and icons of the installed site."""
    settings = current_settings()
    own = service.profile()
    drawn = "school" if settings.unit_kind == "school" else "ward"
    icons = [
        {"src": asset(f"img/icons/{drawn}-{size}.png"), "sizes": f"{size}x{size}"}
        | {"type": "image/png", "purpose": purpose}
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    icons[-1]["src"] = asset(f"img/icons/{drawn}-maskable.png")
    body = {
        "id": "/",
        "name": _("Website of %(unit)s", unit=own.name),
        "short_name": own.name,
        "lang": "vi",
        "start_url": url_for("site.home"),
        "scope": url_for("site.home"),
        "display": "standalone",
        "display_override": ["minimal-ui"],
        "theme_color": theme_of(own.theme, settings.unit_kind).deep,
        "background_color": PAPER,
        "icons": icons,
    }
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/manifest+json")


@bp.get("/sw.js")
def worker() -> ResponseReturnValue:
    """The service worker; the one that clears up and leaves when an officer switched it off."""
    folder = Path(current_app.root_path) / "static" / "js"
    if not service.profile().offline:
        text = (folder / "sw-off.js").read_text("utf-8")
    else:
        text = f"const SHELL = {json.dumps(shell())};\n" + (folder / "sw.js").read_text("utf-8")
    return Response(text, mimetype="text/javascript", headers=_CURRENT)


def shell() -> list[str]:
    """Return what a device fetches at once; the offline page first, as sw.js expects."""
    own = [
        plain_url("offline.page"),
        plain_url("site.home"),
        plain_url("pages.contact"),
        *(
            plain_url("site.topic", topic_id=topic.id)
            for topic in mandates.at(datetime.now(UTC)).topics
            if topic.mandatory
        ),
    ]
    # Style sheets name their pictures plainly.
    band = plain_url("assets.static", name="img/band.svg")
    files = [asset("css/site.css"), asset("js/site.js"), band]
    return [*own, "/en" + own[0], *files]
