"""Stored scripts in every field, shown on every sink, with the CSP switched off: nothing runs.

The policy would stop most of these. Here a proxy of the test's own takes it away from each answer,
so that what holds is the cleaning on the way in and the escaping on the way out.
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Route

from tests.browser.served import serving
from tests.page import Browser
from tests.writing import write_post
from wardsite.accounts import audit, service
from wardsite.extensions import db, transaction
from wardsite.settings import Settings

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


def plant(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    """Fill every field an officer can type with every payload, through the forms."""
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


# The body comes unpacked from the fetch; its old length and coding would be wrong.
LEFT_OUT = (
    "content-security-policy",
    "x-content-type-options",
    "content-encoding",
    "content-length",
)


def without_policy(route: Route) -> None:
    answer = route.fetch(max_redirects=0)
    headers = {
        name: value for name, value in answer.headers.items() if name.lower() not in LEFT_OUT
    }
    route.fulfill(response=answer, headers=headers)


@pytest.fixture
def planted(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    plant(app, signed_in)


@pytest.mark.usefixtures("planted")
def test_no_stored_script_runs_even_without_the_policy(
    settings: Settings, chromium: Chromium
) -> None:
    ran: list[str] = []
    with serving(settings.instance) as site:
        context = chromium.new_context()
        page = context.new_page()
        page.expose_function("alert", lambda said: ran.append(f"{page.url}: {said}"))
        page.route("**/*", without_policy)
        # The test itself must be able to fail: a script of the page does run in this browser.
        page.set_content("<img src=x onerror='alert(0)'>")
        page.wait_for_function("true")
        page.wait_for_timeout(300)
        assert ran, "the alarm does not ring"
        ran.clear()
        page.goto(f"{site}/tin-tuc")
        posts = page.locator("main a[href*='/gai-']").evaluate_all("n => n.map(a => a.href)")
        assert len(set(posts)) >= 8
        paths = ["/", "/gioi-thieu", "/lien-he", "/tim-kiem?q=g%C3%A0i", "/tim-kiem?q=%3Cscript%3E"]
        paths += ["/rss.xml", "/sitemap.xml", "/tin-tuc?trang=2"]
        for url in [*sorted(set(posts)), *(f"{site}{path}" for path in paths)]:
            page.goto(url)
            page.locator("body, rss, urlset").first.dispatch_event("click")
        page.goto(f"{site}/dang-nhap")
        page.locator("#name").fill("the-admin")
        page.locator("#password").fill("mat-khau-de-thu-nghiem")
        page.locator("main button").first.click()
        page.goto(f"{site}/quan-tri/tin-tuc")
        edit = str(page.locator("table a").first.get_attribute("href"))
        desk = ["", "/tin-tuc", "/nhat-ky", "/tai-khoan", "/cai-dat", "/van-ban"]
        for path in [*(f"/quan-tri{path}" for path in desk), edit, f"{edit}/xem-truoc"]:
            page.goto(f"{site}{path}")
            page.wait_for_load_state("networkidle")
        links = page.locator("a[href^='javascript' i], a[href^='data' i]").count()
        assert links == 0
        page.wait_for_timeout(300)
        context.close()
    assert ran == []
