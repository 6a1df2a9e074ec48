"""Lists by words: the same rows by the index as along the whole list, whoever wrote them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from wardsite.core.search import folded_words
from wardsite.extensions import db, transaction
from wardsite.media.service import library
from wardsite.models import Category, Image, Post
from wardsite.search import titles
from wardsite.search.index import rebuild

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
# Titles of posts, last written first, and which of them each query finds.
TITLES = (
    "LỊCH TIÊM CHỦNG đợt 2",
    "Tiêm chủng: 1208/UBND-VHTT",
    "Họp tổ dân phố số 85",
    "Chủng loại vắc-xin đã tiêm",
    "Covid-19 và hoà giải ở cơ sở",
)
FOUND = {
    "tiem chung": (0, 1, 3),
    "tiêm chủng": (0, 1, 3),
    '"tiêm chủng"': (0, 1),
    "chung tiem": (0, 1, 3),
    "chu": (0, 1, 3),
    "chủ tiêm": (),
    "tiem ch": (0, 1, 3),
    "85": (2,),
    "8": (),
    "so-85": (2,),
    "1208/UBND": (1,),
    "UBND 1208": (1,),
    "UBND/1208": (),
    "covid19": (4,),
    "hòa giải": (4,),
    "iem": (),
    "khongco": (),
    "tiem khongco": (),
    '"': (),
    "' OR 1 --": (),
    "\x00": (),
    "  ": (0, 1, 2, 3, 4),
}  # fmt: skip


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context(), transaction() as session:
        category = session.scalars(select(Category.id).order_by(Category.id)).first()
        for number, title in enumerate(TITLES):
            session.add(
                Post(title=title, slug=f"bai-{number}", category_id=category, created_at=NOW,
                     updated_at=NOW - timedelta(hours=number))
            )  # fmt: skip
    with app.app_context():
        yield


def posts(words: str) -> tuple[str, ...]:
    query = titles.with_words(select(Post.title), Post.title_folded, words)
    return tuple(db.session.scalars(query.order_by(Post.updated_at.desc())))


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("few", [titles._FEW, 1, 0])
@pytest.mark.parametrize("words", FOUND)
def test_words_find_the_same_however_many_rows_have_them(
    words: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(titles, "_FEW", few)
    assert posts(words) == tuple(TITLES[number] for number in FOUND[words])


@pytest.mark.usefixtures("inside")
def test_every_way_of_writing_a_title_is_followed() -> None:
    before = posts("gap mat")
    with transaction() as session:
        session.scalars(select(Post).order_by(Post.id)).first().title = "Gặp mặt người cao tuổi"
    assert (before, posts("gap mat")) == ((), ("Gặp mặt người cao tuổi",))
    assert TITLES[0] not in posts("lich")
    with transaction() as session:
        changed = {"title": "Đổi tên", "folded": folded_words("Đổi tên"), "slug": "bai-1"}
        change = "UPDATE post SET title = :title, title_folded = :folded WHERE slug = :slug"
        session.execute(text(change), changed)
    assert posts("doi ten") == ("Đổi tên",)
    with transaction() as session:
        session.execute(text("DELETE FROM post WHERE slug = 'bai-1'"))
    assert posts("doi ten") == ()
    assert posts("1208") == ()


@pytest.mark.usefixtures("inside")
def test_words_are_made_anew_with_the_index() -> None:
    with transaction() as session:
        session.execute(text("UPDATE post SET title_folded = 'x'"))
    assert posts("tiem chung") == ()
    list(rebuild())
    assert posts("tiem chung") == (TITLES[0], TITLES[1], TITLES[3])


@pytest.mark.usefixtures("inside")
def test_a_list_by_words_that_very_many_rows_have_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        for number in range(60):
            session.add(
                Image(name=f"{number}.webp", alt="Ngõ 85", folded="ngo 85", width=1, height=1,
                      size=1, created_at=NOW)
            )  # fmt: skip
    assert (library("ngo").total, library("ngo").more, library().more) == (60, False, False)
    monkeypatch.setattr(titles, "MOST", 48)
    page = library("ngo", 2)
    assert (page.last, page.total, page.more, len(page.items)) == (2, 48, True, 24)


@pytest.mark.sqlite
@pytest.mark.usefixtures("inside")
def test_a_rare_word_is_looked_up_and_not_sought_in_every_row() -> None:
    query = titles.with_words(select(Post.id), Post.title_folded, "so 85")
    sql = query.order_by(Post.updated_at.desc()).limit(12)
    plain = str(sql.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = [row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {plain}"))]
    assert any("USING INTEGER PRIMARY KEY" in line for line in plan), plan
