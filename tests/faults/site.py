"""A site as it runs, to be hurt: `wardsite serve` as processes of its own, and who visits it."""

import http.client
import os
import re
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

from tests.terminal import WARDSITE, environment, free_port
from tests.writing import BODY, NEW

PATIENCE = 60.0  # seconds for a busy machine


class Site:
    """A server on an instance; as a context it has answered, and is ended when that is left."""

    def __init__(self, instance: Path, port: int = 0, **settings: str) -> None:
        self.instance, self.port = instance, port or free_port()
        self.log = Path(tempfile.gettempdir()) / f"wardsite-{os.getpid()}-{self.port}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [WARDSITE, "serve", "--port", str(self.port)],
                env=environment(instance, **settings),
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Site":
        try:
            return self.wait()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, *error: object) -> None:
        self.kill()

    def wait(self) -> "Site":
        """Return once something answers."""
        until = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError, http.client.HTTPException):
                Visitor(self).get("/static/css/site.css")
                return self
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """Return the processes that answer: the children of the one that was started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def kill(self) -> None:
        """End all of it as a power cut would; nothing to do when it has ended."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.unlink(missing_ok=True)

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        self.log.unlink(missing_ok=True)
        return code


class Visitor:
    """Somebody with a browser: keeps cookies, sends forms with their token."""

    def __init__(self, site: Site) -> None:
        self.port = site.port
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)

    def post(self, path: str, page: str = "", **fields: str) -> tuple[int, str]:
        """Send a form of `page`, or of the one at `path`, with the token that stands in it."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page or path)[1])
        assert found, path
        return self._ask("POST", path, urlencode({"csrf_token": found[1], **fields}))

    def sign_in(self, name: str, password: str) -> tuple[int, str]:
        return self.post("/dang-nhap", name=name, password=password)

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://127.0.0.1:{self.port}{path}"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            for value in answer.headers.get_all("Set-Cookie") or ():
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return answer.status, text
        finally:
            connection.close()


def publish(editor: Visitor, title: str) -> tuple[int, str]:
    """Publish a post by the officers' form; return status and page."""
    category = editor.get(NEW)[1].partition('id="category_id"')[2].partition('value="')[2]
    fields = {"title": title, "body_html": BODY, "category_id": category.partition('"')[0]}
    return editor.post(NEW, **fields, then="publish")
