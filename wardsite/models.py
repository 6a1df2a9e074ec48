"""Every table, on one page. Times are aware UTC; text is NFC; only the owning room writes."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from wardsite.core.text import fold
from wardsite.extensions import Base


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database; a naive one raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# --- The site and its officers


class ContentVersion(Base):
    """One number that every public change moves; one row (serving/version.py)."""

    __tablename__ = "content_version"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(default=0)


class SiteProfile(Base):
    """What the unit says of itself; one row. Empty text is a blank for the unit to fill in."""

    __tablename__ = "site_profile"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str] = mapped_column(Text, default="")
    slogan: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    responsible_name: Mapped[str] = mapped_column(Text, default="")
    responsible_title: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(Text, default="")
    about_html: Mapped[str] = mapped_column(Text, default="")
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    # Empty: the colour that is customary for the kind of unit.
    theme: Mapped[str] = mapped_column(Text, default="", server_default="")
    offline: Mapped[bool] = mapped_column(default=True, server_default=true())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    logo: Mapped["Image | None"] = relationship(lazy="joined")


class User(Base):
    """A local officer (cán bộ) who signs in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text, default="")
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    tour_done: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Empty while no app is set up, sealed (accounts/sealing.py); the counter is the last one used,
    # against replay.
    totp_secret: Mapped[str] = mapped_column(Text, default="", server_default="")
    totp_counter: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    sign_ins_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    passkeys: Mapped[list["Passkey"]] = relationship(viewonly=True, order_by="Passkey.id")

    @property
    def second_step(self) -> bool:
        """Whether signing in with the password asks for something more."""
        return bool(self.totp_secret or self.passkeys)


class Passkey(Base):
    """A key pair on an officer's device that signs them in (khoá truy cập); only its public half.

    `counter`: what the device counted at the last use, 0 for one that does not count.
    """

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[str] = mapped_column(Text, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    user_handle: Mapped[str] = mapped_column(Text)
    counter: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(viewonly=True)


class RecoveryCode(Base):
    """A code that stands in for the second factor once; deleted when it is used."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(Text)


class UserSession(Base):
    """One signed-in browser; the cookie holds a random token, the table only its SHA-256.

    `confirmed_at`: when the password was last typed, which dangerous steps ask for.
    """

    __tablename__ = "user_session"

    token_sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(Text, default="", server_default="")
    browser: Mapped[str] = mapped_column(Text, default="", server_default="")

    user: Mapped[User] = relationship(lazy="joined")


class Attempt(Base):
    """Failures within a window, by key; what throttling counts, shared by all workers."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuditEntry(Base):
    """Who did what, when; written in the transaction of the deed, never changed (accounts/audit).

    Each line holds the hash of the one before: a line changed or taken out breaks the chain.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("prev_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    user_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    prev_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)


# --- Media


class Image(Base):
    """A picture, decoded and written anew as WebP; `name` is its file; px and bytes."""

    __tablename__ = "image"
    __table_args__ = (Index("ix_image_find", "created_at", "folded"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    original_name: Mapped[str] = mapped_column(Text, default="")
    alt: Mapped[str] = mapped_column(Text, default="")
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    folded: Mapped[str] = mapped_column(Text, default="")
    """Name and description without marks and case: what the library searches."""


class ImageUse(Base):
    """Who shows a picture: `owner` is `post:12`; not `current` when only an old revision does."""

    __tablename__ = "image_use"
    __table_args__ = (Index("ix_image_use_owner", "owner"),)

    image_id: Mapped[int] = mapped_column(
        ForeignKey("image.id", ondelete="CASCADE"), primary_key=True
    )
    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    current: Mapped[bool] = mapped_column(default=True)


# --- News


class Category(Base):
    """A section of the news (chuyên mục)."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    order: Mapped[int] = mapped_column(default=0)


POST_STATES = ("draft", "submitted", "published", "withdrawn", "binned")


class Post(Base):
    """A piece of news (tin bài). Public when published, begun and not ended by the query's clock.

    A draft returned by an editor is a draft with a `return_comment`. What is withdrawn keeps its
    address and shows its reason; what is in the bin can be brought back as a draft.
    """

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint(f"status IN {POST_STATES}", name="status"),
        Index("ix_post_public", "status", "pinned", "published_at"),
        Index("ix_post_featured", "status", "featured", "published_at"),
        Index("ix_post_newest", "status", "published_at"),
        Index("ix_post_category", "category_id", "status", "pinned", "published_at", "withdraw_at"),
        Index("ix_post_status_updated", "status", "updated_at"),
        Index("ix_post_topic", "topic", "status", "published_at", "withdraw_at"),
        # All that the officers' list asks for: it is read without the long texts beside it.
        Index(
            "ix_post_desk",
            "updated_at",
            "status",
            "category_id",
            "author_id",
            "published_at",
            "withdraw_at",
            "title_folded",
        ),
        Index("ix_post_own", "author_id", "status", "updated_at"),
        Index(
            "ix_post_returned",
            "author_id",
            "status",
            sqlite_where=text("return_comment != ''"),
            postgresql_where=text("return_comment != ''"),
        ),
        Index("ix_post_author", "author_id", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    title_folded: Mapped[str] = mapped_column(Text, default="")
    slug: Mapped[str] = mapped_column(Text, unique=True)
    summary: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    topic: Mapped[str] = mapped_column(Text, default="")
    author_line: Mapped[str] = mapped_column(Text, default="")
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    repost: Mapped[bool] = mapped_column(default=False)
    source_name: Mapped[str] = mapped_column(Text, default="")
    source_url: Mapped[str] = mapped_column(Text, default="")
    pinned: Mapped[bool] = mapped_column(default=False)
    featured: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="draft")
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)
    publish_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdraw_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    change_note: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawal_reason: Mapped[str] = mapped_column(Text, default="")
    return_comment: Mapped[str] = mapped_column(Text, default="")
    binned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    category: Mapped[Category] = relationship(lazy="joined")
    cover: Mapped[Image | None] = relationship(lazy="joined")
    author: Mapped[User | None] = relationship(lazy="joined")

    @validates("title")
    def _fold_title(self, _key: str, title: str) -> str:
        self.title_folded = fold(title)
        return title


class PostRevision(Base):
    """What a post said after one saving; `number` counts from 1 within the post."""

    __tablename__ = "post_revision"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")


class PostAddress(Base):
    """An address that a public post had before; it leads to the present one for good."""

    __tablename__ = "post_address"

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)


class PostCopy(Base):
    """What an officer is typing, kept by autosave until it is saved or thrown away.

    `key` names the form: `post-12`, or `new-` and random letters; `base_version` is the version of
    the post that the typing began from.
    """

    __tablename__ = "post_copy"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    post_id: Mapped[int | None] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), index=True
    )
    base_version: Mapped[int] = mapped_column(default=0)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


# --- Documents


class Document(Base):
    """An official document (văn bản): NĐ 30/2020 fields. The centre's have a `central_id`."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("central_id"),
        CheckConstraint("status IN ('draft', 'published')", name="status"),
        Index("ix_document_issued", "issued_on"),
        # Holds all that counting the public ones asks.
        Index("ix_document_public", "status", "central_id"),
        Index("ix_document_kind", "kind", "issued_on"),
        Index("ix_document_issuer", "issuer", "issued_on"),
        Index("ix_document_status", "status", "updated_at"),
        Index("ix_document_updated", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    central_id: Mapped[str | None] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, default="")
    symbol: Mapped[str] = mapped_column(Text, default="")
    code: Mapped[str] = mapped_column(Text)
    code_folded: Mapped[str] = mapped_column(Text, index=True)
    issuer: Mapped[str] = mapped_column(Text)
    authority: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")
    issued_on: Mapped[date]
    effective_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    summary: Mapped[str] = mapped_column(Text)
    signer_title: Mapped[str] = mapped_column(Text, default="")
    signer_name: Mapped[str] = mapped_column(Text, default="")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    file_url: Mapped[str] = mapped_column(Text, default="")
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(Text, default="published", server_default="published")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    author: Mapped[User | None] = relationship()


class DocumentRelation(Base):
    """What a document does to another: replaces it, amends it, or rests on it (căn cứ).

    `target_code` is the other's number as written; `target_id` where this site has that document.
    """

    __tablename__ = "document_relation"
    __table_args__ = (
        CheckConstraint("kind IN ('replaces', 'amends', 'based_on')", name="kind"),
        UniqueConstraint("document_id", "kind", "target_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    target_code: Mapped[str] = mapped_column(Text)
    target_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id", ondelete="SET NULL"), index=True
    )


# --- Pages and people


class OwnPage(Base):
    """A page of the unit's own (/trang/<slug>); `kind` says where readers look for it."""

    __tablename__ = "own_page"
    __table_args__ = (CheckConstraint("status IN ('draft', 'published')", name="status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="page")
    body_html: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="draft")
    in_menu: Mapped[bool] = mapped_column(default=False)
    order: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Person(Base):
    """Somebody of the unit whom residents may turn to (NĐ 42/2022, article 4)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    department: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    is_contact: Mapped[bool] = mapped_column(default=False)
    rank: Mapped[int] = mapped_column(default=9)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OwnLink(Base):
    """A link or banner of the unit's own, always below what the centre mandates."""

    __tablename__ = "own_link"
    __table_args__ = (CheckConstraint("place IN ('menu', 'links', 'banner')", name="place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    order: Mapped[int] = mapped_column(default=0)
    shown_until: Mapped[date | None]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    image: Mapped[Image | None] = relationship(lazy="joined")


class CalendarEntry(Base):
    """A line of the office calendar: lịch tiếp công dân, or lịch công tác."""

    __tablename__ = "calendar_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('reception', 'work')", name="kind"),
        Index("ix_calendar_entry_day", "kind", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    hours: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


# --- The residents' desk


class FeedbackRules(Base):
    """How the unit handles feedback; one row, made when first saved. `days` are working days."""

    __tablename__ = "feedback_rules"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    open: Mapped[bool] = mapped_column(default=True)
    days: Mapped[int] = mapped_column(default=15)
    keep_months: Mapped[int] = mapped_column(default=12)
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)


class Feedback(Base):
    """What a resident wrote (phản ánh, kiến nghị), and what became of it.

    `code` is what the sender follows it by, and nobody can guess. After the retention time the row
    goes, but for the anonymised words of a published one. When the sender deletes it, a row without
    a word of theirs stays for that time, so that officers are not left to wonder.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'open', 'answered', 'declined')", name="status"),
        Index("ix_feedback_inbox", "status", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(Text, default="")
    may_publish: Mapped[bool] = mapped_column(default=False)
    consent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(Text, default="new")
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public_subject: Mapped[str] = mapped_column(Text, default="")
    public_body: Mapped[str] = mapped_column(Text, default="")
    public_answer: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sender_erased_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sender_erased_message_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    assignee: Mapped[User | None] = relationship(lazy="joined")


# --- Visits


class Visits(Base):
    """How often a page was opened on a day; no address, no cookie, no person."""

    __tablename__ = "visits"

    day: Mapped[date] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


# --- Attachments


class Attachment(Base):
    """A file beside a document or a post; `name` is its file under media/attachments, size bytes.

    `kind` is what the bytes are, never what the name said. `text` is what could be read out of it
    for the search; `text_state` is `waiting` until that was tried, then `done` or `none`.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("text_state IN ('waiting', 'done', 'none')", name="text_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), index=True
    )
    post_id: Mapped[int | None] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    order: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text_state: Mapped[str] = mapped_column(Text, default="waiting", index=True)
    # Last and deferred: a list of files must not read hundreds of pages to show their names.
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)


# --- What the centre orders


class CentralState(Base):
    """Which revision of the centre's file is in force, and how the last contact went; one row.

    The bytes are files under `central/` named by their SHA-256. `known` mirrors
    `central/known.json`: what must never be forgotten (highest revision, keys introduced and
    revoked, latest clock).
    """

    __tablename__ = "central_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    sha256: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int | None]
    previous_sha256: Mapped[str | None] = mapped_column(Text)
    previous_revision: Mapped[int | None]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    known: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    images: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str] = mapped_column(Text, default="")
    error_msgid: Mapped[str] = mapped_column(Text, default="")
    error_params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


# --- Official sources


class Source(Base):
    """An official source (nguồn tin chính thống): a link or a feed. The centre's have `central_id`.

    `match` holds the keywords of which a headline must have one; empty lets all in. The second half
    is how reading the feed went: validators of the last body, when next, what was wrong.
    """

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("mode IN ('link', 'feed')", name="mode"),
        CheckConstraint("publish IN ('review', 'auto')", name="publish"),
        UniqueConstraint("central_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    central_id: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    site_url: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text, default="link")
    feed_url: Mapped[str] = mapped_column(Text, default="")
    match: Mapped[list[str]] = mapped_column(JSON, default=list)
    interval_minutes: Mapped[int] = mapped_column(default=60)
    max_items: Mapped[int] = mapped_column(default=20)
    keep_days: Mapped[int] = mapped_column(default=90)
    publish: Mapped[str] = mapped_column(Text, default="review")
    topic: Mapped[str] = mapped_column(Text, default="")
    order: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_fetch_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    error_msgid: Mapped[str] = mapped_column(Text, default="")
    error_params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_fault: Mapped[str] = mapped_column(Text, default="")

    headlines: Mapped[list["Headline"]] = relationship(
        back_populates="source", cascade="all, delete-orphan", lazy="select"
    )


class Headline(Base):
    """A headline (tin dẫn nguồn) of a source: title, plain summary, link, time; never the body.

    `link_key` is the article whatever source names it (`core.feeds.link_key`). `guessed` tells that
    the feed gave no time and `published_at` is when it was first seen.
    """

    __tablename__ = "headline"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'approved', 'hidden')", name="status"),
        UniqueConstraint("source_id", "key"),
        UniqueConstraint("link_key"),
        Index("ix_headline_status", "status", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    link_key: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    guessed: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="pending")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)

    source: Mapped[Source] = relationship(back_populates="headlines", lazy="joined")


# --- Jobs


class JobLease(Base):
    """Who does a recurring job now, and until when at the latest; so that it is done once."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


# --- Search


class SearchEntry(Base):
    """Something that can be found; `search.index` writes it with the words of the index itself.

    `id` grows with `at` (`search.store.first_id`). `owner` is the row it was made of: `post:12`.
    """

    __tablename__ = "search_entry"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    owner: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    visible_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    visible_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gate: Mapped[str] = mapped_column(Text)
