"""A served site, and pages of the browser that watch what goes wrong."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.served import PATIENCE, PHONE, clean, serving, shared
from tests.terminal import wardsite

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def sampled(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with samples, to be copied."""
    instance = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("sampled") / "instance"))
    assert wardsite(instance, "demo").returncode == 0
    return instance


@pytest.fixture(scope="module")
def site(sampled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served site with samples."""
    instance = tmp_path_factory.mktemp("served") / "instance"
    with serving(Path(shutil.copytree(sampled, instance))) as url:
        yield url


@pytest.fixture(scope="session")
def telephone(chromium: Browser) -> Iterator[BrowserContext]:
    """A telephone's browser."""
    with shared(chromium, viewport=PHONE, locale="vi-VN") as context:
        yield context


@pytest.fixture
def page(telephone: BrowserContext) -> Iterator[Page]:
    """A page that may open nothing but the site, and on which nothing goes wrong."""
    page = telephone.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if message.type == "error" and not re.search("status of (404|410|422)", message.text)
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
    clean(telephone)
    assert not faults
