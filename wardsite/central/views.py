"""What anyone may know: the status, for the centre's audit and in plain words; banner pictures."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from flask import Blueprint, abort, jsonify, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from wardsite.central import service
from wardsite.central.service import CentralStatus
from wardsite.core.errors import N_
from wardsite.documents import service as documents
from wardsite.documents.service import Filter
from wardsite.extensions import current_settings
from wardsite.mandate import service as mandates
from wardsite.mandate.store import central_folder
from wardsite.news import service as news

bp = Blueprint("central", __name__)
ONE_YEAR = 31_536_000  # seconds
NEWEST = 5
_KINDS = {"ward": N_("Wards"), "school": N_("Schools"), "office": N_("Offices")}


@bp.get("/.well-known/wardsite.json")
def status_for_programs() -> ResponseReturnValue:
    """The status for the parent unit's audit. No personal data."""
    now = datetime.now(UTC)
    response = jsonify(_report(service.status(now), now))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@bp.get("/tinh-trang")
def status_page() -> ResponseReturnValue:
    """The same in plain words."""
    page = render_template("central/status.html", status=service.status(datetime.now(UTC)))
    return page, {"Cache-Control": "no-store"}


@bp.get("/don-vi")
def units() -> ResponseReturnValue:
    """The parent unit, and the units that follow it."""
    mandate = mandates.at(datetime.now(UTC))
    if mandate.parent is None:
        abort(404)
    return render_template("central/units.html", own_id=mandates.unit().id, kinds=_KINDS)


@bp.get("/media/chi-dao/<name>")
def picture(name: str) -> ResponseReturnValue:
    """A banner's picture; its name is made of its content, so browsers may keep it for good."""
    if not name.endswith(".webp"):
        abort(404)
    folder = central_folder(current_settings().instance)
    response = send_from_directory(folder, name, mimetype="image/webp", max_age=ONE_YEAR)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


def _report(status: CentralStatus, now: datetime) -> dict[str, Any]:
    posts = news.public_page(now)
    shown = mandates.at(now).document_ids
    papers = documents.public_page(shown, Filter())
    return {
        "format": 1,
        "software": {"name": "wardsite", "version": version("wardsite")},
        "unit": {"id": status.unit_id, "kind": status.unit_kind},
        "now": now.isoformat(timespec="seconds"),
        "config": {
            "id": status.config_id,
            "revision": status.revision,
            "sha256": status.sha256,
            "applied_at": _moment(status.applied_at),
            "expires_at": _moment(status.expires_at),
        }
        if status.revision is not None
        else None,
        "contact": {
            "last": _moment(status.contacted_at),
            "checked": _moment(status.checked_at),
            "stale": status.stale,
            "expired": status.expired,
            "alarms": [alarm.code for alarm in status.alarms],
            "refusal": status.error_code or None,
        },
        "items": {
            "mandated": list(status.mandated),
            "on_show": list(status.shown),
            "drills": list(status.drills),
        },
        "posts": {
            "count": posts.total,
            "newest": [_moment(post.published_at) for post in posts.items[:NEWEST]],
        },
        "documents": {
            "count": papers.total,
            "newest": [paper.issued_on.isoformat() for paper in papers.items[:NEWEST]],
        },
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None
