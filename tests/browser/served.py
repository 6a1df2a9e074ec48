"""A site as it runs in a ward: `wardsite serve` in a process of its own, on a free port."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.terminal import WARDSITE, environment, free_port

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 640}
PATIENCE = 60.0  # seconds for a busy machine to start a server or to show a page


def answers(url: str) -> bool:
    """Tell whether the server answers 200 by now."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def serving(instance: Path, port: int = 0, **more: str) -> Iterator[str]:
    """Serve the instance and yield its address; fails with what the server said if it ends.

    `more`: variables of its environment.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    log = instance.parent / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [WARDSITE, "serve", "--port", str(port)],
            env=environment(instance, **more),
            cwd=instance.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(url):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield url
        finally:
            stop(server)
    assert server.returncode == 0, log.read_text()


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a process the way a ward's machine does, and for certain; its return code tells which."""
    server.terminate()
    try:
        server.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def shared(chromium: Browser, **options: Any) -> Iterator[BrowserContext]:
    """Start a browser for many tests, each of which is to `clean` it.

    To start one for each, that reads and compiles the site's files anew, costs more than most do.
    """
    with closing(chromium.new_context(**options)) as context:
        context.new_page()  # it stays
        yield context


def clean(context: BrowserContext) -> None:
    """Make a shared browser as new, but for the files it read: one blank page, nothing stored.

    Scripts that were given to that page, and its size, stay.
    """
    stays, *opened = context.pages
    for page in opened:
        page.close()
    if stays.url != "about:blank":
        stays.goto("about:blank")
        stays.emulate_media(color_scheme="null", reduced_motion="null", forced_colors="null")
    wire = context.new_cdp_session(stays)
    wire.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    wire.detach()


def document_path(page: Page, site: str) -> str:
    page.goto(f"{site}/van-ban")
    found = page.locator("a[href*='/van-ban/']").filter(has_text="Covid-19").first
    return str(found.get_attribute("href"))


def sign_in(page: Page, site: str, name: str, password: str) -> None:
    page.goto(f"{site}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(password)
    page.locator("main").get_by_role("button", name="Đăng nhập", exact=True).click()


# The rules of WCAG 2.2 too, which axe leaves out by itself.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Only what is wrong is worked out and handed back: a whole report takes three times as long.
LOOK = """async ([within, options]) => {
  const report = await axe.run(within || document, { ...options, resultTypes: ["violations"] });
  return report.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
}"""


def axe_faults(page: Page, within: str = "", only: tuple[str, ...] = (), **but: bool) -> list[str]:
    """What axe finds on the page as it stands, or `within` an element (a selector).

    `only`: the rules to try, all if none; `but` switches rules off or on (`color_contrast=False`).
    """
    if page.evaluate("typeof axe") == "undefined":  # once for each document
        page.evaluate(AXE_SCRIPT)
    run = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": list(RULES)}
    rules = {name.replace("_", "-"): {"enabled": wanted} for name, wanted in but.items()}
    found: list[str] = page.evaluate(LOOK, [within, {"runOnly": run, "rules": rules}])
    return found


def press(page: Page, target: Locator, most: int = 80) -> None:
    """Come to `target` by the Tab key alone, from where the focus is, and press Enter."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not reach {target}")
