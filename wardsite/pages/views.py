"""About, contact, calendars and the unit's own pages."""

from datetime import UTC, datetime
from importlib.metadata import version

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wardsite.core.vi import to_local
from wardsite.pages import service

bp = Blueprint("pages", __name__)


@bp.get("/gioi-thieu")
def about() -> ResponseReturnValue:
    """About the unit, with its people."""
    return render_template("pages/about.html", people=service.people())


@bp.get("/lien-he")
def contact() -> ResponseReturnValue:
    """Address, telephone, hours, and the officials to turn to."""
    return render_template("pages/contact.html", contacts=service.contacts())


@bp.get("/lich")
def calendar() -> ResponseReturnValue:
    """Reception of citizens and the working calendar, from today on."""
    today = to_local(datetime.now(UTC)).date()
    return render_template(
        "pages/calendar.html",
        calendars=[
            (key, name, service.calendar(key, today)) for key, name in service.CALENDARS.items()
        ],
    )


@bp.get("/trang/<slug>")
def page(slug: str) -> ResponseReturnValue:
    """One of the unit's own pages."""
    return render_template("pages/page.html", page=service.page(slug), kinds=service.PAGE_KINDS)


@bp.get("/tiep-can")
def accessibility() -> ResponseReturnValue:
    """The accessibility statement: what is aimed at, what was tested, what was not."""
    return render_template("pages/accessibility.html", version=version("wardsite"))
