"""Servers to measure, each a process of its own on one core; wrk loads them from another."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "thanh-xuan"
WARDSITE = ROOT / ".venv" / "bin" / "wardsite"
SERVER_CORE, LOAD_CORE = "0", "1"


@dataclass(frozen=True)
class Load:
    """What wrk saw: requests a second, the 99th percentile in milliseconds, answers not 2xx."""

    rate: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and its process."""

    url: str
    pid: int


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_instance(folder: Path) -> None:
    """Make a ward's instance, as script/serve does."""
    subprocess.run(
        [
            *(WARDSITE, "init", "--id", "ha-dinh", "--kind", "ward", "--name", "Phường Hạ Đình"),
            *("--district-url", EXAMPLE / "district.toml"),
            *("--district-key", EXAMPLE / "EXAMPLE-DO-NOT-USE.pub"),
        ],
        env=os.environ | {"WARDSITE_INSTANCE": str(folder)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def wardsite(folder: Path, **settings: str) -> Iterator[Server]:
    """Serve an instance on one core; yields it."""
    port = free_port()
    environment = os.environ | {"WARDSITE_INSTANCE": str(folder), "WARDSITE_PORT": str(port)}
    environment |= {f"WARDSITE_{name.upper()}": value for name, value in settings.items()}
    with _process([str(WARDSITE), "serve"], f"http://127.0.0.1:{port}", environment) as server:
        yield server


@contextmanager
def flask_hello(folder: Path) -> Iterator[Server]:
    """Serve Flask's hello world under the same server."""
    (folder / "hello.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\n"
        "@app.get('/')\ndef hello():\n    return 'Hello, World!'\n"
    )
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--blocking-threads", "8", "--no-ws", "hello:app"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    with _process(command, f"http://127.0.0.1:{port}", environment) as server:
        yield server


@contextmanager
def nginx(folder: Path, locations: str) -> Iterator[Server]:
    """Serve with nginx, one worker; `locations` goes into its server block."""
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; user root; worker_processes 1; pid {folder}/pid;"
        f" error_log {folder}/error.log;\n"
        "events { worker_connections 512; }\n"
        "http { access_log off; default_type 'text/html; charset=utf-8';"
        " keepalive_requests 1000000;"
        f" include {folder}/http.inc*;\n"
        f"server {{ listen 127.0.0.1:{port}; {locations} }} }}\n"
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with _process(command, f"http://127.0.0.1:{port}", dict(os.environ)) as server:
        yield server


def load(url: str, seconds: int = 4, connections: int = 32) -> Load:
    """Ask for `url` over and over from another core."""
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", "-H", "Accept-Encoding: gzip", url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Load(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        p99=_milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", said)),
        errors=int(errors[1]) if errors else 0,
    )


def proportional_memory(pid: int) -> int:
    """Return the PSS of a process and all below it, in bytes (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)[1]) * 1024  # type: ignore[index]
    return own + sum(proportional_memory(int(child)) for child in children)


def _milliseconds(found: re.Match[str] | None) -> float:
    if found is None:
        return 0.0
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


@contextmanager
def _process(command: list[str], url: str, environment: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(url, timeout=5).read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} does not answer")
        yield Server(url, process.pid)
    finally:
        process.terminate()
        process.wait(20)
