"""What every answer says to the browser, and the language of the address."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.page import Browser
from wardsite.application import close_app, create_app
from wardsite.settings import Settings

PATHS = ("/", "/covid-19", "/en/", "/khong-co", "/dang-nhap", "/healthz", "/static/css/site.css")


def policy(text: str) -> dict[str, set[str]]:
    return {name: set(words) for name, *words in (part.split() for part in text.split(";"))}


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_lets_in_what_is_not_from_this_host(client: Browser, path: str) -> None:
    answer = client.client.get(path)
    found = policy(answer.headers["Content-Security-Policy"])
    assert found["default-src"] == {"'none'"}
    assert found["base-uri"] == {"'none'"}
    assert found["script-src"] == found["style-src"] == found["img-src"] == {"'self'"}
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"]
    assert "Strict-Transport-Security" not in answer.headers
    answer.close()


def test_over_https_cookies_are_secure_and_the_browser_is_told_to_stay(
    settings: Settings, app: Flask
) -> None:
    secure = create_app(replace(settings, base_url="https://hadinh.example.gov.vn"))
    answer = secure.test_client().get(
        "/dang-nhap", base_url="https://hadinh.example.gov.vn", headers={"Accept": "text/html"}
    )
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Secure" in answer.headers["Set-Cookie"]
    close_app(secure)


def test_officers_pages_are_kept_by_no_cache(signed_in: Callable[[str], Browser]) -> None:
    admin = signed_in("admin")
    for path in ("/quan-tri", "/quan-tri/cai-dat", "/quan-tri/tin-tuc/viet"):
        assert admin.client.get(path).headers["Cache-Control"] == "no-store"


def test_a_signed_out_page_never_comes_from_a_signed_in_one(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    admin = signed_in("admin")
    admin.get("/")
    admin.get("/khong-co", 404)
    assert "the-admin" not in Browser(app).get("/").response.text


@pytest.mark.parametrize("path", ["/en", "/en/", "/en/tin-tuc"])
def test_the_address_says_the_language(client: Browser, path: str) -> None:
    page = client.get(path)
    assert page.one("html")["lang"] == "en"
    menu = [node["href"] for node in page.one("nav", id="menu").all("a")]
    assert len(menu) > 4
    assert all(link.startswith("/en/") for link in menu)
    other = page.one("a", hreflang="vi")["href"]
    assert other == (path.removeprefix("/en") or "/")


def test_addresses_that_only_look_english_are_vietnamese(client: Browser) -> None:
    assert client.client.get("/english").status_code == 404
    page = client._page(client.client.get("/entertainment"), "/entertainment", 404)
    assert page.one("html")["lang"] == "vi"


def test_health_tells_nothing_but_whether(client: Browser) -> None:
    answer = client.client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"
