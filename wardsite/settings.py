"""Machine settings: frozen, read once from defaults, then wardsite.toml, then WARDSITE_*.

What an officer may change (names, addresses, hours) is in the database; what the centre orders is
in the district file. Neither belongs here.

Every process reads them first, so they are read by plain functions: the library that checks the
district file would take most of the time until a command answers.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.toml_slips import slip_of

ENVIRONMENT_PREFIX = "WARDSITE_"
SETTINGS_FILE = "wardsite.toml"
REPOSITORY = Path(__file__).resolve().parent.parent
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
TRANSLATIONS = REPOSITORY / "translations"
EXAMPLE_DISTRICT = REPOSITORY / "examples" / "thanh-xuan"


class SettingsError(WardsiteError):
    """The settings cannot be used; names the key."""


# --- How a value is read: from the file as TOML has it, from the environment as text. Each returns
# --- the value as it is kept, or raises SettingsError that says what is wanted.

_NO_TEXT = N_("Expected text in quotation marks.")
_NO_ADDRESS = N_("Enter an address such as https://example.gov.vn.")


def _text(pattern: str = r".*", wanted: str = "") -> Callable[[Any], str]:
    """Take a text of the form `pattern`; `wanted` is the msgid that describes that form."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise SettingsError(_NO_TEXT)
        if not re.fullmatch(pattern, value, re.DOTALL):
            raise SettingsError(wanted)
        return value

    return read


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise SettingsError(N_("Must be one of: %(expected)s."), expected=", ".join(choices))
        return str(value)

    return read


def _number(least: int, most: int | None = None) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
            value = int(value)
        if type(value) is int and least <= value and (most is None or value <= most):
            return value
        if most is None:
            raise SettingsError(N_("Enter a whole number, %(least)d or more."), least=least)
        raise SettingsError(
            N_("Enter a whole number from %(least)d to %(most)d."), least=least, most=most
        )

    return read


def _words(value: Any) -> tuple[str, ...]:
    """Take a list of texts; from the environment, words apart by spaces or commas."""
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise SettingsError(N_('Enter a list of texts: ["…", "…"].'))
    return tuple(words)


def _path(value: Any) -> Path | None:
    if isinstance(value, Path) or value is None:
        return value
    if not isinstance(value, str):
        raise SettingsError(_NO_TEXT)
    return Path(value) if value else None


def _host(name: str) -> str:
    """Return a host's name as browsers send it: lower case, letters with marks in Punycode."""
    try:
        plain = name.encode("idna").decode().lower()
    except UnicodeError:
        plain = ""
    if not _HOST.fullmatch(plain):
        raise SettingsError(N_("“%(name)s” is not a host name."), name=name)
    return plain


def _origin(value: Any) -> str:
    """Return an address as browsers name the site's origin (RFC 6454): no path, no usual port."""
    if value == "":
        return ""
    try:
        parts = urlsplit(_text()(value))
        port = parts.port
    except ValueError:  # no end of an IPv6 address, a port that is no number or too high
        raise SettingsError(_NO_ADDRESS) from None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not parts.hostname:
        raise SettingsError(_NO_ADDRESS)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError(N_("Enter the address of the site alone, without a path."))
    usual = {"http": 80, "https": 443}[parts.scheme]
    behind = "" if port in (None, usual) else f":{port}"
    return f"{parts.scheme}://{_host(parts.hostname)}{behind}"


def _hosts(value: Any) -> tuple[str, ...]:
    # Of the form .example.gov.vn all hosts below.
    names = _words(value)
    return tuple("." * name.startswith(".") + _host(name.removeprefix(".")) for name in names)


def _setting(read: Callable[[Any], Any], description: str, default: Any = MISSING) -> Any:
    return field(default=default, metadata={"read": read, "description": description})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every deployment setting, with its meaning; docs/operations.md lists the same table."""

    unit_id: str = _setting(
        _text(
            r"[a-z0-9]+(-[a-z0-9]+)*",
            N_("Use lower-case letters without diacritics and digits, joined by hyphens: ha-dinh."),
        ),
        "The unit's id in the district file; it stays when the name changes.",
    )
    unit_kind: Literal["ward", "school", "office"] = _setting(
        _one_of("ward", "school", "office"),
        "What the unit is; decides which mandated items concern it.",
    )
    base_url: str = _setting(
        _origin,
        "The public address, such as https://example.gov.vn. Absolute links use it, "
        "never the Host header.",
        default="",
    )
    security_contact: str = _setting(
        _text(
            r"((mailto:|https://|tel:)\S+)?",
            N_("Enter mailto:…, https://… or tel:…, without spaces."),
        ),
        "Whom to tell of a weakness of the site, for /.well-known/security.txt: "
        "mailto:…, https://… or tel:…; empty: no such file.",
        default="",
    )
    trusted_hosts: tuple[str, ...] = _setting(
        _hosts,
        "Further host names the site answers to; empty: the host of base_url, "
        "or any host while base_url is empty.",
        default=(),
    )
    district_url: str = _setting(
        _text(), "Where the signed district file is: https://…, file://… or a path.", default=""
    )
    district_keys: tuple[str, ...] = _setting(
        _words, "The minisign public keys trusted to sign the district file.", default=()
    )
    allowed_private_hosts: tuple[str, ...] = _setting(
        _words,
        "Hosts that may be fetched although their address is private or plain http.",
        default=(),
    )
    contact_days: int = _setting(
        _number(1, 365), "Days without contact to the centre before an alarm.", default=14
    )
    database_url: str = _setting(
        _text(
            r"(postgresql\+psycopg://(.*@)?(\[\S*\]|[^/:\s]*)(:\d+)?(/\S*)?)?",
            N_("Must have the form postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."),
        ),
        "Empty: SQLite in the instance folder; or postgresql+psycopg://…",
        default="",
    )
    media_bucket: str = _setting(
        _text(
            r"(https://[^/\s?#@]+/[^/\s?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?/[^/\s?#]+)?",
            N_("Enter the address of a bucket: https://HOST/BUCKET."),
        ),
        "Empty: pictures and files in the instance folder; or https://HOST/BUCKET of "
        "an S3-compatible store, with the folder as its cache and the key in media_key.",
        default="",
    )
    media_region: str = _setting(_text(), "The region of that store.", default="us-east-1")
    media_cache_mb: int = _setting(
        _number(16), "How large that cache may grow, in MB.", default=1024
    )
    host: str = _setting(_text(), "The address to listen on.", default="127.0.0.1")
    port: int = _setting(_number(1, 65535), "The TCP port to listen on.", default=8000)
    socket: Path | None = _setting(  # noqa: RUF009 - it returns a field
        _path,
        "The Unix socket to listen on instead of host and port, for a proxy in front.",
        default=None,
    )
    proxy_cache_folder: str = _setting(
        _text(),
        "The folder in which nginx in front keeps pages; emptied when something is withdrawn.",
        default="",
    )
    backup_recipients: tuple[str, ...] = _setting(
        _words,
        "Public keys of age (age1…) that backups are encrypted for; empty: not at all.",
        default=(),
    )
    workers: int = _setting(_number(1, 32), "Server processes.", default=1)
    threads: int = _setting(_number(1, 64), "Threads in each server process.", default=4)
    trusted_proxies: int = _setting(
        _number(0, 5),
        "How many reverse proxies stand in front and set X-Forwarded-For and -Proto.",
        default=0,
    )
    watchdog_seconds: int = _setting(
        _number(0, 600),
        "After how many seconds without an answer a worker is replaced; 0: never.",
        default=30,
    )
    metrics_port: int = _setting(
        _number(0, 65535),
        "The port on 127.0.0.1 with figures for Prometheus; 0: none.",
        default=0,
    )
    max_upload_mb: int = _setting(
        _number(1, 200), "The largest file an officer may upload, in MB.", default=20
    )

    instance: Path
    """The instance folder; not a key of the file."""

    def given(self) -> dict[str, Any]:
        """Return the values by key, as `settings_from` takes them."""
        return {key.name: getattr(self, key.name) for key in fields(self) if key.metadata}

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address, as SQLAlchemy writes it."""
        return self.database_url or f"sqlite:///{self.instance / 'wardsite.db'}"

    @property
    def public_url(self) -> str:
        """Where the site is reached: base_url, or the address it listens on while there is none."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names the site answers to; empty means any."""
        own = self.base_url.partition("://")[2].partition(":")[0]
        return (own, *self.trusted_hosts, "127.0.0.1", "localhost") if own else self.trusted_hosts

    @property
    def served_over_https(self) -> bool:
        """Whether residents reach the site by https; cookies are then marked Secure."""
        return self.base_url.startswith("https://")

    @property
    def session_cookie(self) -> str:
        """The session cookie's name; with `__Host-` no other host or path can set it (RFC 6265bis).

        It ends in `wardsite` either way: the page cache looks for that.
        """
        return "__Host-wardsite" if self.served_over_https else "wardsite"


def instance_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the instance folder: WARDSITE_INSTANCE, or `instance` in the current folder."""
    return Path(environment.get("WARDSITE_INSTANCE") or "instance").resolve()


def load_settings(
    instance: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read the settings of an instance; raise SettingsError naming the key that is wrong."""
    folder = (instance or instance_folder(environment)).resolve()
    return settings_from(folder, _read_file(folder / SETTINGS_FILE), environment)


def settings_from(
    folder: Path, values: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Return settings made of `values` and the environment, which wins.

    Raises SettingsError, which names the file or the variable, the key, and what is allowed.
    """
    keys = {key.name: key for key in fields(Settings) if key.metadata}
    for name in values:
        if name not in keys:
            raise SettingsError(
                N_("%(file)s: unknown setting “%(key)s”."), file=SETTINGS_FILE, key=name
            )
    read: dict[str, Any] = {}
    for name, key in keys.items():
        if (variable := ENVIRONMENT_PREFIX + name.upper()) in environment:
            read[name] = _read(key, environment[variable], variable)
        elif name in values:
            read[name] = _read(key, values[name], SETTINGS_FILE)
        elif key.default is MISSING:
            raise SettingsError(
                N_("%(file)s: the setting “%(key)s” is missing."), file=SETTINGS_FILE, key=name
            )
    return Settings(instance=folder, **read)


def check_value(name: str, value: Any) -> None:
    """Raise SettingsError, which says what is allowed, when no setting `name` can have `value`."""
    next(key for key in fields(Settings) if key.name == name).metadata["read"](value)


def _read(key: Field[Any], value: Any, where: str) -> Any:
    try:
        return key.metadata["read"](value)
    except SettingsError as reason:
        raise SettingsError(
            N_("%(file)s: the value of “%(key)s” is not valid. %(reason)s"),
            file=where,
            key=key.name,
            reason=reason,
        ) from None


def write_settings(instance: Path, values: Mapping[str, str | int | list[str]]) -> None:
    """Write a new wardsite.toml holding `values`; raise SettingsError when one is there already."""
    import tomlkit  # a server only reads its settings

    try:
        with (instance / SETTINGS_FILE).open("x", encoding="utf-8") as file:
            file.write("# Cài đặt máy chủ của wardsite. Xem docs/operations.md.\n\n")
            tomlkit.dump(values, file)
    except FileExistsError:
        raise SettingsError(
            N_("There is already an instance in %(folder)s."), folder=str(instance)
        ) from None
    except OSError as error:
        raise SettingsError(
            N_("Cannot write to %(folder)s: %(reason)s"),
            folder=str(instance),
            reason=reason_of(error),
        ) from None


def _read_file(path: Path) -> dict[str, Any]:
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError(
            N_("There is no instance in %(folder)s. Create one with: wardsite init"),
            folder=str(path.parent),
        ) from None
    except tomllib.TOMLDecodeError as error:
        line, slip = slip_of(error, text)
        raise SettingsError(
            N_("%(file)s, line %(line)d: %(reason)s"), file=str(path), line=line, reason=slip
        ) from None
    except OSError as error:
        raise SettingsError(
            N_("%(file)s cannot be read: %(reason)s"),
            file=str(path),
            reason=reason_of(error),
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(N_("%(file)s is not UTF-8 text."), file=str(path)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, endless nesting
        raise SettingsError(
            N_("%(file)s contains a number or a level of nesting that is out of range."),
            file=str(path),
        ) from None
