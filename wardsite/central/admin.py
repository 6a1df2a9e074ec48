"""What the centre mandates as officers see it: why, since when, until when, what changed last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint, requires
from wardsite.central import service
from wardsite.central.words import VALUES, audience_name, field_name, section_name, value_name
from wardsite.core import vi
from wardsite.core.config_diff import Change, FieldChange
from wardsite.core.errors import MandatedItemError, NotFoundError
from wardsite.extensions import current_language, current_settings, explain
from wardsite.mandate import service as mandates

admin_bp: Blueprint = officers_blueprint("central_admin", __name__, "/chi-dao")


@dataclass(frozen=True)
class ShownChange:
    """A change of the last revision, in words."""

    section: str
    title: str
    kind: str
    fields: tuple[tuple[str, str, str], ...]


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """Everything on order, what the last revision changed, how the contact stands."""
    now = datetime.now(UTC)
    return render_template(
        "central/admin/index.html",
        status=service.status(now),
        items=service.ordered_items(now),
        changes=[_shown(change) for change in mandates.last_changes()],
        waiting=mandates.waiting(now),
        section_name=section_name,
    )


@admin_bp.route("/<section>/<item_id>", methods=["GET", "POST"])
def item(section: str, item_id: str) -> ResponseReturnValue:
    """Why one item is there; whatever is sent to change it is refused, and why."""
    if request.method == "POST":
        raise MandatedItemError(section, item_id)
    return locked_page(section, item_id), 200


@admin_bp.post("/dong-bo")
@requires("admin")
def sync_now() -> ResponseReturnValue:
    """Fetch the district file now."""
    # Imported here: what fetches is not kept in the memory of every server.
    from wardsite.central.sync import NotStoredError, SyncBusyError, SyncError, sync

    try:
        outcome = sync(current_settings(), datetime.now(UTC), by=current_user.user.name)
    except (SyncError, SyncBusyError) as error:
        if isinstance(error, NotStoredError):
            current_app.logger.error("central: %s", error)
        flash(explain(error), "error")
    else:
        flash(_(outcome.msgid), "success")
    return redirect(url_for(".index"))


def locked_page(section: str, item_id: str) -> str:
    """Return the page that says which dispatch orders an item. Raises NotFoundError."""
    now = datetime.now(UTC)
    entry = service.ordered_item(section, item_id, now)
    if entry is None:
        raise NotFoundError
    return render_template(
        "central/admin/item.html",
        entry=entry,
        kind=section_name(section),
        refused=request.method == "POST",
        status=service.status(now),
    )


def _shown(change: Change) -> ShownChange:
    kinds = {
        "added": _("Added in this revision"),
        "removed": _("Withdrawn in this revision"),
        "changed": _("Amended in this revision"),
    }
    return ShownChange(
        section=section_name(change.section),
        title=change.title,
        kind=kinds[change.kind],
        fields=tuple(map(_told, change.fields)) if change.kind == "changed" else (),
    )


def _told(field: FieldChange) -> tuple[str, str, str]:
    name = field.field
    return field_name(name), _said(name, field.before), _said(name, field.after)


def _said(field: str, value: Any) -> str:
    if field == "audience":
        return _audience(value)
    return value_name(field, value) if field in VALUES and value else _value(value)


def _audience(entries: Any) -> str:
    """Return whom an item is for; a unit by its id."""
    return ", ".join(audience_name(entry) for entry in entries or ("all",))


def _value(value: object) -> str:
    """Return a value of the file as an officer reads it."""
    if value is None or value in ((), ""):
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return vi.short_stamp(value, current_language())
    if isinstance(value, date):
        return vi.short_date(value, current_language())
    if isinstance(value, tuple):
        return ", ".join(_value(part) for part in value)
    return str(value)
