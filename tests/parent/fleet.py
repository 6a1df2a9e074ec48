"""Sixty units on loopback: wardsite instances, and pages of other makes, some of them lying.

One threaded server answers for all of 127.0.0.0/8 and tells units apart by their Host header, so
each has an origin of its own.
"""

# ruff: noqa: E501 (pages are written as other makes write them)
from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.serving import make_server

from wardsite.core.central_config import parse
from wardsite.core.central_schema import CentralConfig
from wardsite.core.mandate import Mandate, Unit, in_effect
from wardsite.parent.publish import check, draft, seal, secret_key

EXAMPLE = Path(__file__).parents[2] / "examples" / "thanh-xuan"
KEY, PASSPHRASE = EXAMPLE / "EXAMPLE-DO-NOT-USE.key", "EXAMPLE-DO-NOT-USE"
Wsgi = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

DRILL = """
[[notices]]
id = "dien-tap"
severity = "info"
title = "Diễn tập: kiểm tra đường truyền"
body = "Không hiển thị cho người dân."
valid_from = 2020-08-12T00:00:00+07:00
drill = true
"""


def write_district(folder: Path, urls: dict[str, str | None]) -> Path:
    """Write and sign a district file whose units have these addresses."""
    text = (EXAMPLE / "district.toml").read_text(encoding="utf-8").split("[[units]]")[0]
    text = text.replace("valid_to    = 2020-12-31", "valid_to    = 2035-12-31") + DRILL
    for unit, url in urls.items():
        kind = "school" if unit.startswith("truong") else "ward"
        text += f'\n[[units]]\nid = "{unit}"\nkind = "{kind}"\nname = "Đơn vị {unit}"\n'
        text += f'url = "{url}"\n' if url else ""
    path = folder / "district.toml"
    path.write_text(text, encoding="utf-8")
    now = datetime.now(UTC)
    seal(draft(check(path, now), 90, now), secret_key(KEY), PASSPHRASE)
    return path


def mandate_of(path: Path, unit: str = "x", kind: Any = "ward") -> tuple[CentralConfig, Mandate]:
    """Return the config and what it orders now."""
    config = parse(path.read_bytes())
    return config, in_effect(config, Unit(unit, kind), datetime.now(UTC))


# --- Pages of other makes, each showing all that is mandated


@dataclass
class Parts:
    """The pieces of a page, each of which a unit may spoil."""

    banner: str
    notice: str
    rest: str
    head: str = ""
    before: str = ""
    after: str = ""


def parts(order: Mandate) -> Parts:
    """Return what a dutiful webmaster writes by hand."""
    banner, notice = order.banners[0], order.notices[0]
    rest = "".join(
        [
            *(f"<h3>{escape(app.name)}</h3>" for app in order.apps),
            *(f"<li><a href='/cm/{t.slug}'>{escape(t.label)}</a>" for t in order.topics),
            *(f"<li><a href='{s.site_url}'>{escape(s.name)}</a>" for s in order.sources),
            *(f"<li>{escape(h.label)}: <b>{h.display}</b>" for h in order.hotlines),
            *(f"<li><a href='{link.url}'>{escape(link.label)}</a>" for link in order.links),
            *(f"<li>{escape(d.code)} – {escape(d.summary)}" for d in order.documents),
        ]
    )
    return Parts(
        banner=f'<a class="banner" href="{banner.link_url}"><img src="/b.png" alt="{escape(banner.alt)}"'
        ' width="300" height="120"></a>',
        notice=f'<div class="tb"><h2>{escape(notice.title)}</h2><p>{escape(notice.body)}</p>'
        f'<a href="{notice.link_url}">{escape(notice.link_label or "")}</a></div>',
        rest=f"<ul>{rest}</ul>",
    )


def wordpress(p: Parts) -> str:
    """A page as WordPress with a common theme writes it."""
    return f"""<!DOCTYPE html>
<html lang="vi" class="no-js"><head><meta charset="UTF-8"><title>UBND phường</title>
<link rel='stylesheet' id='theme-css' href='/style.css?ver=6.4' media='all' />
<style id='wp-block-library-inline-css'>.wp-block-button__link{{color:#fff}}
.screen-reader-text{{clip:rect(1px,1px,1px,1px);position:absolute!important;height:1px;width:1px;overflow:hidden}}
.mobile-menu{{display:none}}@media(max-width:600px){{.mobile-menu{{display:block}}.sidebar-desktop{{display:none}}}}
.sub-menu{{position:absolute;left:-9999px}}li:hover>.sub-menu{{left:0}}</style>{p.head}</head>
<body class="home page wp-embed-responsive">{p.before}<a class="skip-link screen-reader-text" href="#c">Tới nội dung</a>
<header class="site-header"><nav><ul><li>Trang chủ<ul class="sub-menu"><li>Ẩn</ul></ul></nav></header>
<div id="c" class="site-content"><main>{p.notice}<p>Tin tức &amp; sự kiện</main>
<aside class="widget-area"><section class="widget">{p.banner}</section><section>{p.rest}</section></aside></div>
{p.after}<script>document.write("<p>quảng cáo")</script></body></html>"""


def nukeviet(p: Parts) -> str:
    """A page as NukeViet writes it: tables of blocks, XHTML habits, links by http to itself."""
    return f"""<!DOCTYPE html>
<html lang="vi" xmlns="http://www.w3.org/1999/xhtml"><head><title>Trường học</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<link rel="stylesheet" href="/style.css" />{p.head}</head><body>{p.before}<noscript>Cần JavaScript</noscript>
<div class="body-bg"><div class="wraper"><table width="100%"><tr><td class="col-left">{p.banner}<td>{p.notice}
<div class="panel panel-default"><div class="panel-body">{p.rest}</div></div></table></div></div>{p.after}</body></html>"""


def plain(p: Parts) -> str:
    """A page written by hand twenty years ago."""
    return f"<title>Phường</title>{p.head}<body bgcolor=white>{p.before}<center>{p.banner}</center>{p.notice}{p.rest}{p.after}"


def status(config: CentralConfig, sha256: str, unit: str, /, **changed: Any) -> dict[str, Any]:
    """Return the status of a wardsite where all is well, parts of it changed."""
    now = datetime.now(UTC)
    order = in_effect(config, Unit(unit, "ward"), now)
    report: dict[str, Any] = {
        "format": 1,
        "software": {"name": "wardsite", "version": "0.1.0"},
        "unit": {"id": unit, "kind": "ward"},
        "now": now.isoformat(),
        "config": {
            "id": config.config.id,
            "revision": config.config.revision,
            "sha256": sha256,
            "applied_at": (config.config.issued_at + timedelta(minutes=7)).isoformat(),
            "expires_at": config.config.expires_at.isoformat(),
        },
        "contact": {"last": now.isoformat(), "stale": False, "expired": False, "refusal": None},
        "items": {
            "mandated": list(order.item_keys()),
            "on_show": list(order.item_keys()),
            "drills": [drill.id for drill in order.drills],
        },
    }
    for name, value in changed.items():
        section, _, key = name.partition("__")
        if key:
            report[section][key] = value
        else:
            report[section] = value
    return report


# --- The server


@dataclass
class Answer:
    """What a unit's server sends for one path."""

    body: bytes | Iterable[bytes] = b""
    code: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    delay: float = 0.0


@dataclass
class Fleet:
    """The server; `origins` maps a host to a WSGI application, `asked` holds times of requests."""

    port: int = 0
    origins: dict[str, Wsgi] = field(default_factory=dict)
    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def url(self, number: int) -> str:
        """Return the address of a unit."""
        return f"http://127.0.0.{number}:{self.port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """Every host of the fleet."""
        return frozenset(f"127.0.0.{number}" for number in range(1, 255))

    def answer(self, number: int, answers: dict[str, Answer]) -> None:
        """Let a unit answer by path."""

        def app(environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            found = answers.get(environment["PATH_INFO"])
            if found is None:
                start("404 Not Found", [("Content-Type", "text/plain")])
                return [b"nothing here"]
            time.sleep(found.delay)
            headers = found.headers or [("Content-Type", "text/html; charset=utf-8")]
            start(found.code, headers)
            return [found.body] if isinstance(found.body, bytes) else found.body

        self.origins[f"127.0.0.{number}"] = app

    def page(
        self, number: int, html: str, css: str = "", said: object = None, delay: float = 0.0
    ) -> None:
        """Let a unit show a page, and say a status when one is given."""
        answers = {
            "/": Answer(html.encode(), delay=delay),
            "/style.css": Answer(css.encode(), headers=[("Content-Type", "text/css")]),
        }
        if said is not None:
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            answers["/.well-known/wardsite.json"] = Answer(body)
        self.answer(number, answers)

    def __call__(self, environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer as the unit that is asked."""
        host = environment["HTTP_HOST"].partition(":")[0]
        self.asked[host].append(time.monotonic())
        return self.origins[host](environment, start)

    def busiest_second(self) -> Counter[str]:
        """Return how many requests each host got in its busiest second."""
        busiest: Counter[str] = Counter()
        for host, times in self.asked.items():
            times.sort()
            busiest[host] = max(sum(t <= u < t + 0.95 for u in times) for t in times)
        return busiest


@contextmanager
def serving() -> Iterator[Fleet]:
    """Serve a fleet on a free port while the block runs."""
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    fleet = Fleet()
    server = make_server("0.0.0.0", 0, fleet, threaded=True)  # noqa: S104
    fleet.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fleet
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
