"""/healthz: does the database answer?"""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from wardsite.extensions import db

bp = Blueprint("serving", __name__)


@bp.get("/healthz")
def health() -> ResponseReturnValue:
    """Answer 200 or 503, with no detail that would help a stranger."""
    try:
        db.session.execute(text("SELECT id FROM site_profile"))
    except SQLAlchemyError:
        db.session.rollback()
        return (
            "unavailable\n",
            503,
            {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"},
        )
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
