"""The official sources with their newest headlines, each linking out."""

from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wardsite.mandate import service as mandates
from wardsite.sources import service

bp = Blueprint("sources", __name__)


@bp.get("/nguon-tin")
def index() -> ResponseReturnValue:
    """The sources by their order; each stands here as a link whatever its feed does."""
    now = datetime.now(UTC)
    return render_template(
        "sources/index.html", shelves=service.shelves(mandates.at(now).sources, now)
    )
