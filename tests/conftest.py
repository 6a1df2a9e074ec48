"""Fixtures of the whole suite: a real instance on disk, its app, clients that check every page.

With `--postgresql` the instances have their data in PostgreSQL, a database for each test, and
only the tests that write or read one are run: not the browser's, and none marked `sqlite`.
"""

import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from tests import postgres
from tests.browser.served import FLAGS
from tests.page import Browser
from tests.postgres import Databases
from wardsite.accounts import passwords
from wardsite.accounts.service import add_user
from wardsite.application import close_app, create_app
from wardsite.core.backup import DATABASE
from wardsite.ops.instance import make_instance
from wardsite.settings import Settings, load_settings

EXAMPLE = Path(__file__).parent.parent / "examples" / "thanh-xuan"
PASSWORD = "mat-khau-de-thu-nghiem"
COSTLY_HASHER = passwords._hasher

# How long an example takes says how busy the machine is; what work is bounded is counted instead.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgresql", action="store_true", help="run what touches the database on PostgreSQL"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the slow ones; with --postgresql, keep those that it could change the outcome of.

    The slow ones mostly wait, for which there is time as long as others work beside them.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if not config.getoption("postgresql"):
        return
    kept, left = [], []
    for item in items:
        touches = {"settings", "bare"} & set(getattr(item, "fixturenames", ()))
        unfit = item.get_closest_marker("browser") or item.get_closest_marker("sqlite")
        (kept if touches and not unfit else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was read in, and come less often.

    Its rounds through 300,000 objects that stay were a sixth of what a test of pages took.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting and no language of the machine reaches a test."""
    for name in ("WARDSITE_INSTANCE", "LC_ALL", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")


@pytest.fixture(scope="session", autouse=True)
def _addresses_compiled_once() -> Iterator[None]:
    """Compile the functions that build addresses once for all apps, not 300 anew for each.

    They are made of an address's parts and nothing else, and are nine tenths of making an app.
    """
    compiled: dict[object, Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        defaults = tuple(sorted((rule.defaults or {}).items()))
        key = (rule.rule, tuple(rule._trace), defaults, append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """Compile each SQL statement once for all apps, not anew for the engine of each.

    A dialect's kind decides what becomes of a statement, and all databases here are of one version.
    It is a third of what an app's first page takes.
    """
    compiled: LRUCache[Any, Any] = LRUCache(5_000)
    one_for_all = property(lambda _engine: compiled, lambda _engine, _own: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", one_for_all, raising=False)
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture(scope="session", autouse=True)
def _hashes_made_cheaply() -> Iterator[None]:
    """Hash with argon2id all the same, at its least cost: a set of recovery codes is eight hashes.

    A hash says how costly it is to verify, so passwords of tests are cheap to sign in with too.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cache(lambda: PasswordHasher(1, 8, 1)))
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium, one for all tests: Playwright stands only one in a process.

    Without one the test is skipped, under CI it fails.
    """
    path = shutil.which("chromium")
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("Debian's chromium is missing")
    assert path, "Debian's chromium is missing"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Where new instances get their databases: files, or with --postgresql a server."""
    if not request.config.getoption("postgresql"):
        yield Databases()
        return
    with postgres.databases() as made:
        yield made


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Path:
    """A ward's instance as script/serve makes it, and an officer of each role; copied by tests."""
    folder = tmp_path_factory.mktemp("pristine") / "instance"
    with databases.for_new(folder):
        return _made(folder)


def _made(folder: Path) -> Path:
    made = make_instance(
        folder,
        "ha-dinh",
        "ward",
        "Phường Hạ Đình",
        datetime.now(UTC),
        district_url=str(EXAMPLE / "district.toml"),
        district_key=str(EXAMPLE / "EXAMPLE-DO-NOT-USE.pub"),
    )
    assert made.sync_error is None
    app = create_app(load_settings(folder))
    with app.app_context():
        for role in ("author", "editor", "admin"):
            add_user(f"the-{role}", role, datetime.now(UTC), password=PASSWORD)
    close_app(app)
    return folder


@pytest.fixture
def settings(pristine: Path, tmp_path: Path, databases: Databases) -> Iterator[Settings]:
    """The settings of a fresh instance."""
    with databases.copied(pristine, tmp_path / "instance") as instance:
        yield load_settings(instance, {})


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app of a fresh instance, on its real SQLite file."""
    app = create_app(settings)
    app.testing = True
    yield app
    close_app(app)


@pytest.fixture
def client(app: Flask) -> Browser:
    """A resident's browser."""
    return Browser(app)


@pytest.fixture
def lose_database(settings: Settings, databases: Databases) -> Callable[[], None]:
    """Called, it lets the database fail: SQLite lacks a table of every page, a server is shut."""

    def lose() -> None:
        if settings.database_url:
            databases.shut(settings.database_url)
            return
        with closing(sqlite3.connect(settings.instance / DATABASE)) as connection, connection:
            connection.execute("ALTER TABLE site_profile RENAME TO away")
            connection.execute("UPDATE content_version SET number = number + 1")

    return lose


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """Open a browser that is signed in with a role."""

    def open_browser(role: str) -> Browser:
        browser = Browser(app)
        browser.come_in(f"the-{role}", PASSWORD)
        return browser

    return open_browser
