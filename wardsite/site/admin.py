"""The officers' dashboard, the site's settings, and what the centre mandates as officers see it."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts import sign_ins
from wardsite.accounts.guard import officers_blueprint, requires
from wardsite.central import service as central
from wardsite.core.vi import to_local
from wardsite.extensions import current_settings, explain
from wardsite.media import service as media
from wardsite.media.pictures import PictureError
from wardsite.news import service as news
from wardsite.ops.proof import last_proof
from wardsite.ops.proof_alarm import proof_alarms
from wardsite.serving.paging import Page
from wardsite.site import service, showcase, visits
from wardsite.site.duties import SHOWN, duties
from wardsite.site.forms import ProfileForm
from wardsite.site.guides import TOUR
from wardsite.site.themes import THEMES
from wardsite.sources import service as sources

admin_bp = officers_blueprint("site_admin", __name__, "")


@admin_bp.get("")
def dashboard() -> ResponseReturnValue:
    """What needs an officer now."""
    now = datetime.now(UTC)
    drafts = news.officers_page(current_user, now, news.Wanted(status="draft", own=True))
    today = to_local(now).date()
    settings = current_settings()
    return render_template(
        "site/admin/dashboard.html",
        duties=duties(current_user, now),
        shown=SHOWN,
        proof=last_proof(settings.instance),
        backup_alarms=proof_alarms(settings, now),
        visits=visits.by_day(today),
        visited=visits.by_page(today),
        unseen=sign_ins.unseen(current_user.user),
        guessed=sign_ins.guessed(current_user.user),
        blanks=[(name, ProfileForm()[name].label.text) for name in service.blanks()],
        status=central.status(now),
        waiting=sources.pending_count(),
        ailing=sources.ailing(),
        drafts=drafts.items[:5],
        tour=_tour(),
    )


def _tour() -> tuple[int, int, str, str] | None:
    """Return number, count, words and place of the tour's step; None when the tour is over."""
    if current_user.user.tour_done:
        return None
    asked = request.args.get("buoc", "1")
    number = int(asked) if asked in map(str, range(1, len(TOUR) + 1)) else 1
    return (number, len(TOUR), *TOUR[number - 1])


@admin_bp.route("/cai-dat", methods=["GET", "POST"])
@requires("admin")
def settings() -> ResponseReturnValue:
    """The unit's names, addresses, hours, people responsible, logo."""
    profile = service.profile()
    form = ProfileForm(obj=profile)
    if form.validate_on_submit():
        now = datetime.now(UTC)
        try:
            logo_id = _logo(form, profile.logo_id, now)
        except PictureError as error:
            form.logo.errors = [explain(error)]
        else:
            values = {name: form[name].data or "" for name in service.EDITABLE}
            service.save_profile(
                current_user, values, logo_id, now, offline=bool(form.offline.data)
            )
            flash(_("The settings have been saved and now appear on the site."), "success")
            return redirect(url_for(".settings"))
    return render_template("site/admin/settings.html", form=form), 422 if form.errors else 200


@admin_bp.get("/giao-dien")
def look() -> ResponseReturnValue:
    """Every part of the design, drawn by the macros that the pages use, with samples."""
    now = datetime.now(UTC)
    return render_template(
        "site/admin/look.html",
        sample=showcase.sample(now),
        form=showcase.faulty_form(),
        themes=THEMES,
        page=Page([], 5, 12, 120),
    )


def _logo(form: ProfileForm, present: int | None, now: datetime) -> int | None:
    if form.remove_logo.data:
        return None
    file = form.logo.data
    if not file or not getattr(file, "filename", ""):
        return present
    return media.add_image(file.read(), file.filename, "", current_user.user.id, now).id
