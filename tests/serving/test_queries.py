"""Every query behind a public page: bounded in number, and led by an index."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from tests.page import Browser
from wardsite.extensions import db, transaction
from wardsite.models import Category, Document, Feedback, Headline, OwnPage, Post, Source
from wardsite.schedule import tick

NOW = datetime.now(UTC)
MOST = 30
# Tables that grow with the years. The others (categories, people, own links, sources…) hold tens
# of rows, and reading one whole is what an index would do more slowly.
GROW = re.compile(
    r"\b(post|post_\w+|document|document_relation|attachment|headline|feedback|image|image_use"
    r"|search_\w+|audit_entry|visits|user_session)\b"
)
Query = tuple[str, Any]


@contextmanager
def queries(app: Flask) -> Iterator[list[Query]]:
    """Collect what is asked of the database."""
    asked: list[Query] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append((sql, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def scans(app: Flask, query: Query) -> list[str]:
    """Return the lines of a query's plan that read a growing table from end to end."""
    with app.app_context():
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query[0]}", query[1])
        lines = [str(row[3]) for row in plan]
        db.session.rollback()
    names = {alias: table for table, alias in re.findall(r"\b(\w+) AS (\w+)", query[0])}
    found = []
    for line in lines:
        scan = re.match(r"SCAN (\w+)(.*)", line)
        if not scan or "VIRTUAL TABLE" in scan[2]:
            continue
        table = names.get(scan[1], scan[1])
        # In the order wanted, a LIMIT stops it; counting rows reads the index that has it all.
        sorted_after = any("TEMP B-TREE" in other for other in lines)
        stopped = "LIMIT" in query[0].upper() and not sorted_after
        counted = "count(*)" in query[0] and "COVERING INDEX" in scan[2]
        if GROW.fullmatch(table) and not (stopped or counted):
            found.append(line)
    # An index that leaves the order to a sort makes the database read all there is for the first
    # few: with few rows in it the plan is the same and nobody notices.
    few = any("INTEGER PRIMARY KEY" in line and "LEFT-JOIN" not in line for line in lines)
    if "LIMIT" in query[0].upper() and re.search(r"FROM (post|document)\b", query[0]) and not few:
        found += [line for line in lines if line == "USE TEMP B-TREE FOR ORDER BY"]
    return found


@pytest.fixture
def filled(app: Flask) -> Flask:
    """Some of everything, so that no loop over rows goes unseen."""
    with app.app_context():
        with transaction() as session:
            category = session.query(Category).order_by(Category.id).first()
            assert category is not None
            for n in range(40):
                session.add(
                    Post(title=f"Bài {n}", slug=f"bai-{n}", category_id=category.id,
                         topic="covid-19" if n % 3 else "", status="published",
                         published_at=NOW - timedelta(hours=n + 1), created_at=NOW,
                         updated_at=NOW, body_html="<p>Nội dung</p>", featured=n == 3)
                )  # fmt: skip
                session.add(
                    Document(slug=f"vb-{n}", kind="thong-bao", code=f"{n}/TB",
                             code_folded=f"{n}/tb",
                             issuer=f"Đơn vị {n % 3}", issued_on=date(2026, 1, 1 + n % 28),
                             summary=f"Về việc {n}", created_at=NOW, updated_at=NOW)
                )  # fmt: skip
                session.add(
                    Feedback(code=f"C{n}", subject="s", body="b", consent_at=NOW, received_at=NOW,
                             due_on=date(2026, 12, 1), status="answered", public_subject="Hỏi",
                             public_body="b", public_answer="a", published_at=NOW, updated_at=NOW)
                )  # fmt: skip
            for n in range(3):
                session.add(
                    OwnPage(slug=f"trang-{n}", title=f"Trang {n}", status="published", in_menu=True,
                            created_at=NOW, updated_at=NOW)
                )  # fmt: skip
            source = session.query(Source).order_by(Source.id).first()
            assert source is not None
            for n in range(40):
                session.add(
                    Headline(source_id=source.id, key=str(n), link=f"https://x.example/{n}",
                             link_key=f"x.example/{n}", title=f"Tin {n}", status="approved",
                             published_at=NOW - timedelta(hours=n + 1), first_seen_at=NOW,
                             last_seen_at=NOW)
                )  # fmt: skip
        db.session.remove()
    return app


ARGUMENTS = {
    "category": "tin-tuc-su-kien",
    "slug": "",
    "topic_id": "covid-19",
}
SLUGS = {"news.post": "bai-3", "documents.document": "vb-3", "pages.page": "trang-1"}
FILES = ("assets.static", "media.picture", "media.attachment")


def public_paths(app: Flask) -> list[str]:
    """Return an address of every public page, and of lists with what narrows them."""
    paths = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in FILES:
            continue
        if rule.rule.startswith(("/quan-tri", "/dang-")):
            continue
        values = {
            name: SLUGS.get(rule.endpoint, ARGUMENTS.get(name, "1")) for name in rule.arguments
        }
        if "category" in values:
            values["category"] = ARGUMENTS["category"]
        path = rule.rule
        for name, value in values.items():
            path = re.sub(rf"<(\w+:)?{name}>", value, path)
        paths.append(path)
    paths += [
        "/tin-tuc?trang=2", "/tin-tuc/tin-tuc-su-kien?trang=2", "/van-ban?trang=2",
        "/van-ban?loai=thong-bao&nam=2026", "/van-ban?q=viec+1", "/tim-kiem?q=bai",
        "/tim-kiem?q=vi%E1%BB%87c", "/tim-kiem?q=bia", "/tin-tuc/x/bai-3", "/tin-tuc/x/khong-co",
        "/phan-anh/tra-loi?trang=2",
    ]  # fmt: skip
    return sorted(set(paths))


@pytest.mark.sqlite
def test_every_public_page_asks_little_and_by_an_index(filled: Flask) -> None:
    resident: FlaskClient = filled.test_client()
    faults, seen = [], set()
    for path in public_paths(filled):
        with queries(filled) as asked:
            answer = resident.get(path)
        answer.close()
        if answer.status_code == 200:
            seen.add(path)
        if len(asked) > MOST:
            faults.append(f"{path}: {len(asked)} queries")
        for query in asked:
            faults += [f"{path}: {line}: {query[0]}" for line in scans(filled, query)]
    assert not faults, "\n".join(faults)
    assert len(seen) > 25
    with filled.app_context():
        # Nor does the nightly work gather statistics, with which SQLite would choose otherwise.
        assert "backup" in {job.name for job in tick(filled.extensions["wardsite"], NOW)}
        kept = "SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'"
        assert db.session.execute(text(kept)).all() == []


def test_more_rows_mean_no_more_queries(filled: Flask) -> None:
    def count(path: str) -> int:
        with queries(filled) as asked:
            assert (
                filled.test_client(use_cookies=False)
                .get(path, headers={"Cookie": "wardsite=x"})
                .status_code
                == 200
            )
        return len(asked)

    paths = ("/", "/covid-19", "/tin-tuc", "/van-ban", "/nguon-tin", "/rss.xml", "/sitemap.xml")
    many = {path: count(path) for path in paths}
    with filled.app_context(), transaction() as session:
        for model in (Post, Document, Headline):
            for row in session.query(model).order_by(model.id).offset(4):
                session.delete(row)
    few = {path: count(path) for path in paths}
    assert all(many[path] <= few[path] + 2 for path in paths), (few, many)


# What the newsroom's lists and their search for words walk, in the list's order: an index that is
# narrow and holds all that is asked, so that no row is read but those of the page.
NARROW = re.compile(r"SCAN (post|image) USING COVERING INDEX (ix_post_desk\w*|ix_image_find)")
DESK = (
    "",
    "/tin-tuc",
    "/tin-tuc?trang=2",
    "/tin-tuc?trang-thai=submitted",
    "/tin-tuc?trang-thai=published",
    "/tin-tuc?trang-thai=binned",
    "/tin-tuc?cua-toi=1",
    "/tin-tuc?chuyen-muc=1",
    "/tin-tuc?q=bai",
    "/tin-tuc?q=bai+7",
    "/tin-tuc/1",
    "/tin-tuc/1/lich-su",
    "/hinh-anh",
    "/hinh-anh?q=ngo",
    "/hinh-anh/chon?q=ngo",
)


@pytest.mark.sqlite
@pytest.mark.parametrize("role", ["editor", "author"])
def test_the_newsroom_reads_no_growing_table_from_end_to_end(
    role: str, filled: Flask, signed_in: Callable[[str], Browser]
) -> None:
    officer, faults = signed_in(role).client, []
    for path in DESK:
        with queries(filled) as asked:
            answer = officer.get(f"/quan-tri{path}")
        assert answer.status_code == 200 or (role == "author" and "/1" in path), path
        for query in asked:
            found = [line for line in scans(filled, query) if not NARROW.match(line)]
            faults += [f"{path}: {line}: {query[0]}" for line in found]
    assert not faults, "\n".join(faults)


@pytest.mark.sqlite
@pytest.mark.parametrize("role", ["editor", "author"])
def test_the_newsrooms_lists_sort_nothing_and_find_a_rare_category_at_once(
    role: str, filled: Flask, signed_in: Callable[[str], Browser]
) -> None:
    officer = signed_in(role).client
    for path in DESK:
        if not path.startswith("/tin-tuc?") or "q=" in path:
            continue
        with queries(filled) as asked:
            officer.get(f"/quan-tri{path}")
        lists = [query for query in asked if re.match(r"SELECT post\.id\s+FROM post", query[0])]
        assert lists, path
        for query in lists:
            with filled.app_context():
                connection = db.session.connection()
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query[0]}", query[1])
                plan = "\n".join(str(row[3]) for row in rows)
                db.session.rollback()
            assert "TEMP B-TREE" not in plan, (path, plan)
            if "chuyen-muc" in path:
                assert "INDEX ix_post_desk_category (category_id=?)" in plan, (path, plan)


@pytest.mark.sqlite
def test_the_check_notices_a_table_read_from_end_to_end(filled: Flask) -> None:
    with queries(filled) as asked, filled.app_context():
        db.session.execute(text("SELECT id FROM post WHERE summary = 'x'"))
        db.session.rollback()
    assert scans(filled, asked[0]) != []
