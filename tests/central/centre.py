"""A parent unit on loopback: signs district files, and serves them as honestly as it is told to."""

from __future__ import annotations

import base64
import contextlib
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import minisign

from wardsite.core.signing import sign

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
Script = Callable[[], Iterator[bytes | float]]


class Signer:
    """A key pair; its secret half is not encrypted, so that hundreds of files sign quickly."""

    def __init__(self) -> None:
        pair = minisign.KeyPair.generate()
        self.public: str = pair.public_key.to_base64().decode()
        self._secret = bytes(pair.secret_key).decode()

    @property
    def key_id(self) -> str:
        return base64.b64decode(self.public)[2:10][::-1].hex().upper()

    def sign(self, body: bytes, comment: str = "district file") -> bytes:
        return sign(body, self._secret, "", comment)


def district(revision: int | str = 1, extra: str = "", **changes: Any) -> bytes:
    """Return a small good district file; `changes` replace keys of [config], as TOML."""
    values = {
        "id": '"thanh-xuan"',
        "revision": revision,
        "title": f"'Bản số {revision}'",
        "issued_at": stamp(NOW - timedelta(days=1)),
        "effective_from": stamp(NOW - timedelta(days=1)),
        "expires_at": stamp(NOW + timedelta(days=90)),
    } | changes
    schema = values.pop("schema_version", 1)
    top = values.pop("top", "")
    meta = "\n".join(f"{name} = {value}" for name, value in values.items())
    return f"""schema_version = {schema}
{top}
[config]
{meta}
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
basis = ["1208-ubnd-vhtt"]

[parent]
name = "Ủy ban nhân dân quận Thanh Xuân"
short_name = "UBND quận Thanh Xuân"
level = "district"

[[authorities]]
id = "district"
label = "Quận"
order = 6

[[documents]]
id = "1208-ubnd-vhtt"
number = "1208"
symbol = "UBND-VHTT"
code = "1208/UBND-VHTT"
kind = "cong-van"
issuer = "Ủy ban nhân dân quận Thanh Xuân"
issuer_rank = "district"
issued_on = 2020-08-12
summary = "V/v tăng cường tuyên truyền phòng, chống dịch, bệnh Covid-19"

[[banners]]
id = "bluezone"
title = "Cài đặt ứng dụng Bluezone"
alt = "Cài đặt ứng dụng Bluezone"
link_url = "https://www.bluezone.gov.vn/"
position = "sidebar-top"
mandatory = true
valid_from = 2020-08-12T00:00:00+07:00

[[notices]]
id = "thong-bao"
severity = "info"
title = 'Thông báo của bản số {revision}'
body = 'Nội dung của bản số {revision}.'
valid_from = 2020-08-12T00:00:00+07:00
{extra}""".encode()


def stamp(moment: datetime) -> str:
    """Spell a moment as TOML does."""
    return moment.isoformat(timespec="seconds")


def reply(body: bytes, status: str = "200 OK", **headers: str) -> Script:
    """Return the script of an ordinary answer; header names are written with underscores."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def script() -> Iterator[bytes | float]:
        yield "\r\n".join([*lines, "", ""]).encode() + body

    return script


def redirect(target: str, status: str = "302 Found") -> Script:
    """Return the script of an answer that sends the client elsewhere."""
    return reply(b"", status, Location=target)


def raw(*parts: bytes | float) -> Script:
    """Return a script that sends these bytes as they are, and waits the seconds between them."""
    return lambda: iter(parts)


class Centre:
    """The update server. `routes` maps a path to scripts, one for each request; the last stays."""

    def __init__(self) -> None:
        self.key = Signer()
        self.stranger = Signer()
        self.next_key = Signer()
        self.routes: dict[str, list[Script]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.centre = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/district.toml"

    def base(self, path: str) -> str:
        return self.url.removesuffix("/district.toml") + path

    def publish(
        self,
        body: bytes,
        signature: bytes | None = None,
        *,
        key: Signer | None = None,
        **headers: str,
    ) -> bytes:
        """Serve a file and its signature; return the file."""
        signature = (key or self.key).sign(body) if signature is None else signature
        self.serve("/district.toml", reply(body, **headers))
        self.serve("/district.toml.minisig", reply(signature))
        return body

    def serve(self, path: str, *scripts: Script) -> None:
        self.routes[path] = list(scripts)

    def paths(self) -> list[str]:
        """Return the paths asked for since the last call."""
        asked = [path for path, _ in self.requests]
        self.requests.clear()
        return asked

    def calm(self) -> None:
        """End every answer under way and forget all routes."""
        self._closing.set()
        self._server.drain()
        self._closing.clear()
        self.routes.clear()
        self.requests.clear()

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, headers: dict[str, str]) -> Iterator[bytes]:
        self.requests.append((path, headers))
        scripts = self.routes.get(path) or [reply(b"", "404 Not Found")]
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        for part in script():
            if isinstance(part, bytes):
                yield part
            elif self._closing.wait(part):
                return


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    centre: Centre
    busy = 0

    def drain(self) -> None:
        """Wait until no answer is under way."""
        ends = time.monotonic() + 5
        while self.busy and time.monotonic() < ends:
            time.sleep(0.002)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        server.busy += 1
        with contextlib.suppress(OSError):
            self._talk(server.centre)
        server.busy -= 1

    def _talk(self, centre: Centre) -> None:
        first = self.rfile.readline().decode("latin-1").split(" ")
        headers = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if len(first) > 1:
            for part in centre.answer(first[1], headers):
                self.wfile.write(part)
