"""All checks, one after the other, and how their findings are told."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from gettext import gettext as _
from importlib.metadata import version
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from wardsite.application import close_app, create_app
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.vi import short_stamp
from wardsite.doctor import centre, data, machine, outside
from wardsite.doctor.finding import Finding, State, warning
from wardsite.language import explain_on_terminal
from wardsite.settings import Settings

OF_THE_MACHINE: tuple[Callable[[Settings, datetime], Iterator[Finding]], ...] = (
    machine.disk,
    machine.memory,
    machine.time,
    machine.permissions,
    machine.jobs,
    data.backup,
    outside.serving,
    outside.dns,
    outside.page,
    data.database,
)
OF_THE_SITE: tuple[Callable[[Flask, datetime], Iterator[Finding]], ...] = (
    data.audit,
    data.accounts,
    data.footer,
    centre.sync,
    centre.key,
    centre.feeds,
)
_WORDS = {State.OK: N_("ok"), State.WARNING: N_("warning"), State.FAULT: N_("FAULT")}


def examine_site(settings: Settings, now: datetime) -> list[Finding]:
    """Run every check and return what was found, the gravest first.

    What a damaged site keeps a check from looking at is a finding too; nothing is raised for it.
    """
    found = [finding for check in OF_THE_MACHINE for finding in _run(check, settings, now)]
    if any(finding.check == "database" and finding.state is State.FAULT for finding in found):
        unusable = WardsiteError(N_("the database cannot be used"))
        found.append(_not_looked_at("site", unusable))
    else:
        found += _of_the_site(settings, now)
    return sorted(found, key=lambda finding: -finding.state)


def unreadable(error: WardsiteError) -> list[Finding]:
    """Return the one finding of an instance whose settings cannot be read: no check can run."""
    return [Finding("settings", State.FAULT, error)]


def worst(findings: list[Finding]) -> State:
    """Return the gravest state among the findings."""
    return max((finding.state for finding in findings), default=State.OK)


def as_json(unit_id: str | None, now: datetime, findings: list[Finding]) -> dict[str, Any]:
    """Return the findings for programs: names and states are fixed, sentences are not.

    `unit_id` is None when the settings that hold it cannot be read.
    """
    return {
        "unit": unit_id,
        "software": version("wardsite"),
        "checked_at": now.isoformat(timespec="seconds"),
        "worst": worst(findings).name.lower(),
        "checks": [
            {
                "check": finding.check,
                "state": finding.state.name.lower(),
                "message": explain_on_terminal(finding.message),
                "advice": explain_on_terminal(finding.advice) if finding.advice else None,
                "since": finding.since.isoformat(timespec="seconds") if finding.since else None,
            }
            for finding in findings
        ],
    }


def as_lines(findings: list[Finding]) -> Iterator[str]:
    """Yield the table for people: state, check, sentence; since when and what to do below."""
    for finding in findings:
        state = _(_WORDS[finding.state])
        yield f"{state:<9} {finding.check:<12} {explain_on_terminal(finding.message)}"
        if finding.since is not None:
            yield " " * 23 + _("Since %(time)s.") % {"time": short_stamp(finding.since)}
        if finding.advice is not None:
            yield " " * 23 + "→ " + explain_on_terminal(finding.advice)


def _of_the_site(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        app = create_app(settings)
    except WardsiteError as error:
        advice = WardsiteError(
            N_(
                "Extract the file from the last backup (tar --zstd -xf FILE secret_key), or "
                "restore the whole backup: wardsite restore FILE."
            )
        )
        yield Finding("site", State.FAULT, error, advice)
        return
    try:
        with app.app_context():
            for check in OF_THE_SITE:
                yield from _run(check, app, now)
    finally:
        close_app(app)


def _run(check: Callable[..., Iterator[Finding]], about: Any, now: datetime) -> list[Finding]:
    try:
        return list(check(about, now))
    except WardsiteError as error:
        return [_not_looked_at(check.__name__, error)]
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:
        return [_not_looked_at(check.__name__, reason_of(error)[:300])]


def _not_looked_at(check: str, reason: object) -> Finding:
    return warning(
        check,
        WardsiteError(N_("The check could not be completed: %(reason)s"), reason=reason),
        WardsiteError(N_("Fix the errors listed above, then check again.")),
    )
