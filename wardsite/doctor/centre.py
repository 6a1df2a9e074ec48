"""The parent unit and the sources: is what is mandated fresh, signed by whom, and do feeds work."""

from collections.abc import Iterator
from datetime import datetime

from flask import Flask

from wardsite.central import service as central
from wardsite.core.errors import N_, WardsiteError
from wardsite.doctor.data import from_alarm
from wardsite.doctor.finding import Finding, State, good
from wardsite.sources import service as sources

KEYS = frozenset({"example-key", "no-key"})


def sync(app: Flask, now: datetime) -> Iterator[Finding]:
    """Look what rings about the district file, save its keys."""
    rung = [alarm for alarm in central.status(now).alarms if alarm.code not in KEYS]
    yield from (from_alarm("sync", alarm) for alarm in rung)
    if not rung:
        yield good("sync", N_("The district file is current and in force."))


def key(app: Flask, now: datetime) -> Iterator[Finding]:
    """Look who may sign the district file."""
    rung = [alarm for alarm in central.status(now).alarms if alarm.code in KEYS]
    yield from (from_alarm("key", alarm) for alarm in rung)
    if not rung:
        yield good("key", N_("The example key is not trusted."))


def feeds(app: Flask, now: datetime) -> Iterator[Finding]:
    """Look which sources could not be read when they were last tried."""
    ailing = sources.ailing()
    for source in ailing:
        yield Finding(
            "feeds",
            State.WARNING,
            WardsiteError(N_("The source “%(name)s” cannot be read."), name=source.name),
            WardsiteError(N_("It will retry automatically; “wardsite feeds” shows the reason.")),
            source.error_since,
        )
    if not ailing:
        yield good("feeds", N_("Every source can be read."))
