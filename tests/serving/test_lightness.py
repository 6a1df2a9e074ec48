"""What a server process keeps in memory: not what only officers' rare steps or commands need."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pytest
from flask import url_for
from werkzeug.routing import Rule

from tests.conftest import PASSWORD
from tests.terminal import environment
from wardsite.application import close_app, create_app
from wardsite.ops.proof import Proof, note_proof
from wardsite.serving.compiled import CompiledTemplates
from wardsite.settings import Settings

STARTING = "wardsite.ops.start wardsite.ops.server wardsite.cli".split()
CHECKING = {"pydantic", "pydantic_core", "cryptography", "minisign"}  # what reads a district file
WATCHING = "wardsite.ops.supervisor wardsite.ops.watchdog wardsite.ops.logs granian".split()
APPLICATION = {"sqlalchemy", "flask", "jinja2", "alembic", "openpyxl", "PIL"}
# What officers need now and then: signing in, what is typed, pictures, paper, backups, fetching.
RARE = {
    *("argon2", "nh3"),
    *("PIL", "alembic", "certifi", "fido2", "fpdf", "httpcore", "mako", "openpyxl", "psycopg"),
    *("puremagic", "pypdf", "pyrage", "segno", "tarfile"),
}


def loaded(settings: Settings, modules: list[str]) -> set[str]:
    found = run(f"import sys, {', '.join(modules)}; print(*sys.modules)", settings)
    return {name.partition(".")[0] for name in found}


def run(code: str, settings: Settings) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(settings.instance),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_process_that_watches_over_the_workers_loads_no_application(
    settings: Settings,
) -> None:
    assert not loaded(settings, STARTING) & (APPLICATION | CHECKING | {"granian", "http"})
    watching = loaded(settings, WATCHING)
    assert not watching & (APPLICATION | {"click", "pydantic"})
    assert "granian" in watching


def test_a_worker_loads_what_it_may_never_need_when_it_does(settings: Settings) -> None:
    found = run("import sys, wardsite.wsgi; print(*sys.modules)", settings)
    own, rare = "sqlite", RARE | {"sqlalchemy.dialects.postgresql"}
    if settings.database_url:
        own, rare = "postgresql", RARE - {"psycopg"}
    assert f"sqlalchemy.dialects.{own}" in found
    assert not set(found) & rare


def test_a_worker_has_the_district_file_checked_by_a_program_that_ends(settings: Settings) -> None:
    """A hotline on order is on the page, and none of what checks it is in the worker's memory."""
    asked = "page = wardsite.wsgi.application.test_client().get('/').text"
    telling = "print('mandated=' + str('19009095' in page), *sys.modules)"
    shown, *found = run(f"import sys, wardsite.wsgi; {asked}; {telling}", settings)
    assert shown == "mandated=True"
    assert not set(found) & CHECKING


def test_an_admins_dashboard_loads_nothing_that_makes_or_checks_what_it_tells_of(
    settings: Settings,
) -> None:
    backup = Path(settings.instance / "backups" / "kept")
    backup.parent.mkdir()
    backup.write_bytes(b"12")
    made_at = datetime.now(UTC)
    note_proof(settings.instance, Proof(str(backup), 2, made_at, made_at, rows=1, files=1))
    code = f"""
import re, sys, wardsite.wsgi
client = wardsite.wsgi.application.test_client()
token = re.search('name="csrf_token"[^>]* value="([^"]+)"', client.get("/dang-nhap").text)[1]
client.post("/dang-nhap", data=dict(csrf_token=token, name="the-admin", password="{PASSWORD}"))
page = client.get("/quan-tri")
print("told=" + str("{made_at:%Y-%m-%dT%H:%M}" in page.text), *sys.modules)
"""
    told, *found = run(code, settings)
    assert told == "told=True"
    assert not set(found) & (CHECKING | {"tarfile", "pyrage", "alembic"})


def test_what_builds_an_address_is_made_when_one_is_first_built(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    really = Rule._compile_builder

    def count(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made.append(rule.endpoint)
        return really(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", count)
    app = create_app(settings)
    assert not made
    with app.test_request_context():
        assert url_for("site.topic", topic_id="y-te") == url_for("site.topic", topic_id="y-te")
    assert set(made) == {"site.topic"}
    assert len(made) <= 2  # two rules have this name
    close_app(app)


def test_templates_are_compiled_once_and_a_folder_that_takes_no_writing_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = jinja2.DictLoader({"page": "{{ 6 * 7 }}"})
    for folder in (tmp_path / "compiled", tmp_path / "file" / "below"):
        (tmp_path / "file").touch()
        kept = CompiledTemplates(folder)
        first = jinja2.Environment(loader=pages, bytecode_cache=kept, autoescape=True)
        assert first.get_template("page").render() == "42"
    second = jinja2.Environment(loader=pages, autoescape=True)
    second.bytecode_cache = CompiledTemplates(tmp_path / "compiled")
    monkeypatch.setattr(second, "parse", None)  # it would be called to compile
    monkeypatch.setattr(second, "_parse", None)
    assert second.get_template("page").render() == "42"
