"""Headers, hosts, proxies, limits: what every answer has and what no request may do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.csrf.core import CSRFTokenField
from wtforms.validators import Length

from tests.page import Browser
from wardsite.application import close_app, create_app
from wardsite.forms import DayField, Form, MomentField
from wardsite.settings import Settings

PAGES = ("/", "/tin-tuc", "/khong-co", "/dang-nhap", "/quan-tri", "/healthz", "/robots.txt")


@pytest.fixture
def behind_proxy(settings: Settings) -> Iterator[Flask]:
    """The app as shipped: https, a host name of its own, one reverse proxy in front."""
    change = {"base_url": "https://hadinh.example.gov.vn", "trusted_proxies": 1}
    app = create_app(replace(settings, **change))
    yield app
    close_app(app)


def policy(headers: dict[str, str]) -> dict[str, list[str]]:
    parts = headers["Content-Security-Policy"].split("; ")
    return {part.split()[0]: part.split()[1:] for part in parts}


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_what_the_observatory_asks_for(behind_proxy: Flask, path: str) -> None:
    answer = behind_proxy.test_client().get(path, base_url="https://hadinh.example.gov.vn")
    rules = policy(dict(answer.headers))
    assert rules["default-src"] == ["'none'"]
    assert rules["base-uri"] == ["'none'"]
    assert rules["form-action"] == ["'self'"]
    assert rules["frame-ancestors"] in (["'self'"], ["'none'"])
    values = {value for rule in rules.values() for value in rule}
    assert not [value for value in values if "unsafe" in value or "*" in value or ":" in value]
    seconds = int(answer.headers["Strict-Transport-Security"].partition("=")[2].split(";")[0])
    assert seconds >= 15768000
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] in ("SAMEORIGIN", "DENY")
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "X-Powered-By" not in answer.headers


def test_the_cookies_of_a_site_on_https_are_secure(behind_proxy: Flask) -> None:
    client = behind_proxy.test_client()
    answer = client.get(
        "/dang-nhap",
        base_url="https://hadinh.example.gov.vn",
        headers={"X-Forwarded-Proto": "https"},
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    assert cookies[0].startswith("__Host-wardsite=")
    assert "Path=/" in cookies[0]
    assert "Domain" not in cookies[0]
    for cookie in cookies:
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "host",
    ["evil.example", "hadinh.example.gov.vn.evil.example", "xhadinh.example.gov.vn", "[::1]"],
)
def test_a_host_that_is_not_ours_is_refused(behind_proxy: Flask, host: str) -> None:
    for path in ("/", "/dang-nhap"):
        answer = behind_proxy.test_client().get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert "Set-Cookie" not in answer.headers


def _address_seen(app: Flask, headers: dict[str, str]) -> str:
    from flask import request

    seen = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(request.remote_addr))
    app.test_client().get("/dang-nhap", headers={"Host": "localhost", **headers})
    return str(seen[-1])


def test_the_visitors_address_is_taken_from_as_many_proxies_as_are_trusted(
    behind_proxy: Flask, app: Flask
) -> None:
    forged = {"X-Forwarded-For": "10.9.9.9, 203.0.113.5"}
    # One proxy is trusted: what it wrote counts, what the visitor wrote before it does not.
    assert _address_seen(behind_proxy, forged) == "203.0.113.5"
    # None is trusted: the header is the visitor's own invention.
    assert _address_seen(app, forged) == "127.0.0.1"


def test_a_proxy_cannot_be_talked_into_another_host(behind_proxy: Flask) -> None:
    answer = behind_proxy.test_client().get(
        "/dang-nhap",
        base_url="https://hadinh.example.gov.vn",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "//evil.example"},
    )
    assert "evil.example" not in answer.text


def test_made_up_ports_do_not_push_kept_pages_out(behind_proxy: Flask, settings: Settings) -> None:
    for port in range(1, 6):
        base = f"https://hadinh.example.gov.vn:{port}"
        assert behind_proxy.test_client().get("/tin-tuc", base_url=base).status_code == 200
    assert len(list((settings.instance / "pages").iterdir())) == 1


def token(browser: Browser) -> str:
    return browser.get("/dang-nhap").one("input", name_="csrf_token")["value"]


def test_a_body_fields_and_parts_have_their_limits(app: Flask, client: Browser) -> None:
    given = token(client)
    most = app.config["MAX_CONTENT_LENGTH"]
    answer = client.client.post(
        "/dang-nhap", headers={"Content-Length": str(most + 1)}, data=b"", content_type="text/plain"
    )
    assert answer.status_code in (400, 413)
    huge = {"csrf_token": given, "name": "x" * (app.config["MAX_FORM_MEMORY_SIZE"] + 1)}
    assert client.client.post("/dang-nhap", data=huge).status_code == 413
    # As multipart, the limit of what is kept in memory holds as well.
    head = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
    body = head + b"x" * app.config["MAX_FORM_MEMORY_SIZE"] + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    answer = client.client.post("/dang-nhap", data=body, content_type=kind)
    assert answer.status_code == 413
    parts = {"csrf_token": given, **{f"f{n}": "x" for n in range(501)}}
    answer = client.client.post("/dang-nhap", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413


# Not stored, or bounded by what reads it: argon2's 200 characters, 8 kB of a passkey's answer,
# 50 numbers of 200 characters, 1,000 characters of keywords, 2 MB and 20,000 tags of markup.
BOUNDED_ELSEWHERE = {
    "password", "current", "again", "credential", "code", "replaces", "amends", "based_on",
    "kept_files", "website", "seal", "sum", "what", "sure", "copy_key", "match", "body_html",
    "about_html",
}  # fmt: skip


def forms_below(form: type[Form]) -> Iterator[type[Form]]:
    for below in form.__subclasses__():
        yield below
        yield from forms_below(below)


def test_every_field_of_text_has_a_length(app: Flask) -> None:
    with app.test_request_context():
        fields = [
            (type(form).__name__, field)
            for form in (kind(formdata=None) for kind in forms_below(Form))
            for field in form
            if isinstance(field, StringField | TextAreaField | HiddenField)
            and not isinstance(field, DayField | MomentField | CSRFTokenField)
        ]
        assert len(fields) > 60
        without = {
            (form, field.name)
            for form, field in fields
            if not any(isinstance(check, Length) for check in field.validators)
            and field.name not in BOUNDED_ELSEWHERE
        }
    assert without == {("FaultyForm", "name"), ("FaultyForm", "hours")}  # a sample that is not sent


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000, "²", "٣", "-1"])
def test_no_number_that_is_typed_is_too_much(
    client: Browser, signed_in: Callable[[str], Browser], number: str
) -> None:
    client.get(f"/van-ban?nam={number}")
    client.get(f"/van-ban?trang={number}", 404)
    editor = signed_in("editor")
    editor.get(f"/quan-tri/tin-tuc?chuyen-muc={number}")
    editor.get(f"/quan-tri/nguon-tin?nguon={number}")
    editor.post("/quan-tri/nguon-tin/duyet", page="/quan-tri", deed="duyet", id=number)
    sheets = "/quan-tri/van-ban/tu-bang"
    editor.post(f"{sheets}/nhap", page=sheets, sheet=number)
    editor.post("/quan-tri/van-ban/them", 422, kept_files=f"1,{number}")


@pytest.mark.parametrize("number", ["9" * 19, "9" * 400, "-1", "0"])
def test_numbers_beyond_the_database_find_nothing(
    client: Browser, signed_in: Callable[[str], Browser], number: str
) -> None:
    client.get(f"/tep/{number}/x.pdf", 404)
    editor = signed_in("editor")
    editor.get(f"/quan-tri/tin-tuc/{number}", 404)
    fields = {"title": "Số lớn", "body_html": "<p>x</p>", "category_id": number}
    for name in ("cover_pick", "version"):
        editor.post("/quan-tri/tin-tuc/viet", 422, then="save", **{**fields, name: number})


@pytest.mark.parametrize("depth", [200, 5000])
def test_text_nested_without_end_is_taken_in_or_refused_but_never_fails(
    signed_in: Callable[[str], Browser], depth: int
) -> None:
    editor = signed_in("editor")
    for tag in ("div", "ul><li", "blockquote", "table><tr><td"):
        fields = {"title": "Lồng nhau", "body_html": f"<{tag}>" * depth + "x", "then": "save"}
        page = editor.client.get("/quan-tri/tin-tuc/viet").text
        given = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        answer = editor.client.post(
            "/quan-tri/tin-tuc/viet", data={"csrf_token": given, "category_id": "1", **fields}
        )
        assert answer.status_code < 500


def test_huge_cookies_and_odd_ones_are_no_ones_session(client: Browser) -> None:
    for value in ("A" * 4000, ".eJw", "a.b.c.d", "%00%ff", '"\\"'):
        client.client.set_cookie("wardsite", value)
        assert client.client.get("/").status_code == 200
        assert client.client.get("/quan-tri").status_code == 302


@pytest.mark.parametrize(
    "path", ["/tin-tuc?trang=999999", "/tin-tuc?trang=-1", "/tin-tuc?trang=1e9", "/van-ban?trang=٣"]
)
def test_pages_that_there_are_not_cost_a_404(client: Browser, path: str) -> None:
    client.get(path, 404)


def test_nothing_of_the_instance_can_be_fetched(client: Browser, settings: Settings) -> None:
    secret = (settings.instance / "secret_key").read_text()
    names = [path.name for path in Path(settings.instance).iterdir()]
    assert ("wardsite.db" in names) == (not settings.database_url)
    for name in names:
        for path in (f"/{name}", f"/media/../{name}", f"/media/%2e%2e%2f{name}", f"/tep/../{name}"):
            answer = client.client.get(path)
            assert answer.status_code in (400, 404, 308), path
            assert secret not in answer.text
