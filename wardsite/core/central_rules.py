"""What a field of the district config may hold; every fault of a file at once.

What these rules let in must be safe to show: NFC text without control characters, https addresses,
dates that every calendar can hold. The sections themselves stand in `central_schema`, whose
annotations name the types defined here: `read` makes of each section a model of pydantic's that
checks a table strictly, and of each table that passes the section's own plain value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import MISSING, fields
from datetime import date, datetime
from functools import cache, partial
from typing import Annotated, Any, TypeVar, get_args, get_type_hints
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, TypeAdapter, create_model

from wardsite.core import central_schema
from wardsite.core.central_schema import CentralConfig, RefusedError, Table
from wardsite.core.errors import N_
from wardsite.core.signing import KEY_ID, SignatureError, parse_public_key

KINDS = ("ward", "school", "office")

_ID = "[a-z0-9]+(-[a-z0-9]+)*"
_LABEL, _SENTENCE, _BODY, _ADDRESS = 200, 1000, 5000, 2000
_EARLIEST_YEAR, _LATEST_YEAR = 1945, 2200  # the first documents of the State; room for time zones
_HOST = r"[a-z0-9-]+(\.[a-z0-9-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*"  # a name, or IPv6
_NOT_IN_URL = r"[\s\\<>\"`{}|^\x00-\x1f\x7f]"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _clean(text: str, limit: int, allowed: str = "") -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not text:
        raise RefusedError(N_("This text must not be empty."))
    if len(text) > limit:
        raise RefusedError(
            N_("This text is too long: at most %(limit)d characters, found %(length)d."),
            limit=limit,
            length=len(text),
        )
    if any(
        (unicodedata.category(char) in {"Cc", "Zl", "Zp"} and char not in allowed)
        or char in _BIDI_CONTROLS
        for char in text
    ):
        raise RefusedError(N_("This text contains a control character or a line break."))
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
        raise RefusedError(
            N_("This address is too long: at most %(limit)d characters."), limit=_ADDRESS
        )
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        usable = parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        host, usable = "", False
    if not usable or not re.fullmatch(_HOST, host) or re.search(_NOT_IN_URL, url):
        raise RefusedError(N_("This is not a valid web address."))
    return host


def _https(url: str) -> str:
    host = _host(url)
    if not url.startswith("https://"):
        raise RefusedError(N_("The address must begin with https://, host %(host)s."), host=host)
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
        raise RefusedError(N_("The address must begin with https:// or http://."))
    return url


def _in_calendar(moment: datetime) -> datetime:
    if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise RefusedError(
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
    raise RefusedError(N_("The audience must be all, ward, school, office or unit:<id>."))


def public_key(text: str) -> str:
    try:
        return parse_public_key(text).text
    except SignatureError as error:
        raise RefusedError(N_("This is not a minisign public key.")) from error


def key_or_id(text: str) -> str:
    if re.fullmatch(KEY_ID, text, re.IGNORECASE):
        return text.upper().zfill(16)
    return public_key(text)


def _shaped(pattern: str, refusal: str, text: str) -> str:
    """Refuse in plain words what a pattern would refuse by showing itself."""
    if not re.fullmatch(pattern, text):
        raise RefusedError(refusal)
    return text


_ID_WORDS = N_(
    "Only lower-case letters without diacritics, digits and hyphens, such as hanoi-smartcity."
)
_SHA256 = "[0-9a-fA-F]{64}"
_SHA256_WORDS = N_("A SHA-256 sum has 64 characters from 0–9 and a–f.")
_CODE_WORDS = N_("Write the number and symbol without spaces, such as 1208/UBND-VHTT.")
_DIALLED = "[0-9]{3,15}"
_DIALLED_WORDS = N_("Only digits, 3 to 15 of them; “display” may have spaces and dots.")
_MAIL = r"[^@\s<>]+@[^@\s<>]+"
_MAIL_WORDS = N_("This is not a valid email address.")

Id = Annotated[
    str,
    AfterValidator(partial(_shaped, _ID, _ID_WORDS)),
    Field(max_length=64, json_schema_extra={"pattern": f"^{_ID}$"}),
]
Code = Annotated[
    str,
    AfterValidator(_label),
    AfterValidator(partial(_shaped, r"\S+", _CODE_WORDS)),
    Field(json_schema_extra={"maxLength": _LABEL, "pattern": r"^\S+$"}),
]
Dialled = Annotated[
    str,
    AfterValidator(partial(_shaped, _DIALLED, _DIALLED_WORDS)),
    Field(json_schema_extra={"pattern": f"^{_DIALLED}$"}),
]
Mail = Annotated[
    str,
    AfterValidator(partial(_shaped, _MAIL, _MAIL_WORDS)),
    Field(max_length=200, json_schema_extra={"pattern": f"^{_MAIL}$"}),
]
Label = Annotated[str, AfterValidator(_label), Field(json_schema_extra={"maxLength": _LABEL})]
Sentence = Annotated[
    str, AfterValidator(_sentence), Field(json_schema_extra={"maxLength": _SENTENCE})
]
Body = Annotated[str, AfterValidator(_body), Field(json_schema_extra={"maxLength": _BODY})]
HttpsUrl = Annotated[str, AfterValidator(_https), Field(json_schema_extra={"format": "uri"})]
FetchedUrl = Annotated[str, AfterValidator(_fetched), Field(json_schema_extra={"format": "uri"})]
WebUrl = Annotated[str, AfterValidator(_web), Field(json_schema_extra={"format": "uri"})]
Sha256 = Annotated[
    str,
    AfterValidator(partial(_shaped, _SHA256, _SHA256_WORDS)),
    AfterValidator(str.lower),
    Field(json_schema_extra={"pattern": f"^{_SHA256}$"}),
]
Moment = Annotated[AwareDatetime, AfterValidator(_in_calendar)]
Day = Annotated[date, AfterValidator(_date_in_calendar)]
Order = Annotated[int, Field(ge=0, le=9999)]
Pixels = Annotated[int, Field(ge=1, le=10_000)]

_T = TypeVar("_T")
# TOML gives lists: the array itself is read leniently into a tuple, what it holds strictly.
Many = Annotated[tuple[_T, ...], Field(strict=False)]
Audience = Many[Annotated[str, AfterValidator(_known_audience)]]


def read(table: dict[str, Any]) -> CentralConfig:
    """Return the config in a table of TOML. Raises pydantic's ValidationError with every fault."""
    config: CentralConfig = _whole().validate_python(table)
    return config


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the whole file."""
    return _whole().json_schema()


def known_keys(path: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the table at this path of the file may hold."""
    model = _models()[CentralConfig.__name__]
    for part in path:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = next(iter(get_args(annotation)), annotation)
    return list(model.model_fields)


@cache
def _whole() -> TypeAdapter[CentralConfig]:
    return TypeAdapter(_models()[CentralConfig.__name__])


@cache
def _models() -> dict[str, Any]:
    """Return a type for pydantic in the place of each section, the whole file last, by its name."""
    sections = [kind for kind in vars(central_schema).values() if _is_section(kind)]
    models: dict[str, Any] = {}
    for section in sections:
        # Annotations are text: read here, they mean these rules and the models made so far.
        named = {**vars(central_schema), **globals(), **models}
        types = get_type_hints(section, named, include_extras=True)
        keys: dict[str, Any] = {
            key.name: (types[key.name], ... if key.default is MISSING else key.default)
            for key in fields(section)
        }
        strict = ConfigDict(extra="forbid", strict=True)
        model = create_model(section.__name__, __config__=strict, __doc__=section.__doc__, **keys)
        models[section.__name__] = Annotated[model, AfterValidator(partial(_checked, section))]
    return models


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Table)


def _checked(section: type[Table], model: Iterable[tuple[str, Any]]) -> Table:
    row = section(**dict(iter(model)))  # not dict(model): a file has a section named keys
    row.check()
    return row
