"""Publishes posts in a process that is killed without warning, again and again.

Run as a program of its own, so that it can fork: the child publishes through the officers' form and
writes down each post that was acknowledged; the parent kills it at some moment and looks at the
database. Prints one JSON object: kills, posts acknowledged, lost, and half-written ones.
"""

import json
import os
import select
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from tests.conftest import PASSWORD
from tests.page import Browser
from tests.writing import BODY, NEW, category_id
from wardsite.accounts.audit import verify
from wardsite.application import create_app
from wardsite.extensions import db
from wardsite.settings import load_settings

SECONDS_MOST = 0.06  # of publishing before the kill


def main(instance: Path, kills: int) -> None:
    """Kill `kills` times; stop early, telling what was found, once something is lost."""
    app = create_app(load_settings(instance, {}))
    app.testing = True
    editor = Browser(app)
    editor.sign_in("the-editor", PASSWORD)
    form = {
        "csrf_token": next(
            node["value"]
            for node in editor.get(NEW).all("input")
            if node.get("name") == "csrf_token"
        ),
        "body_html": BODY,
        "category_id": category_id(editor, "Thông báo"),
        "then": "publish",
    }
    acknowledged: list[str] = []
    lost: list[str] = []
    half: list[str] = []
    done = 0
    for done in range(1, kills + 1):
        _let_go(app)
        acknowledged += _publish_until_killed(editor, form, done)
        lost, half = _look(instance, acknowledged)
        if lost or half:
            break
    with app.app_context():
        chained = verify().count
        whole = db.session.scalar(text("PRAGMA integrity_check"))
    told = {"kills": done, "acknowledged": len(acknowledged), "lost": lost, "half": half}
    print(json.dumps(told | {"integrity": whole, "audit": chained}))


def _let_go(app: Flask) -> None:
    """Close what a child must not inherit: SQLite's connections do not survive a fork."""
    app.extensions["content_version"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _publish_until_killed(editor: Browser, form: dict[str, str], round_: int) -> list[str]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        number = 0
        while True:
            number += 1
            title = f"Tin {round_} số {number}"
            answer = editor.client.post(NEW, data={**form, "title": title})
            assert answer.status_code == 302, answer.text  # to the page that says it is saved
            os.write(writer, f"{title}\n".encode())
    os.close(writer)
    # The clock starts with the first acknowledgement now and then, at once otherwise.
    if round_ % 2:
        select.select([reader], [], [], 20)
    time.sleep(SECONDS_MOST * os.urandom(1)[0] / 255)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        return pipe.read().splitlines()


def _look(instance: Path, acknowledged: list[str]) -> tuple[list[str], list[str]]:
    """Return the titles that are gone, and those of posts that lack a part."""
    with closing(sqlite3.connect(instance / "wardsite.db")) as connection:

        def all_of(query: str) -> set[str]:
            return {str(row[0]) for row in connection.execute(query)}

        posts = connection.execute("SELECT id, title, status = 'published' FROM post").fetchall()
        revised = all_of("SELECT post_id FROM post_revision WHERE body_html <> ''")
        told = all_of("SELECT replace(subject, 'post:', '') FROM audit_entry")
        found = all_of("SELECT replace(owner, 'post:', '') FROM search_entry")
    # Saving and publishing are two steps: between them it is a whole draft, to be found by its
    # author and not by the search. What was acknowledged was published.
    public = {title for _, title, published in posts if published}
    half = [
        title
        for number, title, published in posts
        if not {str(number)} <= revised & told or bool(published) != (str(number) in found)
    ]
    return sorted(set(acknowledged) - public), half


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
