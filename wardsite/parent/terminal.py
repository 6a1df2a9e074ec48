"""What `wardsite central …` says and asks; every decision is made elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _
from pathlib import Path

import click

from wardsite.core.central_config import ConfigInvalidError, Problem
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.findings import Audit
from wardsite.parent import publish
from wardsite.parent.publish import Checked, Draft, Signed
from wardsite.parent.wording import change_lines, moment, problem_lines

_MAX_PASSPHRASE = 1024


class PassphraseError(WardsiteError):
    """No passphrase came from where it was to come."""


def keygen(stem: Path, passphrase_fd: int | None) -> None:
    """Make a key pair and say what to do with either half."""
    if passphrase_fd is None:
        click.echo(_("Choose a passphrase: a few words that only the key holder knows."))
    made = publish.make_keys(stem, passphrase(passphrase_fd, confirm=True))
    click.echo(_("Secret key (keep it offline, never send it): %(path)s") % {"path": made.secret})
    click.echo(_("Public key (give it to every unit):          %(path)s") % {"path": made.public})
    click.echo(_("Key ID: %(id)s") % {"id": made.key.key_id})
    click.echo(
        _('In wardsite.toml of each unit: district_keys = ["%(key)s"]') % {"key": made.key.text}
    )


def check(path: Path, now: datetime, online: bool, private_hosts: Iterable[str]) -> Checked:
    """Say everything there is to mend in a file, and everything to think about."""
    checked = _checked(path, now, online=online)
    warnings = checked.warnings
    problems: tuple[Problem, ...] = ()
    if online:
        from wardsite.parent.online import try_addresses

        problems, found = try_addresses(
            checked, frozenset(private_hosts), progress=Bar, label=_("Trying addresses")
        )
        warnings = tuple(sorted((*warnings, *found), key=lambda problem: problem.line))
    _say(path, problems, "✗")
    _say(path, warnings, "!")
    if problems:
        raise ConfigInvalidError(problems)
    click.echo(
        _("%(path)s: a valid district file, revision %(revision)d, %(count)d warnings.")
        % {"path": path, "revision": checked.config.config.revision, "count": len(warnings)}
    )
    return checked


def sign(
    path: Path,
    key: Path,
    now: datetime,
    *,
    valid_days: int,
    previous: Path | None,
    passphrase_fd: int | None,
    yes: bool,
) -> Signed:
    """Show what will change, ask, and sign."""
    secret = publish.secret_key(key)
    checked = _checked(path, now)
    public = publish.public_key_beside(key)
    ready = publish.draft(checked, valid_days, now, previous=previous, public_key=public)
    _say(path, ready.warnings, "!")
    _show(ready)
    if publish.signed_with_other_key(ready, public):
        click.echo(
            "! "
            + _(
                "The last file was signed with another key and did not announce this one: units "
                "will reject the new file until their settings include this key."
            ),
            err=True,
        )
    if not yes:
        click.confirm(_("Sign this file?"), abort=True, err=True)
    made = publish.seal(ready, secret, passphrase(passphrase_fd))
    click.echo(_("Signed with key %(id)s:") % {"id": made.verified.key_id})
    for written in (made.path, made.signature, made.record):
        click.echo(f"  {written}")
    click.echo(_("Publish the first two files together, then the signature."))
    return made


@dataclass(frozen=True)
class Outputs:
    """Where the reports of an audit go; None: not wanted."""

    html: Path | None = None
    xlsx: Path | None = None
    csv: Path | None = None
    json: Path | None = None
    history: Path | None = None


def audit(
    path: Path, now: datetime, private_hosts: Iterable[str], seconds: float, outputs: Outputs
) -> bool:
    """Visit the units, report, and return whether none falls short."""
    from wardsite.parent import report
    from wardsite.parent.audit import Manner
    from wardsite.parent.audit import audit as visit_all
    from wardsite.parent.report_html import html_report
    from wardsite.parent.report_terminal import terminal_lines

    manner = Manner(
        private_hosts=frozenset(private_hosts),
        request_seconds=seconds,
        unit_seconds=4 * seconds,
    )
    found = visit_all(path, now, manner, progress=Bar, label=_("Checking the units"))
    for line in terminal_lines(found, shutil.get_terminal_size().columns):
        click.echo(line)
    folder = outputs.history or path.parent / report.HISTORY
    earlier = report.history(folder, found.config_id)
    written = []
    writers: tuple[tuple[Path | None, Callable[[Audit], bytes]], ...] = (
        (outputs.html, lambda audit: html_report(audit, earlier)),
        (outputs.xlsx, report.xlsx_bytes),
        (outputs.csv, report.csv_bytes),
        (outputs.json, report.json_bytes),
    )
    for target, make in writers:
        if target is not None:
            report.write(target, make(found))
            written.append(target)
    written.append(report.keep(found, folder))  # last: what was asked for is there even so
    for one in written:
        click.echo(_("Written: %(path)s") % {"path": one}, err=True)
    return not found.short


def passphrase(descriptor: int | None, *, confirm: bool = False) -> str:
    """Ask for the passphrase without showing it, or read one line of a file descriptor.

    It is never an argument: those are in the shell's history and in the list of processes.
    """
    if descriptor is None:
        asked = click.prompt(
            _("Key passphrase"), hide_input=True, confirmation_prompt=confirm, err=True
        )
        return str(asked)
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            line = file.readline(_MAX_PASSPHRASE)
    except OSError as error:
        raise PassphraseError(
            N_("The passphrase cannot be read from descriptor %(number)d: %(reason)s."),
            number=descriptor,
            reason=reason_of(error),
        ) from error
    return line.decode("utf-8", "replace").rstrip("\r\n")


class Bar:
    """A bar on a terminal; nothing when the output goes elsewhere."""

    def __init__(self, total: int, label: str) -> None:
        """Start at nought of `total`."""
        self._lock = threading.Lock()
        self._bar = click.progressbar(length=total, label=label, file=sys.stderr, show_pos=True)

    def __enter__(self) -> Bar:
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(None, None, None)

    def step(self) -> None:
        """One more is done."""
        with self._lock:
            self._bar.update(1)


def _checked(path: Path, now: datetime, *, online: bool = False) -> Checked:
    try:
        return publish.check(path, now, online=online)
    except ConfigInvalidError as error:
        _say(path, error.problems, "✗")
        raise


def _say(path: Path, problems: Iterable[Problem], mark: str) -> None:
    for line in problem_lines(path.name, problems, mark):
        click.echo(line, err=True)


def _show(ready: Draft) -> None:
    meta, before = ready.config.config, ready.previous
    if before is None:
        click.echo(
            _(
                "No earlier signed file was found on this machine, so everything counts as new. "
                "If this file has been published before, stop and specify the earlier one with "
                "--previous."
            )
        )
    for line in change_lines(ready.changes):
        click.echo(line)
    click.echo(
        _("Revision %(revision)d, current until %(until)s.")
        % {"revision": meta.revision, "until": moment(meta.expires_at)}
    )
    if meta.effective_from > meta.issued_at:
        click.echo(_("It takes effect on %(when)s.") % {"when": moment(meta.effective_from)})
