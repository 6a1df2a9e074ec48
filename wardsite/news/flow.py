"""The steps of a post as officers take them: hand in, return, publish, withdraw, bin, history."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint, requires
from wardsite.core import vi
from wardsite.core.errors import WardsiteError
from wardsite.core.text import row_number
from wardsite.extensions import explain
from wardsite.models import Post
from wardsite.news import desk, history, lifecycle, service
from wardsite.news.forms import CommentForm, ReasonForm

admin_bp = officers_blueprint("news_flow", __name__, "/tin-tuc")


@admin_bp.post("/<int:post_id>/gui-duyet")
def submit(post_id: int) -> ResponseReturnValue:
    """Hand a draft to the editors."""
    return _submit(service.readable(current_user, post_id, datetime.now(UTC)))


@admin_bp.post("/<int:post_id>/rut-lai")
def recall(post_id: int) -> ResponseReturnValue:
    """Take a submitted post back to go on writing."""
    post = lifecycle.recall(current_user, post_id, datetime.now(UTC))
    flash(_("“%(title)s” is a draft again.", title=post.title), "success")
    return _to_editor(post_id)


@admin_bp.route("/<int:post_id>/tra-lai", methods=["GET", "POST"])
@requires("editor")
def send_back(post_id: int) -> ResponseReturnValue:
    """Return a submitted post to its author, with a comment."""
    post = service.readable(current_user, post_id, datetime.now(UTC))
    form = CommentForm()
    if form.validate_on_submit():
        lifecycle.send_back(current_user, post_id, form.comment.data, datetime.now(UTC))
        flash(_("“%(title)s” has been returned to its author.", title=post.title), "success")
        return redirect(url_for("news_admin.index"))
    return _asking("news/admin/return.html", post, form), _status(form)


@admin_bp.route("/<int:post_id>/dang", methods=["GET", "POST"])
@requires("editor")
def publish(post_id: int) -> ResponseReturnValue:
    """Show what to look at before publishing; publish."""
    post = service.editable(current_user, post_id)
    if request.method == "POST":
        seen = request.form.get("version", "")
        return _publish(post, row_number(seen), request.form.get("state"))
    return render_template("news/admin/publish.html", post=post, concerns=desk.concerns(post))


@admin_bp.route("/<int:post_id>/go", methods=["GET", "POST"])
@requires("editor")
def withdraw(post_id: int) -> ResponseReturnValue:
    """Take a post off the site, with the reason that stays on its page."""
    now = datetime.now(UTC)
    post = service.editable(current_user, post_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            changed = lifecycle.withdraw(current_user, post_id, form.reason.data or "", now)
        except lifecycle.ReasonMissingError as error:
            form.reason.errors = [explain(error)]
        else:
            if changed.status == "draft":
                flash(_("“%(title)s” is a draft again.", title=changed.title), "success")
            else:
                flash(_("“%(title)s” is no longer public.", title=changed.title), "success")
            return _to_editor(post_id)
    seen = service.is_public(post, now) or (
        post.published_at is not None and post.published_at <= now
    )
    return _asking("news/admin/withdraw.html", post, form, seen=seen), _status(form)


@admin_bp.route("/<int:post_id>/xoa", methods=["GET", "POST"])
def discard(post_id: int) -> ResponseReturnValue:
    """Ask, then put into the bin."""
    post = service.editable(current_user, post_id)
    if request.method == "POST":
        lifecycle.discard(current_user, post_id, datetime.now(UTC))
        flash(_("“%(title)s” has been moved to the bin.", title=post.title), "success")
        return redirect(url_for("news_admin.index"))
    return render_template("news/admin/delete.html", post=post, days=lifecycle.BIN_DAYS)


@admin_bp.post("/<int:post_id>/khoi-phuc")
def take_out(post_id: int) -> ResponseReturnValue:
    """Bring a post back from the bin, as a draft."""
    post = lifecycle.take_out(current_user, post_id, datetime.now(UTC))
    flash(_("“%(title)s” is a draft again.", title=post.title), "success")
    return _to_editor(post_id)


@admin_bp.post("/<int:post_id>/xoa-han")
@requires("admin")
def destroy(post_id: int) -> ResponseReturnValue:
    """Delete a binned post for good."""
    title = service.post(post_id).title
    lifecycle.destroy(current_user, post_id, datetime.now(UTC))
    flash(_("“%(title)s” has been deleted.", title=title), "success")
    return redirect(url_for("news_admin.index") + "?trang-thai=binned")


@admin_bp.get("/<int:post_id>/lich-su")
def revisions(post_id: int) -> ResponseReturnValue:
    """What the post said before."""
    post = service.readable(current_user, post_id, datetime.now(UTC))
    return render_template(
        "news/admin/history.html",
        post=post,
        revisions=history.revisions(post_id),
        may_edit=service.may_edit(current_user, post),
    )


@admin_bp.get("/<int:post_id>/lich-su/<int:number>")
def revision(post_id: int, number: int) -> ResponseReturnValue:
    """One revision, with what it changed, or with what changed since (?so-voi=nay)."""
    post = service.readable(current_user, post_id, datetime.now(UTC))
    chosen = history.revision(post_id, number)
    with_present = request.args.get("so-voi") == "nay"
    before = history.revision(post_id, number - 1) if number > 1 else None
    return render_template(
        "news/admin/revision.html",
        post=post,
        revision=chosen,
        with_present=with_present,
        difference=history.difference(chosen, post)
        if with_present
        else history.difference(before, chosen),
        may_edit=service.may_edit(current_user, post),
    )


@admin_bp.post("/<int:post_id>/lich-su/<int:number>/khoi-phuc")
def restore(post_id: int, number: int) -> ResponseReturnValue:
    """Make an old revision the present text."""
    history.restore(current_user, post_id, number, datetime.now(UTC))
    flash(_("Version %(number)s has been restored.", number=number), "success")
    return _to_editor(post_id)


def step_after_save(post: Post, step: str) -> ResponseReturnValue:
    """Go on from a saved form: hand in, or publish unless there is something to look at first."""
    if step == "submit":
        return _submit(post)
    if desk.concerns(post):
        return redirect(url_for("news_flow.publish", post_id=post.id))
    return _publish(post, post.version)


def _submit(post: Post) -> ResponseReturnValue:
    try:
        lifecycle.submit(current_user, post.id, datetime.now(UTC))
    except (lifecycle.NothingToPublishError, lifecycle.SourceMissingError) as error:
        return _refused(post.id, error)
    flash(_("“%(title)s” has been submitted for approval.", title=post.title), "success")
    return redirect(url_for("news_admin.index"))


def _publish(post: Post, version: int | None, status: str | None = None) -> ResponseReturnValue:
    now = datetime.now(UTC)
    try:
        done = lifecycle.publish(current_user, post.id, now, version=version, status=status)
    except lifecycle.ConflictError as error:
        flash(explain(error), "error")
        return redirect(url_for("news_flow.publish", post_id=post.id))
    except (lifecycle.NothingToPublishError, lifecycle.SourceMissingError) as error:
        return _refused(post.id, error)
    if done.published_at is not None and done.published_at > now:
        stamp = vi.long_stamp(done.published_at)
        flash(
            _("“%(title)s” will be public from %(stamp)s.", title=done.title, stamp=stamp),
            "success",
        )
    else:
        flash(_("“%(title)s” has been published.", title=done.title), "success")
    return _to_editor(post.id)


def _refused(post_id: int, error: WardsiteError) -> ResponseReturnValue:
    flash(explain(error), "error")
    return _to_editor(post_id)


def _to_editor(post_id: int) -> ResponseReturnValue:
    return redirect(url_for("news_admin.edit", post_id=post_id))


def _asking(template: str, post: Post, form: CommentForm | ReasonForm, **more: bool) -> str:
    return render_template(template, post=post, form=form, **more)


def _status(form: CommentForm | ReasonForm) -> int:
    return 422 if form.errors else 200
