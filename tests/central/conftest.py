"""A unit with a revision in force, and its parent unit's server, ready to turn hostile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.central.centre import NOW, Centre, district
from tests.postgres import Databases
from wardsite.application import close_app, create_app
from wardsite.central import service
from wardsite.central.sync import Outcome, sync
from wardsite.core.mandate import Mandate
from wardsite.extensions import db
from wardsite.mandate import service as mandates
from wardsite.models import AuditEntry, CentralState, Document
from wardsite.ops.instance import make_instance
from wardsite.settings import Settings, load_settings


@pytest.fixture(scope="session")
def running_centre() -> Iterator[Centre]:
    centre = Centre()
    yield centre
    centre.close()


@pytest.fixture
def centre(running_centre: Centre) -> Iterator[Centre]:
    """The parent unit's server, with nothing on it yet."""
    yield running_centre
    running_centre.calm()


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Path:
    """An instance that has never heard of any centre."""
    folder = tmp_path_factory.mktemp("bare") / "instance"
    with databases.for_new(folder):
        make_instance(folder, "ha-dinh", "ward", "Phường Hạ Đình", NOW)
    return folder


@dataclass
class UnitUnderTest:
    """A unit's site, as the tests of this room drive it."""

    app: Flask
    settings: Settings
    later: list[UnitUnderTest] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.settings.instance / "central"

    def sync(self, now: datetime = NOW) -> Outcome:
        with self.app.app_context():
            return sync(self.settings, now)

    def mandate(self, now: datetime = NOW) -> Mandate:
        with self.app.app_context():
            return mandates.at(now)

    def status(self, now: datetime = NOW) -> service.CentralStatus:
        with self.app.app_context():
            return service.status(now)

    def state(self) -> CentralState:
        with self.app.app_context():
            return db.session.get_one(CentralState, 1)

    def audit(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))

    def alarms(self, now: datetime = NOW) -> set[str]:
        return {alarm.code for alarm in self.status(now).alarms}

    def files(self) -> dict[str, str]:
        """Return every file of the centre's folder, by name, with the hash of what it holds."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.iterdir())
            if path.name not in {".lock", ".checked"}
        }

    def snapshot(self) -> dict[str, Any]:
        """Return all that a refusal must leave as it is."""
        with self.app.app_context():
            row = db.session.get(CentralState, 1)
            columns = ("sha256", "revision", "previous_sha256", "applied_at", "known", "images")
            rows = db.session.scalars(select(Document).order_by(Document.id))
            return {
                "row": {name: getattr(row, name) for name in columns} if row else None,
                "documents": [(doc.central_id, doc.summary, doc.updated_at) for doc in rows],
                "files": self.files() if self.folder.exists() else {},
                "mandate": mandates.at(NOW),
            }

    def restart(self, **changes: Any) -> UnitUnderTest:
        """Return the unit as a new process would see it, with other settings if given."""
        close_app(self.app)
        again = UnitUnderTest(*_open(replace(self.settings, **changes)))
        self.later.append(again)
        return again

    def close(self) -> None:
        """End the connections of this process and of those started after it."""
        close_app(self.app)
        for again in self.later:
            again.close()


def _open(settings: Settings) -> tuple[Flask, Settings]:
    mandates.forget_loaded()
    app = create_app(settings)
    app.testing = True
    return app, settings


def _settings(instance: Path, centre: Centre, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "unit_id": "ha-dinh",
        "unit_kind": "ward",
        "district_url": centre.url,
        "district_keys": (centre.key.public,),
        "allowed_private_hosts": ("127.0.0.1",),
        "database_url": load_settings(instance, {}).database_url,
    }
    return Settings(instance=instance, **(values | changes))


@pytest.fixture(scope="session")
def third(
    bare: Path,
    running_centre: Centre,
    tmp_path_factory: pytest.TempPathFactory,
    databases: Databases,
) -> Iterator[Path]:
    """An instance with revision 3 in force and revision 2 before it."""
    with databases.copied(bare, tmp_path_factory.mktemp("third") / "instance") as instance:
        _follow(instance, running_centre)
        yield instance


def _follow(instance: Path, running_centre: Centre) -> None:
    made = UnitUnderTest(*_open(_settings(instance, running_centre)))
    for revision in (2, 3):
        running_centre.publish(district(revision))
        assert made.sync() is Outcome.APPLIED
    made.close()
    running_centre.calm()


@pytest.fixture
def make_unit(
    bare: Path, tmp_path: Path, centre: Centre, databases: Databases
) -> Iterator[Callable[..., UnitUnderTest]]:
    """Make a unit that follows the centre; settings can be given."""
    made: list[UnitUnderTest] = []
    copies = ExitStack()

    def make(like: Path = bare, **changes: Any) -> UnitUnderTest:
        copy = databases.copied(like, tmp_path / f"instance-{len(made)}")
        instance = copies.enter_context(copy)
        unit = UnitUnderTest(*_open(_settings(instance, centre, **changes)))
        made.append(unit)
        return unit

    yield make
    for unit in made:
        unit.close()
    copies.close()


@pytest.fixture
def unit(make_unit: Callable[..., UnitUnderTest], third: Path) -> UnitUnderTest:
    """A unit with revision 3 in force and revision 2 before it."""
    return make_unit(third)
