"""Serving: Granian in front of the application, never Flask's development server."""

import errno
import os
import socket

from wardsite.core.errors import N_, WardsiteError
from wardsite.settings import Settings


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


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises PortError."""
    check_port(settings)
    # Imported here: other commands need not load the server.
    from granian import Granian
    from granian.constants import Interfaces

    os.environ["WARDSITE_INSTANCE"] = str(settings.instance)
    os.environ["WARDSITE_HOST"] = settings.host
    os.environ["WARDSITE_PORT"] = str(settings.port)
    Granian(
        "wardsite.wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()
