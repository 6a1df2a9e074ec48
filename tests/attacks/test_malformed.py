"""Malformed requests over raw sockets against the real server: no 5xx, no dead worker.

WARDSITE_MALFORMED sets how many are sent; by default few enough for every run of the suite.
"""

import os
import random
import re
import socket
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from tests.browser.served import serving
from wardsite.settings import Settings

COUNT = int(os.environ.get("WARDSITE_MALFORMED", "1500"))
SEED = 20201106
AT_ONCE = 16
PATIENCE = 0.25  # seconds; a late 5xx still shows as a traceback in the server's log
PATHS = ("/", "/tin-tuc", "/van-ban", "/tim-kiem?q=a", "/dang-nhap", "/quan-tri", "/media/x")
METHODS = ("GET", "POST", "PUT", "TRACE", "BREW", "GET" * 40, "g\x00t", "", "PROPFIND", "OPTIONS")
VERSIONS = ("HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "HTTP", "", "HTTP/1.1\x00", "HTCPCP/1.0")
STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3})")


def _bytes(dice: random.Random, most: int) -> bytes:
    return dice.randbytes(dice.randrange(most))


def _noise(dice: random.Random) -> bytes:
    return _bytes(dice, 400) + b"\r\n\r\n"


def _odd_line(dice: random.Random) -> bytes:
    line = f"{dice.choice(METHODS)} {dice.choice(PATHS)} {dice.choice(VERSIONS)}"
    return f"{line}\r\nHost: localhost\r\n\r\n".encode("latin-1")


def _odd_path(dice: random.Random) -> bytes:
    path = dice.choice(
        (
            b"/" + b"%ff%fe%00" * dice.randrange(1, 40),
            b"/../" * dice.randrange(1, 60) + b"etc/passwd",
            b"/%2e%2e%2fsecret_key",
            b"/media/..%2f..%2fwardsite.db",
            b"/tep/" + b"9" * 400 + b"/x",
            b"/tin-tuc?trang=" + b"9" * 300,
            b"/tim-kiem?q=" + b"%u0041%" * 50,
            b"/tim-kiem?" + b"q=a&" * 800,
            b"/van-ban?nam=%00&loai=%ff",
            b"/tim-kiem?q=" + "\u0111\u1ed9\u0323".encode() * 300,
            b"//evil.example/%2f..",
            b"/\xff\xfe" + _bytes(dice, 60).replace(b" ", b"").replace(b"\n", b""),
            b"/en/en/en/en/quan-tri/tin-tuc/-1",
            b"http://evil.example/",
            b"/" + b"a" * 9000,
        )
    )
    return b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def _odd_headers(dice: random.Random) -> bytes:
    headers = dice.choice(
        (
            b"Host: \xff\xfe\r\n",
            b"Host: evil.example\r\nHost: localhost\r\n",
            b"Host: localhost:99999999\r\n",
            b"Host:\r\n",
            b"Cookie: wardsite=" + b"A" * dice.randrange(20000) + b"\r\n",
            b"Cookie: wardsite=.eJw\x80\xff; wardsite_mark=\xff\r\n",
            b"X-Forwarded-For: " + b"1.1.1.1," * 500 + b"\r\nX-Forwarded-Proto: gopher\r\n",
            b"Accept-Encoding: " + b"br;q=x," * 200 + b"\r\n",
            b"If-None-Match: " + b'"' * 300 + b"\r\nIf-Modified-Since: yesterday\r\n",
            b"Range: bytes=" + b"0-1," * 600 + b"5-2\r\n",
            b"".join(b"X-%d: y\r\n" % number for number in range(dice.randrange(250))),
            b" folded: x\r\n\ty\r\n",
            b"No colon here\r\n",
            b"Accept-Language: "
            + _bytes(dice, 90).replace(b"\r", b"").replace(b"\n", b"")
            + b"\r\n",
        )
    )
    path = dice.choice(PATHS).encode()
    return b"GET " + path + b" HTTP/1.1\r\n" + headers + b"Connection: close\r\n\r\n"


def _odd_body(dice: random.Random) -> bytes:
    length, kind, body = dice.choice(
        (
            (b"Content-Length: -5", b"text/plain", b"x"),
            (b"Content-Length: 99999999999999", b"application/x-www-form-urlencoded", b"a=b"),
            (b"Content-Length: 5\r\nContent-Length: 6", b"text/plain", b"hello!"),
            (b"Content-Length: 3\r\nTransfer-Encoding: chunked", b"text/plain", b"0\r\n\r\n"),
            (b"Transfer-Encoding: chunked", b"text/plain", b"zz\r\nhello\r\n0\r\n\r\n"),
            (b"Content-Length: 60", b"multipart/form-data", b"--x\r\n" * 12),
            (b"Content-Length: 60", b"multipart/form-data; boundary=", b"-" * 60),
            (b"Content-Length: 900", b"multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n" * 100),
            (b"Content-Length: 8", b"application/x-www-form-urlencoded; charset=x", b"%ff=%00&&"),
            (b"Content-Length: 4000", b"application/x-www-form-urlencoded", b"a=b&" * 1000),
            (b"Content-Length: 4", b"application/json", b"{{{{"),
        )
    )
    head = b"POST " + dice.choice(PATHS).encode() + b" HTTP/1.1\r\nHost: localhost\r\n"
    return head + length + b"\r\nContent-Type: " + kind + b"\r\nConnection: close\r\n\r\n" + body


def _cut_off(dice: random.Random) -> bytes:
    whole = dice.choice((_odd_path, _odd_headers, _odd_body))(dice)
    return whole[: dice.randrange(1, len(whole))]


MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    _noise,
    _odd_line,
    _odd_path,
    _odd_headers,
    _odd_body,
    _cut_off,
)


def send(host: str | None, port: int | None, request: bytes) -> int:
    """Send the bytes and return the status answered; 0 when the server waits for more of them."""
    with socket.create_connection((host or "", port or 0), timeout=10) as wire:
        try:
            wire.sendall(request)
            wire.settimeout(PATIENCE)
            found = STATUS.match(wire.recv(4096))
        except OSError:
            return 0
    return int(found[1]) if found else 0


def test_malformed_requests_bring_no_server_error_and_no_worker_down(settings: Settings) -> None:
    dice = random.Random(SEED)  # noqa: S311 - the same requests each time
    answers: Counter[int] = Counter()
    with serving(settings.instance) as url:
        place = urlsplit(url)
        requests = [dice.choice(MAKERS)(dice) for _number in range(COUNT)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            statuses = pool.map(lambda r: send(place.hostname, place.port, r), requests)
            for request, status in zip(requests, statuses, strict=True):
                assert status < 500 or status == 501, request
                answers[status] += 1
        with urllib.request.urlopen(f"{url}/", timeout=10) as answer:
            assert answer.status == 200
        log = (settings.instance.parent / "server.log").read_text(encoding="utf-8")
    assert "Unexpected exit" not in log
    assert "Traceback" not in log, log[-2000:]
    # The requests reached the server and its application, and most were refused.
    assert answers[200] > 0
    assert answers[400] > COUNT // 20
