"""News, as residents read it."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wardsite.core.errors import NotFoundError
from wardsite.media import attachments
from wardsite.news import service
from wardsite.serving.paging import page_number

bp = Blueprint("news", __name__)


@bp.get("/tin-tuc")
def index() -> ResponseReturnValue:
    """All news, newest first."""
    page = service.public_page(datetime.now(UTC), number=page_number())
    return render_template(
        "news/index.html", page=page, category=None, categories=service.categories()
    )


@bp.get("/tin-tuc/<category>")
def category(category: str) -> ResponseReturnValue:
    """News of one category."""
    chosen = service.category(category)
    page = service.public_page(datetime.now(UTC), category=chosen, number=page_number())
    return render_template(
        "news/index.html", page=page, category=chosen, categories=service.categories()
    )


@bp.get("/tin-tuc/<category>/<slug>")
def post(category: str, slug: str) -> ResponseReturnValue:
    """One post; under an address it had before, a redirect; when withdrawn, why."""
    now = datetime.now(UTC)
    try:
        found = service.public_post(slug, now)
    except NotFoundError:
        return _no_longer(slug, now)
    if found.category.slug != category:
        return redirect(url_for("news.post", category=found.category.slug, slug=slug), 301)
    return render_template(
        "news/post.html",
        post=found,
        related=service.related(found, now),
        files=attachments.of_post(found.id),
    )


def _no_longer(slug: str, now: datetime) -> ResponseReturnValue:
    moved = service.moved_to(slug, now)
    if moved is not None:
        return redirect(url_for("news.post", category=moved.category.slug, slug=moved.slug), 301)
    gone = service.withdrawn_post(slug, now)
    if gone is None:
        raise NotFoundError
    return render_template("news/withdrawn.html", post=gone), 410
