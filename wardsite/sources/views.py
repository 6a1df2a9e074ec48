"""The official sources, each linking out."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("sources", __name__)


@bp.get("/nguon-tin")
def index() -> ResponseReturnValue:
    """The sources by their order."""
    return render_template("sources/index.html")
