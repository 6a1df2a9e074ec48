"""Debian's Chromium, started once for all browser tests."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.served import PHONE, serving
from tests.terminal import wardsite

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without one the test is skipped, under CI it fails."""
    path = shutil.which("chromium")
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("Debian's chromium is missing")
    assert path, "Debian's chromium is missing"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served site with samples."""
    instance = tmp_path_factory.mktemp("served") / "instance"
    shutil.copytree(pristine, instance)
    assert wardsite(instance, "demo").returncode == 0
    with serving(instance) as url:
        yield url


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that may open nothing but the site, and on which nothing goes wrong."""
    context = chromium.new_context(viewport=PHONE, locale="vi-VN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if message.type == "error" and not re.search("status of (404|422)", message.text)
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            faults.append(request.url)
            if not request.url.startswith(("http://127.0.0.1", "data:", "blob:"))
            else None
        ),
    )
    yield page
    context.close()
    assert not faults
