"""Lighthouse, on the profile of a phone: 100 for what is exact, and speed as measured here.

Accessibility, best practices and SEO are rules, so 100 is required. Performance is a simulation
that takes in how busy this machine is, and the suite keeps it busy: its limit only catches what a
resident would feel. The median of up to three runs has to reach it, and the suite stops at the
first run that is 100.
"""

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.served import document_path

pytestmark = pytest.mark.browser

TOOL = Path(__file__).parents[1] / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
FLAGS = "--headless=new --no-sandbox --disable-gpu"
LEAST_SPEED = 70
RUNS = 3
ARTICLE = "/tin-tuc/covid-19/mau-huong-dan-nguoi-dan-cai-dat-ung-dung-bluezone"
EXACT = ("accessibility", "best-practices", "seo")
# Loopback has no https, and search pages and the example are not meant for an index.
BUT = {"is-on-https", "redirects-http", "is-crawlable"}


def measure(url: str, folder: Path) -> dict[str, Any]:
    """Return Lighthouse's report of a page."""
    report = folder / "report.json"
    command = ["node", str(TOOL), url, "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--chrome-flags={FLAGS} --user-data-dir={folder / 'profile'}"]
    environment = os.environ | {"CHROME_PATH": shutil.which("chromium") or ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def faults(report: dict[str, Any], category: str) -> list[str]:
    """Return the audits of a category that are not passed."""
    refs = [ref["id"] for ref in report["categories"][category]["auditRefs"] if ref["weight"]]
    return [name for name in refs if report["audits"][name]["score"] not in (1, None)]


@pytest.fixture(scope="module", autouse=True)
def _tool() -> None:
    if not TOOL.exists() or shutil.which("node") is None:
        message = "Lighthouse is not installed: script/test does it where npm is"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


@pytest.mark.parametrize("name", ["home", "topic", "article", "document", "search"])
def test_lighthouse_on_a_phone(
    site: str, chromium: Browser, page: Page, tmp_path: Path, name: str
) -> None:
    paths = {"home": "/", "topic": "/covid-19", "article": ARTICLE, "search": "/tim-kiem?q=covid"}
    path = paths.get(name) or document_path(page, site)
    speeds: list[float] = []
    while len(speeds) < RUNS and (not speeds or speeds[-1] < 100):
        report = measure(f"{site}{path}", tmp_path)
        for category in EXACT:
            assert set(faults(report, category)) <= BUT, category
        speeds.append(round(report["categories"]["performance"]["score"] * 100))
    assert max(speeds[-1], statistics.median(speeds)) >= LEAST_SPEED, speeds
    assert report["audits"]["cumulative-layout-shift"]["numericValue"] < 0.01
