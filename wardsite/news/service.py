"""The verbs of news: the only writer of posts and categories, and the door for other rooms.

What is public is decided by the query's clock (`published_at` has come), never by a job.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.core.errors import N_, NotAllowedError, NotFoundError, WardsiteError
from wardsite.core.markup import summary as summarise
from wardsite.core.text import slugify
from wardsite.extensions import db, transaction
from wardsite.models import Category, Post
from wardsite.serving.paging import Page, paginate

PAGE_SIZE = 12
COVID_CATEGORY = "covid-19"

CATEGORIES = {
    "ward": (
        ("tin-tuc-su-kien", "Tin tức – Sự kiện"),
        ("thong-bao", "Thông báo"),
        ("chi-dao-dieu-hanh", "Chỉ đạo, điều hành"),
        (COVID_CATEGORY, "Phòng, chống dịch Covid-19"),
        ("pho-bien-phap-luat", "Tuyên truyền, phổ biến pháp luật"),
    ),
    "school": (
        ("tin-tuc-su-kien", "Tin tức – Sự kiện"),
        ("thong-bao", "Thông báo"),
        (COVID_CATEGORY, "Phòng, chống dịch Covid-19"),
        ("tuyen-sinh", "Tuyển sinh"),
        ("cong-khai", "Công khai"),
    ),
}


class SourceMissingError(WardsiteError):
    """A link to a source was given without the source's name."""


@dataclass(frozen=True)
class PostText:
    """What an officer writes of a post; HTML already cleaned."""

    title: str
    summary: str
    body_html: str
    category_id: int
    cover_id: int | None = None
    source_name: str = ""
    source_url: str = ""


def add_categories(session: Session, kind: str) -> None:
    """Give a new instance the categories that its kind of unit customarily has."""
    for order, (slug, name) in enumerate(CATEGORIES.get(kind, CATEGORIES["ward"])):
        session.add(Category(slug=slug, name=name, order=order))


def categories() -> list[Category]:
    """Return the categories in their order."""
    return list(db.session.scalars(select(Category).order_by(Category.order)))


def category(slug: str) -> Category:
    """Return a category; raises NotFoundError."""
    found = db.session.scalar(select(Category).where(Category.slug == slug))
    if found is None:
        raise NotFoundError(N_("There is no such category."))
    return found


def public_page(now: datetime, *, category: Category | None = None, number: int = 1) -> Page[Post]:
    """Return a page of what the public sees, newest first. Raises NotFoundError."""
    query = _public(now)
    if category is not None:
        query = query.where(Post.category_id == category.id)
    return paginate(query.order_by(Post.published_at.desc(), Post.id.desc()), number, PAGE_SIZE)


def latest(
    now: datetime, limit: int, *, category_slug: str = "", but: Collection[str] = ()
) -> list[Post]:
    """Return the newest public posts, of one category or of all but some."""
    query = _public(now)
    if category_slug or but:
        query = query.join(Category)
    if category_slug:
        query = query.where(Category.slug == category_slug)
    if but:
        query = query.where(Category.slug.not_in(but))
    newest = query.order_by(Post.published_at.desc(), Post.id.desc()).limit(limit)
    return list(db.session.scalars(newest))


def public_post(slug: str, now: datetime) -> Post:
    """Return a public post; raises NotFoundError."""
    found = db.session.scalar(_public(now).where(Post.slug == slug))
    if found is None:
        raise NotFoundError(N_("There is no such page."))
    return found


def related(post: Post, now: datetime, limit: int = 4) -> list[Post]:
    """Return other public posts of the same category, newest first."""
    query = _public(now).where(Post.category_id == post.category_id, Post.id != post.id)
    return list(db.session.scalars(query.order_by(Post.published_at.desc()).limit(limit)))


def officers_page(number: int = 1, status: str = "") -> Page[Post]:
    """Return a page of all posts for officers, last changed first."""
    query = select(Post)
    if status:
        query = query.where(Post.status == status)
    return paginate(query.order_by(Post.updated_at.desc(), Post.id.desc()), number, PAGE_SIZE)


def post(post_id: int) -> Post:
    """Return any post, for officers; raises NotFoundError when there is none."""
    found = db.session.get(Post, post_id)
    if found is None:
        raise NotFoundError(N_("There is no such page."))
    return found


def next_change(now: datetime) -> datetime | None:
    """Return the next moment at which a post appears by itself, if any."""
    return db.session.scalar(
        select(func.min(Post.published_at)).where(
            Post.status == "published", Post.published_at > now
        )
    )


def editable(officer: SignedIn, post_id: int) -> Post:
    """Return a post that the officer may change. Raises NotAllowedError, NotFoundError."""
    return _editable(db.session(), officer, post_id)


def may_edit(officer: SignedIn, post: Post) -> bool:
    """Tell whether the officer may change the post: editors all, authors their own drafts."""
    return officer.may("editor") or (post.author_id == officer.user.id and post.status == "draft")


def save(officer: SignedIn, post_id: int | None, text: PostText, now: datetime) -> Post:
    """Write a draft or change a post. Raises NotAllowedError, NotFoundError, SourceMissingError."""
    if text.source_url and not text.source_name:
        raise SourceMissingError(N_("Name the source that the link belongs to."))
    with transaction() as session:
        if post_id is None:
            changed = Post(created_at=now, author_id=officer.user.id, slug="", status="draft")
        else:
            changed = _editable(session, officer, post_id)
        changed.title = text.title
        changed.summary = text.summary or summarise(text.body_html)
        changed.body_html = text.body_html
        changed.category_id = text.category_id
        changed.cover_id = text.cover_id
        changed.source_name = text.source_name
        changed.source_url = text.source_url
        changed.updated_at = now
        if changed.published_at is None:
            # Once it was public its address stays, whatever becomes of the title.
            changed.slug = _free_slug(session, text.title, post_id)
        session.add(changed)
        session.flush()
        record(session, now, officer.user.name, "post-save", str(changed.id))
    return changed


def publish(officer: SignedIn, post_id: int, now: datetime) -> Post:
    """Make a post public. Raises NotAllowedError, NotFoundError."""
    return _set_status(officer, post_id, "published", now)


def unpublish(officer: SignedIn, post_id: int, now: datetime) -> Post:
    """Take a post back into the drafts. Raises NotAllowedError, NotFoundError."""
    return _set_status(officer, post_id, "draft", now)


def delete(officer: SignedIn, post_id: int, now: datetime) -> None:
    """Delete a post for good. Raises NotAllowedError, NotFoundError."""
    with transaction() as session:
        gone = _editable(session, officer, post_id)
        record(session, now, officer.user.name, "post-delete", str(gone.id), title=gone.title)
        session.delete(gone)


def _set_status(officer: SignedIn, post_id: int, status: str, now: datetime) -> Post:
    if not officer.may("editor"):
        raise NotAllowedError(N_("Only an editor may publish or withdraw."))
    with transaction() as session:
        changed = _editable(session, officer, post_id)
        changed.status = status
        if status == "published" and changed.published_at is None:
            changed.published_at = now
        changed.updated_at = now
        record(session, now, officer.user.name, f"post-{status}", str(changed.id))
    return changed


def _editable(session: Session, officer: SignedIn, post_id: int) -> Post:
    found = session.get(Post, post_id)
    if found is None:
        raise NotFoundError(N_("There is no such page."))
    if not may_edit(officer, found):
        raise NotAllowedError(N_("Your role does not allow changing this post."))
    return found


def _public(now: datetime) -> Select[Post]:
    return select(Post).where(Post.status == "published", Post.published_at <= now)


def _free_slug(session: Session, title: str, post_id: int | None) -> str:
    base = slugify(title, fallback="tin")
    taken = set(
        session.scalars(
            select(Post.slug).where(Post.slug.startswith(base), Post.id != (post_id or 0))
        )
    )
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)
