"""The server under bad guests: slow clients, a worker that hangs, a stop under load."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from contextlib import closing

import pytest

from tests.faults.site import PATIENCE, Site, Visitor
from tests.terminal import free_port
from wardsite.settings import Settings

pytestmark = pytest.mark.sqlite


class Crowd:
    """Visitors that ask without end, each request by a connection of its own."""

    def __init__(self, site: Site, size: int) -> None:
        self.port, self.over = site.port, threading.Event()
        self.answered, self.refused, self.failed = 0, 0, []
        self.threads = [threading.Thread(target=self._ask) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def _ask(self) -> None:
        while not self.over.is_set():
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as one:
                    one.connect()
                    one.request("GET", "/tin-tuc?x=1")  # rendered each time: work in progress
                    answer = one.getresponse()
                    answer.read()
                    assert answer.status == 200, answer.status
                    self.answered += 1
            except ConnectionRefusedError:
                self.refused += 1
                time.sleep(0.02)
            except Exception as error:
                self.failed.append(repr(error))

    def leave(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_slow_clients_a_hung_worker_and_a_stop_under_load(settings: Settings) -> None:
    metrics = free_port()
    environment = {"WARDSITE_WATCHDOG_SECONDS": "3", "WARDSITE_METRICS_PORT": str(metrics)}
    site = Site(settings.instance, **environment).wait()
    visitor = Visitor(site)
    assert visitor.get("/")[0] == 200

    # Sixty who never finish their sentence, more than there are threads. (Half a form does hold a
    # thread; such clients are kept out by the proxy in front, which hands on whole forms only.)
    slow = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(60)]
    for client in slow:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x")
    assert [visitor.get(path)[0] for path in ("/", "/tin-tuc?x=1", "/dang-nhap")] == [200] * 3
    for client in slow:
        client.close()

    (hung,) = site.workers()
    os.kill(hung, signal.SIGSTOP)
    until = time.monotonic() + PATIENCE
    while hung in site.workers():  # a process that is told to stop may answer once more
        assert time.monotonic() < until
        time.sleep(0.05)
    site.wait()

    figures = Visitor(site)
    figures.port = metrics
    assert "granian" in figures.get("/metrics")[1]

    crowd = Crowd(site, 4)
    while crowd.answered < 40:
        time.sleep(0.01)
    site.process.send_signal(signal.SIGTERM)
    site.process.wait(PATIENCE)
    told = [json.loads(line) for line in site.log.read_text().splitlines()]
    assert any("gives no answer" in line["message"] for line in told)
    assert {line["level"] for line in told} <= {"info", "warning", "error"}
    assert site.stop() == 0
    crowd.leave()
    assert crowd.failed == []
    assert crowd.refused > 0
