"""What is due now: the work that nobody waits for, done once however often it is asked for.

A lease in the database says who does a job; another process passes over it. A process that dies
loses its lease after a while, so no job is lost for good.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from wardsite.central import sync as central
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.vi import to_local
from wardsite.documents import texts
from wardsite.extensions import db, transaction
from wardsite.feedback import service as feedback
from wardsite.media import attachments
from wardsite.media.files import trim
from wardsite.models import JobLease
from wardsite.news import copies, lifecycle
from wardsite.ops import backup
from wardsite.ops.audit_end import note_end
from wardsite.ops.heartbeat import note_tick
from wardsite.ops.swap import remove_replaced
from wardsite.search.index import rebuild_if_outdated
from wardsite.serving import withdrawal
from wardsite.serving.disk import keep_room
from wardsite.settings import Settings
from wardsite.site import visits
from wardsite.sources import ingest
from wardsite.sources import service as sources

LONGEST_JOB = timedelta(minutes=15)


class JobRunsError(WardsiteError):
    """The job is being done by another process."""


@dataclass(frozen=True)
class Done:
    """A job that `tick` did or tried: its name, and the `error` when it failed."""

    name: str
    error: WardsiteError | None = None


def tick(settings: Settings, now: datetime) -> Iterator[Done]:
    """Do everything that is due at `now`, one job after the other; needs an app context.

    A job that fails does not keep the next from its turn. Safe to run twice at once.
    """
    jobs: dict[str, Callable[[], object]] = {
        "audit": lambda: note_end(settings.instance),
        "sync": lambda: central.sync(settings, now) if central.due(now) else None,
        "feeds": lambda: list(ingest.fetch_due(settings, now)),
        "search": rebuild_if_outdated,
        "texts": lambda: texts.read_waiting(now),
        "retention": lambda: feedback.tidy(now),
        "clean-up": lambda: _clean_up(settings, now),
        "backup": lambda: backup.backup_if_due(settings, now),
    }
    note_tick(settings.instance, now)
    for name, job in jobs.items():
        try:
            with only_one(name, now):
                job()
        except JobRunsError:
            continue
        except WardsiteError as error:
            yield Done(name, error)
        except (OSError, SQLAlchemyError) as error:
            db.session.rollback()
            reason = str(getattr(error, "orig", None) or error)[:300]
            yield Done(name, WardsiteError(N_("Action failed: %(reason)s"), reason=reason))
        else:
            yield Done(name)


@contextmanager
def only_one(name: str, now: datetime) -> Iterator[None]:
    """Hold the lease of a job; raises JobRunsError while another process holds it."""
    holder = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
    try:
        with transaction(public=False) as session:
            lease = session.scalar(select(JobLease).where(JobLease.name == name).with_for_update())
            # A lease that ends later than any could was taken by a clock that has since gone back.
            if lease is not None and now < lease.until <= now + LONGEST_JOB:
                raise JobRunsError(
                    N_("“%(name)s” is being run by another process (%(holder)s)."),
                    name=name,
                    holder=lease.holder,
                )
            session.merge(JobLease(name=name, holder=holder, until=now + LONGEST_JOB))
    except IntegrityError as error:
        raise JobRunsError(
            N_("“%(name)s” is being run by another process (%(holder)s)."), name=name, holder="?"
        ) from error
    try:
        yield
    finally:
        db.session.rollback()
        with transaction(public=False) as session:
            session.execute(delete(JobLease).where(JobLease.holder == holder))


def _clean_up(settings: Settings, now: datetime) -> None:
    keep_room(settings.instance)
    remove_replaced(settings.instance, now)
    withdrawal.sweep(settings)
    lifecycle.empty_bin(now)
    attachments.tidy(now, spared=copies.file_numbers())
    trim(settings)
    visits.tidy(to_local(now).date())
    with transaction(public=False) as session:
        sources.tidy(session, now)
