"""News as residents read it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.page import Browser
from tests.writing import BODY, post_id, write_post
from wardsite.extensions import db
from wardsite.models import Category, Post
from wardsite.news import service

TITLE = "Đình Hạ Đình mở hội ngày 15/8"
PATH = "/tin-tuc/thong-bao/dinh-ha-dinh-mo-hoi-ngay-15-8"


def add_posts(app: Flask, count: int, first: int = 1) -> None:
    """Publish posts straight into the database, a minute apart, numbered from `first`."""
    with app.app_context():
        category = db.session.query(Category).filter_by(slug="thong-bao").one()
        now = datetime.now(UTC)
        for number in range(first, first + count):
            at = now - timedelta(minutes=200 - number)
            db.session.add(
                Post(
                    title=f"Bài số {number}",
                    slug=f"bai-so-{number}",
                    body_html=BODY,
                    category_id=category.id,
                    status="published",
                    published_at=at,
                    created_at=at,
                    updated_at=at,
                )
            )
        db.session.commit()


def test_an_article_has_what_a_resident_and_a_journalist_look_for(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    write_post(editor, "Bài trước", then="publish")
    write_post(
        editor,
        TITLE,
        summary="Lễ hội của phường.",
        source_name="Báo Sức khỏe và Đời sống",
        source_url="https://suckhoedoisong.vn/bai-goc.htm",
    )
    page = client.get(PATH)
    assert page.one("h1").text == TITLE
    assert page.title.startswith(TITLE)
    assert "Lễ hội của phường." in page.text
    assert page.one("a", href="https://suckhoedoisong.vn/bai-goc.htm").text.startswith("Báo")
    assert any(node["datetime"].startswith("20") for node in page.all("time"))
    assert "/tin-tuc/thong-bao/bai-truoc" in page.links
    printed = client.get(f"{PATH}?ban-in=1")
    assert any(node.get("media") == "all" for node in printed.all("link", rel="stylesheet"))


def test_a_text_does_not_begin_twice_where_no_summary_was_written(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    beginning = "Phường mở hội. Mời bà con."
    body = f"<p>{beginning}</p><p>Lễ rước bắt đầu lúc 8 giờ</p><p>Địa điểm: sân đình</p>"
    write_post(editor, TITLE, body=body)
    assert client.get(PATH).text.count(beginning) == 1
    assert beginning in client.get("/tin-tuc").text
    write_post(editor, "Bài khác", body=body, summary="Lễ hội của phường.")
    article = client.get("/tin-tuc/thong-bao/bai-khac").one("article")
    assert article.text.index("Lễ hội của phường.") < article.text.index(beginning)


def test_sharing_is_by_plain_links_to_the_sites_own_address(
    pristine: object, app: Flask, signed_in: Callable[[str], Browser], client: Browser
) -> None:
    write_post(signed_in("editor"), TITLE)
    shares = [a["href"] for a in client.get(PATH).all("a") if "facebook" in a["href"]]
    # Without base_url the site does not know its address, and does not take it from the visitor.
    assert shares == []


def test_the_address_of_another_category_leads_to_the_posts_own(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    write_post(signed_in("editor"), TITLE)
    answer = client.client.get(PATH.replace("thong-bao", "covid-19"))
    assert (answer.status_code, answer.location) == (301, PATH)


def test_a_draft_is_seen_nowhere(signed_in: Callable[[str], Browser], client: Browser) -> None:
    editor = signed_in("editor")
    write_post(editor, TITLE, then="save", category="Phòng, chống dịch Covid-19")
    for path in ("/", "/covid-19", "/tin-tuc", "/tin-tuc/covid-19", "/en/"):
        assert TITLE not in client.get(path).text, path
    client.get(PATH.replace("thong-bao", "covid-19"), 404)
    status = client.client.get("/.well-known/wardsite.json").get_json()
    assert status["posts"]["count"] == 0


def test_a_withdrawn_post_is_gone_and_keeps_its_address_for_its_return(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    editor = signed_in("editor")
    number = post_id(write_post(editor, TITLE))
    edit = f"/quan-tri/tin-tuc/{number}"
    client.get(PATH)
    editor.post(f"{edit}/go", page=edit, reason="Sai ngày")
    assert "Sai ngày" in client.get(PATH, 410).text
    assert TITLE not in client.get("/tin-tuc").text
    editor.post(f"{edit}/dang", page=edit)
    client.get(PATH)


def test_a_covid_post_stands_on_the_topic_page_and_on_home(
    signed_in: Callable[[str], Browser], client: Browser
) -> None:
    write_post(signed_in("editor"), TITLE, category="Phòng, chống dịch Covid-19")
    for path in ("/", "/covid-19", "/tin-tuc", "/tin-tuc/covid-19"):
        assert TITLE in client.get(path).text, path


def test_the_list_is_paged_newest_first_without_gap_or_repeat(app: Flask, client: Browser) -> None:
    add_posts(app, 25)
    titles: list[str] = []
    for number, size in ((1, 12), (2, 12), (3, 1)):
        page = client.get(f"/tin-tuc?trang={number}")
        found = [h.text for h in page.all("h2") if h.text.startswith("Bài số")]
        assert len(found) == size
        titles += found
    assert titles == [f"Bài số {number}" for number in range(25, 0, -1)]
    assert "/tin-tuc?trang=2" in client.get("/tin-tuc").links


@pytest.mark.parametrize("role", ["editor", "author"])
def test_an_officers_list_counts_so_far_and_goes_on_to_the_last_post(
    role: str, app: Flask, signed_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "COUNTED", 36)
    monkeypatch.setattr(service, "PAGES_AHEAD", 2)
    officer, path = signed_in(role), "/quan-tri/tin-tuc"
    add_posts(app, 35)
    assert "Có 35 bài viết" in officer.get(path).text
    add_posts(app, 41, first=36)
    assert "từ 36 trở lên" in officer.get(path).text
    titles: list[str] = []
    for number in range(1, 8):
        page = officer.get(f"{path}?trang={number}")
        titles += [a.text for a in page.all("a") if a.text.startswith("Bài số")]
        assert (f"{path}?trang={number + 1}" in page.links) == (number < 7)
    assert titles == [f"Bài số {number}" for number in range(76, 0, -1)]
    officer.get(f"{path}?trang=8", 404)


@pytest.mark.parametrize("asked", ["0", "-1", "4", "x", "", "9" * 30, "1e3", "٢", "1; DROP"])
def test_a_page_that_is_not_there_is_not_found(app: Flask, client: Browser, asked: str) -> None:
    add_posts(app, 25)
    answer = client.client.get("/tin-tuc", query_string={"trang": asked})
    client._page(answer, "/tin-tuc", 404)


def test_an_empty_list_says_so_and_has_one_page(client: Browser) -> None:
    assert "chưa đăng tin" in client.get("/tin-tuc").text
    client.get("/tin-tuc?trang=2", 404)


@pytest.mark.parametrize(
    "path", ["/tin-tuc/khong-co", "/tin-tuc/thong-bao/khong-co", "/van-ban/khong-co"]
)
def test_what_is_not_there_is_not_found(client: Browser, path: str) -> None:
    client.get(path, 404)
    client.get(f"/en{path}", 404)
