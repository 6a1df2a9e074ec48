"""Debian's nginx with the shipped configuration, and an application behind it that does as told."""

import http.client
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme

from tests.terminal import free_port
from wardsite.settings import REPOSITORY

HOST = "hadinh.example.gov.vn"
SHIPPED = REPOSITORY / "deploy" / "nginx"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Proxy:
    """A running nginx: where it answers by https, and the folder it keeps pages in."""

    port: int
    plain_port: int
    trust: ssl.SSLContext
    folder: Path

    def get(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Answer:
        """Ask by https; header names with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20)
        # The certificate is for the host, not for the address it is reached by here.
        plain = socket.create_connection(("127.0.0.1", self.port), 20)
        connection.sock = self.trust.wrap_socket(plain, server_hostname=HOST)
        try:
            connection.request(method, path, body, {"Host": HOST, **sent})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def kept(self) -> int:
        """Return how many pages are kept."""
        return len(list(self.folder.iterdir()))


@contextmanager
def nginx(base: Path, upstream: Path, *, files_open: bool = True) -> Iterator[Proxy]:
    """Run nginx with deploy/nginx/wardsite.conf in front of a Unix socket.

    Without `files_open` it notices at once what is deleted, and not a second later.
    """
    if shutil.which("nginx") is None and os.environ.get("CI") != "true":
        pytest.skip("Debian's nginx is missing")
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(base / "chain.pem"))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    proxy = Proxy(free_port(), free_port(), trust, base / "kept")
    (base / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {base}/pid; error_log {base}/error.log;\n"
        + ("user root;\n" if os.getuid() == 0 else "")
        + "events {}\nhttp { access_log off; types { text/html html; }\n"
        + "".join(f"{kind}_temp_path {base}/{kind};\n" for kind in ("client_body", "proxy"))
        + configuration(base, upstream, proxy, files_open)
        + "}\n"
    )
    server = subprocess.Popen(["nginx", "-c", base / "nginx.conf", "-p", base, "-e", base / "log"])
    try:
        wait_for(lambda: proxy.folder.exists() and _listens(proxy))
        yield proxy
    finally:
        server.terminate()
        server.wait(timeout=20)


def configuration(base: Path, upstream: Path, proxy: Proxy, files_open: bool) -> str:
    """Return the shipped file with this machine's names; else only `files_open` may differ."""
    text = (SHIPPED / "wardsite.conf").read_text(encoding="utf-8")
    for shipped, here in {
        f"/etc/letsencrypt/live/{HOST}/fullchain.pem": f"{base}/chain.pem",
        f"/etc/letsencrypt/live/{HOST}/privkey.pem": f"{base}/chain.pem",
        "unix:/run/wardsite/http.sock": f"unix:{upstream}",
        "/var/cache/nginx/wardsite": str(proxy.folder),
        "/opt/wardsite/deploy/nginx": str(SHIPPED),
        "listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
        "listen 80;": f"listen 127.0.0.1:{proxy.plain_port};",
        **({} if files_open else {"open_file_cache max=200 inactive=60s;": ""}),
    }.items():
        assert shipped in text
        text = text.replace(shipped, here)
    return re.sub(r"^\s*listen \[::\].*$", "", text, flags=re.MULTILINE)


@dataclass
class Told:
    """An application that answers what it is told, and counts what it was asked.

    While `answers` is not set it lets those who ask wait.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    answers: threading.Event = field(default_factory=threading.Event)
    dead: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    seen: dict[str, str] = field(default_factory=dict)

    def fresh(self, seconds: int, renewing: int = 0, failing: int = 86400) -> None:
        """Let pages be fresh for so many seconds, and stand in for so many."""
        self.headers = {
            "Cache-Control": f"public, max-age=0, s-maxage={seconds}, "
            f"stale-while-revalidate={renewing}, stale-if-error={failing}"
        }


@contextmanager
def told(path: Path) -> Iterator[Told]:
    """Serve a `Told` on a Unix socket."""
    state = Told()
    state.answers.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if state.dead:
                self.close_connection = True
                return
            path = self.requestline.split(" ")[1]  # self.path is tidied
            state.asked[path] += 1
            number = state.asked.total()
            state.seen = dict(self.headers.items())
            time.sleep(state.delay)
            state.answers.wait(20)
            body = f"{path} {number} {self.headers.get('Accept-Encoding', '')}".encode()
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # nginx reads no body of a failure
                self.wfile.write(body)

        do_POST = do_GET

        def address_string(self) -> str:
            return "-"

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True
        request_queue_size = 64

    with Server(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def wait_for(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so; fails when it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _listens(proxy: Proxy) -> bool:
    try:
        return proxy.get("/down.html").status > 0
    except (OSError, http.client.HTTPException):
        return False
