"""/quan-tri/tro-giup: the guides, and the end of the tour."""

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from wardsite.accounts import service as accounts
from wardsite.accounts.guard import officers_blueprint
from wardsite.site.guides import GUIDES, PICTURE_SIZE, guide

admin_bp = officers_blueprint("help", __name__, "/tro-giup")


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """All guides that concern the officer."""
    mine = [item for item in GUIDES if current_user.may(item.role)]
    return render_template("site/admin/help.html", guides=mine)


@admin_bp.get("/<guide_id>")
def task(guide_id: str) -> ResponseReturnValue:
    """One guide; whoever may not do the task may still read how it is done."""
    chosen = guide(guide_id)
    if chosen is None:
        abort(404)
    return render_template("site/admin/guide.html", guide=chosen, guide_size=PICTURE_SIZE)


@admin_bp.post("/lam-quen/xong")
def finish_tour() -> ResponseReturnValue:
    """End the tour, finished or skipped; it does not come back."""
    accounts.finish_tour(current_user.user.id)
    return redirect(url_for("site_admin.dashboard"))
