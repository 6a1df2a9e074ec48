"""The address that the editor sends pictures to."""

from datetime import UTC, datetime

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint
from wardsite.extensions import explain
from wardsite.media import service
from wardsite.media.pictures import PictureError
from wardsite.serving.language import plain_url

admin_bp = officers_blueprint("media_admin", __name__, "/hinh-anh")


@admin_bp.post("/tai-len")
def upload() -> ResponseReturnValue:
    """Take one picture (multipart field `file`); answer JSON: url, width, height, alt, or error."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return {"error": _("Choose a picture.")}, 422
    try:
        image = service.add_image(
            file.read(),
            file.filename,
            request.form.get("alt", ""),
            current_user.user.id,
            datetime.now(UTC),
        )
    except PictureError as error:
        return {"error": explain(error)}, 422
    return {
        "id": image.id,
        "url": plain_url("media.picture", name=image.name),
        "width": image.width,
        "height": image.height,
        "alt": image.alt,
    }
