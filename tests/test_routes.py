"""Who may go where: every address of the house, for strangers and for each role."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.page import Browser
from tests.writing import post_id, write_post

PROMISED = """
/ /covid-19 /tin-tuc /tin-tuc/<category> /tin-tuc/<category>/<slug> /van-ban /van-ban/<slug>
/nguon-tin /gioi-thieu /lien-he /media/<name> /.well-known/wardsite.json /healthz
/dang-nhap /dang-xuat /quan-tri
""".split()

PUBLIC_PAGES = ("/", "/covid-19", "/tin-tuc", "/tin-tuc/thong-bao", "/van-ban", "/nguon-tin")
PUBLIC_PAGES += ("/gioi-thieu", "/lien-he", "/tinh-trang", "/dang-nhap")


def address(rule: Rule) -> str:
    """Return an address of the rule, its places filled in."""
    return re.sub(r"<(?:(\w+)[^:>]*:)?\w+>", lambda m: "1" if m[1] == "int" else "x", rule.rule)


def officers_rules(app: Flask, method: str) -> list[Rule]:
    rules = [r for r in app.url_map.iter_rules() if r.rule.startswith("/quan-tri")]
    return [rule for rule in rules if method in (rule.methods or ())]


def test_every_address_that_others_rely_on_is_there(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert set(PROMISED) <= rules


def test_a_stranger_who_opens_an_officers_page_is_asked_to_sign_in(
    app: Flask, client: Browser
) -> None:
    rules = officers_rules(app, "GET")
    assert len(rules) >= 8
    for rule in rules:
        answer = client.client.get(address(rule))
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/dang-nhap?next="), rule
        assert answer.headers["Cache-Control"] == "no-store", rule


def test_a_stranger_who_posts_to_the_officers_side_changes_nothing(
    app: Flask, client: Browser
) -> None:
    token = client.get("/dang-nhap").one("input", name_="csrf_token")["value"]
    rules = officers_rules(app, "POST")
    assert len(rules) >= 8
    for rule in rules:
        for fields in ({}, {"csrf_token": token}):
            answer = client.client.post(address(rule), data=fields)
            assert answer.status_code == 401, (rule, fields)


def test_a_post_without_the_token_is_refused_everywhere(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    admin = signed_in("admin")
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        answer = admin.client.post(address(rule), data={"title": "x"})
        assert answer.status_code == 400, f"{rule}: {answer.status}"


def test_a_post_that_another_site_made_is_not_even_offered_again(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    admin = signed_in("admin")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = admin.client.post("/quan-tri/tin-tuc/viet", data={"title": "gài"}, headers=headers)
        assert answer.status_code == 400
        assert "gài" not in answer.text


OWN, OTHER = "https://localhost", "https://evil.example"
SENDERS = [
    # what the browser says of where the post was made, whether the token is then enough
    ({}, True),
    ({"Referer": f"{OWN}/phan-anh"}, True),
    ({"Origin": OWN}, True),
    ({"Origin": OWN, "Referer": f"{OTHER}/"}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
    ({"Referer": f"{OTHER}/phan-anh"}, False),
    ({"Referer": f"{OTHER}/{OWN}/"}, False),
    ({"Referer": f"{OWN}.evil.example/"}, False),
    ({"Origin": OTHER}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://localhost"}, False),
    ({"Referer": "http://localhost/phan-anh"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site", "Origin": OWN}, False),
]


@pytest.mark.parametrize(("headers", "enough"), SENDERS)
def test_over_https_the_token_is_enough_unless_the_browser_names_another_site(
    client: Browser, headers: dict[str, str], enough: bool
) -> None:
    form = client.client.get("/phan-anh", base_url=OWN).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token is not None
    for values, status in (({"csrf_token": token[1]}, 422 if enough else 400), ({}, 400)):
        answer = client.client.post("/phan-anh", base_url=OWN, data=values, headers=headers)
        assert answer.status_code == status, answer.status


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_every_public_page_is_well_made_in_both_languages(
    client: Browser, path: str, prefix: str
) -> None:
    page = client.get(prefix + path)
    assert page.one(data_slot="bluezone").all("a")


# What each role may do with a post that is its own draft, another's draft, or published.
MATRIX = [
    # role, own draft, another's draft, published: status of the edit page
    ("author", 200, 403, 403),
    ("editor", 200, 200, 200),
    ("admin", 200, 200, 200),
]


@pytest.mark.parametrize(("role", "own", "others", "published"), MATRIX)
def test_a_role_opens_the_posts_that_it_may_change(
    signed_in: Callable[[str], Browser], role: str, own: int, others: int, published: int
) -> None:
    officer, editor = signed_in(role), signed_in("editor")
    own_id = post_id(write_post(officer, "Bài của mình", then="save"))
    others_id = post_id(write_post(signed_in("admin"), "Bài của người khác", then="save"))
    public_id = post_id(write_post(editor, "Bài đã đăng"))
    for number, status in ((own_id, own), (others_id, others), (public_id, published)):
        for action in ("", "/xoa"):
            officer.get(f"/quan-tri/tin-tuc/{number}{action}", status)
        # An author reads what residents read, and what is their own; not others' drafts.
        hidden = role == "author" and number == others_id
        officer.get(f"/quan-tri/tin-tuc/{number}/xem-truoc", 403 if hidden else 200)


@pytest.mark.parametrize(("role", "status"), [("author", 403), ("editor", 200), ("admin", 200)])
def test_only_editors_publish_and_withdraw(
    signed_in: Callable[[str], Browser], client: Browser, role: str, status: int
) -> None:
    officer = signed_in(role)
    number = post_id(write_post(officer, "Bài chờ đăng", then="save"))
    for action, public in (("dang", 200), ("go", 410)):
        officer.post(
            f"/quan-tri/tin-tuc/{number}/{action}",
            status,
            page=f"/quan-tri/tin-tuc/{number}",
            reason="Sai ngày",
        )
        client.get("/tin-tuc/thong-bao/bai-cho-dang", public if status == 200 else 404)


def test_an_author_who_asks_to_publish_gets_a_draft(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    page = write_post(signed_in("author"), "Bài tự đăng", then="publish")
    assert "Bản nháp" in page.text
    client.get("/tin-tuc/thong-bao/bai-tu-dang", 404)


@pytest.mark.parametrize(("role", "status"), [("author", 403), ("editor", 403), ("admin", 200)])
def test_only_admins_change_the_sites_settings(
    signed_in: Callable[[str], Browser], role: str, status: int
) -> None:
    officer = signed_in(role)
    officer.get("/quan-tri/cai-dat", status)
    officer.post("/quan-tri/cai-dat", status, page="/quan-tri/tai-khoan/mat-khau", name="Đơn vị")


@pytest.mark.parametrize(("role", "status"), [("author", 403), ("editor", 403), ("admin", 200)])
def test_only_admins_fetch_the_district_file(
    signed_in: Callable[[str], Browser], role: str, status: int
) -> None:
    signed_in(role).post("/quan-tri/chi-dao/dong-bo", status, page="/quan-tri/tai-khoan/mat-khau")
