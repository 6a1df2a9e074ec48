"""The index is true after every transaction, whoever wrote."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, table, text, update

from tests.page import Browser
from wardsite import schedule
from wardsite.extensions import db, transaction
from wardsite.models import (
    Attachment,
    Category,
    ContentVersion,
    Document,
    Post,
    SearchEntry,
)
from wardsite.search import service
from wardsite.search.index import rebuild
from wardsite.search.service import Entry, Filter
from wardsite.search.store import store_of
from wardsite.settings import Settings

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def titles(query: str, now: datetime = NOW, gates: tuple[str, ...] = ()) -> list[str]:
    return [hit.entry.title for hit in service.find(query, now, gates).hits]


def a_post(title: str = "Phát khẩu trang", status: str = "published") -> Post:
    category = db.session.scalar(select(Category))
    return Post(
        title=title,
        slug=f"bai-{title}",
        body_html="<p>Tại nhà văn hoá tổ dân phố.</p>",
        category_id=category.id,
        status=status,
        published_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )


def add(*rows: object) -> None:
    with transaction() as session:
        session.add_all(rows)


@pytest.mark.usefixtures("inside")
class TestTheIndex:
    def test_a_post_is_found_as_soon_as_it_is_written(self) -> None:
        add(a_post())
        assert titles("khau trang") == ["Phát khẩu trang"]
        assert titles("nhà văn hóa") == ["Phát khẩu trang"]

    def test_a_draft_is_not(self) -> None:
        add(a_post(status="draft"))
        assert titles("khau trang") == []

    def test_a_post_appears_at_its_moment_without_a_job(self) -> None:
        add(a_post())
        assert titles("khau trang", NOW - timedelta(seconds=1)) == []
        assert titles("khau trang", NOW) == ["Phát khẩu trang"]

    def test_a_change_a_withdrawal_and_a_deletion_are_followed(self) -> None:
        post = a_post()
        add(post)
        with transaction() as session:
            session.get(Post, post.id).title = "Lịch tiêm chủng"
        assert titles("khau trang") == []
        assert titles("tiem chung") == ["Lịch tiêm chủng"]
        with transaction() as session:
            session.get(Post, post.id).status = "draft"
        assert titles("tiem chung") == []
        with transaction() as session:
            session.get(Post, post.id).status = "published"
        with transaction() as session:
            session.delete(session.get(Post, post.id))
        assert titles("tiem chung") == []
        server = db.engine.dialect.name == "postgresql"
        kept = table("search_vector" if server else "search_fts")
        there = db.session.scalar(text("SELECT count(*) FROM search_entry"))
        assert db.session.scalar(select(func.count()).select_from(kept)) == there

    def test_what_was_rolled_back_was_never_there(self) -> None:
        def interrupted() -> None:
            with transaction() as session:
                session.add(a_post())
                session.flush()
                raise RuntimeError

        with pytest.raises(RuntimeError):
            interrupted()
        add(a_post("Tin khác"))
        assert titles("khau trang") == []

    def test_the_text_of_a_file_is_found_under_what_it_is_attached_to(self) -> None:
        document = Document(
            slug="15-tb-ubnd",
            kind="thong-bao",
            code="15/TB-UBND",
            code_folded="15/tb-ubnd",
            issuer="UBND phường",
            issued_on=NOW.date(),
            summary="Lịch nghỉ Tết",
            created_at=NOW,
            updated_at=NOW,
        )
        add(document)
        file = Attachment(
            document_id=document.id,
            name="a.pdf",
            title="lich.pdf",
            kind="pdf",
            size=1,
            created_at=NOW,
        )
        add(file)
        assert titles("giao thừa") == []
        with transaction() as session:
            session.get(Attachment, file.id).text = "Trực đêm giao thừa tại trụ sở"
        assert titles("giao thua") == ["Lịch nghỉ Tết"]
        with transaction() as session:
            session.delete(session.get(Attachment, file.id))
        assert titles("giao thua") == []

    def test_what_the_centre_orders_is_found_only_while_it_is_in_force(self) -> None:
        assert titles("1208/UBND-VHTT") == []
        (found,) = service.find("1208/UBND-VHTT", NOW, ["document:1208-ubnd-vhtt"]).hits
        assert found.entry.kind == "directive"
        assert found.entry.code == "1208/UBND-VHTT"

    def test_an_end_is_exclusive(self) -> None:
        with transaction() as session:
            entry = Entry("page", "Hội nghị", "/x", NOW, visible_to=NOW + timedelta(hours=1))
            service.index(session, "test:1", [entry])
        assert titles("hội nghị", NOW + timedelta(minutes=59)) == ["Hội nghị"]
        assert titles("hội nghị", NOW + timedelta(hours=1)) == []
        with transaction() as session:
            service.remove(session, "test:1")
        assert titles("hội nghị") == []

    def test_it_can_be_made_anew(self) -> None:
        add(a_post(), a_post("Lịch tiêm chủng"))
        connection = db.session.connection()
        store_of(connection).clear(connection)
        db.session.execute(text("DELETE FROM search_entry"))
        db.session.commit()
        assert titles("khau trang") == []
        steps = list(rebuild())
        assert steps[-1][0] == steps[-1][1]
        assert titles("khau trang") == ["Phát khẩu trang"]

    def test_what_other_software_made_is_made_anew_by_the_next_tick_and_only_then(
        self, settings: Settings
    ) -> None:
        def lost_then_tick(**form: int) -> list[str]:
            with transaction() as session:
                store_of(session.connection()).clear(session.connection())
                session.execute(delete(SearchEntry))
                session.execute(update(ContentVersion).values(form))
            assert not any(done.error for done in schedule.tick(settings, NOW))
            return titles("khau trang")

        add(a_post())
        assert lost_then_tick(index_form=0) == ["Phát khẩu trang"]
        assert lost_then_tick(id=1) == []

    def test_saving_without_a_change_writes_nothing(self) -> None:
        post = a_post()
        add(post)
        before = db.session.scalars(select(SearchEntry.id)).all()
        with transaction() as session:
            session.get(Post, post.id).updated_at = NOW + timedelta(days=1)
        assert db.session.scalars(select(SearchEntry.id)).all() == before

    def test_filters_narrow_by_kind_and_day(self) -> None:
        with transaction() as session:
            for day in range(3):
                entry = Entry("post", f"Họp ngày {day}", "/x", NOW + timedelta(days=day))
                service.index(session, f"test:{day}", [entry])
            service.index(session, "test:page", [Entry("page", "Họp", "/y", NOW)])
        found = service.find("họp", NOW, (), Filter(kinds=("page",))).hits
        assert [hit.entry.title for hit in found] == ["Họp"]
        span = Filter(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2))
        found = service.find("họp", NOW, (), span).hits
        assert [hit.entry.title for hit in found] == ["Họp ngày 1"]


def test_the_page_says_what_it_found_and_marks_it(client: Browser) -> None:
    page = client.get("/tim-kiem?q=1979/STTTT-TTDT")
    assert "1979/STTTT-TTĐT" in page.text
    assert "TTĐT" in [mark.text for mark in page.all("mark")]
    assert client.get("/en/tim-kiem?q=dinh").all("mark")


def test_the_page_offers_what_was_probably_meant(client: Browser) -> None:
    page = client.get("/tim-kiem?q=tuyen+truyn")
    (link,) = [link for link in page.all("a") if link.text == "tuyên truyền"]
    assert client.get(link["href"]).all("mark")


@pytest.mark.parametrize(
    "query",
    [
        "q=",
        "q=%22",
        "q=NOT+OR+AND",
        "q=covid-19:(*",
        "q=a&loai=khong-co",
        "q=a&tu=hom-qua&den=9999-12-31",
        "q=a&tu=0001-01-01&trang=99999999999",
        "q=%00%ED%A0%80",
        "q=" + "x" * 5000,
        "q=" + "%22a+" * 500,
    ],
)
def test_no_query_is_an_error(client: Browser, query: str) -> None:
    client.get(f"/tim-kiem?{query}")


def test_the_search_box_is_on_every_page(client: Browser) -> None:
    for path in ("/", "/van-ban", "/lien-he"):
        (box,) = [form for form in client.get(path).all("form") if form.get("role") == "search"]
        assert box["action"] == "/tim-kiem"
        assert box.one("input")["name"] == "q"


def test_an_author_s_draft_is_not_found(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    fields = {
        "title": "Kế hoạch bí mật",
        "body_html": "<p>Chưa công bố</p>",
        "category_id": "1",
        "then": "save",
    }
    signed_in("author").post("/quan-tri/tin-tuc/viet", **fields)
    assert not client.get("/tim-kiem?q=bi+mat").all("mark")
