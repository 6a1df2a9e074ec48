"""Serving: Granian in front of the application, never Flask's development server."""

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Any

from wardsite.core.errors import N_, WardsiteError
from wardsite.ops.logs import log_config
from wardsite.ops.watchdog import watch
from wardsite.settings import Settings

STOP_SECONDS = 20  # in which a worker that was asked to stop may finish what it is doing


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
                    N_("Port %(port)s is in use. Choose another: PORT=8001 script/serve"),
                    port=settings.port,
                ) from None
            raise PortError(
                N_("%(host)s:%(port)s cannot be listened on: %(reason)s"),
                host=settings.host,
                port=settings.port,
                reason=getattr(error, "strerror", None) or str(error),
            ) from None


def check_socket(path: Path) -> None:
    """Raise PortError when the Unix socket cannot be listened on; clear one that a kill left."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise PortError(N_("%(file)s is there already."), file=str(path))
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise PortError(N_("The socket %(file)s is in use."), file=str(path))


def _where(settings: Settings) -> dict[str, Any]:
    """Return where Granian is to listen, after looking whether it can."""
    if settings.socket:
        check_socket(settings.socket)
        # The group is the proxy's door; who may pass is decided by the folder's mode as well.
        return {"uds": settings.socket, "uds_permissions": 0o660}
    check_port(settings)
    return {"address": settings.host, "port": settings.port}


def serve(settings: Settings) -> None:
    """Serve until stopped, on a port or on a Unix socket. Raises PortError."""
    where = _where(settings)
    # Imported here: other commands need not load the server.
    from granian import Granian
    from granian.constants import Interfaces

    os.environ["WARDSITE_INSTANCE"] = str(settings.instance)
    os.environ["WARDSITE_HOST"] = settings.host
    os.environ["WARDSITE_PORT"] = str(settings.port)
    # glibc keeps up to eight pools of memory a core, and threads leave each of them half empty.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    server = Granian(
        "wardsite.wsgi:application",
        **where,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_access=False,
        log_dictconfig=log_config(),
        metrics_enabled=bool(settings.metrics_port),
        metrics_address="127.0.0.1",
        metrics_port=settings.metrics_port or 9090,
    )
    workers: list[Any] = server.wrks  # the processes; Granian's types know only their base
    watch(settings, lambda: [worker.inner.pid for worker in list(workers)])
    server.serve()
