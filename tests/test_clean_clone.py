"""The commands of the README on a fresh clone, as someone runs them who just found the project."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.served import answers
from tests.page import parse
from tests.terminal import free_port
from wardsite.settings import REPOSITORY

PATIENCE = 170.0  # seconds: installs everything, on a machine busy with the other tests
PAGES = ("/", "/covid-19", "/tin-tuc", "/van-ban", "/dang-nhap", "/en/")

pytestmark = pytest.mark.slow


def kept(folder: Path) -> dict[str, bytes]:
    """Return the files of an instance; SQLite's own side files come and go."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@contextmanager
def served(clone: Path, output: Path) -> Iterator[str]:
    """Run script/serve in the clone until it answers; yields the address, then stops it."""
    port = free_port()
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # Whatever else tells uv or pip where to find packages on this machine.
    plain |= {k: v for k, v in os.environ.items() if k.startswith(("UV_", "PIP_", "SSL_"))}
    with output.open("wb") as log:
        process = subprocess.Popen(
            ["sh", "script/serve"],
            cwd=clone,
            env={**plain, "PORT": str(port), "LANG": "vi_VN.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(f"http://127.0.0.1:{port}"):
                assert process.poll() is None, output.read_text()
                assert time.monotonic() < deadline, output.read_text()
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    assert process.returncode == 0, output.read_text()


def test_a_fresh_clone_serves_a_whole_site_and_a_second_start_changes_nothing(
    tmp_path: Path,
) -> None:
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        pytest.skip("not a checkout")
    from urllib.request import urlopen

    clone = tmp_path / "wardsite"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, clone], check=True)
    with served(clone, tmp_path / "first.log") as url:
        for path in PAGES:
            with urlopen(url + path, timeout=20) as answer:
                assert parse(answer.read().decode()).one(data_slot="bluezone").all("a"), path
    said = (tmp_path / "first.log").read_text()
    assert f"{url}/dang-nhap" in said
    assert re.search(r"admin\n.*[a-z2-9]{4}(-[a-z2-9]{4}){3}", said), said

    before = kept(clone / "instance")
    assert {"wardsite.toml", "wardsite.db", "secret_key"} <= set(before)
    python = (clone / ".venv" / "bin" / "python").lstat().st_mtime_ns
    with served(clone, tmp_path / "second.log"):
        pass
    said = (tmp_path / "second.log").read_text()
    assert "requirements.txt" not in said
    assert not re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", said)
    assert (clone / ".venv" / "bin" / "python").lstat().st_mtime_ns == python
    assert kept(clone / "instance") == before
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert changed.stdout == ""
