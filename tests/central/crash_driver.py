"""Kills a sync at every step it takes on disk and in the database, and looks at what is left.

Run as a program of its own, so that it can fork: each sync, each look is a process. Prints one JSON
line for each point at which the sync was killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, select, text

from tests.central.centre import NOW
from tests.postgres import Databases
from wardsite.application import create_app
from wardsite.central import service
from wardsite.central.sync import sync
from wardsite.extensions import db
from wardsite.mandate import service as mandates
from wardsite.models import Document
from wardsite.settings import Settings, load_settings


def main(pristine: Path, url: str, key: str, work: Path, server: str = "") -> None:
    """Start from `pristine` for every point, until a sync has no more steps to be killed at.

    On PostgreSQL its database too is copied anew: `server` is the address of another one there.
    """
    instance, databases = work / "killed", Databases(server)
    old = load_settings(pristine, {}).database_url
    settings = Settings(
        instance=instance,
        unit_id="ha-dinh",
        unit_kind="ward",
        district_url=url,
        district_keys=(key,),
        database_url=databases.create(old) if server else "",
    )
    shutil.copytree(pristine, instance)
    app = create_app(settings)  # before the forks; it opens no connection
    point, killed = 0, True
    while killed:
        shutil.rmtree(instance)
        shutil.copytree(pristine, instance)
        if server:
            databases.renew(settings.database_url, old)
        killed = _in_child(partial(_sync_until, app, settings, point)) is None
        left, mended = _in_child(partial(_look_and_mend, app, settings))
        print(json.dumps({"point": point, "killed": killed, "left": left, "mended": mended}))
        point += 1
    if server:
        databases.drop(settings.database_url)
        databases.close()


def _in_child(work: Callable[[], Any]) -> Any:
    """Return what `work` returns in a process of its own, or None when that was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as pipe:
            json.dump(work(), pipe)
            pipe.flush()
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert status == 0, f"the child failed: {status}"
    return json.loads(answer)


def _sync_until(app: Flask, settings: Settings, point: int) -> str:
    steps = 0

    def step(*_: object, **__: object) -> None:
        nonlocal steps
        if steps == point:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    with app.app_context():
        for name in ("fsync", "replace", "unlink", "open", "chmod"):
            _before(name, step)
        event.listen(db.engine, "before_cursor_execute", step)
        event.listen(db.engine, "commit", step)
        outcome = sync(settings, NOW)
        step()
        return outcome.name


def _before(name: str, step: Callable[[], None]) -> None:
    real = getattr(os, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        step()
        return real(*args, **kwargs)

    setattr(os, name, wrapped)


def _look_and_mend(app: Flask, settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    with app.app_context():
        left = _look(app)
        sync(settings, NOW)
        return left, _look(app)


def _look(app: Flask) -> dict[str, Any]:
    db.session.rollback()
    status, order = service.status(NOW), mandates.at(NOW)
    rows = db.session.scalars(select(Document.central_id).order_by(Document.central_id))
    return {
        "revision": status.revision,
        "notice": order.notices[0].title,
        "documents": list(rows),
        "complete": status.complete,
        "alarms": sorted({alarm.code for alarm in status.alarms}),
        "integrity": _integrity(),
    }


def _integrity() -> str:
    if db.engine.dialect.name != "sqlite":
        return "ok"  # a server looks after its files itself
    return str(db.session.scalar(text("PRAGMA integrity_check")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5])
