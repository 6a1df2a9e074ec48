"""What the district config may say: one frozen model for each section of the file.

The rules of one row stand here; those that tie rows together are in `central_config`. Everything a
unit shows from the centre (đơn vị cấp trên: quận, thành phố, phường/xã) comes through these models,
so what they let in must be safe to show: NFC text without control characters, https addresses,
dates that every calendar can hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from wardsite.core.errors import N_
from wardsite.core.signing import KEY_ID, SignatureError, parse_public_key

SCHEMA_VERSION = 1
MAX_REVISION = 2_147_483_647  # what a signed 32-bit column holds
KINDS = ("ward", "school", "office")

_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_LABEL, _SENTENCE, _BODY, _ADDRESS = 200, 1000, 5000, 2000
_EARLIEST_YEAR, _LATEST_YEAR = 1945, 2200  # the first documents of the State; room for time zones
_HOST = r"[a-z0-9-]+(\.[a-z0-9-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*"  # a name, or IPv6
_NOT_IN_URL = r"[\s\\<>\"`{}|^\x00-\x1f\x7f]"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def refusal(msgid: str, field: str = "", **params: object) -> PydanticCustomError:
    """Return a validation error that carries a message of ours, and the field it is about.

    `field` names a key of the row being checked, when the check is about the whole row.
    """
    context = {"msgid": msgid, "field": field, "params": params}
    return PydanticCustomError("refused", "{msgid}", context)


def _clean(text: str, limit: int, allowed: str = "") -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not text:
        raise refusal(N_("This text must not be empty."))
    if len(text) > limit:
        raise refusal(
            N_("This text is too long: at most %(limit)d characters, found %(length)d."),
            limit=limit,
            length=len(text),
        )
    if any(
        (unicodedata.category(char) in {"Cc", "Zl", "Zp"} and char not in allowed)
        or char in _BIDI_CONTROLS
        for char in text
    ):
        raise refusal(N_("This text contains a control character or a line break."))
    return text


def _label(text: str) -> str:
    return _clean(text, _LABEL)


def _sentence(text: str) -> str:
    return _clean(text, _SENTENCE)


def _body(text: str) -> str:
    return _clean(text, _BODY, "\n")


def _host(url: str) -> str:
    """Return the host of `url` in lower case, or refuse what is not an absolute web address."""
    if len(url) > _ADDRESS:
        raise refusal(N_("This address is too long: at most %(limit)d characters."), limit=_ADDRESS)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        usable = parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        host, usable = "", False
    if not usable or not re.fullmatch(_HOST, host) or re.search(_NOT_IN_URL, url):
        raise refusal(N_("This is not a valid web address."))
    return host


def _https(url: str) -> str:
    host = _host(url)
    if not url.startswith("https://"):
        raise refusal(N_("The address must begin with https://, host %(host)s."), host=host)
    return unicodedata.normalize("NFC", url)


def _fetched(url: str) -> str:
    """Allow plain http to this very machine, for mirrors on loopback; `net` still has to agree."""
    if _host(url) in _LOOPBACK and url.startswith("http://"):
        return url
    return _https(url)


def _web(url: str) -> str:
    """Allow plain http: the audit must reach sites of any make."""
    _host(url)
    if not url.startswith(("https://", "http://")):
        raise refusal(N_("The address must begin with https:// or http://."))
    return url


def _in_calendar(moment: datetime) -> datetime:
    if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise refusal(
            N_("The year must be between %(first)d and %(last)d."),
            first=_EARLIEST_YEAR,
            last=_LATEST_YEAR,
        )
    return moment


def _date_in_calendar(day: date) -> date:
    _in_calendar(datetime(day.year, day.month, day.day))
    return day


def _known_audience(entry: str) -> str:
    if entry == "all" or entry in KINDS:
        return entry
    if entry.startswith("unit:") and re.fullmatch(_ID, entry.removeprefix("unit:")):
        return entry
    raise refusal(N_("The audience must be all, ward, school, office or unit:<id>."))


def _public_key(text: str) -> str:
    try:
        return parse_public_key(text).text
    except SignatureError as error:
        raise refusal(N_("This is not a minisign public key.")) from error


def _key_or_id(text: str) -> str:
    if re.fullmatch(KEY_ID, text, re.IGNORECASE):
        return text.upper().zfill(16)
    return _public_key(text)


Id = Annotated[str, Field(pattern=_ID, max_length=64)]
Label = Annotated[str, AfterValidator(_label), Field(json_schema_extra={"maxLength": _LABEL})]
Sentence = Annotated[
    str, AfterValidator(_sentence), Field(json_schema_extra={"maxLength": _SENTENCE})
]
Body = Annotated[str, AfterValidator(_body), Field(json_schema_extra={"maxLength": _BODY})]
HttpsUrl = Annotated[str, AfterValidator(_https), Field(json_schema_extra={"format": "uri"})]
FetchedUrl = Annotated[str, AfterValidator(_fetched), Field(json_schema_extra={"format": "uri"})]
WebUrl = Annotated[str, AfterValidator(_web), Field(json_schema_extra={"format": "uri"})]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$"), AfterValidator(str.lower)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_calendar)]
Day = Annotated[date, AfterValidator(_date_in_calendar)]
Order = Annotated[int, Field(ge=0, le=9999)]
Pixels = Annotated[int, Field(ge=1, le=10_000)]

_T = TypeVar("_T")
# TOML gives lists: the array itself is read leniently into a tuple, what it holds strictly.
Many = Annotated[tuple[_T, ...], Field(strict=False)]
Audience = Many[Annotated[str, AfterValidator(_known_audience)]]


class Table(BaseModel):
    """A table of the file: frozen, no conversion of types, no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    # Which other keys must be given when a key is given.
    _needs: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @model_validator(mode="after")
    def _check_companions(self) -> Table:
        for given, needed in self._needs.items():
            for name in needed:
                if getattr(self, given) is not None and getattr(self, name) is None:
                    raise refusal(
                        N_("%(needed)s is required when %(given)s is provided."),
                        field=given,
                        needed=name,
                        given=given,
                    )
        return self


class Row(Table):
    """A row of an array of tables; `id` is unique and stable within its section."""

    id: Id


class Item(Row):
    """Something the centre orders shown: to whom, from when, until when, on what basis.

    `audience` empty means all. `valid_to` is exclusive. `basis` is the id of the document (văn bản
    làm căn cứ) that orders it; without one the basis of the whole config stands.
    """

    audience: Audience = ()
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    basis: Id | None = None

    @model_validator(mode="after")
    def _check_period(self) -> Item:
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise refusal(N_("valid_from must be before valid_to."), field="valid_to")
        return self


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

    @model_validator(mode="after")
    def _check_times(self) -> ConfigMeta:
        if self.effective_to and self.effective_from >= self.effective_to:
            raise refusal(N_("effective_from must be before effective_to."), field="effective_to")
        if self.issued_at >= self.expires_at:
            raise refusal(N_("issued_at must be before expires_at."), field="expires_at")
        return self


class Parent(Table):
    """`[parent]`: the unit above (cơ quan cấp trên, cơ quan chủ quản)."""

    name: Label
    short_name: Label
    level: Literal["district", "province", "commune"]
    superior: Label | None = None
    office: Label | None = None
    website: HttpsUrl | None = None
    phone: Label | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$", max_length=200)] | None = None
    address: Sentence | None = None


class Key(Row):
    """`[[keys]]`: the next minisign key to trust, introduced by a file the current key signed."""

    public_key: Annotated[str, AfterValidator(_public_key)]
    valid_from: Moment | None = None


class Document(Row):
    """`[[documents]]`: an official document (văn bản), with the fields of Decree 30/2020.

    `code` is the number and symbol as shown (số, ký hiệu). `effective_on` and `expires_on` are
    facts about the document; they do not hide it.
    """

    number: Label
    symbol: Label
    code: Annotated[Label, Field(pattern=r"^\S+$")]
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

    @model_validator(mode="after")
    def _check_days(self) -> Document:
        if self.effective_on and self.expires_on and self.effective_on >= self.expires_on:
            raise refusal(N_("effective_on must be before expires_on."), field="expires_on")
        return self


class Topic(Item):
    """`[[topics]]`: a section (chuyên mục) the unit must keep; keywords match folded text."""

    label: Label
    slug: Id
    mandatory: bool
    menu_order: Order = 0
    home_items: Annotated[int, Field(ge=0, le=50)] = 6
    keywords: Many[Label] = ()
    description: Sentence | None = None


class Authority(Row):
    """`[[authorities]]`: a level of direction (cấp chỉ đạo) documents are grouped by."""

    label: Label
    order: Order


class Banner(Item):
    """`[[banners]]`: without an image a text banner is drawn from `title` and `alt`."""

    title: Label
    alt: Sentence
    link_url: HttpsUrl
    position: Literal["all-pages-top", "home-top", "sidebar-top", "sidebar", "footer"]
    scope: Literal["all-pages", "home"] = "all-pages"
    mandatory: bool
    valid_from: Moment
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

    @model_validator(mode="after")
    def _check_feed(self) -> Source:
        if self.mode == "feed" and (self.feed_url is None or self.feed_kind is None):
            raise refusal(N_("mode = feed requires feed_url and feed_kind."), field="mode")
        if self.match == "topic-keywords" and self.topic is None:
            raise refusal(N_("match = topic-keywords requires topic."), field="match")
        return self


class Notice(Item):
    """`[[notices]]`: a notice (thông báo); `body` is plain text.

    A drill (diễn tập) goes the whole way to every unit and is counted in its status, but no
    resident sees it.
    """

    severity: Literal["info", "important", "urgent"]
    title: Label
    body: Body
    valid_from: Moment
    link_url: HttpsUrl | None = None
    link_label: Label | None = None
    placement: Literal["home", "all-pages"] = "home"
    dismissible: bool = False
    mandatory: bool = True
    topic: Id | None = None
    order: Order = 0
    drill: bool = False

    _needs: ClassVar[Mapping[str, tuple[str, ...]]] = {"link_label": ("link_url",)}


class Hotline(Item):
    """`[[hotlines]]`: `number` is what a telephone dials, `display` what a person reads."""

    label: Label
    number: Annotated[str, Field(pattern=r"^[0-9]{3,15}$")]
    display: Label
    hours: Label | None = None
    topic: Id | None = None
    order: Order = 0
    mandatory: bool = True


class Link(Item):
    """`[[links]]`: a link every unit shows."""

    label: Label
    url: HttpsUrl
    group: Label | None = None
    order: Order = 0
    mandatory: bool = True


class UnitRow(Row):
    """`[[units]]`: a unit under the centre (nơi nhận); `url` is its site, for the audit."""

    kind: Literal["ward", "school", "office"]
    name: Label
    url: WebUrl | None = None


class CentralConfig(Table):
    """The whole district config, checked."""

    schema_version: Annotated[int, Field(ge=1, le=SCHEMA_VERSION)]
    revoked_keys: Many[Annotated[str, AfterValidator(_key_or_id)]] = ()
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
