"""`script/audit` tells a known hole from none, and both from a service that cannot be asked."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from wardsite.settings import REPOSITORY

pytestmark = pytest.mark.skipif(
    shutil.which("npm") is None and os.environ.get("CI") != "true", reason="npm is missing"
)
HOLE = {
    "id": "PYSEC-0000-1",
    "aliases": ["CVE-0000-1"],
    "summary": "made up for this test",
    "affected": [
        {
            "package": {"name": "flask", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}],
        }
    ],
}
EDITOR_HOLE = {
    "id": 1,
    "url": "https://advisories.example/1",
    "title": "made up for this test",
    "severity": "high",
    "vulnerable_versions": "<9",
    "cwe": [],
    "cvss": {"score": 0, "vectorString": None},
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Two of the pins, with their hashes."""
    blocks = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").split("\n")
    kept, keep = [], False
    for line in blocks:
        keep = line.startswith(("flask==", "segno==")) if line[:1].isalnum() else keep
        kept += [line] if keep else []
    file = tmp_path / "two.txt"
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return file


def audit(address: str, lock: Path, **more: str) -> tuple[int, str]:
    env = os.environ | {
        "WARDSITE_OSV_URL": f"{address}/v1/query",
        "npm_config_registry": f"{address}/",
        "npm_config_update_notifier": "false",
    }
    done = subprocess.run(
        ["script/audit", str(lock)],
        cwd=REPOSITORY,
        env=env | more,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def service(server: HTTPServer, holes: dict[str, Any], editor: dict[str, Any]) -> str:
    """Answer as OSV does about Python packages, and as npm's registry about the editor's."""

    def osv(request: Request) -> Response:
        found = holes.get(json.loads(request.data)["package"]["name"])
        return Response(json.dumps({"vulns": [found]} if found else {}))

    server.expect_request("/v1/query", method="POST").respond_with_handler(osv)
    path = "/-/npm/v1/security/advisories/bulk"
    server.expect_request(path, method="POST").respond_with_json(editor)
    return server.url_for("").rstrip("/")


def test_a_pinned_version_with_a_hole_is_named_with_what_mends_it(
    httpserver: HTTPServer, lock: Path
) -> None:
    address = service(httpserver, {"flask": HOLE}, {"prosemirror-model": [EDITOR_HOLE]})
    code, told = audit(address, lock)
    assert code == 1
    assert "PYSEC-0000-1, CVE-0000-1, mended in 99.1" in told
    assert "Python: flask " in told
    assert "Editor: prosemirror-model 1." in told
    assert "segno" not in told


def test_none_is_said_only_when_every_pin_was_asked_for(httpserver: HTTPServer, lock: Path) -> None:
    code, told = audit(service(httpserver, {}, {}), lock)
    assert code == 0, told
    assert "no advisory names one of 2 pinned versions" in told
    assert [request.path for request, _answer in httpserver.log].count("/v1/query") == 2


def test_a_service_that_does_not_answer_is_told_and_is_not_taken_for_none(lock: Path) -> None:
    code, told = audit("http://127.0.0.1:9", lock)
    assert code == 3
    assert told.count("NOT LOOKED UP") == 2
    assert "no advisory" not in told
    lock.write_text("flask==3.1\n", encoding="utf-8")
    code, told = audit("http://127.0.0.1:9", lock)
    assert code == 2, told
