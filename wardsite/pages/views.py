"""About and contact, from what the unit says of itself."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("pages", __name__)


@bp.get("/gioi-thieu")
def about() -> ResponseReturnValue:
    """About the unit."""
    return render_template("pages/about.html")


@bp.get("/lien-he")
def contact() -> ResponseReturnValue:
    """Address, telephone, hours."""
    return render_template("pages/contact.html")
