"""The command `wardsite` as a person runs it: a process of its own."""

import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

WARDSITE = Path(sys.executable).with_name("wardsite")

# Processes forked from one that has read the libraries: importing them is most of what a short
# command costs, and the suite runs a hundred. The installed script itself runs the browser tests.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    ["wardsite.application", "wardsite.ops.instance", "wardsite.ops.demo"]
)


def environment(instance: Path, language: str = "vi_VN.UTF-8", **more: str) -> dict[str, str]:
    """Return a plain environment: no setting of this machine in it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": language, "WARDSITE_INSTANCE": str(instance), **more}


def wardsite(
    instance: Path, *arguments: str, typed: str = "", language: str = "vi_VN.UTF-8", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; fails when it takes longer than a minute."""
    with tempfile.TemporaryDirectory() as folder:
        streams = Path(folder)
        (streams / "0").write_text(typed, encoding="utf-8")
        process = _PROCESSES.Process(
            target=_command,
            args=(arguments, environment(instance, language, **more), instance.parent, streams),
        )
        process.start()
        process.join(60)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), 60)
        printed = [(streams / name).read_text(encoding="utf-8") for name in ("1", "2")]
    return subprocess.CompletedProcess(arguments, process.exitcode, *printed)


def _command(
    arguments: tuple[str, ...], environment: dict[str, str], folder: Path, streams: Path
) -> None:
    """Be the command, with files for its three streams."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, mode in enumerate("rww"):
        stream = open(streams / str(number), mode, encoding="utf-8")
        os.dup2(stream.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8") for number, mode in enumerate("rww")
    )
    sys.argv = [str(WARDSITE), *arguments]
    from wardsite.cli import main

    main()


def free_port() -> int:
    """Return a TCP port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
