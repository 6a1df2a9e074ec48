"""What the district config says: a frozen value for each section of the file.

Everything a unit shows from the centre (đơn vị cấp trên: quận, thành phố, phường/xã) comes as these
values. They are made by `central_rules.read` alone, save the built-in ones of `mandate`: it holds
what a field may be, under the names of the types here, and is loaded by who checks a file, not by
who shows what was checked. The rules that tie the fields of a row together stand here, in `check`;
those that tie rows together are in `central_config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from wardsite.core.errors import N_

if TYPE_CHECKING:
    from pydantic import AfterValidator, Field

    from wardsite.core.central_rules import (
        Audience,
        Body,
        Code,
        Day,
        Dialled,
        FetchedUrl,
        HttpsUrl,
        Id,
        Label,
        Mail,
        Many,
        Moment,
        Order,
        Pixels,
        Sentence,
        Sha256,
        WebUrl,
        key_or_id,
        public_key,
    )

SCHEMA_VERSION = 1
MAX_BYTES = 256 * 1024  # of a file
MAX_REVISION = 2_147_483_647  # what a signed 32-bit column holds


class RefusedError(ValueError):
    """A value that the centre may not give: `msgid` with its `params`, and the key it is about.

    `field` names a key of the row being checked, when the check is about the whole row.
    """

    def __init__(self, msgid: str, field: str = "", **params: object) -> None:
        super().__init__(msgid)
        self.msgid, self.field, self.params = msgid, field, params


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the file."""

    # Which other keys must be given when a key is given.
    _needs: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def check(self) -> None:
        """Raise RefusedError when the fields do not go together."""
        for given, needed in self._needs.items():
            for name in needed:
                if getattr(self, given) is not None and getattr(self, name) is None:
                    raise RefusedError(
                        N_("%(needed)s is required when %(given)s is provided."),
                        field=given,
                        needed=name,
                        given=given,
                    )


@dataclass(frozen=True, kw_only=True)
class Row(Table):
    """A row of an array of tables; `id` is unique and stable within its section."""

    id: Id


@dataclass(frozen=True, kw_only=True)
class Item(Row):
    """Something the centre orders shown: to whom, from when, until when, on what basis.

    `audience` empty means all. `valid_to` is exclusive. `basis` is the id of the document (văn bản
    làm căn cứ) that orders it; without one the basis of the whole config stands.
    """

    audience: Audience = ()
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    basis: Id | None = None

    def check(self) -> None:
        """Raise RefusedError when the fields do not go together."""
        super().check()
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise RefusedError(N_("valid_from must be before valid_to."), field="valid_to")


@dataclass(frozen=True, kw_only=True)
class ConfigMeta(Table):
    """`[config]`: which config this is, how new, and how long its signature counts as fresh."""

    id: Id
    revision: Annotated[int, Field(ge=1, le=MAX_REVISION)]
    title: Label
    issued_at: Moment
    effective_from: Moment
    effective_to: Moment | None = None
    expires_at: Moment
    timezone: Literal["Asia/Ho_Chi_Minh"]
    language: Literal["vi"]
    basis: Annotated[Many[Id], Field(min_length=1)]

    def check(self) -> None:
        """Raise RefusedError when the fields do not go together."""
        super().check()
        if self.effective_to and self.effective_from >= self.effective_to:
            raise RefusedError(
                N_("effective_from must be before effective_to."), field="effective_to"
            )
        if self.issued_at >= self.expires_at:
            raise RefusedError(N_("issued_at must be before expires_at."), field="expires_at")


@dataclass(frozen=True, kw_only=True)
class Parent(Table):
    """`[parent]`: the unit above (cơ quan cấp trên, cơ quan chủ quản)."""

    name: Label
    short_name: Label
    level: Literal["district", "province", "commune"]
    superior: Label | None = None
    office: Label | None = None
    website: HttpsUrl | None = None
    phone: Label | None = None
    email: Mail | None = None
    address: Sentence | None = None


@dataclass(frozen=True, kw_only=True)
class Key(Row):
    """`[[keys]]`: the next minisign key to trust, introduced by a file the current key signed."""

    public_key: Annotated[str, AfterValidator(public_key)]
    valid_from: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Document(Row):
    """`[[documents]]`: an official document (văn bản), with the fields of Decree 30/2020.

    `code` is the number and symbol as shown (số, ký hiệu). `effective_on` and `expires_on` are
    facts about the document; they do not hide it.
    """

    number: Label
    symbol: Label
    code: Code
    kind: Id
    issuer: Label
    issuer_rank: Id
    issued_on: Day
    summary: Sentence
    place: Label | None = None
    signer_title: Label | None = None
    signer_name: Label | None = None
    effective_on: Day | None = None
    expires_on: Day | None = None
    file_url: FetchedUrl | None = None
    file_sha256: Sha256 | None = None
    topics: Many[Id] = ()
    audience: Audience = ()
    publish: bool = True

    _needs: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "file_url": ("file_sha256",),
        "file_sha256": ("file_url",),
    }

    def check(self) -> None:
        """Raise RefusedError when the fields do not go together."""
        super().check()
        if self.effective_on and self.expires_on and self.effective_on >= self.expires_on:
            raise RefusedError(N_("effective_on must be before expires_on."), field="expires_on")


@dataclass(frozen=True, kw_only=True)
class Topic(Item):
    """`[[topics]]`: a section (chuyên mục) the unit must keep; keywords match folded text."""

    label: Label
    slug: Id
    mandatory: bool
    menu_order: Order = 0
    home_items: Annotated[int, Field(ge=0, le=50)] = 6
    keywords: Many[Label] = ()
    description: Sentence | None = None


@dataclass(frozen=True, kw_only=True)
class Authority(Row):
    """`[[authorities]]`: a level of direction (cấp chỉ đạo) documents are grouped by."""

    label: Label
    order: Order


@dataclass(frozen=True, kw_only=True)
class Banner(Item):
    """`[[banners]]`: without an image a text banner is drawn from `title` and `alt`."""

    title: Label
    alt: Sentence
    link_url: HttpsUrl
    position: Literal["all-pages-top", "home-top", "sidebar-top", "sidebar", "footer"]
    scope: Literal["all-pages", "home"] = "all-pages"
    mandatory: bool
    valid_from: Moment = field()
    order: Order = 0
    new_tab: bool = False
    image_url: FetchedUrl | None = None
    image_sha256: Sha256 | None = None
    image_width: Pixels | None = None
    image_height: Pixels | None = None

    _needs: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "image_url": ("image_sha256",),
        "image_sha256": ("image_url",),
        "image_width": ("image_url", "image_height"),
        "image_height": ("image_url", "image_width"),
    }


@dataclass(frozen=True, kw_only=True)
class App(Item):
    """`[[apps]]`: an application residents are asked to use."""

    name: Label
    purpose: Sentence
    message: Body | None = None
    actions: Many[Label] = ()
    search_hint: Sentence | None = None
    android_url: HttpsUrl | None = None
    ios_url: HttpsUrl | None = None
    web_url: HttpsUrl | None = None
    mandatory: bool = True
    order: Order = 0


@dataclass(frozen=True, kw_only=True)
class Source(Item):
    """`[[sources]]`: an official source (nguồn tin chính thống), linked or read as a feed."""

    name: Label
    site_url: HttpsUrl
    mode: Literal["link", "feed"]
    feed_url: FetchedUrl | None = None
    feed_kind: Literal["rss", "atom"] | None = None
    official: bool = False
    match: Literal["all", "topic-keywords"] = "all"
    interval_minutes: Annotated[int, Field(ge=5, le=10_080)] = 60
    max_items: Annotated[int, Field(ge=1, le=200)] = 20
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 90
    publish: Literal["review", "auto"] = "review"
    topic: Id | None = None
    order: Order = 0
    mandatory: bool = True

    def check(self) -> None:
        """Raise RefusedError when the fields do not go together."""
        super().check()
        if self.mode == "feed" and (self.feed_url is None or self.feed_kind is None):
            raise RefusedError(N_("mode = feed requires feed_url and feed_kind."), field="mode")
        if self.match == "topic-keywords" and self.topic is None:
            raise RefusedError(N_("match = topic-keywords requires topic."), field="match")


@dataclass(frozen=True, kw_only=True)
class Notice(Item):
    """`[[notices]]`: a notice (thông báo); `body` is plain text.

    A drill (diễn tập) goes the whole way to every unit and is counted in its status, but no
    resident sees it.
    """

    severity: Literal["info", "important", "urgent"]
    title: Label
    body: Body
    valid_from: Moment = field()
    link_url: HttpsUrl | None = None
    link_label: Label | None = None
    placement: Literal["home", "all-pages"] = "home"
    dismissible: bool = False
    mandatory: bool = True
    topic: Id | None = None
    order: Order = 0
    drill: bool = False

    _needs: ClassVar[Mapping[str, tuple[str, ...]]] = {"link_label": ("link_url",)}


@dataclass(frozen=True, kw_only=True)
class Hotline(Item):
    """`[[hotlines]]`: `number` is what a telephone dials, `display` what a person reads."""

    label: Label
    number: Dialled
    display: Label
    hours: Label | None = None
    topic: Id | None = None
    order: Order = 0
    mandatory: bool = True


@dataclass(frozen=True, kw_only=True)
class Link(Item):
    """`[[links]]`: a link every unit shows."""

    label: Label
    url: HttpsUrl
    group: Label | None = None
    order: Order = 0
    mandatory: bool = True


@dataclass(frozen=True, kw_only=True)
class UnitRow(Row):
    """`[[units]]`: a unit under the centre (nơi nhận); `url` is its site, for the audit."""

    kind: Literal["ward", "school", "office"]
    name: Label
    url: WebUrl | None = None


@dataclass(frozen=True, kw_only=True)
class CentralConfig(Table):
    """The whole district config, checked."""

    schema_version: Annotated[int, Field(ge=1, le=SCHEMA_VERSION)]
    revoked_keys: Many[Annotated[str, AfterValidator(key_or_id)]] = ()
    config: ConfigMeta
    parent: Parent
    keys: Many[Key] = ()
    documents: Many[Document] = ()
    topics: Many[Topic] = ()
    authorities: Many[Authority] = ()
    banners: Many[Banner] = ()
    apps: Many[App] = ()
    sources: Many[Source] = ()
    notices: Many[Notice] = ()
    hotlines: Many[Hotline] = ()
    links: Many[Link] = ()
    units: Many[UnitRow] = ()
