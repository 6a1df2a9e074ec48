"""What the site holds: database, backups, audit log, accounts, the legal footer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from gettext import gettext

from flask import Flask
from sqlalchemy import func, inspect, select

from wardsite.accounts import audit as log
from wardsite.accounts.service import users
from wardsite.central.alarms import Alarm
from wardsite.core.backup import DATABASE
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.core.vi import short_stamp
from wardsite.doctor.finding import Finding, State, fault, good, warning
from wardsite.extensions import Base, db
from wardsite.media.bucket import BucketSettingsError
from wardsite.media.files import files_of
from wardsite.models import Attachment, AuditEntry, Image, User
from wardsite.ops.audit_end import check_end
from wardsite.ops.database import (
    DatabaseNewerError,
    DatabaseOlderError,
    check_schema,
    migration_engine,
)
from wardsite.ops.examine import database_faults, missing_files
from wardsite.ops.proof import backups_folder, last_proof
from wardsite.ops.proof_alarm import TOO_OLD, proof_alarms
from wardsite.serving.disk import takes_writing
from wardsite.settings import Settings
from wardsite.site.service import blanks

UNUSED = timedelta(days=180)
OFFSITE = "offsite"
_FOOTER = {
    "organisation": N_("Governing body"),
    "address": N_("Address"),
    "phone": N_("Telephone"),
    "responsible_name": N_("Responsible for the content"),
    "responsible_title": N_("Position of the person responsible"),
}


def database(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether the database opens, is of this version, whole, and has the files it names."""
    advice = WardsiteError(N_("Restore the last verified backup: wardsite restore FILE."))
    try:
        check_schema(settings)
    except DatabaseOlderError as error:
        yield fault(
            "database", error, WardsiteError(N_("Stop the site, then run: wardsite upgrade."))
        )
        return
    except DatabaseNewerError as error:
        advice = WardsiteError(
            N_(
                "Install the version that wrote it. A restored backup would lose what was saved "
                "since."
            )
        )
        yield fault("database", error, advice)
        return
    except WardsiteError as error:
        if settings.database_url:
            advice = WardsiteError(
                N_(
                    "Check that the database server is running and accepts connections from this "
                    "machine (database_url)."
                )
            )
        elif not takes_writing(settings.instance):
            # SQLite must write to open it: that says nothing of the database itself.
            advice = WardsiteError(N_("Fix the disk first; the database may still be intact."))
        yield fault("database", error, advice)
        return
    if settings.database_url:
        faults = _missing_tables(settings)
        damaged = N_("The database is damaged: the table “%(reason)s” is missing.")
        advice = WardsiteError(N_("Restore the latest pg_dump backup: pg_restore."))
    else:
        faults = database_faults(settings.instance / DATABASE)
        damaged = N_("The database is damaged. Technical detail: “%(reason)s”")
    if faults:
        yield fault("database", WardsiteError(damaged, reason=faults[0]), advice)
        return
    yield good("database", N_("The database is intact."))
    yield from _files(settings)


def _missing_tables(settings: Settings) -> list[str]:
    engine = migration_engine(settings.database_url)
    try:
        return sorted(set(Base.metadata.tables) - set(inspect(engine).get_table_names()))
    finally:
        engine.dispose()


def _files(settings: Settings) -> Iterator[Finding]:
    kept = files_of(settings)
    advice = WardsiteError(N_("See media_bucket and the key in media_key."))
    try:
        if kept.bucket:
            kept.bucket.ready()
        present = {f"media/{name}" for name in kept.names()}
    except BucketSettingsError as error:
        yield fault("files", error, advice)
        return
    except OSError as error:
        silent = WardsiteError(
            N_("The file store does not respond: %(reason)s"), reason=reason_of(error)
        )
        yield fault("files", silent, advice)
        return
    if missing := _missing(settings, present):
        yield warning(
            "files",
            WardsiteError(
                N_("%(count)d pictures or files used by the site are missing, such as %(name)s."),
                count=len(missing),
                name=missing[0],
            ),
            WardsiteError(N_("Restore them from a backup, or upload them again.")),
        )
    else:
        yield good("files", N_("Every picture and file used by the site is present."))


def _missing(settings: Settings, present: set[str]) -> list[str]:
    if not settings.database_url:
        return missing_files(settings.instance / DATABASE, present)
    engine = migration_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            pictures = {f"media/{name}" for name in connection.scalars(select(Image.name))}
            names = connection.scalars(select(Attachment.name))
            return sorted((pictures | {f"media/attachments/{name}" for name in names}) - present)
    finally:
        engine.dispose()


def backup(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look how old the last proven backup is, and the last copy on another machine."""
    rung = proof_alarms(settings, now)
    yield from (from_alarm("backup", alarm) for alarm in rung)
    proof = last_proof(settings.instance)
    if settings.database_url:
        yield good("backup", N_("The data is on a database server, which has its own backups."))
    elif not rung and proof:
        at = short_stamp(proof.made_at)
        yield good("backup", N_("The last verified backup was made at %(time)s."), time=at)
    elif not rung:
        yield good("backup", N_("The first backup will be made tonight."))
    if proof is not None:
        yield _offsite(settings, now)


def _offsite(settings: Settings, now: datetime) -> Finding:
    advice = WardsiteError(
        N_("Copy each night’s backup to another location: see docs/operations.md, “offsite”.")
    )
    try:
        copied = (backups_folder(settings.instance) / OFFSITE).stat().st_mtime
    except OSError:
        lonely = WardsiteError(N_("No backup has been copied to another machine."))
        return warning("offsite", lonely, advice)
    at = datetime.fromtimestamp(copied, now.tzinfo)
    if now - at > TOO_OLD:
        old = WardsiteError(N_("No backup has been copied to another machine recently."))
        return Finding("offsite", State.WARNING, old, advice, at)
    return good("offsite", N_("A backup is stored on another machine."))


def audit(app: Flask, now: datetime) -> Iterator[Finding]:
    """Look whether the audit log is as it was written."""
    advice = WardsiteError(
        N_("Compare it with an exported copy or a backup; report it to the police.")
    )
    try:
        log.verify()
        check_end(app.extensions["wardsite"].instance)
    except log.BrokenChainError as error:
        yield fault("audit", error, advice)
        return
    with db.engine.connect() as connection:
        if log.missing_triggers(connection):
            gone = WardsiteError(N_("The database no longer protects the audit log from changes."))
            yield fault("audit", gone, advice)
            return
    yield good("audit", N_("The audit log is intact."))


def accounts(app: Flask, now: datetime) -> Iterator[Finding]:
    """Look for accounts that are easy to take, or that nobody uses."""
    active = [user for user in users() if user.active]
    seen = _last_sign_ins()
    weak = [
        (
            [user for user in active if user.must_change_password],
            N_("Still using the one-time password: %(names)s."),
            N_("Ask them to sign in and change it, or close the account."),
        ),
        (
            [user for user in active if user.role == "admin" and not user.second_step],
            N_("Administrators without two-step verification: %(names)s."),
            N_("Ask them to turn it on under “My account”."),
        ),
        (
            [user for user in active if now - seen.get(user.name, user.created_at) > UNUSED],
            N_("Not used for six months: %(names)s."),
            N_("Close the accounts of people who have left: wardsite user disable NAME."),
        ),
    ]
    for found, msgid, advice in weak:
        if found:
            names = ", ".join(user.name for user in found)
            yield warning("accounts", WardsiteError(msgid, names=names), WardsiteError(advice))
    if not any(user.role == "admin" for user in active):
        nobody = WardsiteError(N_("There is no active administrator."))
        add = WardsiteError(N_("Add one: wardsite user add NAME --role admin."))
        yield fault("accounts", nobody, add)
    elif not any(found for found, _, _ in weak):
        yield good("accounts", N_("No account has a weak password or is unused."))


def footer(app: Flask, now: datetime) -> Iterator[Finding]:
    """Look whether the footer says who answers for the site (Decree 42/2022, article 4)."""
    missing = blanks()
    if missing:
        names = ", ".join(gettext(_FOOTER[field]) for field in missing)
        yield warning(
            "footer",
            WardsiteError(
                N_("The footer is missing legally required information: %(names)s."), names=names
            ),
            WardsiteError(N_("An administrator fills this in under “Site settings”.")),
        )
    else:
        yield good(
            "footer", N_("The footer names the organisation and person responsible for the site.")
        )


def from_alarm(check: str, alarm: Alarm) -> Finding:
    """Return what officers see as an alarm as a finding."""
    state = State.FAULT if alarm.fault else State.WARNING
    return Finding(check, state, alarm.message, alarm.advice, alarm.since)


def _last_sign_ins() -> dict[str, datetime]:
    query = select(AuditEntry.user_name, func.max(AuditEntry.at)).where(
        AuditEntry.action == "sign-in", AuditEntry.user_name.in_(select(User.name))
    )
    rows = db.session.execute(query.group_by(AuditEntry.user_name))
    return {row[0]: row[1] for row in rows}
