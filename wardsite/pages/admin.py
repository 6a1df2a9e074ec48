"""Pages, people, links and calendars, as officers keep them: four lists, one way to change them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint
from wardsite.core.errors import N_
from wardsite.core.vi import to_local
from wardsite.extensions import explain
from wardsite.forms import Form
from wardsite.media import service as media
from wardsite.media.pictures import PictureError
from wardsite.models import CalendarEntry, OwnLink, OwnPage, Person
from wardsite.pages import service
from wardsite.pages.forms import CalendarForm, LinkForm, PageForm, PersonForm

admin_bp = officers_blueprint("pages_admin", __name__, "/trang", role="editor")


@dataclass(frozen=True)
class Section:
    """One of the four lists: its table and form, which field names a row, and words."""

    model: Any
    form: type[Form]
    named_by: str
    title: str
    add: str


SECTIONS = {
    "trang": Section(OwnPage, PageForm, "title", N_("The unit’s pages"), N_("Add a page")),
    "can-bo": Section(Person, PersonForm, "name", N_("People"), N_("Add a person")),
    "lien-ket": Section(
        OwnLink, LinkForm, "label", N_("Menu, links and banners"), N_("Add a link")
    ),
    "lich": Section(
        CalendarEntry,
        CalendarForm,
        "subject",
        N_("Work and reception calendars"),
        N_("Add a calendar entry"),
    ),
}


@admin_bp.get("")
def start() -> ResponseReturnValue:
    """Go to the first list."""
    return redirect(url_for(".index", name="trang"))


@admin_bp.get("/<name>")
def index(name: str) -> ResponseReturnValue:
    """One of the lists."""
    return render_template(
        "pages/admin/index.html",
        name=name,
        section=_section(name),
        sections=SECTIONS,
        rows=service.rows(_section(name).model),
        calendars=service.CALENDARS,
        kinds=service.PAGE_KINDS,
        places=service.PLACES,
        today=to_local(datetime.now(UTC)).date(),
    )


@admin_bp.route("/<name>/them", methods=["GET", "POST"])
def new(name: str) -> ResponseReturnValue:
    """Add a row."""
    return _edit(name, None)


@admin_bp.route("/<name>/<int:row_id>", methods=["GET", "POST"])
def edit(name: str, row_id: int) -> ResponseReturnValue:
    """Change a row."""
    return _edit(name, row_id)


@admin_bp.route("/<name>/<int:row_id>/xoa", methods=["GET", "POST"])
def delete(name: str, row_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    section = _section(name)
    row = service.row(section.model, row_id)
    if request.method == "POST":
        service.delete(current_user, section.model, row_id, datetime.now(UTC))
        flash(_("Deleted."), "success")
        return redirect(url_for(".index", name=name))
    return render_template(
        "pages/admin/delete.html", name=name, row=row, label=getattr(row, section.named_by)
    )


def _edit(name: str, row_id: int | None) -> ResponseReturnValue:
    section = _section(name)
    row = service.row(section.model, row_id) if row_id is not None else None
    form = section.form(obj=row)
    if form.validate_on_submit():
        now = datetime.now(UTC)
        try:
            values = _values(form, row, now)
        except PictureError as error:
            form["picture"].errors = [explain(error)]
        else:
            service.save(current_user, section.model, row_id, values, now)
            flash(_("Saved."), "success")
            return redirect(url_for(".index", name=name))
    page = render_template("pages/admin/edit.html", name=name, section=section, form=form, row=row)
    return page, 422 if form.errors else 200


def _values(form: Form, row: Any, now: datetime) -> dict[str, Any]:
    """Return what to store; a picture chosen for a link is kept first. Raises PictureError."""
    values = {key: value for key, value in form.data.items() if key != "csrf_token"}
    if "picture" not in values:
        return values
    file, removed = values.pop("picture"), values.pop("remove_picture")
    values["image_id"] = row.image_id if row is not None and not removed else None
    if file and file.filename:
        image = media.add_image(
            file.read(), file.filename, form["label"].data or "", current_user.user.id, now
        )
        values["image_id"] = image.id
    return values


def _section(name: str) -> Section:
    if name not in SECTIONS:
        abort(404)
    return SECTIONS[name]
