"""/healthz: does the database answer, and can something be saved?"""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from wardsite.extensions import current_settings, db
from wardsite.serving.disk import takes_writing

READ_ONLY = "read-only"
_HEADERS = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}

bp = Blueprint("serving", __name__)


@bp.get("/healthz")
def health() -> ResponseReturnValue:
    """Answer 200 or 503, with no detail that would help a stranger.

    200 `read-only` is a site that is read as always while officers can save nothing.
    """
    try:
        db.session.execute(text("SELECT id FROM site_profile"))
    except SQLAlchemyError:
        db.session.rollback()
        return "unavailable\n", 503, _HEADERS
    folder = current_settings().instance
    saves = takes_writing(folder) and not current_app.config["DATABASE_DAMAGED"]
    return ("ok" if saves else READ_ONLY) + "\n", 200, _HEADERS
