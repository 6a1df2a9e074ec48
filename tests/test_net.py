"""The door out, against a real and hostile server on loopback."""

import contextlib
import gettext
import gzip
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import trustme

from wardsite import net
from wardsite.netguard import is_public_address
from wardsite.settings import TRANSLATIONS

Script = Callable[[bytes], Iterator[bytes | float]]
LOOPBACK = frozenset({"127.0.0.1"})
OK = b"HTTP/1.1 200 OK\r\n"


class HostileServer:
    """Answers each connection with what a script yields: bytes to send, seconds to wait."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.closing = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}/"

    def _accept(self) -> None:
        while not self.closing.is_set():
            with contextlib.suppress(OSError):
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._answer, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                stack.enter_context(connection)
            request = b""
            while b"\r\n\r\n" not in request and (part := connection.recv(65536)):
                request += part
                if request[:1] == b"\x16":  # a client that wants TLS, on a plain server
                    break
            self.requests.append(request)
            for step in self._script(request):
                if self.closing.is_set():
                    return
                if isinstance(step, float):
                    self.closing.wait(step)
                else:
                    connection.sendall(step)

    def close(self) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., HostileServer]]:
    servers: list[HostileServer] = []

    def start(script: Script, context: ssl.SSLContext | None = None) -> HostileServer:
        servers.append(HostileServer(script, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def says(*steps: bytes | float) -> Script:
    return lambda request: iter(steps)


def whole(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = (b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def fetch(server: HostileServer, path: str = "", **options: object) -> net.Response:
    settings: dict[str, object] = {
        "allowed_hosts": LOOPBACK,
        "max_bytes": 100_000,
        "deadline_seconds": 5,
        "accept_insecure_http": True,
    }
    return net.get(server.url + path, **(settings | options))  # type: ignore[arg-type]


def test_body_and_validators_come_back(serve):
    server = serve(
        says(
            whole(
                b"xin ch\xc3\xa0o",
                b'ETag: "r1"',
                b"Last-Modified: Wed, 12 Aug 2020 03:00:00 GMT",
                b"Date: Wed, 12 Aug 2020 04:00:00 GMT",
                b"Content-Type: application/toml",
                b"Retry-After: 60",
            )
        )
    )
    answer = fetch(server, "tin?q=%C3%A0")
    assert answer.headers["retry-after"] == "60"
    assert replace(answer, headers={}) == net.Response(
        status=200,
        body="xin chào".encode(),
        url=server.url + "tin?q=%C3%A0",
        etag='"r1"',
        last_modified="Wed, 12 Aug 2020 03:00:00 GMT",
        retry_after_seconds=60,
        not_modified=False,
        content_type="application/toml",
        server_time=datetime(2020, 8, 12, 4, tzinfo=UTC),
    )


def test_request_is_plain_and_names_only_itself(serve, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server = serve(says(whole(b"")))
    fetch(server, "à?x=ả", user_agent="wardsite/1 (+https://ward.example)")
    request = server.requests[0].decode()
    assert request.startswith("GET /%C3%A0?x=%E1%BA%A3 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in request
    assert "User-Agent: wardsite/1 (+https://ward.example)\r\n" in request
    assert not {"Cookie", "Authorization", "Referer"} & set(request.replace(":", " ").split())


def test_unchanged_answer_has_no_body(serve):
    server = serve(says(b'HTTP/1.1 304 Not Modified\r\nETag: "r1"\r\n\r\n'))
    answer = fetch(server, etag='"r1"', last_modified="Wed, 12 Aug 2020 03:00:00 GMT")
    assert (answer.not_modified, answer.body, answer.etag) == (True, b"", '"r1"')
    assert b'If-None-Match: "r1"\r\n' in server.requests[0]
    assert b"If-Modified-Since: Wed, 12 Aug 2020 03:00:00 GMT\r\n" in server.requests[0]


def test_unchanged_is_refused_when_nothing_was_asked(serve):
    with pytest.raises(net.BadStatusError):
        fetch(serve(says(b"HTTP/1.1 304 Not Modified\r\n\r\n")))


def test_stored_validator_cannot_write_headers(serve):
    server = serve(says(whole(b"")))
    fetch(server, etag='"x"\r\nX-Injected: 1', last_modified="x" * 5000)
    assert b"Injected" not in server.requests[0]
    assert b"If-" not in server.requests[0]


@pytest.mark.parametrize("status", [b"404 Not Found", b"500 Oops", b"204 No Content", b"206 Part"])
def test_other_statuses_are_named(serve, status):
    with pytest.raises(net.BadStatusError) as caught:
        fetch(serve(says(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")))
    assert caught.value.status == int(status[:3])


def in_an_hour() -> bytes:
    return (datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT").encode()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120),
        (b"99999999999999999999", 7 * 24 * 3600),
        (b"Wed, 12 Aug 2020 03:00:00 GMT", 0),
        (b"soon", None),
        (b"-5", None),
        (b"\xb2", None),
    ],
)
def test_retry_after_is_read_and_bounded(serve, value, seconds):
    answer = whole(b"", b"Retry-After: " + value, status=b"503 Busy")
    with pytest.raises(net.BadStatusError) as caught:
        fetch(serve(says(answer)))
    assert caught.value.retry_after_seconds == seconds


def test_retry_after_may_be_a_date(serve):
    answer = whole(b"", b"Retry-After: " + in_an_hour(), status=b"429 Slow down")
    with pytest.raises(net.BadStatusError) as caught:
        fetch(serve(says(answer)))
    assert 3500 < caught.value.retry_after_seconds <= 3600


# --- Where it may go


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0.0", "[::ffff:127.0.0.1]"],
)
def test_this_machine_is_refused_by_any_name(serve, host):
    server = serve(says(whole(b"secret")))
    with pytest.raises(net.RefusedAddressError):
        net.get(
            f"http://{host}:{server.port}/",
            max_bytes=100,
            deadline_seconds=5,
            accept_insecure_http=True,
        )
    assert server.requests == []


@pytest.mark.parametrize(
    "address",
    """0.1.2.3 10.0.0.1 100.64.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1
    255.255.255.255 :: ::1 ::ffff:8.8.8.8 ::ffff:10.0.0.1 ::8.8.8.8 64:ff9b::a00:1 64:ff9b::808:808
    64:ff9b:1::1 100::1 2001::1 2001:10::1 2001:db8::1 2002:a00:1::1 3fff::1 fc00::1 fd12::1
    fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1""".split(),
)
def test_addresses_out_of_the_public_net_are_refused(address):
    assert not is_public_address(ip_address(address))


@pytest.mark.parametrize("address", "8.8.8.8 171.244.0.1 2001:4860:4860::8888 2400:cb00::1".split())
def test_public_addresses_are_let_through(address):
    assert is_public_address(ip_address(address))


def test_name_is_resolved_once_and_the_checked_address_connected(serve, monkeypatch):
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def rebinding(host: str, *args: object, **options: object) -> object:
        asked.append(host)
        if host == "ward.test":
            assert asked.count("ward.test") == 1, "a second answer would not have been checked"
            host = "127.0.0.1"
        return resolve(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    server = serve(says(whole(b"here")))
    url = f"http://ward.test:{server.port}/"
    options = {"max_bytes": 100, "deadline_seconds": 5, "accept_insecure_http": True}
    assert net.get(url, allowed_hosts=frozenset({"ward.test"}), **options).body == b"here"
    assert f"Host: ward.test:{server.port}".encode() in server.requests[0]
    asked.clear()
    with pytest.raises(net.RefusedAddressError):
        net.get(url, allowed_hosts=LOOPBACK, **options)


def test_resolver_that_never_answers_is_left(monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: done.wait(20) and [])
    start = time.monotonic()
    with pytest.raises(net.TooSlowError):
        net.get("https://ward.example/", max_bytes=100, deadline_seconds=0.3)
    done.set()
    assert time.monotonic() - start < 5


def test_unknown_host_and_closed_port_are_unreachable():
    with pytest.raises(net.UnreachableError):
        net.get("https://no-such-host.invalid/", max_bytes=100, deadline_seconds=20)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(net.UnreachableError):
        net.get(
            f"https://127.0.0.1:{port}/",
            allowed_hosts=LOOPBACK,
            max_bytes=100,
            deadline_seconds=5,
        )


@pytest.mark.parametrize(
    "url",
    [
        "http://moh.gov.vn/",
        "ftp://moh.gov.vn/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//moh.gov.vn/",
        "moh.gov.vn",
        "",
        "https://",
        "https://user:secret@moh.gov.vn/",
        "https://moh.gov.vn:99999/",
        "https://moh.gov.vn:x/",
        "https://[::1/",
        "https://moh.gov.vn/\r\nX: 1",
        "https://moh.gov.vn\\@127.0.0.1/",
        "https://a..b/",
        "https://moh.gov.vn/" + "x" * 5000,
    ],
)
def test_addresses_of_other_kinds_are_refused(url):
    with pytest.raises(net.RefusedUrlError) as caught:
        net.get(url, max_bytes=100, deadline_seconds=1)
    assert "\r" not in str(caught.value)


# --- Redirects


def redirect(target: str, status: int = 302) -> bytes:
    head = f"HTTP/1.1 {status} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
    return head.encode("latin-1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_followed_to_a_relative_address(serve, status):
    server = serve(
        lambda request: iter(
            [redirect("/moi#x", status) if b"GET / " in request else whole(b"new")]
        )
    )
    answer = fetch(server)
    assert (answer.body, answer.url) == (b"new", server.url + "moi")


def test_three_redirects_are_followed_and_not_a_fourth(serve):
    def chain(request: bytes) -> Iterator[bytes]:
        step = int(request.split()[1][1:] or b"0")
        yield redirect(f"/{step + 1}") if step < 4 else whole(b"end")

    server = serve(chain)
    assert fetch(server, "1").body == b"end"
    with pytest.raises(net.TooManyRedirectsError):
        fetch(server, "0")


def test_redirect_into_a_private_network_is_refused(serve):
    inner = serve(says(whole(b"secret")))
    outer = serve(says(redirect(f"http://localhost:{inner.port}/")))
    with pytest.raises(net.RefusedAddressError):
        fetch(outer)
    assert inner.requests == []


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "http://[/"]
)
def test_redirect_to_another_kind_of_address_is_refused(serve, target):
    with pytest.raises(net.RefusedUrlError):
        fetch(serve(says(redirect(target))))


def test_redirect_from_https_to_http_is_refused(serve, tls):
    plain = serve(says(whole(b"plain")))
    server = serve(says(redirect(plain.url)), tls)
    with pytest.raises(net.RefusedUrlError):
        fetch(server, accept_insecure_http=False)
    assert plain.requests == []


def test_plain_http_is_open_for_the_hosts_given_and_no_others(serve):
    inner = serve(says(whole(b"x")))
    outer = serve(says(redirect(inner.url.replace("127.0.0.1", "localhost"))))
    hosts = frozenset({"127.0.0.1", "localhost"})
    assert fetch(inner, accept_insecure_http=LOOPBACK).body == b"x"
    with pytest.raises(net.RefusedUrlError):
        fetch(outer, allowed_hosts=hosts, accept_insecure_http=LOOPBACK)
    assert len(inner.requests) == 1
    assert fetch(outer, allowed_hosts=hosts, accept_insecure_http=hosts).body == b"x"


def test_redirect_without_a_target_is_a_broken_answer(serve):
    with pytest.raises(net.BrokenAnswerError):
        fetch(serve(says(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")))


def test_redirects_share_one_deadline(serve):
    server = serve(lambda request: iter([0.2, redirect("/")]))
    with pytest.raises(net.TooSlowError):
        fetch(server, deadline_seconds=0.5, max_redirects=20)


# --- How much, how long


def test_body_of_exactly_the_limit_passes_and_one_more_does_not(serve):
    assert len(fetch(serve(says(whole(b"x" * 100_000)))).body) == 100_000
    with pytest.raises(net.TooLargeError):
        fetch(serve(says(whole(b"x" * 100_001))))


def test_announced_size_is_believed_before_the_body_comes(serve):
    server = serve(says(OK + b"Content-Length: 99999999999\r\n\r\n", 30.0))
    start = time.monotonic()
    with pytest.raises(net.TooLargeError):
        fetch(server, deadline_seconds=20)
    assert time.monotonic() - start < 10


def endless(head: bytes, part: bytes) -> Script:
    def script(request: bytes) -> Iterator[bytes | float]:
        yield head
        while True:
            yield part

    return script


def test_endless_body_is_cut_off(serve):
    with pytest.raises(net.TooLargeError):
        fetch(serve(endless(OK + b"\r\n", b"x" * 65536)))


def test_endless_chunked_body_is_cut_off(serve):
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(net.TooLargeError):
        fetch(serve(endless(head, b"1000\r\n" + b"x" * 4096 + b"\r\n")))


def test_endless_headers_are_cut_off(serve):
    with pytest.raises(net.BrokenAnswerError):
        fetch(serve(endless(OK, b"X-Filler: " + b"x" * 8000 + b"\r\n")))


def drip(head: bytes, part: bytes) -> Script:
    def script(request: bytes) -> Iterator[bytes | float]:
        yield head
        while True:
            yield part
            yield 0.05

    return script


@pytest.mark.parametrize(
    "script",
    [
        says(30.0),
        drip(b"", b"H"),
        drip(OK, b"X"),
        drip(OK + b"Content-Length: 1000\r\n\r\n", b"x"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"", mtime=0)[:1]),
    ],
    ids=["silent", "status", "header", "body", "chunks", "continue", "gzip"],
)
def test_slow_answer_does_not_outlast_the_deadline(serve, script):
    server = serve(script)
    start = time.monotonic()
    # A drip of nonsense may be noticed as such before time is up.
    with pytest.raises((net.TooSlowError, net.BrokenAnswerError)):
        fetch(server, deadline_seconds=0.6)
    assert time.monotonic() - start < 3


def test_slow_handshake_does_not_outlast_the_deadline(serve):
    server = serve(drip(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00"))
    start = time.monotonic()
    with pytest.raises(net.TooSlowError):
        net.get(
            server.url.replace("http:", "https:"),
            allowed_hosts=LOOPBACK,
            max_bytes=100,
            deadline_seconds=0.6,
        )
    assert time.monotonic() - start < 3


def test_compressed_body_is_decoded(serve):
    body = "Hạ Đình ".encode() * 2000
    answer = whole(gzip.compress(body, mtime=0), b"Content-Encoding: gzip")
    assert fetch(serve(says(answer))).body == body


def test_compression_bomb_goes_off_in_small_pieces(serve):
    bomb = gzip.compress(bytes(64 * 1024 * 1024), mtime=0)
    assert len(bomb) < 100_000
    import tracemalloc

    server = serve(says(whole(bomb, b"Content-Encoding: gzip")))
    tracemalloc.start()
    try:
        with pytest.raises(net.TooLargeError):
            fetch(server)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_endless_compressed_nothing_is_cut_off(serve):
    head = OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"", mtime=0)[:10]
    with pytest.raises(net.TooLargeError):
        fetch(serve(endless(head, b"\x00\x00\x00\xff\xff" * 1000)))


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 10\r\n\r\nshort",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        OK + b"Content-Length: x\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        OK + b"no colon here\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"",
        whole(b"not gzip", b"Content-Encoding: gzip"),
        whole(gzip.compress(b"x" * 5000, mtime=0)[:-9], b"Content-Encoding: gzip"),
        whole(gzip.compress(b"x", mtime=0) + b"more", b"Content-Encoding: gzip"),
        whole(b"x", b"Content-Encoding: br"),
        whole(b"x", b"Content-Encoding: gzip, gzip"),
    ],
)
def test_broken_answers_are_refused(serve, answer):
    with pytest.raises(net.BrokenAnswerError):
        fetch(serve(says(answer)))


def test_next_good_answer_is_taken_after_a_broken_one(serve):
    answers = iter([b"nonsense\r\n\r\n", whole(b"good")])
    server = serve(lambda request: iter([next(answers)]))
    with pytest.raises(net.BrokenAnswerError):
        fetch(server)
    assert fetch(server).body == b"good"


# --- TLS


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


def context_for(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    return context_for(authority.issue_cert("127.0.0.1"))


def test_trusted_certificate_passes_and_its_end_is_known(serve, authority):
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
    certificate = authority.issue_cert("127.0.0.1", not_after=end)
    server = serve(says(whole(b"safe")), context_for(certificate))
    answer = fetch(server, accept_insecure_http=False)
    assert (answer.body, answer.certificate_expires_at) == (b"safe", end)


def test_certificates_that_do_not_hold_are_refused(serve, authority):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    vietnamese = gettext.translation("messages", TRANSLATIONS, ["vi"]).gettext
    for certificate, why in (
        (authority.issue_cert("other.example"), "cấp cho địa chỉ IP khác"),
        (
            authority.issue_cert(
                "127.0.0.1", not_before=yesterday - timedelta(days=9), not_after=yesterday
            ),
            "đã hết hạn",
        ),
        (trustme.CA().issue_cert("127.0.0.1"), "không rõ nơi cấp"),
    ):
        server = serve(says(whole(b"not safe")), context_for(certificate))
        with pytest.raises(net.CertificateError) as refused:
            fetch(server)
        assert server.requests == []
        assert why in refused.value.said(vietnamese)


def test_plain_server_behind_an_https_address_is_refused(serve):
    server = serve(says(whole(b"x")))
    with pytest.raises(net.UnreachableError) as refused:
        net.get(  # by its TLS alert or by the cut, whichever wins
            server.url.replace("http:", "https:"),
            allowed_hosts=LOOPBACK,
            max_bytes=100,
            deadline_seconds=2,
        )
    assert not isinstance(refused.value, net.CertificateError), "no certificate was seen"


# --- Local files


def test_local_file_is_read_by_path_and_by_address(tmp_path):
    path = tmp_path / "quận một.toml"
    path.write_bytes(b"x = 1")
    assert net.read_local(str(path), 5) == b"x = 1"
    assert net.read_local(path.as_uri(), 5) == b"x = 1"
    assert net.read_local(path.as_uri().replace("file://", "file://localhost"), 5) == b"x = 1"


def test_local_link_is_followed_to_a_plain_file(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")
    assert net.read_local(str(tmp_path / "b"), 5) == b"x"


def test_local_file_larger_than_allowed_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"123456")
    with pytest.raises(net.TooLargeError):
        net.read_local(str(tmp_path / "a"), 5)


@pytest.mark.parametrize("name", ["missing", "folder", "pipe", "loop", "bad\0name"])
def test_what_is_not_a_plain_file_is_refused(tmp_path, name):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(net.LocalFileError):
        net.read_local(f"{tmp_path}/{name}", 5)
    with pytest.raises(net.LocalFileError):
        net.read_local("/dev/zero", 5)


@pytest.mark.parametrize("url", ["file://example.org/etc/x", "file:///a?b", "file:///a#b"])
def test_file_addresses_of_another_machine_are_refused(url):
    with pytest.raises(net.RefusedUrlError):
        net.read_local(url, 5)
