"""On loopback, a page with the editor in a form, under the site's policy, and what it sends."""

import base64
import json
from dataclasses import dataclass, field
from email import message_from_bytes
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = Path(__file__).parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR42mPg"
    "9p+HBzGMSmNDAHLQYOEgYFrFAAAAAElFTkSuQmCC"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Soạn bài</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/img/favicon.svg">
<link rel="stylesheet" href="/static/css/site.css">
<link rel="stylesheet" href="/static/vendor/editor/editor.css">
<script src="/static/vendor/editor/editor.js" defer></script></head>
<body><main class="wrap" id="noi-dung"><h1>Soạn bài</h1>
<form method="post" action="/save">
<p><label for="body">Nội dung</label></p>
<textarea id="body" name="body" rows="8" cols="40" data-editor data-upload-url="/upload"
 data-csrf="a-token" data-upload-max="2000000" ATTRIBUTES>CONTENT</textarea>
<p><button type="submit">Lưu bài</button></p></form></main></body></html>"""


@dataclass
class EditorSite:
    """What the page shows next, what the server answers next, and what it was sent."""

    content: str = ""
    attributes: str = ""
    refusals: list[tuple[int, str]] = field(default_factory=list)
    uploads: list[dict[str, str]] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    url: str = ""

    def page(self) -> bytes:
        """Return the page, its textarea holding `content`."""
        held = self.content.replace("&", "&amp;").replace("<", "&lt;")
        return PAGE.replace("ATTRIBUTES", self.attributes).replace("CONTENT", held).encode()

    def take_upload(self, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        """Record a picture and return what its upload is answered with: status and body."""
        if self.refusals:
            return self.refusals.pop(0)
        head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
        sent = {"csrf": headers.get("x-csrftoken", "")}
        for part in message_from_bytes(head + body).get_payload():
            name = str(part.get_param("name", header="content-disposition"))
            data = part.get_payload(decode=True)
            sent[name] = "picture" if data == PNG else data.decode(errors="replace")
        self.uploads.append(sent)
        address = f"/media/{len(self.uploads)}.png"
        return 201, json.dumps({"url": address, "width": 10, "height": 10, "alt": sent["alt"]})


def serve(site: EditorSite) -> ThreadingHTTPServer:
    """Serve `site` on a free port of the loopback address and set its url."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing."""

        def answer(self, status: int, content_type: str, body: bytes, kept: int = 0) -> None:
            self.send_response(status)
            self.send_header("Cache-Control", f"max-age={kept}")
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path == "/":
                self.answer(200, "text/html; charset=utf-8", site.page())
            elif path.startswith("/media/"):
                self.answer(200, "image/png", PNG)
            else:
                self.send_file(path)

        def send_file(self, path: str) -> None:
            folder = ROOT / "wardsite" if path.startswith("/static/") else ROOT
            file = (folder / path.lstrip("/")).resolve()
            if not file.is_relative_to(folder) or not file.is_file():
                self.answer(HTTPStatus.NOT_FOUND, "text/plain", b"not found")
                return
            kind = TYPES.get(file.suffix, "application/octet-stream")
            self.answer(200, f"{kind}; charset=utf-8", file.read_bytes(), kept=3600)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/upload":
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, text = site.take_upload(headers, body)
                self.answer(status, "application/json", text.encode())
                return
            fields = parse_qs(body.decode(), keep_blank_values=True)
            site.saved.append(fields["body"][0].replace("\r\n", "\n"))
            self.answer(200, "text/html; charset=utf-8", "<p>Đã lưu</p>".encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}/"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server
