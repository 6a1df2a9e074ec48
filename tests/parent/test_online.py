"""`central check --online` against real servers on loopback: good, broken, moved and slow ones."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw

from tests.central.centre import district, stamp
from wardsite.cli import main
from wardsite.parent import online

HOSTS = [f"127.0.0.{number}" for number in range(1, 21)]


def picture(size: tuple[int, int], ink: str = "black") -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1]), fill=ink)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


GOOD, PALE, PAPER = picture((600, 200)), picture((600, 200), "#e0e0e0"), b"%PDF-1.4 cong van"
BODIES = {"/good.png": GOOD, "/pale.png": PALE, "/text.png": b"no picture", "/cv.pdf": PAPER}


@dataclass
class Web:
    """Every address of 127.0.0.0/8 on one port, by https; what it answers depends on the path."""

    port: int
    asked: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def url(self, host: int, path: str) -> str:
        """Return an address; each host is asked once a second only, so each link has its own."""
        return f"https://127.0.0.{host}:{self.port}{path}"


@contextmanager
def web(context: ssl.SSLContext) -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(f"{self.headers['Host'].partition(':')[0]}{self.path}")
            if self.path == "/slow":
                served.release.wait(20)
            moves = {
                "/moved": served.url(20, "/ok"),
                "/near": "/ok",
                "/inside": "https://10.0.0.1/",
            }
            code = 302 if self.path in moves else 404 if self.path == "/gone" else 200
            body = BODIES.get(self.path, b"<p>Trang")
            self.send_response(code)
            if self.path in moves:
                self.send_header("Location", moves[self.path])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104
    server.socket = context.wrap_socket(server.socket, server_side=True)
    served = Web(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield served
    finally:
        served.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*HOSTS).configure_cert(context)
    with web(context) as one:
        yield one


def link(name: str, url: str) -> str:
    return (
        f'\n[[links]]\nid = "{name}"\nlabel = "Liên kết {name}"\nurl = "{url}"\nmandatory = true\n'
    )


def banner(name: str, url: str, content: bytes, size: tuple[int, int] = (600, 200)) -> str:
    return f"""
[[banners]]
id = "{name}"
title = "Banner {name}"
alt = "Banner {name}"
link_url = "https://127.0.0.1:9/"
position = "footer"
mandatory = true
basis = "1208-ubnd-vhtt"
valid_from = 2020-08-12T00:00:00+07:00
image_url = "{url}"
image_sha256 = "{hashlib.sha256(content).hexdigest()}"
image_width = {size[0]}
image_height = {size[1]}
"""


def check(folder: Path, extra: str) -> Result:
    now = datetime.now(UTC)
    body = district(1, extra, expires_at=stamp(now + timedelta(days=9)), issued_at=stamp(now))
    # What the small file links to lies outside this machine: it is not asked here.
    body = body.replace(b"https://www.bluezone.gov.vn/", b"https://127.0.0.1:9/")
    (folder / "district.toml").write_bytes(body)
    words = ["central", "check", "--online", str(folder / "district.toml")]
    for host in HOSTS[1:]:
        words += ["--allow-private", host]
    return CliRunner().invoke(main, words)


def said(result: Result) -> dict[str, tuple[str, str]]:
    """Return sign and sentence by the name of the field."""
    found = re.findall(r"^([✗!]) district\.toml:\d+: (\S+?): (.+)$", result.output, re.M)
    return {name: (sign, words) for sign, name, words in found}


def test_every_address_is_tried_and_said_by_line(
    served: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "_SECONDS", 4.0)
    extra = "".join(
        [
            link("tot", served.url(2, "/ok")),
            link("gan", served.url(3, "/near")),
            link("mat", served.url(4, "/gone")),
            link("doi", served.url(5, "/moved")),
            link("trong", served.url(6, "/inside")),
            link("cham", served.url(7, "/slow")),
            link("dong", "https://127.0.0.8:9/"),
            link("la", "https://127.0.0.1:9/"),
            banner("dep", served.url(9, "/good.png"), GOOD),
            banner("mo", served.url(10, "/pale.png"), PALE),
            banner("co", served.url(11, "/good.png"), GOOD, (300, 100)),
        ]
    )
    checked = check(tmp_path, extra)
    told = said(checked)
    assert checked.exit_code == 0, checked.output
    assert "bản số 1" in checked.output
    fine = {"links[tot].url", "links[gan].url", "banners[dep].image_url"}
    assert not {name: told[name] for name in fine & told.keys()}
    for name, words in {
        "links[mat].url": "404",
        "links[doi].url": "127.0.0.20",
        "links[trong].url": "10.0.0.1",
        "links[cham].url": "",
        "links[dong].url": "127.0.0.8",
        "links[la].url": "127.0.0.1",
        "banners[mo].image_url": ": 1",
        "banners[co].image_url": "600 × 200",
    }.items():
        sign, sentence = told[name]
        assert (sign, words in sentence) == ("!", True), told
    # Five requests at most for one link, and a host that nobody allowed is never asked.
    assert not [asked for asked in served.asked if asked.startswith("127.0.0.1/")]
    assert served.asked.count("127.0.0.2/ok") == 1


def test_what_units_would_refuse_makes_the_check_fail(served: Web, tmp_path: Path) -> None:
    paper = f"""
[[documents]]
id = "1979-stttt-ttdt"
number = "1979"
symbol = "STTTT-TTĐT"
code = "1979/STTTT-TTĐT"
kind = "cong-van"
issuer = "Sở Thông tin và Truyền thông"
issuer_rank = "district"
issued_on = 2020-08-06
summary = "Tăng cường tuyên truyền"
file_url = "{served.url(2, "/cv.pdf")}"
file_sha256 = "{{}}"
"""
    other = paper.format(hashlib.sha256(b"another").hexdigest())
    swapped, text = served.url(3, "/good.png"), served.url(4, "/text.png")
    bad = other + banner("doi", swapped, PALE) + banner("chu", text, b"no picture")
    refused = check(tmp_path, bad)
    grave = {name: words for name, (sign, words) in said(refused).items() if sign == "✗"}
    assert refused.exit_code == 1
    assert set(grave) == {
        "documents[1979-stttt-ttdt].file_url",
        "banners[doi].image_url",
        "banners[chu].image_url",
    }
    assert hashlib.sha256(GOOD).hexdigest() in grave["banners[doi].image_url"]
    mended = check(tmp_path, paper.format(hashlib.sha256(PAPER).hexdigest()))
    assert mended.exit_code == 0, mended.output
