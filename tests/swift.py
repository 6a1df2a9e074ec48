"""A real store that speaks S3: OpenStack Swift of Debian, as four processes on this machine."""

import getpass
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from tests.terminal import free_port

KEY, SECRET, BUCKET = "ward:media", "bi-mat-cua-kho", "kho"
PATIENCE = 60.0  # seconds for a busy machine
RINGS = ("account", "container", "object")
# What `swift-ring-builder` does, for all three at once: it takes a second to read Swift in.
MAKE_RINGS = """
import sys
from swift.common.ring import RingBuilder
for name, port in zip(sys.argv[2::2], sys.argv[3::2]):
    ring = RingBuilder(4, 1, 1)
    place = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1"}
    ring.add_dev({**place, "weight": 1.0})
    ring.rebalance()
    ring.get_ring().save(f"{sys.argv[1]}/{name}.ring.gz")
"""
PROXY = """
[pipeline:main]
pipeline = catch_errors cache s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:tempauth]
use = egg:swift#tempauth
user_ward_media = bi-mat-cua-kho .admin
""" + "".join(
    f"[filter:{name}]\nuse = egg:swift#{name}\n"
    for name in ("catch_errors", "s3api", "copy", "slo", "dlo")
)


class Swift:
    """A store with one bucket, below a folder.

    Between `start` and `stop` it is `away` and `back` as often as wanted: what its users speak to
    is the proxy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._ports = {name: free_port() for name in RINGS}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "disks" / "d1").mkdir(parents=True)
        rings = [str(word) for ring in self._ports.items() for word in ring]
        command = ["/usr/bin/python3", "-c", MAKE_RINGS, folder, *rings]  # Debian's, as Swift's is
        subprocess.run(command, check=True, capture_output=True)
        for name, port in self._ports.items():
            server = f"[pipeline:main]\npipeline = {name}-server\n"
            self._write(name, port, f"{server}[app:{name}-server]\nuse = egg:swift#{name}\n")
        self._write("proxy", self.port, PROXY)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{BUCKET}"

    def start(self) -> None:
        """Start it, and return once it answers."""
        for name in RINGS:
            self._serve(name)
        self.back()

    def back(self) -> None:
        """Start the proxy, and return once it answers."""
        self._serve("proxy")
        until = time.monotonic() + PATIENCE
        while not self._has_bucket():
            assert time.monotonic() < until, self._said()
            time.sleep(0.2)

    def away(self) -> None:
        """End the proxy without warning."""
        self._end("proxy")

    def stop(self) -> None:
        """End all of it."""
        for name in list(self._processes):
            self._end(name)

    def _serve(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [f"swift-{name}-server", self.folder / f"{name}.conf"]
            self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def _end(self, name: str) -> None:
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def _has_bucket(self) -> bool:
        """Make the bucket, or find it there: all four servers have a part in the answer."""
        store = S3Store(
            BUCKET,
            endpoint=f"http://127.0.0.1:{self.port}",
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )
        address = obstore.sign(store, "PUT", "", timedelta(minutes=5))
        asked = urllib.request.Request(address, method="PUT")
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            return error.code == 409  # it is there, and ours
        except OSError:
            return False

    def _write(self, name: str, port: int, rest: str) -> None:
        (self.folder / f"{name}.conf").write_text(
            f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\n"
            f"user = {getpass.getuser()}\n"
            f"swift_dir = {self.folder}\ndevices = {self.folder / 'disks'}\nmount_check = false\n"
            f"fallocate_reserve = 0\n{rest}"
        )

    def _said(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))


def installed() -> bool:
    """Tell whether Debian's packages swift-proxy, -account, -container and -object are here."""
    return all(shutil.which(f"swift-{name}-server") for name in (*RINGS, "proxy"))
