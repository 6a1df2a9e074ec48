"""Stored scripts in every field, shown on every sink, with the CSP switched off: nothing runs.

The policy would stop most of these. Here a proxy of the test's own takes it away from each answer,
so that what holds is the cleaning on the way in and the escaping on the way out.
"""

import base64
import io
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as ChromiumPage

from tests.accounts.authenticator import Device
from tests.browser.served import PATIENCE, serving
from tests.feedback.test_feedback import code_of, send
from tests.office import docx
from tests.page import Browser, Page
from tests.writing import write_post
from wardsite.accounts import audit, passkeys, service
from wardsite.core import feeds
from wardsite.extensions import db, transaction
from wardsite.models import Headline, Source, User
from wardsite.settings import Settings
from wardsite.sources import ingest
from wardsite.sources import service as sources

# Each says alert(…) when it runs, some only when they are clicked or hovered.
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)><script>alert(3)</script></svg>",
    '"><script>alert(4)</script>',
    "'\"--></title></textarea></style><script>alert(5)</script>",
    '<a href="javascript:alert(6)">bấm</a>',
    '<a href="&#106;ava&#9;script:alert(7)">bấm</a>',
    "<iframe srcdoc='<script>parent.alert(8)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=x onerror=alert(9)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(10)>'>",
    "<details open ontoggle=alert(11)><summary>x</summary></details>",
    "<form><button formaction=javascript:alert(12)>x</button></form>",
    "<object data='data:text/html,<script>alert(13)</script>'></object>",
    "<style>@import 'javascript:alert(14)'</style><p style='x:expression(alert(14))'>x</p>",
    "{{ 7*7 }}<script>alert(15)</script>{% raw %}",
    "</script><script>alert(16)</script>",
    "]]><script>alert(17)</script><![CDATA[",
    "<xss id=x tabindex=1 onfocus=alert(18) autofocus></xss>",
)
ALL = "".join(PAYLOADS)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(buffer, "PNG")
    return buffer.getvalue()


# What must be more than text where a form wants it so; every other field gets a payload.
FIXED = {
    "day": f"{datetime.now(UTC) + timedelta(2):%d/%m/%Y}",
    "shown_until": "31/12/2031",
    "issued_on": "05/3/2026",
    "effective_on": "",
    "expires_on": "",
    "url": "/lien-he?x=<script>alert(30)</script>",
    "site_url": "https://example.org/?x=<script>alert(31)</script>",
    "feed_url": "https://example.org/rss",
    "replaces": "",
    "amends": "",
    "based_on": "",
}
# Every form of officers that adds something, but posts and settings, which are planted one by one.
ROOMS = (
    "trang/trang",
    "trang/can-bo",
    "trang/lien-ket",
    "trang/lich",
    "van-ban",
    "nguon-tin/nguon",
)
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


def filled(page: Page, action: str, turn: int) -> dict[str, Any]:
    """Fill a form as the page shows it: payloads in turn in its fields, the first real choice."""
    [form] = [f for f in page.all("form") if f["action"].partition("?")[0] == action]
    values: dict[str, Any] = {"then": "publish"}
    for number, field in enumerate([*form.all("input"), *form.all("textarea")]):
        name, kind = field.get("name"), field.get("type", "text")
        payload = PAYLOADS[(turn + number) % len(PAYLOADS)]
        if not name or kind in ("hidden", "radio"):
            continue
        if kind == "file":
            values[name] = (io.BytesIO(docx([payload])), f"{payload[:40]}.docx")
        elif kind == "checkbox":
            values[name] = field.get("value") or "y"
        elif kind == "number":
            values[name] = field.get("value") or "15"
        elif kind == "email" or name == "email":
            values[name] = "a<script>alert(32)</script>@example.org"
        elif name in FIXED:
            values[name] = FIXED[name]
        else:
            values[name] = (payload if field.name == "input" else ALL)[:190]
    for select in form.all("select"):
        options = [option["value"] for option in select.all("option") if option.get("value")]
        values[select["name"]] = "published" if "published" in options else options[0]
    return values


def plant_rooms(app: Flask, admin: Browser) -> None:
    """Fill the forms of every room that adds something, and take in a feed."""
    for turn, room in enumerate(ROOMS):
        action = f"/quan-tri/{room}/them"
        values = filled(admin.get(action), action, turn)
        if room == "trang/lien-ket":
            values["picture"] = (io.BytesIO(png()), f"{PAYLOADS[1]}.png")
        if room == "van-ban":
            values["code"] = "15/QĐ-UBND"
        [token, *_] = admin.get(action).all("input", name_="csrf_token")
        answer = admin.client.post(action, data={"csrf_token": token["value"], **values})
        assert answer.status_code == 302, (action, re.findall('<a href="#.*', answer.text))
    picture = (io.BytesIO(png()), f"{PAYLOADS[1]}.png")
    admin.post("/quan-tri/hinh-anh", files=picture, alt=PAYLOADS[3])
    plant_feed(app)


def plant_feed(app: Flask) -> None:
    """Take in a feed as it would come over the wire; every second headline is approved."""
    items = "".join(
        f"<item><title>{escape(escape(payload))}</title><description><![CDATA[{safe}]]>"
        f"{escape(escape(payload))}</description><guid>{number}</guid>"
        f"<link>https://example.org/{number}?{escape('<script>alert(33)</script>')}</link>"
        f"<pubDate>{NOW:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for number, payload in enumerate(PAYLOADS)
        for safe in [payload.replace("]]>", "")]
    )
    body = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()
    entries = list(feeds.parse(body, "https://example.org/rss").entries)
    assert len(entries) == len(PAYLOADS)
    with app.app_context():
        with transaction() as session:
            source = session.scalars(db.select(Source).order_by(Source.id.desc())).first()
            assert ingest.take(session, source, entries, NOW) == (len(PAYLOADS), 0)
        admin = db.session.scalars(db.select(User).where(User.name == "the-admin")).one()
        ids = set(db.session.scalars(db.select(Headline.id)).all()[::2])
        sources.decide(service.SignedIn(admin, ""), ids, "approved", NOW)


def plant_feedback(client: Browser, admin: Browser) -> str:
    """Send feedback, answer and publish it through the forms; return its code."""
    texts = ("subject", "body", "place", "contact")
    typed = {name: f"{PAYLOADS[n]} {ALL}"[:110] for n, name in enumerate(texts)}
    code = code_of(send(client, **{**typed, "body": ALL, "name": "Hoa <svg onload=alert(34)>"}))
    public = {"subject": ALL[:190], "body": ALL, "reply": PAYLOADS[0]}
    page = "/quan-tri/phan-anh/1"
    admin.post(f"{page}/tra-loi", page=page, answer=ALL)
    admin.post(f"{page}/cong-khai", page=page, **public)
    return code


def plant_passkey(app: Flask) -> None:
    """Have a device in software make a passkey with a name that is a script."""
    host = passkeys.Site("http://localhost", "x")
    with app.app_context():
        user = db.session.scalars(db.select(User).where(User.name == "the-admin")).one()
        now = datetime.now(UTC)
        asked = passkeys.ask_to_make(host, user, None, now)
        passkeys.add(host, user, PAYLOADS[0], Device().make(asked.options), asked.state, now)
        db.session.remove()
        db.engine.dispose()


def plant(app: Flask, signed_in: Callable[[str], Browser]) -> str:
    """Fill every field with every payload, through the forms; return the feedback's code."""
    admin = signed_in("admin")
    for number, payload in enumerate(PAYLOADS):
        write_post(
            admin,
            f"Gài {number} {payload}"[:200],
            body=f"<p>Đoạn {number}</p>{payload}",
            summary=payload,
            author_line=payload[:100],
            cover=(io.BytesIO(png()), f"{payload[:60]}.png"),
            cover_alt=payload[:100],
        )
    settings = admin.get("/quan-tri/cai-dat")
    typed = {
        field["name"]: ALL[:190]
        for field in [*settings.all("input"), *settings.all("textarea")]
        if field.get("type", "text") == "text" and field.get("name")
    }
    typed.update({"email": "", "about_html": ALL, "phone": PAYLOADS[0], "name": PAYLOADS[3]})
    admin.post("/quan-tri/cai-dat", **typed)
    plant_rooms(app, admin)
    code = plant_feedback(Browser(app), admin)
    with app.app_context():
        service.add_user("gai", "author", datetime.now(UTC), display_name=PAYLOADS[1])
        with transaction() as session:
            audit.record(session, datetime.now(UTC), PAYLOADS[0], PAYLOADS[1], PAYLOADS[2], x=ALL)
    intruder = Browser(app)
    intruder.client.environ_base["HTTP_USER_AGENT"] = PAYLOADS[1]
    intruder.sign_in("the-admin", "mat-khau-de-thu-nghiem")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return code


ALARM = '<img src="x" onerror="alert(0)">'
# The body comes unpacked; its old length and coding would be wrong.
LEFT_OUT = (
    "content-security-policy",
    "x-content-type-options",
    "content-encoding",
    "content-length",
)


def lift_policy(page: ChromiumPage) -> None:
    """Take the policy away from each page on its way to the browser; files it goes on keeping."""
    wire = page.context.new_cdp_session(page)

    def without_policy(paused: dict[str, Any]) -> None:
        answer = {"requestId": paused["requestId"]}
        status = paused.get("responseStatusCode", 0)  # none where there is no answer
        if not status or 300 <= status < 400:
            wire.send("Fetch.continueRequest", answer)
            return
        sent = wire.send("Fetch.getResponseBody", answer)
        body = sent["body"]
        if not sent["base64Encoded"]:
            body = base64.b64encode(body.encode()).decode()
        headers = [
            header for header in paused["responseHeaders"] if header["name"].lower() not in LEFT_OUT
        ]
        more = {"responseCode": status, "responseHeaders": headers, "body": body}
        wire.send("Fetch.fulfillRequest", answer | more)

    wire.on("Fetch.requestPaused", without_policy)
    kinds = [{"resourceType": kind, "requestStage": "Response"} for kind in ("Document", "Fetch")]
    wire.send("Fetch.enable", {"patterns": kinds})


def ring(page: ChromiumPage, heard: list[str]) -> None:
    """Run a script in the page as a stored one would, and wait until its alarm is heard."""
    before = len(heard)
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {ALARM!r})")
    deadline = time.monotonic() + PATIENCE
    while len(heard) == before:
        assert time.monotonic() < deadline, "the alarm does not ring"
        page.wait_for_timeout(20)


@pytest.fixture
def planted(app: Flask, signed_in: Callable[[str], Browser]) -> str:
    return plant(app, signed_in)


# In one go: each question of Playwright's own brings its whole library into every new page.
LOOK = """() => {
  document.querySelector("body, rss, urlset").dispatchEvent(
    new MouseEvent("click", { bubbles: true, cancelable: true, composed: true }));
  return [
    document.querySelectorAll("a[href^='javascript' i], a[href^='data' i]").length,
    [...document.querySelectorAll("a[href^='/']")].map((link) => link.getAttribute("href")),
    document.documentElement.outerHTML,
  ];
}"""


def crawl(
    page: ChromiumPage, site: str, starts: list[str], within: str, most: int
) -> dict[str, bool]:
    """Open pages from link to link below `within`, at most `most` of a kind (numbers set aside).

    Returns the paths and whether a payload shows on them.
    """
    waiting, seen, kinds = list(starts), dict[str, bool](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"/[^/]*[0-9][^/]*", "/#", path)
        if path in seen or kinds[kind] >= most:
            continue
        kinds[kind] += 1
        page.goto(f"{site}{path}")
        bad, found, source = page.evaluate(LOOK)
        assert bad == 0, path
        seen[path] = "alert(" in source
        # One page of a list stands for all; files are told by their headers, not shown.
        paths = {href.partition("#")[0] for href in found if not SKIPPED.search(href)}
        waiting += sorted(path for path in paths - seen.keys() if re.match(within, path))
    return seen


def shown(seen: dict[str, bool], room: str) -> bool:
    """Tell whether a payload was on a page of the room: planted, and not just visited."""
    return any(there for path, there in seen.items() if re.match(room, path))


SKIPPED = re.compile(r"^/(tep|media|static|en)/|rss|trang=|ban-in|dang-xuat|\.[a-z0-9]{2,5}$|[?&]")


def test_no_stored_script_runs_even_without_the_policy(
    app: Flask, settings: Settings, chromium: Chromium, planted: str
) -> None:
    ran: list[str] = []
    with serving(settings.instance) as site:
        context = chromium.new_context()
        page = context.new_page()
        page.expose_function("alert", lambda said: ran.append(f"{page.url}: {said}"))
        lift_policy(page)
        # The test itself must be able to fail: a script in a page of the site does run.
        page.goto(site)
        ring(page, ran)
        ran.clear()
        paths = ["/", "/gioi-thieu", "/lien-he", "/tim-kiem?q=g%C3%A0i", "/tim-kiem?q=%3Cscript%3E"]
        paths += ["/rss.xml", "/sitemap.xml", "/van-ban/rss.xml", "/tin-tuc?trang=2", "/nguon-tin"]
        public = crawl(page, site, paths, "/(?!quan-tri|dang-nhap)", 20)
        assert len([path for path in public if "/gai-" in path]) >= 8
        rooms = ["/van-ban/", "/trang/", "/phan-anh/tra-loi/", "/lich", "/nguon-tin", "/gioi-thieu"]
        assert [room for room in rooms if not shown(public, room)] == [], sorted(public)
        # What only the sender sees, and the copy that they take away, opened as a file of its own.
        page.goto(f"{site}/phan-anh")
        page.locator("#code").fill(planted)
        page.get_by_role("button", name="Tra cứu").click()
        page.locator("#held").wait_for()
        assert "alert(" in page.content()
        token = page.locator("[name=csrf_token]").first.input_value()
        form = {"csrf_token": token, "code": planted, "form": "html"}
        page.set_content(page.request.post(f"{site}/phan-anh/ban-sao", form=form).text())
        assert "alert(" in page.locator("main").inner_text()
        page.goto(f"{site}/dang-nhap")
        page.locator("#name").fill("the-admin")
        page.locator("#password").fill("mat-khau-de-thu-nghiem")
        page.locator("main button").first.click()
        page.wait_for_url(f"{site}/quan-tri")
        plant_passkey(app)
        desk = ["", "/tin-tuc", "/nhat-ky", "/tai-khoan", "/cai-dat", "/van-ban", "/hinh-anh"]
        desk += [
            "/nguon-tin",
            "/nguon-tin?loc=pending",
            "/phan-anh/1",
            "/phan-anh",
            "/can-bo",
            "/trang/trang",
        ]
        desk += [f"/trang/{name}" for name in ("can-bo", "lien-ket", "lich")]
        seen = crawl(
            page, site, [f"/quan-tri{path}" for path in desk], "/quan-tri(?!/(tro-giup|can-bo/))", 2
        )
        rooms = ["tin-tuc/[0-9]", "van-ban/[0-9]", "phan-anh/[0-9]", "hinh-anh/[0-9]", "nhat-ky"]
        rooms += ["nguon-tin/nguon/[0-9]", "trang/can-bo/[0-9]", "trang/lich", "tai-khoan$"]
        assert [room for room in rooms if not shown(seen, f"/quan-tri/{room}")] == [], sorted(seen)
        ring(page, ran)  # the last, so that whatever rang before it was heard
        context.close()
    assert len(ran) == 1, ran
