"""Serving: Granian in front of the application, never Flask's development server."""

import errno
import os
import socket
import stat
import sys
from pathlib import Path
from typing import NoReturn

from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.ops.supervisor import Order
from wardsite.settings import Settings

# glibc keeps a pool of memory for each of up to eight threads a core, each of them half empty, and
# gives back only what lies above these bytes.
LEAN = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}


class PortError(WardsiteError):
    """The address cannot be listened on."""


def check_port(settings: Settings) -> None:
    """Raise PortError when the address cannot be listened on, before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except (OSError, OverflowError) as error:
            if getattr(error, "errno", None) == errno.EADDRINUSE:
                raise PortError(
                    N_(
                        "Port %(port)s is in use. Choose another: PORT=8001 script/serve, or "
                        "WARDSITE_PORT=8001 wardsite serve."
                    ),
                    port=settings.port,
                ) from None
            raise PortError(
                N_("Cannot listen on %(host)s:%(port)s: %(reason)s"),
                host=settings.host,
                port=settings.port,
                reason=reason_of(error),
            ) from None


def check_socket(path: Path) -> None:
    """Raise PortError when the Unix socket cannot be listened on; clear one that a kill left."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise PortError(N_("%(file)s already exists."), file=str(path))
    except OSError:
        _check_place(path)
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise PortError(N_("The socket %(file)s is in use."), file=str(path))


def _check_place(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(path))
        except OSError as error:
            raise PortError(
                N_("Cannot listen on %(file)s: %(reason)s"),
                file=str(path),
                reason=reason_of(error),
            ) from None
    path.unlink()


def serve(settings: Settings) -> NoReturn:
    """Serve until stopped, on a port or on a Unix socket: become the supervisor. Raises PortError.

    As another program rather than in this process: the C library reads how it is to keep memory
    when a program begins, and the libraries of this command would stay in memory for good.
    """
    if settings.socket:
        check_socket(settings.socket)
    else:
        check_port(settings)
    order = Order(
        host=settings.host,
        port=settings.port,
        socket=str(settings.socket or ""),
        workers=settings.workers,
        threads=settings.threads,
        metrics_port=settings.metrics_port,
        watchdog_seconds=settings.watchdog_seconds,
    )
    own = {
        "WARDSITE_INSTANCE": str(settings.instance),
        "WARDSITE_HOST": settings.host,
        "WARDSITE_PORT": str(settings.port),
    }
    sys.stdout.flush()
    arguments = order.arguments()
    os.execve(arguments[0], arguments, LEAN | os.environ | own)  # noqa: S606
