"""Every command, on one page; each calls a tested function."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from gettext import gettext as _
from pathlib import Path
from typing import Any

import click

from wardsite.core.errors import WardsiteError
from wardsite.language import explain_on_terminal, speak_on_terminal
from wardsite.settings import Settings, load_settings
from wardsite.terminal import PlainErrors, own_instance, progress

speak_on_terminal()


def now() -> datetime:
    """Return the one clock reading of a command."""
    return datetime.now(UTC)


def application() -> Any:
    """Return the application of the instance; imported late, so that --help answers at once.

    Raises what `check_schema` raises: a command does not run on tables it does not know.
    """
    from wardsite.application import close_app, create_app
    from wardsite.ops.database import check_schema

    settings = opened()
    check_schema(settings)
    app = create_app(settings)
    click.get_current_context().call_on_close(partial(close_app, app))
    return app


def opened() -> Settings:
    """Return the settings of the instance, which this command then holds together with others."""
    from wardsite.ops.swap import open_instance

    return open_instance(own_instance())


@click.group(cls=PlainErrors, help=_("A website for a ward or a school."))
@click.version_option(package_name="wardsite")
def main() -> None:
    """Stand for the whole command."""


@main.command(help=_("Create an instance in the folder WARDSITE_INSTANCE."))
@click.option(
    "--id",
    "unit_id",
    metavar=_("ID"),
    prompt=_("Unit ID in the district file"),
    help=_("Unit ID in the district file"),
)
@click.option(
    "--kind",
    type=click.Choice(["ward", "school", "office"]),
    prompt=_("Unit type"),
    help=_("Unit type"),
)
@click.option("--name", metavar=_("NAME"), prompt=_("Unit name"), help=_("Unit name"))
@click.option(
    "--district-url",
    metavar=_("ADDRESS"),
    default="",
    help=_("The location of the district file."),
)
@click.option(
    "--district-key",
    metavar=_("KEY"),
    default="",
    help=_("The minisign public key that signs it."),
)
def init(unit_id: str, kind: str, name: str, district_url: str, district_key: str) -> None:
    from wardsite.ops.instance import make_instance, welcome

    made = make_instance(
        own_instance(),
        unit_id,
        kind,
        name,
        now(),
        district_url=district_url,
        district_key=district_key,
    )
    click.echo(welcome(made))


@main.command(help=_("Run the site with the production server."))
@click.option("--host", metavar=_("ADDRESS"), help=_("The address to listen on."))
@click.option(
    "--port",
    metavar=_("NUMBER"),
    type=click.IntRange(1, 65535),
    help=_("The port to listen on."),
)
@click.option(
    "--socket",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("The Unix socket to listen on, instead of an address and port."),
)
def serve(host: str | None, port: int | None, socket: Path | None) -> None:
    from logging.config import dictConfig

    from wardsite.ops.logs import log_config
    from wardsite.ops.server import serve as serve_now
    from wardsite.ops.start import make_ready

    dictConfig(log_config())  # the first words are lines for programs as well
    given: dict[str, Any] = {"host": host, "port": port, "socket": socket}
    make_ready(own_instance(), now())
    settings = opened()
    settings = replace(settings, **{key: v for key, v in given.items() if v is not None})
    serve_now(settings)


@main.command(help=_("Fetch the district file. Exit code 0: done; 2: rejected; 3: cannot connect."))
@click.option(
    "--reset",
    is_flag=True,
    help=_(
        "First forget the highest revision and all later keys: for use after a key is compromised."
    ),
)
def sync(reset: bool) -> None:
    from wardsite.central.sync import reset as forget
    from wardsite.central.sync import sync as sync_now

    app = application()
    with app.app_context():
        if reset:
            forget(now(), by="terminal")
        settings: Settings = app.extensions["wardsite"]
        outcome = sync_now(settings, now())
        click.echo(_(outcome.msgid))


@main.command(help=_("Fetch the official sources that are due."))
def feeds() -> None:
    from wardsite.schedule import only_one
    from wardsite.sources.ingest import fetch_due

    app, at = application(), now()
    with app.app_context(), only_one("feeds", at):
        outcomes = [_tell_outcome(o) for o in fetch_due(app.extensions["wardsite"], at)]
    if not outcomes:
        click.echo(_("No sources are due."))
    sys.exit(0 if all(outcomes) else 1)


@main.command(
    help=_("Do everything that is due: sync, feeds, clean-up. Safe to run twice at the same time.")
)
def tick() -> None:
    from wardsite.schedule import tick as tick_now

    app = application()
    with app.app_context():
        done = [_tell_done(job) for job in tick_now(app.extensions["wardsite"], now())]
    sys.exit(0 if all(done) else 1)


@main.command(help=_("Add sample content, marked as such, to an empty instance."))
def demo() -> None:
    from wardsite.ops.demo import add_samples

    with application().app_context():
        count = add_samples(now())
        click.echo(_("%(count)s sample items added, each marked [MẪU].") % {"count": count})


@main.command(help=_("Back up the database, media and settings to one file, then test-restore it."))
@click.argument(
    "file",
    metavar=_("[FILE]"),
    required=False,
    type=click.Path(path_type=Path, dir_okay=False),
)
def backup(file: Path | None) -> None:
    from wardsite.ops.backup import make_backup

    with progress() as show:
        made = make_backup(opened(), now(), file, show)
    click.echo(
        _("%(file)s: test restore completed, %(rows)s rows and %(files)s files verified.")
        % {"file": made.path, "rows": made.proof.rows, "files": made.proof.files}
    )
    _tell_missing(made.proof.missing)


@main.command(help=_("Restore a backup; replaces nothing until all of it has been checked."))
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path))
@click.option(
    "--identity",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("The file with the age secret key, for an encrypted backup."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask for confirmation."))
def restore(file: Path, identity: Path | None, yes: bool) -> None:
    from wardsite.core.vi import short_stamp
    from wardsite.ops.restore import restore as restore_now

    folder = own_instance()
    if os.access(file, os.R_OK) and not yes:
        click.confirm(_("Replace the data in %(folder)s?") % {"folder": folder}, abort=True)
    with progress() as show:
        done = restore_now(folder, file, now(), show, identity)
    click.echo(
        _("Restored: the backup of %(time)s with %(rows)s rows and %(files)s files.")
        % {
            "time": short_stamp(done.manifest.made_at),
            "rows": sum(done.manifest.rows.values()),
            "files": len(done.manifest.files),
        }
    )
    _tell_missing(len(done.missing))
    if done.replaced:
        click.echo(_("The previous data is kept in %(folder)s.") % {"folder": done.replaced})


@main.command(
    help=_(
        "Back up, upgrade the database to this version and check it; on failure, everything "
        "stays as it was."
    )
)
def upgrade() -> None:
    from wardsite.ops.upgrade import upgrade as upgrade_now

    with progress() as show:
        done = upgrade_now(own_instance(), now(), show)
    if done is None:
        click.echo(_("The database is already at this version."))
    elif done.backup is None:
        click.echo(_("The database has been upgraded to this version."))
    else:
        click.echo(
            _("The database has been upgraded to this version. Backup made beforehand: %(file)s")
            % {"file": done.backup}
        )


@main.command(
    help=_(
        "Check everything; report what is wrong and what to do. Exits with 1 if there is a fault."
    )
)
@click.option("--json", "for_programs", is_flag=True, help=_("Print JSON for other programs."))
def doctor(for_programs: bool) -> None:
    from wardsite.doctor import examination
    from wardsite.doctor.finding import State

    unit_id, at = None, now()
    try:
        settings = load_settings(own_instance())
    except WardsiteError as error:
        if not for_programs:
            raise
        findings = examination.unreadable(error)
    else:
        unit_id, findings = settings.unit_id, examination.examine_site(settings, at)
    if for_programs:
        told = examination.as_json(unit_id, at, findings)
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(examination.as_lines(findings)))
    sys.exit(1 if examination.worst(findings) == State.FAULT else 0)


@main.command("move-database", help=_("Transfer the data to an empty PostgreSQL database."))
@click.argument("url", metavar="postgresql+psycopg://…")
def move_database(url: str) -> None:
    from wardsite.ops.move import move_database as move_now

    with progress() as show:
        moved = move_now(own_instance(), url, now(), show)
    for name, content in sorted(moved.tables.items()):
        click.echo(f"{name}\t{content.rows}\t{content.digest[:16]}")
    click.echo(
        _("%(rows)s rows transferred and verified. The old file is in %(folder)s.")
        % {"rows": moved.rows, "folder": moved.kept}
    )


@main.command(
    "move-media", help=_("Transfer pictures and files to an S3-compatible store, or back.")
)
@click.argument("url", metavar=_("[https://HOST/BUCKET]"), default="")
@click.option("--back", is_flag=True, help=_("Move back into the instance folder."))
def move_media(url: str, back: bool) -> None:
    from wardsite.ops.move_media import move_media as move_now

    if bool(url) == back:
        raise click.UsageError(_("Give the bucket address, or --back."))
    with progress() as show:
        count = move_now(own_instance(), url, show)
    click.echo(_("%(count)s files transferred and verified.") % {"count": count})


@main.command(help=_("Write the public site as files to DIR, or update files written earlier."))
@click.argument("folder", metavar=_("DIR"), type=click.Path(path_type=Path, file_okay=False))
def export(folder: Path) -> None:
    from wardsite.ops.export import export as export_now

    with progress() as show:
        done = export_now(application(), folder, now(), show)
    for address in done.missing:
        click.echo(_("Linked to but not found: %(address)s") % {"address": address}, err=True)
    counts = {"written": done.written, "same": done.unchanged, "removed": done.removed}
    click.echo(_("%(written)s written, %(same)s unchanged, %(removed)s removed") % counts)


@main.group(help=_("The search index of the site."))
def search() -> None:
    """Stand for the group of commands."""


@search.command("rebuild", help=_("Rebuild the search index from all public content."))
def search_rebuild() -> None:
    from wardsite.search.index import rebuild

    with application().app_context():
        done = 0
        for done, total in rebuild():
            click.echo(_("%(done)s of %(total)s") % {"done": done, "total": total}, err=True)
    click.echo(_("The search index has been rebuilt: %(count)s items.") % {"count": done})


@main.group(help=_("Manage officer accounts."))
def user() -> None:
    """Stand for the group of commands."""


@user.command(
    "add", help=_("Add an account; prints a one-time password unless a password is given.")
)
@click.argument("name", metavar=_("NAME"))
@click.option("--role", type=click.Choice(["author", "editor", "admin"]), required=True)
@click.option(
    "--display-name",
    metavar=_("NAME"),
    default="",
    help=_("The name shown to colleagues."),
)
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input."))
def user_add(name: str, role: str, display_name: str, password_stdin: bool) -> None:
    from wardsite.accounts import service

    password = _password_from_stdin(password_stdin)
    with application().app_context():
        made = service.add_user(
            name, role, now(), password=password, display_name=display_name, by="terminal"
        )
    _tell_password(name, made)


@user.command("passwd", help=_("Set a new password and end the account’s sessions."))
@click.argument("name", metavar=_("NAME"))
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input."))
@click.option(
    "--remove-passkeys",
    is_flag=True,
    help=_("Remove the account’s passkeys too; they sign in without a password."),
)
def user_passwd(name: str, password_stdin: bool, remove_passkeys: bool) -> None:
    from wardsite.accounts import service

    password = _password_from_stdin(password_stdin)
    with application().app_context():
        made = service.set_password(
            name, now(), password=password, by="terminal", passkeys_too=remove_passkeys
        )
    _tell_password(name, made)


@user.command("disable", help=_("Close an account and end its sessions."))
@click.argument("name", metavar=_("NAME"))
def user_disable(name: str) -> None:
    from wardsite.accounts import service

    with application().app_context():
        service.disable_user(name, now(), by="terminal")
    click.echo(_("%(name)s can no longer sign in.") % {"name": name})


@user.command(
    "reset-2fa", help=_("Turn off two-step verification for someone who has lost their phone.")
)
@click.argument("name", metavar=_("NAME"))
def user_reset_2fa(name: str) -> None:
    from wardsite.accounts import service

    with application().app_context():
        service.reset_second_factor(name, now(), by="terminal")
    click.echo(_("%(name)s now signs in with a password only.") % {"name": name})


@user.command(
    "require-2fa",
    help=_("Require two-step verification for every officer; --off stops requiring it."),
)
@click.option("--off", is_flag=True, help=_("Stop requiring it."))
def user_require_2fa(off: bool) -> None:
    from wardsite.site.service import require_second_factor

    with application().app_context():
        require_second_factor(not off, now())
    click.echo(
        _("Two-step verification is no longer required.")
        if off
        else _("Two-step verification is now required.")
    )


@user.command("list", help=_("List the accounts."))
def user_list() -> None:
    from wardsite.accounts import service

    with application().app_context():
        for account in service.users():
            state = "" if account.active else _("closed")
            click.echo(f"{account.name}\t{account.role}\t{account.display_name}\t{state}".rstrip())


@main.group(help=_("For the parent unit: keys, district file, audit. Does not need an instance."))
def central() -> None:
    """Stand for the group of commands."""


DISTRICT_FILE = click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path))
PRIVATE_HOSTS = click.option(
    "--allow-private",
    "private_hosts",
    multiple=True,
    metavar=_("HOST"),
    help=_("A host that may be checked even though it is in a private network; can be repeated."),
)
PASSPHRASE_FD = click.option(
    "--passphrase-fd",
    metavar=_("NUMBER"),
    type=click.IntRange(min=0),
    help=_("Read the passphrase from this file descriptor (0: standard input)."),
)


@central.command(
    "keygen", help=_("Create a key pair in minisign format, with the secret key encrypted.")
)
@click.option(
    "--out",
    metavar=_("PATH"),
    type=click.Path(path_type=Path),
    default=Path("district"),
    show_default=True,
    help=_("Where to write the files PATH.key and PATH.pub."),
)
@PASSPHRASE_FD
def central_keygen(out: Path, passphrase_fd: int | None) -> None:
    from wardsite.parent import terminal

    terminal.keygen(out, passphrase_fd)


@central.command("check", help=_("List every error in a district file, by line."))
@DISTRICT_FILE
@click.option("--online", is_flag=True, help=_("Also test every address in the file."))
@PRIVATE_HOSTS
def central_check(file: Path, online: bool, private_hosts: tuple[str, ...]) -> None:
    from wardsite.parent import terminal

    terminal.check(file, now(), online, private_hosts)


@central.command("sign", help=_("Show what will change, then sign FILE (creates FILE.minisig)."))
@DISTRICT_FILE
@click.option(
    "--key",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    required=True,
    help=_("The secret key file."),
)
@click.option(
    "--valid-days",
    metavar=_("NUMBER"),
    type=click.IntRange(1, 3650),
    default=90,
    show_default=True,
    help=_("How many days the file counts as current."),
)
@click.option(
    "--previous",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("The last signed file, if it is not in signed/ beside FILE."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask for confirmation."))
@PASSPHRASE_FD
def central_sign(file: Path, key: Path, **options: Any) -> None:
    from wardsite.parent import terminal

    terminal.sign(file, key, now(), **options)


@central.command("preview", help=_("Write the pages that a ward and a school would show for FILE."))
@DISTRICT_FILE
@click.option(
    "--out",
    metavar=_("DIR"),
    type=click.Path(path_type=Path),
    default=Path("preview"),
    show_default=True,
    help=_("The folder to write the pages to."),
)
def central_preview(file: Path, out: Path) -> None:
    from wardsite.parent.preview import preview

    first = preview(file, out, now())
    click.echo(_("Open in a browser: %(path)s") % {"path": first.resolve()})


def _report(option: str, help_text: str) -> Callable[[Any], Any]:
    return click.option(option, metavar=_("FILE"), type=click.Path(path_type=Path), help=help_text)


@central.command(
    "audit", help=_("Check the site of every unit in FILE; exits with 1 when one is not compliant.")
)
@DISTRICT_FILE
@_report("--html", _("Write a report for reading and printing."))
@_report("--xlsx", _("Write an Excel workbook."))
@_report("--csv", _("Write a CSV file."))
@_report("--json", _("Write a JSON file."))
@click.option(
    "--history",
    metavar=_("DIR"),
    type=click.Path(path_type=Path),
    help=_("The folder of earlier audits; by default audits/ beside FILE."),
)
@click.option(
    "--timeout",
    metavar=_("NUMBER"),
    type=click.FloatRange(1, 120),
    default=15.0,
    show_default=True,
    help=_("How many seconds to wait for each response from a unit."),
)
@PRIVATE_HOSTS
def central_audit(
    file: Path, private_hosts: tuple[str, ...], timeout: float, **outputs: Any
) -> None:
    from wardsite.parent import terminal

    if not terminal.audit(file, now(), private_hosts, timeout, terminal.Outputs(**outputs)):
        raise SystemExit(1)


def _tell_outcome(outcome: Any) -> bool:
    if outcome.error is not None:
        click.echo(f"{outcome.name}: {explain_on_terminal(outcome.error)}", err=True)
    elif outcome.unchanged:
        click.echo(_("%(name)s: unchanged") % {"name": outcome.name})
    else:
        counts = {"name": outcome.name, "new": outcome.new, "changed": outcome.changed}
        click.echo(_("%(name)s: %(new)s new, %(changed)s changed") % counts)
    return outcome.error is None


def _tell_done(job: Any) -> bool:
    if job.error is not None:
        click.echo(f"{job.name}: {explain_on_terminal(job.error)}", err=True)
    return job.error is None


def _tell_missing(count: int) -> None:
    if count:
        click.echo(
            _("%(count)s pictures or files used by the site were already missing.")
            % {"count": count},
            err=True,
        )


def _password_from_stdin(wanted: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if wanted else None


def _tell_password(name: str, made: str | None) -> None:
    click.echo(_("%(name)s: done.") % {"name": name})
    if made:
        from wardsite.accounts.service import one_time_last_day
        from wardsite.core.vi import short_date

        click.echo(_("One-time password: %(password)s") % {"password": made})
        last_day = short_date(one_time_last_day(now()))
        click.echo(_("It must be changed at the first sign-in, by %(day)s.") % {"day": last_day})
