"""/media/…: pictures, which never change under a name; /tep/…: attached files."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, send_file, send_from_directory
from flask.typing import ResponseReturnValue
from flask_login import current_user

from wardsite.media import attachments
from wardsite.media.files import files
from wardsite.models import Attachment
from wardsite.serving.language import plain_url

bp = Blueprint("media", __name__)
ONE_YEAR = 31_536_000  # seconds
FIVE_MINUTES = 300  # seconds: a withdrawn file leaves browsers and proxies soon

# A browser shows a PDF in a viewer of its own, which in older ones a sandbox keeps from starting.
# What the viewer runs has no part of this site: nothing that a sandbox would take away.
_PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
_FILE_POLICY = "sandbox; default-src 'none'"


@bp.get("/media/<name>")
def picture(name: str) -> ResponseReturnValue:
    """Send a picture; its name is made of its content, so browsers may keep it for good."""
    if not name.endswith(".webp"):
        abort(404)
    kept = files()
    kept.path(name)
    response = send_from_directory(kept.folder, name, mimetype="image/webp", max_age=ONE_YEAR)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


@bp.get("/tep/<int:attachment_id>/<name>")
def attachment(attachment_id: int, name: str) -> ResponseReturnValue:
    """Send an attached file: a PDF to look at (?tai-ve to download), anything else to download.

    Residents get what belongs to something public; officers all of it.
    """
    row = attachments.attachment(attachment_id)
    now = datetime.now(UTC)
    public = attachments.is_public(row, now)
    if not public and not _officer_may_read(row, now):
        abort(404)
    if name != attachments.download_name(row):
        return redirect(attachment_url(row), 301)
    path = attachments.path_of(row)
    if not path.is_file():
        abort(404)
    inline = row.kind == "pdf" and "tai-ve" not in request.args
    response = send_file(
        path,
        mimetype=attachments.mimetype(row),
        as_attachment=not inline,
        download_name=attachments.download_name(row),
        max_age=FIVE_MINUTES if public else None,
    )
    return _guarded(response, inline, public)


def _officer_may_read(row: Attachment, now: datetime) -> bool:
    if not current_user.is_authenticated or current_user.owes:
        return False
    return attachments.may_read(current_user, row, now)


def attachment_url(row: Attachment) -> str:
    """Return the address of an attached file, the same in every language."""
    return plain_url("media.attachment", attachment_id=row.id, name=attachments.download_name(row))


def _guarded(response: Response, inline: bool, public: bool) -> Response:
    response.headers["Content-Security-Policy"] = _PDF_POLICY if inline else _FILE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noarchive"
    if public:
        response.cache_control.public = True
    else:
        response.headers["Cache-Control"] = "private, no-store"
    return response
