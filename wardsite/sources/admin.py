"""Official sources, as officers see them: the queue of headlines, and how each source does."""

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from wtforms import SelectChoice

from wardsite.accounts.guard import officers_blueprint, requires
from wardsite.core.text import row_number
from wardsite.extensions import current_settings, explain
from wardsite.mandate import service as mandates
from wardsite.models import Source
from wardsite.serving.paging import page_number
from wardsite.sources import service
from wardsite.sources.forms import SourceForm

admin_bp = officers_blueprint("sources_admin", __name__, "/nguon-tin")

STATUS_WORDS = {"cho-duyet": "pending", "da-duyet": "approved", "da-an": "hidden"}
DEEDS = {"duyet": "approved", "an": "hidden", "cho": "pending"}


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """The headlines that wait for an officer; also those approved or hidden."""
    word = request.args.get("trang-thai", "cho-duyet")
    word = word if word in STATUS_WORDS else "cho-duyet"
    chosen = request.args.get("nguon", "")
    source_id = row_number(chosen)
    return render_template(
        "sources/admin/index.html",
        page=service.officers_page(STATUS_WORDS[word], source_id, page_number()),
        word=word,
        source_id=source_id,
        sources=[source for source in service.all_sources() if source.mode == "feed"],
        waiting=service.pending_count(),
    )


@admin_bp.post("/duyet")
@requires("editor")
def decide() -> ResponseReturnValue:
    """Approve, hide or send back the headlines that were ticked, or the one whose button it is."""
    deed, _gap, one = request.form.get("deed", "").partition(":")
    if deed not in DEEDS:
        return redirect(url_for(".index"))
    wanted = [one] if one else request.form.getlist("id")
    ids = [number for number in map(row_number, wanted) if number is not None][:500]
    count = service.decide(current_user, ids, DEEDS[deed], datetime.now(UTC))
    if not ids:
        flash(_("Select at least one headline."), "warning")
    else:
        flash(_told(DEEDS[deed], count), "success")
    back = request.form.get("trang-thai", "")
    shown: dict[str, Any] = {"trang-thai": back if back in STATUS_WORDS else None}
    return redirect(url_for(".index", **shown))


def _told(status: str, count: int) -> str:
    if status == "approved":
        return str(ngettext("%(num)d headline approved.", "%(num)d headlines approved.", count))
    if status == "hidden":
        return str(ngettext("%(num)d headline hidden.", "%(num)d headlines hidden.", count))
    return str(
        ngettext(
            "%(num)d headline returned to the approval queue.",
            "%(num)d headlines returned to the approval queue.",
            count,
        )
    )


@admin_bp.post("/<int:headline_id>/viet-bai")
def to_post(headline_id: int) -> ResponseReturnValue:
    """Begin a post about a headline, with its source named."""
    post_id = service.to_post(current_user, headline_id, datetime.now(UTC))
    flash(_("Draft created, with the source credited. Rewrite it in your own words."), "success")
    return redirect(url_for("news_admin.edit", post_id=post_id))


@admin_bp.get("/nguon")
def sources() -> ResponseReturnValue:
    """Every source, and how reading it goes."""
    return render_template("sources/admin/sources.html", sources=service.all_sources())


@admin_bp.route("/nguon/them", methods=["GET", "POST"])
@requires("admin")
def new() -> ResponseReturnValue:
    """Add a source of the unit's own."""
    return _edit(None)


@admin_bp.route("/nguon/<int:source_id>", methods=["GET", "POST"])
@requires("admin")
def edit(source_id: int) -> ResponseReturnValue:
    """Change a source of the unit's own."""
    return _edit(service.own_source(source_id))


@admin_bp.route("/nguon/<int:source_id>/xoa", methods=["GET", "POST"])
@requires("admin")
def delete(source_id: int) -> ResponseReturnValue:
    """Ask, then delete a source of the unit's own."""
    source = service.own_source(source_id)
    if request.method == "POST":
        name = source.name
        service.delete_source(current_user, source_id, datetime.now(UTC))
        flash(_("“%(title)s” has been deleted.", title=name), "success")
        return redirect(url_for(".sources"))
    return render_template("sources/admin/delete.html", source=source)


@admin_bp.post("/nguon/<int:source_id>/doc")
@requires("editor")
def fetch(source_id: int) -> ResponseReturnValue:
    """Read one source now, whether due or not."""
    # Imported here: what fetches is not kept in the memory of every server.
    from wardsite.sources import ingest

    for outcome in ingest.fetch_due(current_settings(), datetime.now(UTC), only=source_id):
        if outcome.error is not None:
            flash(f"{outcome.name}: {explain(outcome.error)}", "error")
        else:
            counts = {"name": outcome.name, "new": outcome.new, "changed": outcome.changed}
            flash(_("%(name)s: %(new)s new, %(changed)s changed", **counts), "success")
    return redirect(url_for(".sources"))


def _edit(source: Source | None) -> ResponseReturnValue:
    form = SourceForm(obj=source)
    topics = mandates.at(datetime.now(UTC)).topics
    named = [SelectChoice(topic.id, topic.label) for topic in topics]
    form.topic.choices = [SelectChoice("", _("None")), *named]
    if form.validate_on_submit():
        number = source.id if source else None
        saved = service.save_source(current_user, number, form.text(), datetime.now(UTC))
        flash(_("“%(title)s” has been saved.", title=saved.name), "success")
        return redirect(url_for(".sources"))
    status = 422 if form.errors else 200
    return render_template("sources/admin/edit.html", form=form, source=source), status
