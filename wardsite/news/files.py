"""Files beside a post: attached on its edit page, seen by residents when the post is."""

from datetime import UTC, datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint
from wardsite.accounts.service import SignedIn, record
from wardsite.core.text import clean_pasted
from wardsite.extensions import db, explain, transaction
from wardsite.media import attachments
from wardsite.media.file_kinds import FileRefusedError
from wardsite.models import Post
from wardsite.news import desk, service
from wardsite.serving import disk

admin_bp = officers_blueprint("news_files", __name__, "/tin-tuc")


@admin_bp.post("/<int:post_id>/tep")
def add(post_id: int) -> ResponseReturnValue:
    """Attach files (multipart field `files`); each is checked by its content."""
    post = service.editable(current_user, post_id)
    files = [file for file in request.files.getlist("files") if file.filename]
    if not files:
        flash(_("Choose a file."), "error")
    for file in files:
        _attach(post, file.read(), file.filename or "")
    return redirect(url_for("news_admin.edit", post_id=post_id) + "#files-title")


@admin_bp.post("/tep")
def upload() -> ResponseReturnValue:
    """Take one file (multipart field `file`) to stand in a text; answer JSON, or {"error"}.

    It becomes the post's when a text that shows it is saved (`lifecycle.save`); until then only
    this officer can fetch it, and it goes with the text that is never saved.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        return {"error": _("Choose a file.")}, 422
    now = datetime.now(UTC)
    try:
        row = attachments.add_attachment(file.read(), file.filename, current_user.user.id, now)
    except FileRefusedError as error:
        return {"error": explain(error)}, 422
    except OSError as error:
        return {"error": _(disk.reason(error))}, 507
    return desk.file_offer(row)


@admin_bp.post("/<int:post_id>/tep/<int:attachment_id>/xoa")
def remove(post_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take a file away from a post."""
    service.editable(current_user, post_id)
    with transaction() as session:
        attachments.detach(session, attachment_id, post_id=post_id)
        record(session, datetime.now(UTC), current_user.user.name, "post-file-remove", str(post_id))
    flash(_("The file has been removed."), "success")
    return redirect(url_for("news_admin.edit", post_id=post_id))


def _attach(post: Post, content: bytes, name: str) -> None:
    shown = clean_pasted(name)[-80:]
    now = datetime.now(UTC)
    try:
        kept = attachments.keep_file(content, name)
    except FileRefusedError as error:
        flash(f"{shown}: {explain(error)}", "error")
        return
    except OSError as error:
        flash(_(disk.reason(error)), "error")
        return
    with transaction() as session:
        attachments.attach(session, kept, current_user.user.id, now, post_id=post.id)
        record(session, now, current_user.user.name, "post-file", str(post.id), name=kept.title)
    flash(_("“%(name)s” has been attached.", name=shown), "success")


def _is_public(post_id: int, now: datetime) -> bool:
    post = db.session.get(Post, post_id)
    return post is not None and service.is_public(post, now)


def _may_read(officer: SignedIn, post_id: int, now: datetime) -> bool:
    post = db.session.get(Post, post_id)
    return post is not None and service.may_read(officer, post, now)


attachments.register_owner("post_id", _is_public, _may_read)
