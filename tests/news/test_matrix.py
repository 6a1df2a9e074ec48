"""Every officers' address of the newsroom × every role × whose post × every state of it."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import PASSWORD
from tests.office import docx
from tests.page import Browser
from tests.postgres import Databases
from tests.writing import post_id, write_post
from wardsite.application import close_app, create_app
from wardsite.extensions import db, transaction
from wardsite.models import Attachment, Post
from wardsite.settings import load_settings

SECRET = "Nội dung chưa công bố"
LIST = "/quan-tri/tin-tuc"
STATES = ("draft", "returned", "submitted", "scheduled", "public", "ended", "withdrawn", "binned")
ROLES = ("author", "editor", "admin")
HIDDEN = tuple(state for state in STATES if state != "public")

# What opens, by GET, for (role, own?): the states in which the answer is 200. All else is 403.
ALL = set(STATES)
UNBINNED = ALL - {"binned"}
READS = {("author", True): ALL, ("author", False): {"public"}}
EDITS = {("author", True): {"draft", "returned"}, ("author", False): set()}
PAGES = {
    "": (EDITS, UNBINNED),
    "/xoa": (EDITS, UNBINNED),
    "/xem-truoc": (READS, ALL),
    "/lich-su": (READS, ALL),
    "/lich-su/1": (READS, ALL),
    "/lich-su/1?so-voi=nay": (READS, ALL),
    "/dang": ({}, UNBINNED),
    "/go": ({}, UNBINNED),
    "/tra-lai": ({}, ALL),
}


def put(post: Post, state: str, now: datetime) -> None:
    """Bring a post into a state as the steps would have."""
    hour = timedelta(hours=1)
    post.status = state if state in ("submitted", "withdrawn", "binned") else "draft"
    if state == "returned":
        post.return_comment = "Sửa lại"
    if state in ("scheduled", "public", "ended"):
        post.status = "published"
    if state in ("public", "ended", "withdrawn"):
        post.published_at = now - 2 * hour
    if state == "scheduled":
        post.published_at = now + hour
    if state == "ended":
        post.withdraw_at = now - hour
    if state == "withdrawn":
        post.withdrawn_at, post.withdrawal_reason = now - hour, "Sai ngày"
    if state == "binned":
        post.binned_at = now - hour


@pytest.fixture(scope="module")
def pristine(
    pristine: Path, tmp_path_factory: pytest.TempPathFactory, databases: Databases
) -> Iterator[Path]:
    """The instance that each test gets a copy of: with a post of each role in each state."""
    folder = tmp_path_factory.mktemp("matrix") / "instance"
    with databases.copied(pristine, folder):
        app = create_app(load_settings(folder, {}))
        made = {}
        for role in ROLES:
            browser = Browser(app)
            browser.come_in(f"the-{role}", PASSWORD)
            for state in STATES:
                body = f"<p>{SECRET} {role} {state}</p>"
                page = write_post(browser, f"{SECRET} {role} {state}", then="save", body=body)
                number = made[role, state] = post_id(page)
                file = (io.BytesIO(docx([SECRET])), "tep.docx")
                browser.post(f"{LIST}/{number}/tep", page=page.url, files=file)
        with app.app_context(), transaction() as session:
            for (_role, state), number in made.items():
                put(session.get_one(Post, number), state, datetime.now(UTC))
        close_app(app)
        yield folder


@pytest.fixture
def posts(app: Flask) -> dict[tuple[str, str], int]:
    """The numbers of those posts: (role, state) → number."""
    with app.app_context():
        titles = {post.title: post.id for post in db.session.query(Post)}
    return {(role, state): titles[f"{SECRET} {role} {state}"] for role in ROLES for state in STATES}


def test_each_page_opens_for_whom_it_should_and_for_nobody_else(
    posts: dict[tuple[str, str], int], signed_in: Callable[[str], Browser]
) -> None:
    for role in ROLES:
        browser = signed_in(role)
        for (owner, state), number in posts.items():
            for action, (authors, editors) in PAGES.items():
                allowed = editors if role != "author" else authors.get((role, owner == role), set())
                expected = 200 if state in allowed else 403
                answer = browser.client.get(f"{LIST}/{number}{action}")
                where = (role, owner, state, action)
                assert answer.status_code == expected, where
                assert expected == 200 or SECRET not in answer.text, where
            key = f"{LIST}/xem-truoc/post-{number}/trang"
            reads = role != "author" or state in READS[role, owner == role]
            assert browser.client.get(key).status_code == (200 if reads else 403)


def test_nothing_unpublished_is_read_by_a_stranger(
    app: Flask, posts: dict[tuple[str, str], int], client: Browser
) -> None:
    with app.app_context():
        slugs = {key: db.session.get_one(Post, number).slug for key, number in posts.items()}
        files = {row.post_id: f"/tep/{row.id}/tep.docx" for row in db.session.query(Attachment)}
    for (role, state), number in posts.items():
        answer = client.client.get(f"/tin-tuc/thong-bao/{slugs[role, state]}")
        status = {"public": 200, "ended": 410, "withdrawn": 410}.get(state, 404)
        assert answer.status_code == status, (role, state)
        assert state == "public" or f"<p>{SECRET}" not in answer.text
        assert file_status(client, files[number]) == (200 if state == "public" else 404)
    listings = [
        "/",
        "/tin-tuc",
        "/tin-tuc?trang=2",
        "/tin-tuc/thong-bao",
        "/tim-kiem?q=chua+cong+bo",
    ]
    listings += ["/rss.xml", "/tin-tuc/thong-bao/rss.xml", "/sitemap.xml"]
    for listing in listings:
        text = client.client.get(listing).text
        for role in ROLES:
            for state in HIDDEN:
                assert f"{SECRET} {role} {state}" not in text, (listing, role, state)
                assert f"/{slugs[role, state]}<" not in text, (listing, role, state)


def test_an_author_s_list_and_files_hold_nothing_hidden_of_others(
    app: Flask, posts: dict[tuple[str, str], int], signed_in: Callable[[str], Browser]
) -> None:
    author = signed_in("author")
    with app.app_context():
        files = {row.post_id: f"/tep/{row.id}/tep.docx" for row in db.session.query(Attachment)}
    for query in ("", "?trang=2", *(f"?trang-thai={state}" for state in STATES), "?q=chua+cong"):
        text = author.client.get(f"{LIST}{query}").text
        for owner in ("editor", "admin"):
            for state in HIDDEN:
                assert f"{SECRET} {owner} {state}" not in text, (query, owner, state)
    for (owner, state), number in posts.items():
        reads = state in READS["author", owner == "author"]
        assert file_status(author, files[number]) == (200 if reads else 404)


STEPS = {
    # step: (role it needs, states from which an officer who may do it gets somewhere)
    "/gui-duyet": ("author", {"draft", "returned"}),
    "/rut-lai": ("author", {"submitted"}),
    "/tra-lai": ("editor", {"submitted"}),
    "/dang": ("editor", UNBINNED),
    "/go": ("editor", {"scheduled", "public", "ended"}),
    "/xoa": ("author", UNBINNED),
    "/khoi-phuc": ("author", {"binned"}),
    "/xoa-han": ("admin", {"binned"}),
    "/lich-su/1/khoi-phuc": ("author", UNBINNED),
    "/tep": ("author", UNBINNED),
    "/tep/999/xoa": ("author", UNBINNED),
}


def test_no_step_is_taken_by_whom_or_from_where_it_should_not(
    app: Flask, posts: dict[tuple[str, str], int], signed_in: Callable[[str], Browser]
) -> None:
    for role in ROLES:
        browser = signed_in(role)
        token = browser.get(f"{LIST}/viet").one("form", action=f"{LIST}/viet").all("input")[0]
        data = {"csrf_token": token["value"], "reason": "x", "comment": "x", "title": "x"}
        for (owner, state), number in posts.items():
            before = _status(app, number)
            for step, (needed, states) in STEPS.items():
                if role == "author" and owner == role and state in states:
                    continue  # allowed as an author's own: test_lifecycle has these steps
                mayrole = ROLES.index(role) >= ROLES.index(needed)
                if mayrole and role != "author" and state in states:
                    continue
                answer = browser.client.post(f"{LIST}/{number}{step}", data=data)
                where = (step, role, owner, state)
                assert answer.status_code in (403, 409), (where, answer.status_code)
                assert _status(app, number) == before, where


def file_status(browser: Browser, address: str) -> int:
    with browser.client.get(address) as answer:
        return answer.status_code


def _status(app: Flask, number: int) -> tuple[str, int]:
    with app.app_context():
        post = db.session.get_one(Post, number)
        return post.status, post.version
