"""The picture library, and the address that the editor sends pictures to."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint
from wardsite.extensions import explain
from wardsite.media import service
from wardsite.media.pictures import PictureError
from wardsite.models import Image
from wardsite.serving import disk
from wardsite.serving.language import plain_url
from wardsite.serving.paging import page_number

admin_bp = officers_blueprint("media_admin", __name__, "/hinh-anh")


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """All pictures, newest first; ?q= searches descriptions and file names."""
    words = request.args.get("q", "")[:200]
    return render_template(
        "media/admin/index.html",
        page=service.library(words, page_number()),
        words=words,
        limit_mb=service.upload_limit_mb(),
    )


@admin_bp.get("/chon")
def choose() -> ResponseReturnValue:
    """The same as JSON, for the editor's and the form's chooser."""
    page = service.library(request.args.get("q", "")[:200], page_number(), counted=False)
    return {
        "images": [_as_json(image) for image in page.items],
        "page": page.number,
        "last": page.last,
        "words": {
            "none": _("No pictures match."),
            "more": _("More pictures"),
            "blank": _("No description"),
        },
    }


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
    except OSError as error:
        return {"error": _(disk.reason(error))}, 507
    return _as_json(image)


@admin_bp.post("")
def add() -> ResponseReturnValue:
    """Take pictures from the library's own form, which works without script."""
    files = [file for file in request.files.getlist("files") if file.filename]
    alt = request.form.get("alt", "")
    for file in files:
        name = file.filename or ""
        try:
            service.add_image(file.read(), name, alt, current_user.user.id, datetime.now(UTC))
        except PictureError as error:
            flash(f"{name}: {explain(error)}", "error")
        except OSError as error:
            flash(_(disk.reason(error)), "error")
        else:
            flash(_("%(name)s is in the library.", name=name), "success")
    if not files:
        flash(_("Choose a picture."), "error")
    return redirect(url_for(".index"))


@admin_bp.route("/<int:image_id>", methods=["GET", "POST"])
def image(image_id: int) -> ResponseReturnValue:
    """One picture: its description, where it is used."""
    found = service.picture(image_id)
    if request.method == "POST":
        service.describe(current_user, image_id, request.form.get("alt", ""), datetime.now(UTC))
        flash(_("The description has been saved."), "success")
        return redirect(url_for(".image", image_id=image_id))
    return render_template(
        "media/admin/image.html",
        image=found,
        uses=service.uses(image_id),
        is_logo=service.is_logo(image_id),
    )


@admin_bp.post("/<int:image_id>/xoa")
def delete(image_id: int) -> ResponseReturnValue:
    """Delete a picture that nothing uses."""
    try:
        service.delete_image(current_user, image_id, datetime.now(UTC))
    except service.PictureInUseError as error:
        flash(explain(error), "error")
        return redirect(url_for(".image", image_id=image_id))
    flash(_("The picture has been deleted."), "success")
    return redirect(url_for(".index"))


def _as_json(image: Image) -> dict[str, object]:
    small = service.variants(image.name, image.width)[0][0]
    return {
        "id": image.id,
        "url": plain_url("media.picture", name=image.name),
        "small": plain_url("media.picture", name=small),
        "width": image.width,
        "height": image.height,
        "alt": image.alt,
    }
