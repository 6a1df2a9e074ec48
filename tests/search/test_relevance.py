"""What is found first, on SQLite and on PostgreSQL: the same list for the same query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.postgres import server
from tests.search.corpus import GATES, JUDGED, NOW, SLIPS, TEXTS, entries
from wardsite.application import close_app, create_app
from wardsite.extensions import db, transaction
from wardsite.models import SearchEntry
from wardsite.ops.instance import make_instance
from wardsite.search import service
from wardsite.search.service import Entry, Filter
from wardsite.settings import load_settings


def site(folder: Path, url: str = "") -> Flask:
    """Return a site that holds the corpus and nothing else."""
    environment = {"WARDSITE_DATABASE_URL": url} if url else {}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        make_instance(folder, "ha-dinh", "ward", "Phường Hạ Đình", NOW)
    app = create_app(load_settings(folder, environment))
    with app.app_context(), transaction() as session:
        for owner in set(session.scalars(text("SELECT owner FROM search_entry"))):
            service.remove(session, owner)
        for name, entry in entries():
            service.index(session, f"test:{name}", [entry])
    return app


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = site(tmp_path_factory.mktemp("sqlite") / "instance")
    yield app
    close_app(app)


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with server() as url:
        app = site(tmp_path_factory.mktemp("postgresql") / "instance", url)
        yield app
        close_app(app)


@pytest.fixture(params=["sqlite", "postgresql"])
def corpus(request: pytest.FixtureRequest) -> Flask:
    found: Flask = request.getfixturevalue(request.param)
    return found


def found(app: Flask, query: str, chosen: Filter | None = None, days: int = 0) -> list[str]:
    with app.app_context():
        results = service.find(query, NOW + timedelta(days=days), GATES, chosen)
        return [hit.entry.url.removeprefix("/") for hit in results.hits]


def test_the_list_is_long_and_names_what_is_there() -> None:
    assert len(JUDGED) >= 60
    for _, judged in JUDGED:
        assert set(judged.replace("!", "").split()) <= TEXTS.keys()


@pytest.mark.parametrize(("query", "judged"), JUDGED)
def test_what_is_meant_comes_first(corpus: Flask, query: str, judged: str) -> None:
    wanted, _, unwanted = judged.partition("!")
    results = found(corpus, query)
    first = wanted.split()
    assert set(results[: len(first)]) == set(first), results
    assert set(unwanted.split()).isdisjoint(results)
    if judged.strip() == "!":
        assert results == []


@pytest.mark.parametrize(("query", "meant"), SLIPS)
def test_a_slip_of_one_letter_is_mended(corpus: Flask, query: str, meant: str) -> None:
    with corpus.app_context():
        offered = service.suggestion(query, NOW, GATES)
    assert offered == meant or (meant == "" and offered != "" and found(corpus, offered))


def test_marks_as_typed_come_before_other_marks(corpus: Flask) -> None:
    order = found(corpus, "đình")
    assert order.index("gia-dinh") < order.index("quyet-dinh"), "in a title before in a text"
    assert order.index("quyet-dinh") < order.index("15-qd"), "định only after every đình"


def test_time_and_gates_are_asked_when_searching(corpus: Flask) -> None:
    assert found(corpus, "hẹn giờ") == []
    assert found(corpus, "hẹn giờ", days=1) == ["tuong-lai"]
    with corpus.app_context():
        assert service.find("bluezone", NOW, ()).total == 1
        assert service.find("giãn cách", NOW, ["source:khac"]).total == 1


def test_the_last_page_of_a_long_file_is_found_and_shown(corpus: Flask) -> None:
    """A PDF of 200 pages has some 100,000 words; PostgreSQL counts places to 16,383 only."""
    syllables = [first + last for first in "bcdghklmnprstvx" for last in ("am", "eng", "oi", "ut")]
    words = [syllables[(place * place) % len(syllables)] for place in range(100_000)]
    words[16_300:16_300] = "zkhông zxa zbờ zsông".split()
    words[16_360:16_366] = "qa qb qc qd qe qf".split()
    words[-2:] = "zchứng zthực".split()
    with corpus.app_context():
        with transaction() as session:
            entry = Entry("document", "Báo cáo dài", "/dai", NOW, body=" ".join(words))
            service.index(session, "test:long", [entry])
        for query in ("zthuc", '"zchứng zthực"', '"zkhong zxa zbo zsong"', '"qb qc qd qe"'):
            (hit,) = service.find(query, NOW, GATES).hits
            assert any(is_found for _, is_found in hit.snippet), query
        with transaction() as session:
            service.remove(session, "test:long")


@contextmanager
def holding(app: Flask, body: str) -> Iterator[None]:
    """Let one more document be found, whose text is long."""
    with app.app_context():
        with transaction() as session:
            service.index(session, "test:long", [Entry("document", "Dài", "/dai", NOW, body=body)])
        yield
        with transaction() as session:
            service.remove(session, "test:long")


def test_a_phrase_of_a_word_said_a_thousand_times_is_found(corpus: Flask) -> None:
    """PostgreSQL keeps 256 places of one word."""
    often = "xã zxóm " * 1000
    with holding(corpus, f"{often} họp tại xã zkim zgiang {often * 9} đến xã zhạ zđình ở đó"):
        for query in ('"xã zkim zgiang"', '"xa zha zdinh"', "zxom xa", "zxo"):
            assert found(corpus, query) == ["dai"], query
        for query in ('"xã zgiang"', '"xã zkim zđình"', '"xa zha zgiang"'):
            assert found(corpus, query) == [], query


def test_words_that_stand_far_apart_make_no_phrase(corpus: Flask) -> None:
    """PostgreSQL counts places to 16,383: further words begin at the first again."""
    for far in (16_366, 16_367, 16_368):
        words = [f"w{place % 5000}" for place in range(17_000)]
        words[100], words[100 + far] = "zlúa", "zgạo"
        with holding(corpus, " ".join(words)):
            assert found(corpus, '"zlua zgao"') == [], far
            assert found(corpus, "zlua zgao") == ["dai"], far


def test_a_table_of_numbers_can_be_kept_and_its_beginning_is_found(corpus: Flask) -> None:
    """A tsvector takes one megabyte."""
    numbers = [str(10**11 + place * 7919) for place in range(150_000)]
    with holding(corpus, " ".join(numbers)):
        assert found(corpus, numbers[30_000]) == ["dai"]


def test_filters(corpus: Flask) -> None:
    only = Filter(kinds=("document", "directive"))
    assert set(found(corpus, "covid-19", only)) == {"1208", "15-qd"}
    last_day = Filter(since=NOW - timedelta(hours=3))
    assert found(corpus, "khẩu trang", last_day) == ["khau-trang", "rac"]


def test_the_index_can_be_made_anew(corpus: Flask) -> None:
    with corpus.app_context():
        before = db.session.query(SearchEntry).count()
        with transaction() as session:
            entry = entries()[0][1]
            service.index(session, "test:again", [entry])
            service.remove(session, "test:again")
        assert db.session.query(SearchEntry).count() == before


QUERIES = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from([*" \"*():^-'", "đình", "dinh", "covid-19", "khẩu", "tr", "15/QĐ", "NOT"]),
        max_size=8,
    ).map(" ".join),
    st.sampled_from([word for texts in TEXTS.values() for word in texts[1].split()]),
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(QUERIES)
def test_both_databases_find_the_same(sqlite: Flask, postgresql: Flask, query: str) -> None:
    assert found(sqlite, query) == found(postgresql, query)
    offers = []
    for app in (sqlite, postgresql):
        with app.app_context():
            offers.append(service.suggestion(query, NOW, GATES))
    assert offers[0] == offers[1]


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(QUERIES)
def test_no_query_is_an_error(sqlite: Flask, query: str) -> None:
    found(sqlite, query)
