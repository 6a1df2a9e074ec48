"""The process that starts the workers and puts a new one in the place of one that died or hangs.

It runs as long as the site does, so it is a program of its own, begun by `server.serve`, and loads
nothing but what that takes: not the settings' library, not the application.
"""

import gc
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from wardsite.ops.logs import log_config

STOP_SECONDS = 20  # in which a worker that was asked to stop may finish what it is doing


@dataclass(frozen=True)
class Order:
    """What to serve with: `socket` instead of host and port, or ""; 0 means without."""

    host: str
    port: int
    socket: str
    workers: int
    threads: int
    metrics_port: int
    watchdog_seconds: int

    def arguments(self) -> list[str]:
        """Return the command that begins this program with this order."""
        # -P: nothing is loaded from the folder one happens to stand in.
        return [sys.executable, "-P", "-m", __name__, json.dumps(asdict(self))]


def main(order: Order) -> None:
    """Serve until stopped."""
    # Imported here: who only writes the order need not load the server.
    from granian import Granian
    from granian.constants import Interfaces

    from wardsite.ops.watchdog import watch

    where: dict[str, Any] = {"address": order.host, "port": order.port}
    if order.socket:
        # The group is the proxy's door; who may pass is decided by the folder's mode as well.
        where = {"uds": Path(order.socket), "uds_permissions": 0o660}
    server = Granian(
        "wardsite.wsgi:application",
        **where,
        interface=Interfaces.WSGI,
        workers=order.workers,
        blocking_threads=order.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_access=False,
        log_dictconfig=log_config(),
        metrics_enabled=bool(order.metrics_port),
        metrics_address="127.0.0.1",
        metrics_port=order.metrics_port or 9090,
    )
    workers: list[Any] = server.wrks  # the processes; Granian's types know only their base
    watch(order, lambda: [worker.inner.pid for worker in list(workers)])
    # A worker is a fork of this process: what its collector never looks at stays one copy for both.
    server.on_startup(gc.freeze)
    server.serve()


if __name__ == "__main__":
    main(Order(**json.loads(sys.argv[1])))
