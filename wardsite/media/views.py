"""/media/…: pictures, which never change under a name."""

from flask import Blueprint, abort, send_from_directory
from flask.typing import ResponseReturnValue

from wardsite.media import service

bp = Blueprint("media", __name__)
ONE_YEAR = 31_536_000  # seconds


@bp.get("/media/<name>")
def picture(name: str) -> ResponseReturnValue:
    """Send a picture; its name is made of its content, so browsers may keep it for good."""
    if not name.endswith(".webp"):
        abort(404)
    response = send_from_directory(
        service.media_folder(), name, mimetype="image/webp", max_age=ONE_YEAR
    )
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response
