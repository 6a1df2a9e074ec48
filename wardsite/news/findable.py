"""How posts are found by a search: title, summary, text and files; no draft is."""

from collections.abc import Iterable

from sqlalchemy import select

from wardsite.core.markup import plain_text
from wardsite.extensions import db
from wardsite.models import Attachment, Category, Post
from wardsite.search.index import Entry, part_of, searchable


def register() -> None:
    """Keep posts findable."""
    searchable(Post, entries)
    part_of(Attachment, Post, lambda attachment: attachment.post_id)


def entries(post: Post) -> Iterable[Entry]:
    """Return what is found of a post; nothing of a draft."""
    if post.status != "published" or post.published_at is None:
        return ()
    category: Category = post.category
    files = select(Attachment.title, Attachment.text).where(Attachment.post_id == post.id)
    texts = [part for file in db.session.execute(files) for part in file]
    entry = Entry(
        kind="post",
        title=post.title,
        body="\n".join([post.summary, plain_text(post.body_html), *texts]),
        label=category.name,
        url=f"/tin-tuc/{category.slug}/{post.slug}",
        at=post.published_at,
        visible_from=post.published_at,
        visible_to=post.withdraw_at,
    )
    return (entry,)
