"""What the newsroom's pages have in common: the form of a post, its warnings, its preview."""

from datetime import UTC, datetime

from flask import g, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from wtforms import SelectChoice

from wardsite.accounts.service import SignedIn
from wardsite.core import embedded
from wardsite.core.editorial import Concern, Draft, examine
from wardsite.core.errors import NotFoundError, WardsiteError
from wardsite.core.markup import MarkupTooLargeError, sanitize
from wardsite.core.vi import file_size, phones_in
from wardsite.extensions import current_language, db, explain
from wardsite.media import attachments
from wardsite.media import service as media
from wardsite.media.pictures import PictureError
from wardsite.media.views import attachment_url
from wardsite.models import Attachment, Category, Image, Post, PostCopy, PostRevision, SiteProfile
from wardsite.news import copies, service
from wardsite.news.forms import PostForm
from wardsite.news.history import Difference
from wardsite.news.lifecycle import PostText, TimesError, summary_of
from wardsite.news.links import broken_links


def form_for(post: Post | None, copy_key: str) -> PostForm:
    """Return the form of a post (None: a new one), as posted, or filled in to begin with.

    With a `copy_key`, what was typed under it and never saved comes before what was saved.
    """
    if request.method == "POST":
        return _with_choices(PostForm())
    copy = copies.of_form(current_user, copy_key) if copy_key else None
    if copy is not None:
        form = _with_choices(PostForm(formdata=_as_posted(copy)))
        form.copy_key.data = copy.key
        g.post_copy = copy
        return form
    form = _with_choices(PostForm(obj=post))
    form.copy_key.data = copies.key_of(post.id) if post else copies.new_key()
    if post is not None:
        form.change_note.data = ""
        if post.cover:
            form.cover_alt.data = post.cover.alt
    return form


def text_of(form: PostForm, post: Post | None, officer: SignedIn, now: datetime) -> PostText:
    """Return what a valid form says, its new cover stored. Raises PictureError."""
    return PostText(
        title=form.title.data or "",
        summary=form.summary.data or "",
        body_html=form.body_html.data or "",
        category_id=form.category_id.data,
        cover_id=_cover(form, post, officer, now),
        topic=form.topic.data or "",
        author_line=form.author_line.data or "",
        repost=bool(form.repost.data),
        source_name=form.source_name.data or "",
        source_url=form.source_url.data or "",
        pinned=bool(form.pinned.data),
        featured=bool(form.featured.data),
        publish_at=form.publish_at.data,
        withdraw_at=form.withdraw_at.data,
        change_note=form.change_note.data or "",
    )


def tell(form: PostForm, error: WardsiteError) -> None:
    """Put a refusal of the rules beside the field that it is about."""
    if isinstance(error, PictureError):
        form.cover.errors = [explain(error)]
    elif isinstance(error, TimesError):
        form.withdraw_at.errors = [explain(error)]
    else:
        for field in (form.source_name, form.source_url):
            if not field.data:
                field.errors = [explain(error)]


def editor_page(
    officer: SignedIn,
    form: PostForm,
    post: Post | None,
    now: datetime,
    conflict: tuple[PostRevision | None, Difference] | None = None,
) -> str:
    """Return the page of the form."""
    files = attachments.of_post(post.id) if post else []
    return render_template(
        "news/admin/edit.html",
        form=form,
        post=post,
        copy=g.get("post_copy"),
        conflict=conflict,
        concerns=concerns(post) if post and not conflict else [],
        cover=_shown_cover(form, post),
        files=files,
        file_offers=[file_offer(file) for file in files],
        limit_mb=media.upload_limit_mb(),
        is_public=post is not None and service.is_public(post, now),
        may_publish=officer.may("editor"),
        unfinished=[
            copy
            for copy in (copies.unfinished(officer) if post is None else [])
            if copy.key != form.copy_key.data
        ],
    )


def concerns(post: Post) -> list[Concern]:
    """Return what to look at before the post goes public; the officer decides."""
    draft = Draft(
        title=post.title,
        summary=post.summary,
        body_html=post.body_html,
        cover_alt=post.cover.alt if post.cover else None,
        repost=post.repost,
        source_name=post.source_name,
        source_url=post.source_url,
        official_phones=_official_phones(),
    )
    return examine(draft, broken_links(post.body_html, attachments.of_post(post.id)))


def file_offer(file: Attachment) -> dict[str, str]:
    """Return what the editor offers an officer to put into a text."""
    size = file_size(file.size, language=current_language())
    return {
        "url": attachment_url(file),
        "label": file.title,
        "detail": f"{file.kind.upper()} · {size}",
    }


def files_shown(officer: SignedIn, post: Post) -> list[Attachment]:
    """Return the files of a post as a preview shows it: its own, and those its saving would add."""
    own = attachments.of_post(post.id) if post.id else []
    within = embedded.file_numbers(post.body_html)
    return own + attachments.unowned(within, officer.user.id)


def shown(officer: SignedIn, key: str, now: datetime) -> Post:
    """Return what a preview shows: the officer's unsaved text, else the post as it is saved.

    Nothing of it is stored. Raises NotFoundError, NotAllowedError.
    """
    post_id = copies.post_id_of(key)
    saved = service.readable(officer, post_id, now) if post_id is not None else None
    copy = copies.of_form(officer, key)
    if saved is None and copy is None:
        raise NotFoundError
    if copy is None:
        assert saved is not None  # noqa: S101 - said above
        return saved
    return _unsaved(copy, saved, now)


def _unsaved(copy: PostCopy, saved: Post | None, now: datetime) -> Post:
    typed = copy.fields
    body = _clean(str(typed.get("body_html") or ""))
    cover = saved.cover if saved and not typed.get("remove_cover") else None
    post = Post(
        id=saved.id if saved else None,
        title=str(typed.get("title") or _("No title")),
        slug="",
        summary=summary_of(str(typed.get("summary") or ""), body, saved.body_html if saved else ""),
        body_html=body,
        author_line=str(typed.get("author_line") or ""),
        source_name=str(typed.get("source_name") or ""),
        source_url=str(typed.get("source_url") or ""),
        status=saved.status if saved else "draft",
        published_at=saved.published_at if saved else None,
        revised_at=saved.revised_at if saved else None,
        change_note=saved.change_note if saved else "",
        sample=saved.sample if saved else False,
        updated_at=now,
    )
    post.category = db.session.get(Category, typed.get("category_id") or 0) or (
        saved.category if saved else service.categories()[0]
    )
    post.category_id = post.category.id
    post.cover = media.image(typed.get("cover_pick")) or cover
    return post


def _clean(html: str) -> str:
    try:
        return sanitize(html)
    except MarkupTooLargeError:
        return ""


def _with_choices(form: PostForm) -> PostForm:
    form.category_id.choices = [SelectChoice(row.id, row.name) for row in service.categories()]
    topics = dict(service.topics(datetime.now(UTC)))
    if form.topic.data:
        # The centre may have ended the topic: the post keeps it until somebody chooses another.
        topics.setdefault(form.topic.data, form.topic.data)
    named = [SelectChoice(key, label) for key, label in topics.items()]
    form.topic.choices = [SelectChoice("", _("No topic")), *named]
    return form


def _as_posted(copy: PostCopy) -> "MultiDict[str, str]":
    fields: MultiDict[str, str] = MultiDict()
    for name, value in copy.fields.items():
        if value not in (None, False, ""):
            fields[name] = "y" if value is True else str(value)
    fields["copy_key"] = copy.key
    fields["version"] = str(copy.base_version)
    return fields


def _cover(form: PostForm, post: Post | None, officer: SignedIn, now: datetime) -> int | None:
    if form.remove_cover.data:
        return None
    file, alt = form.cover.data, form.cover_alt.data or ""
    if file and getattr(file, "filename", ""):
        return media.add_image(file.read(), file.filename, alt, officer.user.id, now).id
    chosen: Image | None = media.image(form.cover_pick.data) or (post.cover if post else None)
    if chosen is not None and alt and alt != chosen.alt:
        media.describe(officer, chosen.id, alt, now)
    return chosen.id if chosen is not None else None


def _shown_cover(form: PostForm, post: Post | None) -> Image | None:
    return media.image(form.cover_pick.data) or (post.cover if post else None)


def _official_phones() -> frozenset[str]:
    profile = db.session.get(SiteProfile, 1)
    line = profile.phone if profile else ""
    return frozenset(digits for _piece, digits in phones_in(line) if digits)
