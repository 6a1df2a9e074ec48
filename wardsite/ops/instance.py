"""Making an instance: folder, key, database, profile, first admin, the centre's file."""

from dataclasses import dataclass
from datetime import date, datetime
from gettext import gettext as _
from pathlib import Path

from wardsite.accounts.secret import make_secret_key
from wardsite.accounts.service import add_user, one_time_last_day, users
from wardsite.application import close_app, create_app
from wardsite.central.sync import sync
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.signing import SignatureError, parse_public_key
from wardsite.core.text import nfc
from wardsite.core.vi import short_date
from wardsite.extensions import transaction
from wardsite.language import explain_on_terminal
from wardsite.models import SiteProfile
from wardsite.news.service import add_categories
from wardsite.ops.database import migrate
from wardsite.settings import (
    SETTINGS_FILE,
    Settings,
    SettingsError,
    settings_from,
    write_settings,
)
from wardsite.site.service import add_profile


class NoSuchKeyError(WardsiteError):
    """The public key given is no minisign key, nor a file that holds one."""


@dataclass(frozen=True)
class NewInstance:
    """What the person who made the instance needs to know."""

    settings: Settings
    password: str | None
    last_day: date  # on which that password can be used
    sync_error: WardsiteError | None


def make_instance(
    folder: Path,
    unit_id: str,
    kind: str,
    name: str,
    now: datetime,
    *,
    district_url: str = "",
    district_key: str = "",
) -> NewInstance:
    """Make an instance, with a one-time password for `admin`.

    The settings file comes last: an instance without one is not there, and making it again goes on
    where it stopped. A centre that cannot be reached is no obstacle: the error is handed back.
    Raises SettingsError, NoSuchKeyError, and what `migrate` raises.
    """
    if (folder / SETTINGS_FILE).exists():
        raise SettingsError(N_("There is already an instance in %(folder)s."), folder=str(folder))
    values: dict[str, str | int | list[str]] = {"unit_id": unit_id, "unit_kind": kind}
    if district_url:
        values["district_url"] = district_url
    if district_key:
        values["district_keys"] = [_public_key(district_key)]
    settings = settings_from(folder, values)
    _make_folder(folder)
    make_secret_key(folder)
    migrate(settings)
    app = create_app(settings)
    with app.app_context():
        with transaction() as session:
            if session.get(SiteProfile, 1) is None:
                add_profile(session, nfc(name).strip(), kind, now)
                add_categories(session, kind)
        password = None if users() else add_user("admin", "admin", now)
        error = _first_sync(settings, now)
    close_app(app)
    write_settings(folder, values)
    return NewInstance(settings, password, one_time_last_day(now), error)


def _make_folder(folder: Path) -> None:
    try:
        # The database holds hashes of passwords, and what residents wrote.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "media").mkdir(exist_ok=True)
    except OSError as error:
        raise SettingsError(
            N_("Cannot write to %(folder)s: %(reason)s"),
            folder=str(folder),
            reason=reason_of(error),
        ) from None


def _public_key(given: str) -> str:
    path = Path(given)
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else given
        return parse_public_key(text).text
    except (OSError, UnicodeDecodeError, SignatureError):
        raise NoSuchKeyError(
            N_("“%(given)s” is not a minisign public key, nor a file containing one."), given=given
        ) from None


def _first_sync(settings: Settings, now: datetime) -> WardsiteError | None:
    if not settings.district_url:
        return None
    try:
        sync(settings, now)
    except WardsiteError as error:
        return error
    return None


def welcome(made: NewInstance) -> str:
    """Return what the maker of the instance must know: addresses, password, what is missing."""
    address = made.settings.base_url or f"http://{made.settings.host}:{made.settings.port}"
    lines = [
        "",
        _("The site:      %(url)s/") % {"url": address},
        _("Sign in:       %(url)s/dang-nhap") % {"url": address},
    ]
    if made.password:
        lines += [
            _("User:          admin"),
            _("One-time password: %(password)s") % {"password": made.password},
            _("It must be changed at the first sign-in, by %(day)s.")
            % {"day": short_date(made.last_day)},
        ]
    if made.sync_error:
        lines.append(
            _("The district file is not yet in force: %(reason)s")
            % {"reason": explain_on_terminal(made.sync_error)}
        )
    return "\n".join([*lines, ""])
