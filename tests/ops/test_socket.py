"""Serving on a Unix socket, as behind a proxy: the mode, what a kill left, what is not ours."""

import http.client
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.terminal import WARDSITE, environment
from wardsite.ops.server import PortError, check_socket
from wardsite.settings import Settings


def answer(path: Path) -> int:
    """Return the status of /healthz over the socket; raises OSError while nobody listens."""
    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.connect(str(path))
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_site_is_served_on_a_socket_that_only_its_group_can_open(settings: Settings) -> None:
    path = settings.instance / "http.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))  # what a killed server leaves: a socket that nobody listens on
    server = subprocess.Popen(
        [WARDSITE, "serve"],
        env=environment(settings.instance, WARDSITE_SOCKET=str(path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until, status = time.monotonic() + 60, 0
        while status != 200 and time.monotonic() < until:
            try:
                status = answer(path)
            except OSError:
                time.sleep(0.1)
        assert status == 200
        assert path.stat().st_mode & 0o777 == 0o660
        with pytest.raises(PortError, match="in use"):
            check_socket(path)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def test_a_file_in_the_way_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "http.sock").write_text("x")
    with pytest.raises(PortError, match="already exists"):
        check_socket(tmp_path / "http.sock")
    assert (tmp_path / "http.sock").read_text() == "x"
