"""Servers to measure, each a process of its own on one core; wrk loads them from another."""

import http.client
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

import trustme

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "thanh-xuan"
WARDSITE = ROOT / ".venv" / "bin" / "wardsite"
SERVER_CORE, LOAD_CORE = "0", "1"
# What a resident's browser says: without it a page is asked for by nobody, and not counted.
AS_BROWSERS = ("Accept-Encoding: gzip", "User-Agent: Mozilla/5.0 (Linux; Android 10; SM-A105F)")
# A query that no page knows: the page is made as for any resident, and not kept.
UNKEPT = "?khong-giu=1"


_HELLO = """
from flask import Flask
app = Flask(__name__)
@app.get("/")
def hello():
    return "Hello, World!"
"""
_HELLO_PAGE = """
import gzip, pathlib
from flask import Flask, render_template_string
app = Flask(__name__)
page = pathlib.Path(__file__).with_name("page").read_text("utf-8")
@app.get("/")
def hello():
    return render_template_string("{{ page|safe }}", page=page)
@app.after_request
def squeeze(response):
    response.set_data(gzip.compress(response.get_data(), 6))
    response.headers["Content-Encoding"] = "gzip"
    return response
"""


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
    with process([str(WARDSITE), "serve"], f"http://127.0.0.1:{port}", environment) as server:
        yield server


@contextmanager
def flask_hello(folder: Path, page: bytes = b"Hello, World!") -> Iterator[Server]:
    """Serve Flask's hello world under the same server; a longer page as a template, gzipped."""
    folder.mkdir(exist_ok=True)
    (folder / "page").write_bytes(page)
    (folder / "hello.py").write_text(_HELLO if len(page) < 500 else _HELLO_PAGE)
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--blocking-threads", "4", "--no-ws", "hello:app"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    with process(command, f"http://127.0.0.1:{port}", environment) as server:
        yield server


@contextmanager
def nginx(folder: Path, locations: str, *, tls: bool = False) -> Iterator[Server]:
    """Serve with nginx, one worker; `locations` goes into its server block."""
    port, listen = free_port(), ""
    folder.mkdir(exist_ok=True)
    if tls:
        certificate(folder)
        listen = f" ssl http2; ssl_certificate {folder}/chain.pem;"
        listen += f" ssl_certificate_key {folder}/chain.pem"
    (folder / "nginx.conf").write_text(
        f"daemon off; user root; worker_processes 1; pid {folder}/pid;"
        f" error_log {folder}/error.log;\n"
        "events { worker_connections 512; }\n"
        "http { access_log off; default_type 'text/html; charset=utf-8';"
        " keepalive_requests 1000000;"
        f" include {folder}/http.inc*;\n"
        f"server {{ listen 127.0.0.1:{port}{listen}; {locations} }} }}\n"
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    with process(command, url, dict(os.environ), ready=folder / "pid") as server:
        yield server


def load(url: str, seconds: int = 4, connections: int = 32, *headers: str) -> Load:
    """Ask for `url` over and over from another core, with more headers when given."""
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command.append("--latency")
    for header in (*AS_BROWSERS, *headers):
        command += ["-H", header]
    command.append(url)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Load(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        p99=_milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", said)),
        errors=int(errors[1]) if errors else 0,
    )


def answers(url: str) -> bool:
    """Tell whether a page comes back."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def proportional_memory(pid: int) -> int:
    """Return the PSS of a process and all below it, in bytes (Linux).

    Libraries that a program outside maps too count in part: another Python beside takes 2 MB off.
    """
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)[1]) * 1024  # type: ignore[index]
    return own + sum(proportional_memory(int(child)) for child in children)


def _milliseconds(found: re.Match[str] | None) -> float:
    if found is None:
        return 0.0
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def certificate(folder: Path) -> None:
    """Write a key and a certificate that signs itself, as one file."""
    name = "hadinh.example.gov.vn"
    made = trustme.CA().issue_cert(name)
    made.private_key_and_cert_chain_pem.write_to_path(str(folder / "chain.pem"))


@contextmanager
def deployed(folder: Path, instance: Path) -> Iterator[Server]:
    """Serve an instance as shipped: on a socket, behind deploy/nginx/wardsite.conf, by TLS."""
    name, path, port = "hadinh.example.gov.vn", folder / "http.sock", free_port()
    certificate(folder)
    text = (ROOT / "deploy" / "nginx" / "wardsite.conf").read_text("utf-8")
    for shipped, here in {
        f"/etc/letsencrypt/live/{name}/fullchain.pem": f"{folder}/chain.pem",
        f"/etc/letsencrypt/live/{name}/privkey.pem": f"{folder}/chain.pem",
        "/run/wardsite/http.sock": str(path),
        "/var/cache/nginx/wardsite": str(folder / "kept"),
        "/opt/wardsite/deploy": str(ROOT / "deploy"),
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
    }.items():
        text = text.replace(shipped, here)
    text = re.sub(r"^ *listen \[::\].*$", "", text, flags=re.MULTILINE).replace(name, "localhost")
    (folder / "deployed.conf").write_text(
        f"daemon off; user root; worker_processes 1; pid {folder}/deployed.pid;"
        f" error_log {folder}/deployed.log;\nevents {{ worker_connections 512; }}\n"
        f"http {{ access_log off; {text} }}\n"
    )
    environment = os.environ | {"WARDSITE_INSTANCE": str(instance), "WARDSITE_SOCKET": str(path)}
    environment |= {"WARDSITE_BASE_URL": "https://localhost", "WARDSITE_TRUSTED_PROXIES": "1"}
    url = f"https://localhost:{port}"
    command = ["nginx", "-c", str(folder / "deployed.conf"), "-p", str(folder)]
    with (
        process([str(WARDSITE), "serve"], url, environment, ready=path),
        process(command, url, dict(os.environ), ready=folder / "deployed.pid") as server,
    ):
        yield server


@contextmanager
def process(
    command: list[str],
    url: str,
    environment: dict[str, str],
    folder: Path = ROOT,
    ready: Path | None = None,
) -> Iterator[Server]:
    """Run a server on its core and yield it once it answers, or its socket is there."""
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command],
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                if ready is None:
                    urllib.request.urlopen(url, timeout=5).read()
                elif ready.is_socket():
                    with socket.socket(socket.AF_UNIX) as probe:
                        probe.connect(str(ready))
                elif not ready.exists():
                    raise FileNotFoundError(ready)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} does not answer")
        yield Server(url, process.pid)
    finally:
        process.terminate()
        process.wait(20)
