"""Many at once: senders that never finish, guesses by the hundred, forms by the dozen.

WARDSITE_GUESSES sets how many sign-ins are tried; by default few enough for every run of the suite.
"""

import http.client
import os
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.browser.served import PATIENCE, serving
from tests.conftest import PASSWORD
from tests.serving.proxy import HOST, Proxy, nginx, told
from wardsite.settings import Settings

SLOW = 200
GUESSES = int(os.environ.get("WARDSITE_GUESSES", "300"))
AT_ONCE = 50
ADDRESSES = 12
PAGES = 9
HEADER_PATIENCE = 20.0  # seconds; the shipped file gives a head ten

UNFINISHED = (
    f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ",
    f"POST /phan-anh HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 90000\r\n\r\nsubject=",
    "G",
    "",
)


def slow_sender(proxy: Proxy, said: str) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", proxy.port), 20)
    wire = proxy.trust.wrap_socket(plain, server_hostname=HOST)
    wire.sendall(said.encode())
    return wire


def test_senders_that_never_finish_reach_no_worker_and_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "http.sock"
    with told(path) as application, nginx(tmp_path, path) as proxy:
        application.fresh(0)
        before = application.asked.total()
        senders = [slow_sender(proxy, UNFINISHED[number % 4]) for number in range(SLOW)]
        for number in range(20):
            assert proxy.get(f"/trang-{number}").status == 200
        # What is not whole is held by nginx alone: the application's few threads never see it.
        assert application.asked.total() - before == 20
        head = senders[0]
        head.settimeout(HEADER_PATIENCE)
        assert head.recv(100)[:12] in (b"", b"HTTP/1.1 408")
        for sender in senders:
            sender.close()


class Client:
    """One connection after another to a served site, from an address told by a proxy."""

    def __init__(self, site: str) -> None:
        self.place = urlsplit(site)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, str]:
        """Return status, text and the cookie set."""
        wire = http.client.HTTPConnection(str(self.place.hostname), self.place.port, timeout=60)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if body:
                sent["Content-Type"] = "application/x-www-form-urlencoded"
            wire.request(method, path, body or None, sent)
            answer = wire.getresponse()
            cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
            return answer.status, answer.read().decode(), cookie
        finally:
            wire.close()


def reading(client: Client, stop: threading.Event, done: list[int]) -> None:
    while not stop.is_set():
        for path in ("/", "/tin-tuc", "/covid-19"):
            done.append(client.ask("GET", path)[0])
        stop.wait(0.05)


def test_many_guesses_leave_pages_to_residents_and_the_door_to_the_officer(
    settings: Settings,
) -> None:
    with serving(settings.instance, WARDSITE_TRUSTED_PROXIES="1") as site:
        client = Client(site)
        _status, page, cookie = client.ask("GET", "/dang-nhap")
        [token] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        stop, pages, busy = threading.Event(), list[int](), list[int]()

        def guess(number: int) -> int:
            body = {"csrf_token": token, "name": "the-admin", "password": f"guess {number:06d}"}
            address = f"203.0.113.{number % ADDRESSES}"
            return client.ask(
                "POST", "/dang-nhap", urlencode(body), Cookie=cookie, X_Forwarded_For=address
            )[0]

        reader = threading.Thread(target=reading, args=(client, stop, pages))
        reader.start()
        answers, guessed, until = Counter[int](), 0, time.monotonic() + PATIENCE
        with ThreadPoolExecutor(AT_ONCE) as pool:
            # It goes on until enough pages were read in it, which a busy machine takes longer for.
            while not guessed or (len(pages) < PAGES and time.monotonic() < until):
                answers.update(pool.map(guess, range(guessed, guessed + GUESSES)))
                guessed += GUESSES
        busy += pages
        stop.set()
        reader.join()
        # Each address had its five guesses, exactly; every other one cost no hash.
        assert answers == {422: 5 * ADDRESSES, 429: guessed - 5 * ADDRESSES}
        assert set(busy) == {200}
        assert len(busy) >= PAGES
        # The officer, from an address of their own, is not kept out by any of it.
        body = {"csrf_token": token, "name": "the-admin", "password": PASSWORD}
        status, _page, _cookie = client.ask(
            "POST", "/dang-nhap", urlencode(body), Cookie=cookie, X_Forwarded_For="198.51.100.7"
        )
        assert status == 302


def test_floods_of_searches_pages_and_forms_are_answered_one_and_all(settings: Settings) -> None:
    odd: list[Callable[[int], tuple[str, str, str, dict[str, str]]]] = [
        lambda n: ("GET", "/tim-kiem?" + urlencode({"q": 'a* OR "b" NEAR(' * 40 + str(n)}), "", {}),
        lambda n: ("GET", "/tim-kiem?" + urlencode({"q": "đ" * 1000 * n}), "", {}),
        lambda n: ("GET", f"/tim-kiem?q=ph%C6%B0%E1%BB%9Dng&trang={10**n}", "", {}),
        lambda n: ("GET", f"/tin-tuc?trang={9**n}", "", {}),
        lambda n: ("GET", f"/van-ban?trang={n * 10**6}&nam={n}&loai={'x' * n}", "", {}),
        lambda n: ("GET", "/", "", {"Cookie": "wardsite=" + "A" * 4000}),
        lambda n: ("GET", "/", "", {"X_Long": "b" * 6000}),
        lambda n: ("POST", "/phan-anh", urlencode({"body": "x" * 20000}), {}),
        lambda n: ("POST", "/phan-anh", "&".join(f"a{i}=1" for i in range(2000)), {}),
    ]
    requests = [make(number) for number in range(1, 9) for make in odd]
    with serving(settings.instance) as site:
        client = Client(site)

        def send(request: tuple[str, str, str, dict[str, str]]) -> int:
            method, path, body, headers = request
            return client.ask(method, path, body, **headers)[0]

        with ThreadPoolExecutor(16) as pool:
            answers = Counter(pool.map(send, requests))
        assert client.ask("GET", "/healthz")[0] == 200
    assert not [status for status in answers if status >= 500], answers
    assert answers[200] >= 8
    assert answers[400] + answers[413] + answers[422] + answers[429] >= 8
