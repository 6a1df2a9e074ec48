"""Machine settings: frozen, read once from defaults, then wardsite.toml, then WARDSITE_*.

What an officer may change (names, addresses, hours) is in the database; what the centre orders is
in the district file. Neither belongs here.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from wardsite.core.errors import N_, WardsiteError

ENVIRONMENT_PREFIX = "WARDSITE_"
SETTINGS_FILE = "wardsite.toml"
REPOSITORY = Path(__file__).resolve().parent.parent
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
TRANSLATIONS = REPOSITORY / "translations"
EXAMPLE_DISTRICT = REPOSITORY / "examples" / "thanh-xuan"


class SettingsError(WardsiteError):
    """The settings cannot be used; names the key."""


def _split(value: Any) -> Any:
    """Let an environment variable carry a list: words apart by spaces or commas."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _host(name: str) -> str:
    """Return a host's name as browsers send it: lower case, letters with marks in Punycode."""
    try:
        plain = name.encode("idna").decode().lower()
    except UnicodeError:
        plain = ""
    if not _HOST.fullmatch(plain):
        raise ValueError(f"“{name}” is no host name")
    return plain


def _origin(value: str) -> str:
    """Return an address as browsers name the site's origin (RFC 6454): no path, no usual port."""
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise ValueError("an address such as https://example.gov.vn is wanted")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("the address of the site alone is wanted, without a path")
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{_host(parts.hostname or '')}{port}"


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    # Of the form .example.gov.vn all hosts below.
    return tuple("." * name.startswith(".") + _host(name.removeprefix(".")) for name in names)


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """Every deployment setting, with its meaning; docs/operations.md lists the same table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit_id: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="The unit's id in the district file; it stays when the name changes.",
    )
    unit_kind: Literal["ward", "school", "office"] = Field(
        description="What the unit is; decides which mandated items concern it."
    )
    base_url: Annotated[str, AfterValidator(_origin)] = Field(
        default="",
        description="The public address, such as https://example.gov.vn. Absolute links use it, "
        "never the Host header.",
    )
    security_contact: str = Field(
        default="",
        pattern=r"^((mailto:|https://|tel:)\S+)?$",
        description="Whom to tell of a weakness of the site, for /.well-known/security.txt: "
        "mailto:…, https://… or tel:…; empty: no such file.",
    )
    trusted_hosts: Annotated[Words, AfterValidator(_hosts)] = Field(
        default=(),
        description="Further host names the site answers to; empty: the host of base_url, "
        "or any host while base_url is empty.",
    )
    district_url: str = Field(
        default="", description="Where the signed district file is: https://…, file://… or a path."
    )
    district_keys: Words = Field(
        default=(), description="The minisign public keys trusted to sign the district file."
    )
    allowed_private_hosts: Words = Field(
        default=(),
        description="Hosts that may be fetched although their address is private or plain http.",
    )
    contact_days: int = Field(
        default=14, ge=1, le=365, description="Days without contact to the centre before an alarm."
    )
    database_url: str = Field(
        default="",
        description="Empty: SQLite in the instance folder; or postgresql+psycopg://…",
    )
    media_bucket: str = Field(
        default="",
        pattern=r"^(https://[^/\s?#@]+/[^/\s?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?/[^/\s?#]+)?$",
        description="Empty: pictures and files in the instance folder; or https://HOST/BUCKET of "
        "an S3-compatible store, with the folder as its cache and the key in media_key.",
    )
    media_region: str = Field(default="us-east-1", description="The region of that store.")
    media_cache_mb: int = Field(
        default=1024, ge=16, description="How large that cache may grow, in MB."
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="The TCP port to listen on.")
    socket: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        default=None,
        description="The Unix socket to listen on instead of host and port, for a proxy in front.",
    )
    proxy_cache_folder: str = Field(
        default="",
        description="The folder in which nginx in front keeps pages; emptied when something is "
        "withdrawn.",
    )
    backup_recipients: Words = Field(
        default=(),
        description="Public keys of age (age1…) that backups are encrypted for; empty: not at all.",
    )
    workers: int = Field(default=1, ge=1, le=32, description="Server processes.")
    threads: int = Field(default=4, ge=1, le=64, description="Threads in each server process.")
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="How many reverse proxies stand in front and set X-Forwarded-For and -Proto.",
    )
    watchdog_seconds: int = Field(
        default=30,
        ge=0,
        le=600,
        description="After how many seconds without an answer a worker is replaced; 0: never.",
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="The port on 127.0.0.1 with figures for Prometheus; 0: none.",
    )
    max_upload_mb: int = Field(
        default=20, ge=1, le=200, description="The largest file an officer may upload, in MB."
    )

    instance: Path = Field(exclude=True, description="The instance folder; not a key of the file.")

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
    """Return settings made of `values` and the environment, which wins; raise SettingsError."""
    values = {**values, **_read_environment(environment)}
    try:
        return Settings(instance=folder, **values)
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            raise SettingsError(
                N_("%(file)s: unknown setting “%(key)s”."), file=SETTINGS_FILE, key=key
            ) from None
        if fault["type"] == "missing":
            raise SettingsError(
                N_("%(file)s: the setting “%(key)s” is missing."), file=SETTINGS_FILE, key=key
            ) from None
        raise SettingsError(
            N_("%(file)s: the value of “%(key)s” is not valid: %(reason)s"),
            file=SETTINGS_FILE,
            key=key,
            reason=fault["msg"].removeprefix("Value error, "),
        ) from None


def write_settings(instance: Path, values: Mapping[str, str | int | list[str]]) -> None:
    """Write a new wardsite.toml holding `values`; raise SettingsError when one is there already."""
    lines = ["# Cài đặt máy chủ của wardsite. Xem docs/operations.md.", ""]
    lines += [f"{key} = {_toml(value)}" for key, value in values.items()]
    try:
        with (instance / SETTINGS_FILE).open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        raise SettingsError(
            N_("There is already an instance in %(folder)s."), folder=str(instance)
        ) from None
    except OSError as error:
        raise SettingsError(
            N_("Cannot write to %(folder)s: %(reason)s"),
            folder=str(instance),
            reason=error.strerror or str(error),
        ) from None


def _toml(value: str | int | list[str]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            N_("There is no instance in %(folder)s. Create one with: wardsite init"),
            folder=str(path.parent),
        ) from None
    except (OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise SettingsError(
            N_("%(file)s cannot be read: %(reason)s"), file=str(path), reason=str(error)
        ) from None


def _read_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: environment[variable]
        for name in Settings.model_fields
        if name != "instance" and (variable := ENVIRONMENT_PREFIX + name.upper()) in environment
    }
