"""News, as officers write it."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts.guard import officers_blueprint, requires
from wardsite.extensions import explain
from wardsite.media import service as media
from wardsite.media.pictures import PictureError
from wardsite.models import Post
from wardsite.news import service
from wardsite.news.forms import PostForm
from wardsite.news.service import PostText, SourceMissingError
from wardsite.serving.paging import page_number

admin_bp = officers_blueprint("news_admin", __name__, "/tin-tuc")


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """All posts, last changed first."""
    status = request.args.get("trang-thai", "")
    page = service.officers_page(page_number(), status if status in ("draft", "published") else "")
    return render_template("news/admin/index.html", page=page, status=status)


@admin_bp.route("/viet", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Write a new post."""
    form = _form(None)
    if form.validate_on_submit() and (saved := _save(form, None)):
        return _after(saved)
    return render_template("news/admin/edit.html", form=form, post=None), _status(form)


@admin_bp.route("/<int:post_id>", methods=["GET", "POST"])
def edit(post_id: int) -> ResponseReturnValue:
    """Change a post."""
    post = service.editable(current_user, post_id)
    form = _form(post)
    if form.validate_on_submit() and (saved := _save(form, post)):
        return _after(saved)
    return render_template("news/admin/edit.html", form=form, post=post), _status(form)


@admin_bp.get("/<int:post_id>/xem-truoc")
def preview(post_id: int) -> ResponseReturnValue:
    """Show a post as residents will see it."""
    return render_template("news/post.html", post=service.post(post_id), related=[], preview=True)


@admin_bp.post("/<int:post_id>/dang")
@requires("editor")
def publish(post_id: int) -> ResponseReturnValue:
    """Publish."""
    post = service.publish(current_user, post_id, datetime.now(UTC))
    flash(_("“%(title)s” is published.", title=post.title), "success")
    return redirect(url_for(".edit", post_id=post_id))


@admin_bp.post("/<int:post_id>/go")
@requires("editor")
def unpublish(post_id: int) -> ResponseReturnValue:
    """Take back into the drafts."""
    post = service.unpublish(current_user, post_id, datetime.now(UTC))
    flash(_("“%(title)s” is no longer public.", title=post.title), "success")
    return redirect(url_for(".edit", post_id=post_id))


@admin_bp.route("/<int:post_id>/xoa", methods=["GET", "POST"])
def delete(post_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    post = service.editable(current_user, post_id)
    if request.method == "POST":
        title = post.title
        service.delete(current_user, post_id, datetime.now(UTC))
        flash(_("“%(title)s” was deleted.", title=title), "success")
        return redirect(url_for(".index"))
    return render_template("news/admin/delete.html", post=post)


def _form(post: Post | None) -> PostForm:
    form = PostForm(obj=post)
    form.category_id.choices = [(c.id, c.name) for c in service.categories()]
    if request.method == "GET" and post and post.cover:
        form.cover_alt.data = post.cover.alt
    return form


def _save(form: PostForm, post: Post | None) -> Post | None:
    now = datetime.now(UTC)
    try:
        text = PostText(
            title=form.title.data or "",
            summary=form.summary.data or "",
            body_html=form.body_html.data or "",
            category_id=form.category_id.data,
            cover_id=_cover(form, post, now),
            source_name=form.source_name.data or "",
            source_url=form.source_url.data or "",
        )
        saved = service.save(current_user, post.id if post else None, text, now)
    except PictureError as error:
        form.cover.errors = [explain(error)]
        return None
    except SourceMissingError as error:
        form.source_name.errors = [explain(error)]
        return None
    if request.form.get("then") == "publish" and current_user.may("editor"):
        service.publish(current_user, saved.id, now)
    return saved


def _cover(form: PostForm, post: Post | None, now: datetime) -> int | None:
    if form.remove_cover.data:
        return None
    file = form.cover.data
    if not file or not getattr(file, "filename", ""):
        return post.cover_id if post else None
    return media.add_image(
        file.read(), file.filename, form.cover_alt.data or "", current_user.user.id, now
    ).id


def _after(saved: Post) -> ResponseReturnValue:
    if request.form.get("then") == "preview":
        return redirect(url_for(".preview", post_id=saved.id))
    if saved.status == "published":
        flash(_("Saved, and public."), "success")
    else:
        flash(_("The draft is saved. Residents do not see it yet."), "success")
    return redirect(url_for(".edit", post_id=saved.id))


def _status(form: PostForm) -> int:
    return 422 if form.errors else 200
