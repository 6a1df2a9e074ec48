"""News as it is read, by residents and by officers; the door for other rooms.

What is public is decided by the query's clock (it has begun and has not ended), never by a job.
What changes posts is in `lifecycle`, what is being typed in `copies`, former texts in `history`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, defer, lazyload

from wardsite.accounts.service import SignedIn
from wardsite.core.errors import N_, NotAllowedError, NotFoundError
from wardsite.core.markup import summary
from wardsite.extensions import db
from wardsite.models import POST_STATES, Category, Post, PostAddress, UtcDateTime
from wardsite.search import titles
from wardsite.serving.paging import Page, by_number, paginate

PAGE_SIZE = 12
MOST_PAGES = 999  # of a list of residents': what the page cache takes for an address
# An officers' list counts so many, or to some pages ahead of the one shown; then it says "or more".
COUNTED = 1200
PAGES_AHEAD = 10
# A list shows no bodies and no authors' accounts: neither is read for it.
IN_LISTS = (defer(Post.body_html), lazyload(Post.author))
COVID_CATEGORY = "covid-19"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

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
        raise NotFoundError(N_("This category does not exist."))
    return found


def topics(now: datetime) -> list[tuple[str, str]]:
    """Return (id, label) of each topic that the centre has; the floor above hands them down."""
    offered = current_app.extensions.get("wardsite.topics")
    return list(offered(now)) if offered else []


def public_page(now: datetime, *, category: Category | None = None, number: int = 1) -> Page[Post]:
    """Return a page of what the public sees, pinned first, then newest. Raises NotFoundError."""
    query = public(now, narrowed=True).options(*IN_LISTS)
    if category is not None:
        query = query.where(Post.category_id == category.id)
    ordered = query.order_by(Post.pinned.desc(), Post.published_at.desc(), Post.id.desc())
    return paginate(ordered, number, PAGE_SIZE, most=MOST_PAGES * PAGE_SIZE)


def latest(
    now: datetime, limit: int, *, category_slug: str = "", but: Collection[str] = ()
) -> list[Post]:
    """Return the newest public posts.

    Those of one category or with the topic of that name, pinned first; or all but those of some
    categories, featured first.
    """
    if category_slug:
        return _of_topic(now, limit, category_slug)
    asked = {"now": now, "slugs": list(but), "most": limit}
    return list(db.session.scalars(_newest(), asked))


def _of_topic(now: datetime, limit: int, slug: str) -> list[Post]:
    asked = {"now": now, "slug": slug, "most": limit}
    return list(db.session.scalars(_newest_of_topic(), asked))


# Built once a process: to put such a query together takes longer than SQLite takes to answer it.
@cache
def _newest() -> Select[Post]:
    slugs: BindParameter[str] = bindparam("slugs", expanding=True)
    others = select(Category.id).where(Category.slug.in_(slugs))
    query = _listed().where(Post.category_id.not_in(others))
    return query.order_by(Post.featured.desc(), Post.published_at.desc(), Post.id.desc())


@cache
def _newest_of_topic() -> Select[Post]:
    # Two queries that each follow an index; one with OR would read every post.
    its = select(Category.id).where(Category.slug == bindparam("slug")).scalar_subquery()
    own = _listed().where(Post.category_id == its)
    marked = _listed().where(Post.topic == bindparam("slug"))
    found = [
        query.with_only_columns(Post.id).subquery()
        for query in (
            own.order_by(Post.pinned.desc(), Post.published_at.desc(), Post.id.desc()),
            marked.order_by(Post.published_at.desc()),
        )
    ]
    query = select(Post).options(*IN_LISTS).limit(bindparam("most", type_=Integer()))
    query = query.where(Post.id.in_(union_all(*(select(ids.c.id) for ids in found))))
    return query.order_by(Post.pinned.desc(), Post.published_at.desc(), Post.id.desc())


def _listed() -> Select[Post]:
    now = bindparam("now", type_=UtcDateTime())
    query = public(now, narrowed=True).options(*IN_LISTS)
    return query.limit(bindparam("most", type_=Integer()))


def public_post(slug: str, now: datetime) -> Post:
    """Return a public post; raises NotFoundError."""
    found = db.session.scalar(public(now).where(Post.slug == slug))
    if found is None:
        raise NotFoundError
    return found


def withdrawn_post(slug: str, now: datetime) -> Post | None:
    """Return a post that was public and no longer is: its reason may be shown, its text not."""
    query = select(Post).where(
        Post.slug == slug,
        Post.published_at <= now,
        or_(
            Post.status == "withdrawn",
            (Post.status == "published") & (Post.withdraw_at <= now),
        ),
    )
    return db.session.scalar(query)


def moved_to(slug: str, now: datetime) -> Post | None:
    """Return the public or withdrawn post that had this address before."""
    post_id = db.session.scalar(select(PostAddress.post_id).where(PostAddress.slug == slug))
    found = db.session.get(Post, post_id) if post_id is not None else None
    if found is None or found.published_at is None or found.published_at > now:
        return None
    return found if found.status in ("published", "withdrawn") else None


def is_public(post: Post, now: datetime) -> bool:
    """Tell whether residents see the post at this moment; the same rule as `public`."""
    begun = post.published_at is not None and post.published_at <= now
    ended = post.withdraw_at is not None and post.withdraw_at <= now
    return post.status == "published" and begun and not ended


def state(post: Post, now: datetime) -> str:
    """Return what an officer calls the post's state: its status, or what time has made of it."""
    if post.status == "draft" and post.return_comment:
        return "returned"
    if post.status != "published":
        return post.status
    if is_public(post, now):
        return "public"
    begun = post.published_at is not None and post.published_at <= now
    return "ended" if begun else "scheduled"


def lead(post: Post) -> str:
    """Return the summary where it says more than the text's beginning, of which one can be made."""
    beginning = summary(post.body_html, max(300, 2 * len(post.summary)))
    repeats = _letters(beginning).startswith(_letters(post.summary))
    return "" if repeats else post.summary


def _letters(words: str) -> str:
    return "".join(filter(str.isalnum, words))


def next_change(now: datetime) -> datetime | None:
    """Return the next moment at which time alone makes a post public or ends it."""
    moments = db.session.execute(_next_moments(), {"now": now}).one()
    return min((moment for moment in moments if moment is not None), default=None)


@cache
def _next_moments() -> Select[datetime | None, datetime | None]:
    now = bindparam("now", type_=UtcDateTime())
    waiting = Post.status == "published"
    begins = select(func.min(Post.published_at)).where(waiting, Post.published_at > now)
    # Written so that the index of the moment wanted is walked, not that of the status.
    published = func.coalesce(Post.status, "") == "published"
    ends = select(func.min(Post.withdraw_at)).where(published, Post.withdraw_at > now)
    return select(begins.scalar_subquery(), ends.scalar_subquery())


def related(post: Post, now: datetime, limit: int = 4) -> list[Post]:
    """Return other public posts of the same category, newest first."""
    query = public(now, narrowed=True)
    query = query.where(Post.category_id == post.category_id, Post.id != post.id)
    newest = query.order_by(Post.pinned.desc(), Post.published_at.desc()).limit(limit)
    return list(db.session.scalars(newest))


@dataclass(frozen=True)
class Wanted:
    """What an officer looks for among the posts; empty means all but the bin."""

    status: str = ""
    words: str = ""
    category_id: int | None = None
    own: bool = False


ALL = Wanted()


def officers_page(
    officer: SignedIn, now: datetime, wanted: Wanted = ALL, number: int = 1
) -> Page[Post]:
    """Return a page of the posts that the officer may read, last changed first."""
    query = _readable(select(Post), officer, wanted, now)
    if wanted.status in POST_STATES:
        looked_up = not wanted.words and (officer.may("editor") or _only_own(officer, wanted))
        status = Post.status if looked_up else Post.status.concat("")
        query = query.where(status == wanted.status)
    else:
        query = query.where(Post.status != "binned")
    query = titles.with_words(query, Post.title_folded, wanted.words)
    if wanted.category_id is not None:
        by_words = _in_order(Post.category_id) if wanted.words else Post.category_id
        query = query.where(by_words == wanted.category_id)
    ordered = query.order_by(Post.updated_at.desc(), Post.id.desc())
    ahead = (number + PAGES_AHEAD) * PAGE_SIZE
    most = titles.MOST if wanted.words else max(COUNTED, ahead)
    return by_number(Post, ordered, number, PAGE_SIZE, most)


def _in_order(column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]) -> Any:
    """Return a number's column so that the database does not look it up in an index of its own.

    It would then read whole rows and sort them; ix_post_desk holds all that is asked, in order.
    A category has such an index too, but without the words of titles.
    """
    return column + 0


def _readable(query: Select[Any], officer: SignedIn, wanted: Wanted, now: datetime) -> Select[Any]:
    if wanted.status in POST_STATES and not wanted.words and _only_own(officer, wanted):
        return query.where(Post.author_id == officer.user.id)
    if wanted.own:
        return query.where(_in_order(Post.author_id) == officer.user.id)
    if officer.may("editor"):
        return query
    own_posts = _in_order(Post.author_id) == officer.user.id
    return query.where(or_(own_posts, and_(*_is_public_now(now))))


def _only_own(officer: SignedIn, wanted: Wanted) -> bool:
    """Tell whether only the officer’s own are wanted: of others an author reads the public."""
    return wanted.own or (not officer.may("editor") and wanted.status != "published")


def waiting() -> int:
    """Return how many posts wait to be approved."""
    count = select(func.count()).select_from(Post)
    return db.session.scalar(count.where(Post.status == "submitted")) or 0


def returned(officer: SignedIn) -> list[Post]:
    """Return the officer's own posts that an editor returned to be changed, last changed first."""
    query = select(Post).where(
        Post.status == "draft",
        # Word for word as in ix_post_returned, which holds the few that were returned.
        Post.return_comment != literal_column("''"),
        Post.author_id == officer.user.id,
    )
    return list(db.session.scalars(query.options(*IN_LISTS).order_by(Post.updated_at.desc())))


def post(post_id: int) -> Post:
    """Return any post, for officers; raises NotFoundError when there is none."""
    found = db.session.get(Post, post_id)
    if found is None:
        raise NotFoundError
    return found


def readable(officer: SignedIn, post_id: int, now: datetime) -> Post:
    """Return a post that the officer may read. Raises NotAllowedError, NotFoundError."""
    found = post(post_id)
    if not may_read(officer, found, now):
        raise NotAllowedError(N_("Your role does not allow you to read this post."))
    return found


def title_for(officer: SignedIn, post_id: int, now: datetime) -> str:
    """Return a post's title, or an empty string for one that the officer may not read."""
    found = db.session.get(Post, post_id)
    return found.title if found is not None and may_read(officer, found, now) else ""


def editable(officer: SignedIn, post_id: int) -> Post:
    """Return a post that the officer may change. Raises NotAllowedError, NotFoundError."""
    return editable_in(db.session(), officer, post_id)


def editable_in(session: Session, officer: SignedIn, post_id: int) -> Post:
    """Return a post that the officer may change, within a session."""
    found = session.get(Post, post_id)
    if found is None:
        raise NotFoundError
    if not may_edit(officer, found):
        raise NotAllowedError(N_("Your role does not allow you to edit this post."))
    return found


def may_read(officer: SignedIn, post: Post, now: datetime) -> bool:
    """Tell whether the officer may read it: editors all, authors their own and public ones."""
    return officer.may("editor") or post.author_id == officer.user.id or is_public(post, now)


def may_edit(officer: SignedIn, post: Post) -> bool:
    """Tell whether the officer may change the post: editors all, authors their own drafts."""
    if post.status == "binned":
        return False
    own_draft = post.author_id == officer.user.id and post.status == "draft"
    return officer.may("editor") or own_draft


def newest_by_section(now: datetime, topics: Collection[str]) -> dict[str, datetime]:
    """Return when the newest public post of each category (its slug) and topic (its id) came.

    Each is found by a step down an index, whatever the number of posts.
    """
    newest = select(Post.published_at).where(*_is_public_now(now, narrowed=True))
    newest = newest.order_by(Post.published_at.desc()).limit(1)

    def last(pinned: bool) -> ScalarSelect[datetime | None]:
        its = newest.where(Post.category_id == Category.id, Post.pinned.is_(pinned))
        return its.correlate(Category).scalar_subquery()

    found: dict[str, datetime] = {}
    for slug, *moments in db.session.execute(select(Category.slug, last(False), last(True))):
        known = [moment for moment in moments if moment is not None]
        if known:
            found[slug] = max(known)
    for topic in topics:
        moment = db.session.scalar(newest.where(Post.topic == topic))
        if moment is not None:
            found[topic] = max(moment, found.get(topic, moment))
    return found


def public(now: datetime | BindParameter[datetime], *, narrowed: bool = False) -> Select[Post]:
    """Return the query of what residents see at this moment; all public lists begin with it."""
    return select(Post).where(*_is_public_now(now, narrowed=narrowed))


def _is_public_now(
    now: datetime | BindParameter[datetime], *, narrowed: bool = False
) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a post public; `narrowed` when another index has already found the few.

    A plain comparison of times would make the database prefer the index by time, and sort.
    """
    begun = func.coalesce(Post.published_at, _NEVER, type_=UtcDateTime()) if narrowed else None
    return (
        Post.status == "published",
        Post.published_at <= now if begun is None else begun <= now,
        or_(Post.withdraw_at.is_(None), Post.withdraw_at > now),
    )
