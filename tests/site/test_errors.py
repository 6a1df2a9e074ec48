"""Error pages: in the site's look, in the visitor's language, with nothing of the inside."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask, abort

from tests.page import Browser
from wardsite.application import close_app, create_app
from wardsite.serving.limits import SMALL
from wardsite.settings import Settings

WORDS = {
    400: ("Không hiểu được yêu cầu", "The request could not be understood"),
    403: ("", "You do not have permission to view this page"),
    404: ("", "Page not found"),
    413: ("Tệp quá lớn", "The file is too large"),
    429: ("", "Too many requests"),
    500: ("", "Sorry, there is a problem with the site"),
    503: ("", "The site is busy"),
}


@pytest.fixture
def broken(app: Flask) -> Browser:
    """A site with addresses that fail in every way."""

    def fail(code: int) -> str:
        if code == 500:
            raise RuntimeError("a secret of the inside: /etc/passwd")
        abort(code)

    app.testing = False
    app.add_url_rule("/loi/<int:code>", view_func=fail)
    return Browser(app)


@pytest.mark.parametrize("code", WORDS)
def test_every_error_has_a_page_in_both_languages(broken: Browser, code: int) -> None:
    vietnamese, english = broken.get(f"/loi/{code}", code), broken.get(f"/en/loi/{code}", code)
    assert english.one("h1").text == WORDS[code][1]
    assert vietnamese.one("h1").text != english.one("h1").text
    for page in (vietnamese, english):
        assert page.one(data_slot="bluezone").all("a")
        assert "secret" not in page.response.text
        assert "Traceback" not in page.response.text


def test_an_address_that_is_not_there_is_a_404_whatever_it_looks_like(client: Browser) -> None:
    for path in ("/khong-co", "/..%2f..%2fetc/passwd", "/%ff%fe", "/media/../wardsite.db", "/en/x"):
        answer = client.client.get(path)
        assert answer.status_code == 404, path


def test_a_method_that_an_address_does_not_take_is_told(client: Browser) -> None:
    answer = client.client.delete("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_page_for_others_is_refused_in_the_sites_look(
    signed_in: Callable[[str], Browser],
) -> None:
    page = signed_in("author").get("/quan-tri/cai-dat", 403)
    assert page.all("a", href="/")


def test_without_a_database_the_page_still_says_so_and_healthz_knows(
    app: Flask, client: Browser, lose_database: Callable[[], None]
) -> None:
    app.testing = False
    lose_database()
    answer = client.client.get("/")
    assert answer.status_code == 503
    assert "site_profile" not in answer.text
    assert "<h1>" in answer.text
    assert client.client.get("/healthz").status_code == 503


def test_a_host_that_is_not_ours_is_refused(settings: Settings) -> None:
    ours = create_app(replace(settings, base_url="https://hadinh.example.gov.vn"))
    client = ours.test_client()
    assert client.get("/", headers={"Host": "hadinh.example.gov.vn"}).status_code == 200
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    close_app(ours)


def test_a_form_that_is_too_large_is_a_413(app: Flask, client: Browser) -> None:
    app.config.update(MAX_FORM_MEMORY_SIZE=50_000)
    for data in ({"name": "x" * (SMALL + 1)}, {"name": "x" * 60_000, "f": (BytesIO(b""), "f")}):
        answer = client.client.post("/dang-nhap", data=data)
        client._page(answer, "/dang-nhap", 413)


def test_secrets_of_the_instance_are_no_pages(client: Browser, settings: Settings) -> None:
    database = () if settings.database_url else ("wardsite.db",)
    for name in ("secret_key", "wardsite.toml", *database):
        assert (Path(settings.instance) / name).exists()
        for path in (f"/{name}", f"/media/{name}", f"/static/{name}", f"/media/..%2f{name}"):
            assert client.client.get(path).status_code == 404, path
