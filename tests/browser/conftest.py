"""A served site, and pages of the browser that watch what goes wrong."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
)

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
    """A page that may open nothing but the site, and on which nothing goes wrong.

    It is the same for all tests: one that leaves scripts behind opens its own beside it.
    """
    faults: list[str] = []

    def error(fault: WebError) -> None:
        faults.append(str(fault.error))

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search("status of (404|410|422)", message.text):
            faults.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1", "data:", "blob:")):
            faults.append(request.url)

    watched = {"weberror": error, "console": said, "request": asked}
    for event, watch in watched.items():
        telephone.on(event, watch)  # type: ignore[call-overload]
    yield telephone.pages[0]
    for event, watch in watched.items():
        telephone.remove_listener(event, watch)
    clean(telephone)
    telephone.pages[0].set_viewport_size(PHONE)
    assert not faults
