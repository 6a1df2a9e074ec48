"""The command `wardsite` as a person runs it: a process of its own."""

import os
import socket
import subprocess
import sys
from pathlib import Path

WARDSITE = Path(sys.executable).with_name("wardsite")


def environment(instance: Path, language: str = "vi_VN.UTF-8", **more: str) -> dict[str, str]:
    """Return a plain environment: no setting of this machine in it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": language, "WARDSITE_INSTANCE": str(instance), **more}


def wardsite(
    instance: Path, *arguments: str, typed: str = "", language: str = "vi_VN.UTF-8", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; fails when it takes longer than a minute."""
    return subprocess.run(
        [WARDSITE, *arguments],
        env=environment(instance, language, **more),
        cwd=instance.parent,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
    )


def free_port() -> int:
    """Return a TCP port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
