"""kill -9 during publishing: what an officer was told is saved is saved, whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wardsite.settings import REPOSITORY, Settings

pytestmark = pytest.mark.sqlite
# `WARDSITE_KILLS=2000 script/test tests/faults/test_kill.py` for a night.
KILLS = int(os.environ.get("WARDSITE_KILLS", "200"))


def test_no_acknowledged_post_is_lost_and_none_is_half_there(settings: Settings) -> None:
    driver = Path(__file__).with_name("kill_driver.py")
    done = subprocess.run(
        [sys.executable, "-m", f"tests.faults.{driver.stem}", settings.instance, str(KILLS)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60 + 3 * KILLS,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["lost"], told["half"], told["integrity"]) == ([], [], "ok")
    assert told["kills"] == KILLS
    assert told["acknowledged"] >= KILLS // 2  # it was at work, not always at rest
