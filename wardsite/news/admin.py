"""News, as officers write it: the list, the form, what autosave keeps, the preview."""

from datetime import UTC, datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import OperationalError

from wardsite.accounts.guard import officers_blueprint
from wardsite.core import vi
from wardsite.core.errors import NotAllowedError, NotFoundError, WardsiteError
from wardsite.core.markup import sanitize
from wardsite.core.text import from_tcvn3, from_vni, legacy_encoding, row_number
from wardsite.extensions import db, explain
from wardsite.media.pictures import PictureError
from wardsite.models import Post
from wardsite.news import copies, desk, flow, history, lifecycle, service
from wardsite.news.forms import PostForm
from wardsite.news.service import Wanted
from wardsite.serving import disk
from wardsite.serving.paging import page_number

admin_bp = officers_blueprint("news_admin", __name__, "/tin-tuc")

LISTS = ("draft", "submitted", "published", "withdrawn", "binned")


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """The posts that the officer may read, last changed first."""
    status = request.args.get("trang-thai", "")
    category = request.args.get("chuyen-muc", "")
    wanted = Wanted(
        status=status if status in LISTS else "",
        words=request.args.get("q", "")[:200],
        category_id=row_number(category),
        own=request.args.get("cua-toi") == "1",
    )
    return render_template(
        "news/admin/index.html",
        page=service.officers_page(current_user, datetime.now(UTC), wanted, page_number()),
        wanted=wanted,
        categories=service.categories(),
        waiting=service.waiting() if current_user.may("editor") else 0,
        unfinished=copies.unfinished(current_user),
    )


@admin_bp.route("/viet", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Write a new post, or go on with one that was never saved (?tiep=key)."""
    form = desk.form_for(None, request.args.get("tiep", ""))
    if form.validate_on_submit():
        return _save(form, None)
    return _editor(form, None)


@admin_bp.get("/<int:post_id>")
def edit(post_id: int) -> ResponseReturnValue:
    """Change a post; what was typed last time and not saved is there again."""
    post = service.editable(current_user, post_id)
    return _editor(desk.form_for(post, copies.key_of(post_id)), post)


@admin_bp.post("/<int:post_id>")
def save(post_id: int) -> ResponseReturnValue:
    """Save a post. Whoever may not, or no longer may, gets back what was typed, as a new draft."""
    try:
        post = service.editable(current_user, post_id)
    except (NotAllowedError, NotFoundError) as error:
        return _rescued(error)
    form = desk.form_for(post, "")
    if form.validate_on_submit():
        return _save(form, post)
    return _editor(form, post)


@admin_bp.post("/tu-luu")
def autosave() -> ResponseReturnValue:
    """Keep what is being typed; answers JSON with the time, or with why not."""
    form = desk.form_for(None, "")
    now = datetime.now(UTC)
    try:
        copies.keep(
            current_user, form.copy_key.data or "", form.version.data or 0, form.typed(), now
        )
    except WardsiteError as error:
        return {"error": explain(error)}, 409
    except (OperationalError, OSError) as error:
        db.session.rollback()
        cause = _(disk.reason(error))
        told = _("%(cause)s What you type is saved on this computer.", cause=cause)
        return {"error": told}, 507
    return {"saved_at": now.isoformat(), "time": f"{vi.to_local(now):%H:%M}"}


@admin_bp.get("/phien")
def pulse() -> ResponseReturnValue:
    """Tell a page that waits whose session lives, with a token that is good now."""
    return {"csrf": generate_csrf(), "owner": current_user.user.id}


@admin_bp.post("/ban-dang-viet/<key>/bo")
def drop_copy(key: str) -> ResponseReturnValue:
    """Throw away what was typed and not saved."""
    post_id = copies.post_id_of(key)
    copies.drop(current_user, key)
    flash(_("The unsaved text has been discarded."), "success")
    return redirect(url_for(".edit", post_id=post_id) if post_id else url_for(".index"))


@admin_bp.post("/chuyen-ma")
def convert() -> ResponseReturnValue:
    """Return text typed for an old font as Unicode; the officer sees both and decides.

    Without an `encoding` it is looked for: a text in none comes back as it is.
    """
    plain = request.form.get("text", "")
    encoding = request.form.get("encoding") or legacy_encoding(plain)
    turn = {"vni": from_vni, "tcvn3": from_tcvn3}.get(encoding, str)
    try:
        html = sanitize(turn(request.form.get("html", "")))
    except WardsiteError as error:
        return {"error": explain(error)}, 422
    return {"html": html, "text": turn(plain)}


@admin_bp.get("/<int:post_id>/xem-truoc")
def preview(post_id: int) -> ResponseReturnValue:
    """Show a post, with what was typed and not yet saved, as residents will see it."""
    return preview_copy(copies.key_of(post_id))


@admin_bp.get("/xem-truoc/<key>")
def preview_copy(key: str) -> ResponseReturnValue:
    """The frame of the preview: phone and desktop width."""
    post = desk.shown(current_user, key, datetime.now(UTC))
    saved = service.post(post.id) if post.id else None
    return render_template(
        "news/admin/preview.html",
        post=post,
        key=key,
        may_edit=saved is None or service.may_edit(current_user, saved),
        may_recall=saved is not None and lifecycle.may_recall(current_user, saved),
    )


@admin_bp.get("/xem-truoc/<key>/trang")
def preview_page(key: str) -> ResponseReturnValue:
    """The very page that residents will see."""
    now = datetime.now(UTC)
    post = desk.shown(current_user, key, now)
    related = service.related(post, now) if post.id else []
    files = desk.files_shown(current_user, post)
    return render_template("news/post.html", post=post, related=related, files=files, preview=True)


def _editor(form: PostForm, post: Post | None, status: int = 0) -> ResponseReturnValue:
    page = desk.editor_page(current_user, form, post, datetime.now(UTC))
    return page, status or (422 if form.errors else 200)


def _rescued(error: WardsiteError) -> ResponseReturnValue:
    form = desk.form_for(None, "")
    form.copy_key.data = copies.new_key()
    form.version.data = None
    flash(
        _(
            "%(reason)s What you typed is below; you can save it as a new draft.",
            reason=explain(error),
        ),
        "error",
    )
    return _editor(form, None, 403 if isinstance(error, NotAllowedError) else 404)


def _save(form: PostForm, post: Post | None) -> ResponseReturnValue:
    now = datetime.now(UTC)
    then = request.form.get("then", "")
    key = form.copy_key.data or (copies.key_of(post.id) if post else copies.new_key())
    if then == "preview":
        copies.keep(current_user, key, form.version.data or 0, form.typed(), now)
        return redirect(url_for(".preview_copy", key=key))
    try:
        saved = lifecycle.save(
            current_user,
            post.id if post else None,
            desk.text_of(form, post, current_user, now),
            now,
            version=form.version.data if post else None,
            new_address=bool(form.new_address.data),
            copy_key=key,
        )
    except lifecycle.ConflictError:
        return _conflict(form, post, key, now)
    except (PictureError, lifecycle.SourceMissingError, lifecycle.TimesError) as error:
        desk.tell(form, error)
        return _editor(form, post)
    except (OperationalError, OSError) as error:
        return _not_kept(form, post, error)
    return _after(saved, then)


def _not_kept(form: PostForm, post: Post | None, error: Exception) -> ResponseReturnValue:
    """Give back what was typed when the server cannot write (a full disk); nothing was changed."""
    current_app.logger.error("news: not saved: %s", type(error).__name__)
    db.session.rollback()
    flash(
        _(
            "%(cause)s Your changes were not saved. What you typed is below: keep this page "
            "open, tell the person who runs the server, then press the button again.",
            cause=_(disk.reason(error)),
        ),
        "error",
    )
    return _editor(form, service.post(post.id) if post else None, 507)


def _conflict(form: PostForm, post: Post | None, key: str, now: datetime) -> ResponseReturnValue:
    """Show both texts. The officer's own stays in the form and on the server; nothing is lost."""
    if post is None:
        raise AssertionError("a new post has no other version")
    copies.keep(current_user, key, form.version.data or 0, form.typed(), now)
    difference = history.difference_of(
        (post.title, post.summary, post.body_html),
        (form.title.data or "", form.summary.data or post.summary, form.body_html.data or ""),
    )
    last = next(iter(history.revisions(post.id)), None)
    form.version.data = post.version
    form.version.raw_data = None
    page = desk.editor_page(current_user, form, post, now, conflict=(last, difference))
    return page, 409


def _after(saved: Post, then: str) -> ResponseReturnValue:
    if then == "submit" or (then == "publish" and current_user.may("editor")):
        return flow.step_after_save(saved, then)
    if saved.status == "published":
        flash(_("Saved and published."), "success")
    else:
        flash(_("The draft has been saved. Residents cannot see it yet."), "success")
    return redirect(url_for(".edit", post_id=saved.id))
