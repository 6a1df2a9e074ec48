"""Addresses this house may connect to, and the backend that connects to no other.

A name is resolved once, its addresses are checked, and the connection goes to a checked one, so a
name cannot answer differently the second time. Every step of the stream runs under one deadline.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NoReturn

import httpcore

from wardsite.core.errors import N_, WardsiteError

# Checked beside `is_global`, which differs between Python versions.
_REFUSED_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
# Global unicast is 2000::/3; of it, not what tunnels to IPv4 or is set apart. NAT64 (64:ff9b::/96),
# mapped (::ffff:0:0/96), unique-local, link-local and multicast all lie outside.
_GLOBAL_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


class FetchError(WardsiteError):
    """A fetch that did not bring what was asked for."""


class RefusedAddressError(FetchError):
    """The host leads into a private or reserved network."""


class UnreachableError(FetchError):
    """The host does not resolve, does not answer, or breaks off."""


class TooSlowError(FetchError):
    """The deadline passed."""


class Deadline:
    """The moment by which the whole fetch must be over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, or raise `TooSlowError`."""
        left = self.end - time.monotonic()
        if left <= 0:
            self.passed()
        return left

    def passed(self) -> NoReturn:
        raise TooSlowError(
            N_("The server did not finish responding within %(seconds)d seconds."),
            seconds=self.seconds,
        )


def is_public_address(address: IPv4Address | IPv6Address) -> bool:
    """Return whether `address` is a public unicast one, spelled without any IPv4 inside IPv6."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in block for block in _REFUSED_V4)
    return (
        address.is_global
        and address in _GLOBAL_V6
        and not any(address in block for block in _REFUSED_V6)
    )


def _resolve(host: str, port: int, deadline: Deadline) -> list[str]:
    """Return the addresses of `host`; the system's resolver has no time limit, so in a thread."""
    answers: queue.Queue[list[str] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(entry[4][0]) for entry in found])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        deadline.passed()
    if isinstance(answer, OSError):
        raise UnreachableError(N_("%(host)s cannot be found."), host=host) from answer
    return list(dict.fromkeys(answer))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and puts the deadline on every stream."""

    def __init__(self, allowed_hosts: frozenset[str], deadline: Deadline) -> None:
        self._allowed = {host.lower().strip("[]") for host in allowed_hosts}
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve `host`, and connect to the first of its acceptable addresses that answers."""
        error: Exception | None = None
        addresses = self._acceptable(host, port)
        for tried, address in enumerate(addresses):
            # A silent address must leave time for the next one.
            share = self._deadline.left() / (len(addresses) - tried)
            try:
                stream = self._inner.connect_tcp(address, port, timeout=share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                self._deadline.left()
                error = refused
            else:
                return _DeadlineStream(stream, self._deadline)
        raise UnreachableError(N_("%(host)s does not respond."), host=host) from error

    def _acceptable(self, host: str, port: int) -> list[str]:
        found = _resolve(host, port, self._deadline)
        if host.lower() in self._allowed:
            return found
        public = [text for text in found if is_public_address(ip_address(text))]
        if not public:
            raise RefusedAddressError(
                N_("%(host)s is in a private or reserved network."), host=host
            )
        return public


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose every step gets only what is left of the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, up to `max_bytes`."""
        return self._inner.read(max_bytes, timeout=self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`."""
        self._inner.write(buffer, timeout=self._deadline.left())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands; the deadline goes on with the encrypted stream."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _DeadlineStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        """Pass on what the stream knows of itself."""
        return self._inner.get_extra_info(info)
