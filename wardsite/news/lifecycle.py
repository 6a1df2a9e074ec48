"""The way of a post: draft → submitted → published → withdrawn, and the bin. The only writer.

Each step is one transaction with its audit line. An editor may take every step alone, so that a
unit with one officer is not burdened by the way of two.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.core import embedded
from wardsite.core.errors import N_, NotAllowedError, NotFoundError, WardsiteError
from wardsite.core.markup import plain_text
from wardsite.core.markup import summary as summarise
from wardsite.core.text import clean_pasted, slugify
from wardsite.extensions import transaction
from wardsite.media import attachments
from wardsite.media import service as media
from wardsite.models import Post, PostAddress, PostRevision
from wardsite.news import copies
from wardsite.news.service import editable_in, is_public

BIN_DAYS = 30
SENT_TWICE = timedelta(minutes=1)  # within which the same new post is a button pressed twice


class SourceMissingError(WardsiteError):
    """A repost without its source's name and address, or an address without the name."""


class ConflictError(WardsiteError):
    """Another officer saved the post since this one opened it; nothing was written."""


class ReasonMissingError(WardsiteError):
    """The step needs a reason or a comment that others will read."""


class WrongStateError(WardsiteError):
    """The post is not in a state from which this step leads."""


class NothingToPublishError(WardsiteError):
    """The post has no text."""


class TimesError(WardsiteError):
    """The post would end before it begins."""


@dataclass(frozen=True)
class PostText:
    """What an officer writes of a post, HTML cleaned. Only an editor may pin and feature."""

    title: str
    summary: str
    body_html: str
    category_id: int
    cover_id: int | None = None
    topic: str = ""
    author_line: str = ""
    repost: bool = False
    source_name: str = ""
    source_url: str = ""
    pinned: bool = False
    featured: bool = False
    publish_at: datetime | None = None
    withdraw_at: datetime | None = None
    change_note: str = ""


_PLAIN = (
    "title",
    "body_html",
    "category_id",
    "cover_id",
    "topic",
    "author_line",
    "repost",
    "source_name",
    "source_url",
    "publish_at",
    "withdraw_at",
)


def save(
    officer: SignedIn,
    post_id: int | None,
    text: PostText,
    now: datetime,
    *,
    version: int | None = None,
    new_address: bool = False,
    copy_key: str = "",
) -> Post:
    """Write a draft or change a post, and drop the autosaved copy `copy_key` in the same breath.

    `version` is the one that the officer began from; None does not ask. A public post keeps its
    address whatever becomes of the title, unless `new_address`; then the old one leads to it.
    A new one that the officer sent just before (a button pressed twice) is not written again.
    Raises ConflictError, NotAllowedError, NotFoundError, SourceMissingError, TimesError.
    """
    _check(text)
    with transaction() as session:
        if post_id is None:
            sent = _sent_just_now(session, officer, text, now)
            if sent is not None:
                return sent
            changed = Post(
                created_at=now, author_id=officer.user.id, slug="", status="draft", version=0
            )
        else:
            changed = editable_in(session, officer, post_id)
            if version is not None and version != changed.version:
                raise ConflictError(N_("Another officer saved this post while you were writing."))
        other_text = _other_text(changed, text)
        _apply(officer, changed, text)
        changed.updated_at = now
        changed.version += 1
        _address(session, changed, new_address)
        session.add(changed)
        session.flush()
        within = embedded.file_numbers(changed.body_html)
        attachments.claim(session, within, officer.user.id, post_id=changed.id)
        if other_text:
            revise(session, officer, changed, text.change_note, now)
        after_change(session, changed)
        copies.forget(session, officer, copy_key)
        record(session, now, officer.user.name, "post-save", str(changed.id))
    return changed


def _sent_just_now(
    session: Session, officer: SignedIn, text: PostText, now: datetime
) -> Post | None:
    own = select(Post).where(Post.author_id == officer.user.id).order_by(Post.id.desc()).limit(1)
    last = session.scalar(own)
    if last is None or last.created_at < now - SENT_TWICE:
        return None
    same = (last.title, last.body_html) == (text.title, text.body_html)
    return last if same and last.version == 1 else None


def submit(officer: SignedIn, post_id: int, now: datetime) -> Post:
    """Hand a draft to the editors. Raises NothingToPublishError and what `_step` raises."""
    with transaction(public=False) as session:
        changed = _step(session, officer, post_id, ("draft",))
        _check_text(changed)
        changed.return_comment = ""
        _become(session, officer, changed, "submitted", now)
    return changed


def may_recall(officer: SignedIn, post: Post) -> bool:
    """Tell whether a submitted post is the officer's own, to be taken back."""
    return post.status == "submitted" and post.author_id == officer.user.id


def recall(officer: SignedIn, post_id: int, now: datetime) -> Post:
    """Take one's own submitted post back to go on writing."""
    with transaction(public=False) as session:
        changed = _step(session, officer, post_id, ("submitted",))
        _become(session, officer, changed, "draft", now, action="post-recall")
    return changed


def send_back(officer: SignedIn, post_id: int, comment: str, now: datetime) -> Post:
    """Return a submitted post to its author with a comment. Raises ReasonMissingError."""
    comment = clean_pasted(comment, keep_lines=True)
    if not comment:
        raise ReasonMissingError(N_("Say what needs changing."))
    with transaction(public=False) as session:
        changed = _step(session, officer, post_id, ("submitted",), role="editor")
        changed.return_comment = comment
        _become(session, officer, changed, "draft", now, action="post-return", comment=comment)
    return changed


def publish(
    officer: SignedIn,
    post_id: int,
    now: datetime,
    *,
    version: int | None = None,
    status: str | None = None,
) -> Post:
    """Make a post public, at once or at its `publish_at`. An editor's step.

    `version` is the one whose warnings the editor saw; a later one raises ConflictError. `status`
    is what the editor saw it in: what was withdrawn since raises WrongStateError.
    """
    with transaction() as session:
        states = ("draft", "submitted", "withdrawn", "published")
        changed = _step(session, officer, post_id, states, role="editor")
        _in_state(changed, states if status is None else (status,))
        if version is not None and version != changed.version:
            raise ConflictError(N_("Another officer saved this post while you were writing."))
        _check_text(changed)
        if changed.published_at is None or changed.published_at > now:
            changed.published_at = changed.publish_at or now
        changed.return_comment = changed.withdrawal_reason = ""
        changed.withdrawn_at = None
        if changed.withdraw_at is not None and changed.withdraw_at <= now:
            changed.withdraw_at = None
        _become(session, officer, changed, "published", now)
    return changed


def withdraw(officer: SignedIn, post_id: int, reason: str, now: datetime) -> Post:
    """Take a post off the site. Its address stays and shows the reason; an editor's step.

    A post that no resident has seen yet becomes a draft again and needs no reason.
    Raises ReasonMissingError, NotAllowedError, WrongStateError.
    """
    reason = clean_pasted(reason, keep_lines=True)
    with transaction() as session:
        changed = _step(session, officer, post_id, ("published",), role="editor")
        if changed.published_at is None or changed.published_at > now:
            changed.published_at = None
            _become(session, officer, changed, "draft", now, action="post-unschedule")
            return changed
        if not reason:
            raise ReasonMissingError(N_("Give a reason; residents will be able to read it."))
        changed.withdrawal_reason = reason
        changed.withdrawn_at = now
        _become(session, officer, changed, "withdrawn", now, reason=reason)
    return changed


def discard(officer: SignedIn, post_id: int, now: datetime) -> Post:
    """Put a post into the bin for BIN_DAYS. Raises NotAllowedError, NotFoundError."""
    with transaction() as session:
        changed = editable_in(session, officer, post_id)
        changed.binned_at = now
        _become(session, officer, changed, "binned", now, action="post-bin", title=changed.title)
        media.not_current(session, f"post:{changed.id}")
    return changed


def take_out(officer: SignedIn, post_id: int, now: datetime) -> Post:
    """Bring a post back from the bin, as a draft: nothing becomes public by it."""
    with transaction(public=False) as session:
        changed = _step(session, officer, post_id, ("binned",))
        changed.binned_at = None
        _become(session, officer, changed, "draft", now, action="post-take-out")
        after_change(session, changed)
    return changed


def destroy(officer: SignedIn, post_id: int, now: datetime) -> None:
    """Delete a binned post for good, with all its revisions. An admin's step."""
    with transaction(public=False) as session:
        gone = _step(session, officer, post_id, ("binned",), role="admin")
        record(session, now, officer.user.name, "post-delete", str(gone.id), title=gone.title)
        _remove(session, gone)


def empty_bin(now: datetime) -> int:
    """Delete what has been in the bin for BIN_DAYS; return how many. Safe to repeat."""
    with transaction(public=False) as session:
        old = select(Post).where(
            Post.status == "binned", Post.binned_at <= now - timedelta(days=BIN_DAYS)
        )
        gone = list(session.scalars(old))
        for post in gone:
            record(session, now, "system", "post-delete", str(post.id), title=post.title)
            _remove(session, post)
    return len(gone)


def _remove(session: Session, post: Post) -> None:
    media.forget_uses(session, f"post:{post.id}")
    session.delete(post)


def _check(text: PostText) -> None:
    if text.source_url and not text.source_name:
        raise SourceMissingError(N_("Name the source of this link."))
    _check_source(text)
    if text.publish_at and text.withdraw_at and text.withdraw_at <= text.publish_at:
        raise TimesError(N_("The withdrawal time must be after the publication time."))


def _check_text(post: Post) -> None:
    if not plain_text(post.body_html).strip() and "<img" not in post.body_html:
        raise NothingToPublishError(N_("Enter the text."))
    _check_source(post)


def _check_source(post: Post | PostText) -> None:
    if post.repost and not (post.source_name and post.source_url):
        raise SourceMissingError(N_("A repost must name its source and link to it."))


def summary_of(typed: str, body_html: str, former_html: str) -> str:
    """Return a post's summary: the officer's own, or the beginning of the text.

    What was made of the former text is nobody's own words: it goes on with the text.
    """
    own = "" if typed == summarise(former_html) else typed
    return own or summarise(body_html)


def _other_text(post: Post, text: PostText) -> bool:
    summary = summary_of(text.summary, text.body_html, post.body_html or "")
    return (post.title, post.summary, post.body_html) != (text.title, summary, text.body_html)


def _apply(officer: SignedIn, post: Post, text: PostText) -> None:
    post.summary = summary_of(text.summary, text.body_html, post.body_html or "")
    for name in _PLAIN:
        setattr(post, name, getattr(text, name))
    if officer.may("editor"):
        post.pinned, post.featured = text.pinned, text.featured


def _address(session: Session, post: Post, new_address: bool) -> None:
    """Give a post its address: a draft's follows the title, a public one's stays unless asked."""
    if post.published_at is not None and not new_address:
        return
    wanted = free_slug(session, post.title, post.id)
    if post.published_at is not None and post.slug != wanted:
        session.merge(PostAddress(slug=post.slug, post_id=post.id))
    back = session.get(PostAddress, wanted)
    if back is not None:
        session.delete(back)
    post.slug = wanted


def free_slug(session: Session, title: str, post_id: int | None) -> str:
    """Return an address for a title that no other post has or had."""
    base = slugify(title, fallback="tin")
    taken = set(
        session.scalars(
            select(Post.slug).where(Post.slug.startswith(base), Post.id != (post_id or 0))
        )
    ) | set(
        session.scalars(
            select(PostAddress.slug).where(
                PostAddress.slug.startswith(base), PostAddress.post_id != (post_id or 0)
            )
        )
    )
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)


def revise(session: Session, officer: SignedIn, post: Post, note: str, now: datetime) -> None:
    """Add the present text to the history, and tell residents when it was public before."""
    last = session.scalar(
        select(PostRevision.number)
        .where(PostRevision.post_id == post.id)
        .order_by(PostRevision.number.desc())
        .limit(1)
    )
    session.add(
        PostRevision(
            post_id=post.id,
            number=(last or 0) + 1,
            at=now,
            user_name=officer.name,
            title=post.title,
            summary=post.summary,
            body_html=post.body_html,
            note=note,
        )
    )
    if is_public(post, now):
        post.revised_at = now
        post.change_note = note


def after_change(session: Session, post: Post) -> None:
    """Keep beside the post, in its transaction, what is derived from it."""
    cover = [post.cover_id] if post.cover_id is not None else []
    media.note_uses(session, f"post:{post.id}", post.body_html, cover)


def _become(
    session: Session,
    officer: SignedIn,
    post: Post,
    status: str,
    now: datetime,
    *,
    action: str = "",
    **detail: str,
) -> None:
    post.status = status
    post.updated_at = now
    record(session, now, officer.user.name, action or f"post-{status}", str(post.id), **detail)


def _step(
    session: Session, officer: SignedIn, post_id: int, states: tuple[str, ...], role: str = "author"
) -> Post:
    """Return the post to take a step with; authors have only their own.

    Raises NotFoundError, NotAllowedError, WrongStateError.
    """
    found = session.get(Post, post_id)
    if found is None:
        raise NotFoundError
    officer.demand(role)
    if not officer.may("editor") and found.author_id != officer.user.id:
        raise NotAllowedError(N_("Your role does not allow you to edit this post."))
    _in_state(found, states)
    return found


def _in_state(post: Post, states: tuple[str, ...]) -> None:
    if post.status not in states:
        raise WrongStateError(N_("The post’s status has changed; check its current status."))
