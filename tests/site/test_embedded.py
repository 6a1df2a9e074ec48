"""Documents and files embedded in a text: what residents see of them, and when."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.office import pdf
from tests.page import Browser, Page
from tests.writing import BODY, NEW, write_post
from wardsite import schedule
from wardsite.core.embedded import Embedded, pieces
from wardsite.core.markup import sanitize
from wardsite.core.outline import outline
from wardsite.extensions import db
from wardsite.models import Attachment
from wardsite.settings import Settings

Open = Callable[[str], Browser]
DECISION = {
    "code": "15/QĐ-UBND",
    "kind": "quyet-dinh",
    "issuer": "Ủy ban nhân dân phường Hạ Đình",
    "issued_on": "05/03/2026",
    "summary": "Về việc thành lập tổ công tác",
    "authority": "",
}
CARD = '<figure><a href="/van-ban/15-qd-ubnd">Quyết định 15/QĐ-UBND</a></figure>'
BROKEN = "Liên kết này dẫn tới trang không tồn tại"
POST = "/tin-tuc/thong-bao/to-cong-tac"
PDF = pdf([[(72, 700, "Danh sách")]])


def enter(officer: Browser, then: str = "publish", **more: object) -> str:
    """Enter the decision; return its edit page."""
    fields = DECISION | {"then": then, "files": (io.BytesIO(PDF), "danh-sach.pdf")} | more
    return officer.post("/quan-tri/van-ban/them", **fields).url


def upload(officer: Browser, name: str = "Kế hoạch.pdf", content: bytes = PDF) -> dict[str, str]:
    file = (io.BytesIO(content), name)
    return officer.post("/quan-tri/tin-tuc/tep", page=NEW, file=file).response.json


def embed(file: dict[str, str]) -> str:
    return f'{BODY}<figure><a href="{file["url"]}">{file["label"]}</a></figure>'


def cards(page: Page) -> list[str]:
    return [node.text for node in page.all("figure", class_="embedded")]


def test_a_document_stands_in_the_text_with_what_is_true_of_it_now(
    signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    edit = enter(editor)
    write_post(editor, "Tổ công tác", body=f"{BODY}{CARD}<p>Hết.</p>")
    (card,) = cards(client.get(POST))
    assert "Quyết định 15/QĐ-UBND" in card
    assert "05/03/2026" in card
    assert "Về việc thành lập tổ công tác" in card
    assert "danh-sach.pdf" in card
    assert client.get(client.get(POST).one("figure", class_="embedded").all("a")[1]["href"])
    (card,) = cards(client.get(f"/en{POST}"))
    assert "Decision 15/QĐ-UBND" in card
    assert "Download" in card
    editor.post(edit, **(DECISION | {"summary": "Về việc kiện toàn tổ công tác", "then": "save"}))
    assert "kiện toàn" in cards(client.get(POST))[0]
    assert "to-cong-tac" in client.get("/tim-kiem?q=15/QĐ-UBND").response.text


def test_of_a_document_that_is_no_longer_public_only_the_words_are_left(
    signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    edit = enter(editor)
    post = write_post(editor, "Tổ công tác", body=f"{BODY}{CARD}<p>Hết.</p>")
    editor.post(f"{edit}/go", page=edit)
    page = client.get(POST)
    assert cards(page) == []
    assert "Quyết định 15/QĐ-UBND (hiện không có trên trang này)" in page.text
    assert "/van-ban/15-qd-ubnd" not in page.links
    assert BROKEN in editor.get(post.url).text
    editor.post(f"{edit}/dang", page=edit)
    assert len(cards(client.get(POST))) == 1
    assert BROKEN not in editor.get(post.url).text


def test_only_public_documents_are_offered_newest_first_and_by_the_beginning_of_a_number(
    signed_in: Open,
) -> None:
    author, editor = signed_in("author"), signed_in("editor")
    enter(editor)
    enter(editor, "save", code="16/QĐ-UBND", summary="Chưa đăng")

    def offered(words: str) -> list[dict[str, str]]:
        return author.get(f"/quan-tri/van-ban/chon?q={words}").response.json["documents"]

    labels = [row["label"] for row in offered("")]
    assert labels[0] == "Quyết định 15/QĐ-UBND"
    assert "Công văn 1208/UBND-VHTT" in labels
    assert [row["url"] for row in offered("15/qd-u")] == ["/van-ban/15-qd-ubnd"]
    assert [row["label"] for row in offered("to cong tac")] == ["Quyết định 15/QĐ-UBND"]
    assert offered("16/QĐ") == []
    assert offered("Chưa đăng") == []
    english = author.get("/en/quan-tri/van-ban/chon?q=15/qd").response.json["documents"]
    assert (english[0]["label"], english[0]["url"]) == (labels[0], "/van-ban/15-qd-ubnd")


def test_a_file_becomes_public_with_the_text_that_shows_it_and_not_before(
    signed_in: Open, client: Browser
) -> None:
    author, editor = signed_in("author"), signed_in("editor")
    file = upload(author)
    client.get(file["url"], 404)
    draft = write_post(author, "Tổ công tác", then="save", body=embed(file))
    assert "Kế hoạch.pdf" in draft.one(id="files-title").parent.text
    frame = author.get(f"{draft.url}/xem-truoc").all("iframe")[0]["src"]
    assert len(cards(author.get(frame))) == 1
    client.get(file["url"], 404)
    editor.post(f"{draft.url}/dang", page=draft.url)
    page = client.get(POST)
    assert "Kế hoạch.pdf" in cards(page)[0]
    assert not page.all(id="files")
    assert client.get(file["url"]).response.data == PDF
    other = write_post(editor, "Bài khác", body=embed(file))
    assert len(cards(client.get("/tin-tuc/thong-bao/bai-khac"))) == 1
    editor.post(f"{draft.url}/go", page=draft.url, reason="Nhầm")
    assert cards(client.get("/tin-tuc/thong-bao/bai-khac")) == []
    assert BROKEN in editor.get(other.url).text


def test_what_is_typed_and_not_saved_shows_its_file_in_the_preview(signed_in: Open) -> None:
    author = signed_in("author")
    page = write_post(author, "Tổ công tác", then="preview", body=embed(upload(author)))
    assert len(cards(author.get(page.all("iframe")[0]["src"]))) == 1


def test_nobody_reads_or_takes_a_file_that_another_officer_sent_and_did_not_save(
    app: Flask, signed_in: Open
) -> None:
    editor, author = signed_in("editor"), signed_in("author")
    file = upload(editor)
    assert editor.get(file["url"]).response.data == PDF
    author.get(file["url"], 404)
    page = write_post(author, "Tổ công tác", then="preview", body=embed(file))
    assert cards(author.get(page.all("iframe")[0]["src"])) == []
    write_post(author, "Tổ công tác", then="save", body=embed(file))
    with app.app_context():
        assert db.session.query(Attachment).one().post_id is None


@pytest.mark.parametrize(
    ("content", "reason"), [(b"GIF89a", "PDF, Word"), (b"%PDF-/JavaScript", "PDF")]
)
def test_a_file_that_may_not_be_attached_is_refused_with_its_reason(
    content: bytes, reason: str, app: Flask, signed_in: Open
) -> None:
    author = signed_in("author")
    file = (io.BytesIO(content), "a.pdf")
    answer = author.post("/quan-tri/tin-tuc/tep", 422, page=NEW, file=file).response.json
    assert reason in answer["error"]
    with app.app_context():
        assert db.session.query(Attachment).count() == 0


def test_a_file_within_a_text_that_was_never_saved_stays_as_long_as_the_text(
    settings: Settings, app: Flask, signed_in: Open
) -> None:
    author = signed_in("author")
    page = write_post(author, "Tổ công tác", then="preview", body=embed(upload(author)))
    upload(author, "bỏ.pdf")
    later = datetime.now(UTC) + timedelta(days=2)

    def titles() -> list[str]:
        with app.app_context():
            assert not any(done.error for done in schedule.tick(settings, later))
            return [row.title for row in db.session.query(Attachment)]

    assert titles() == ["Kế hoạch.pdf"]
    key = page.url.rpartition("/")[2]
    author.post(f"/quan-tri/tin-tuc/ban-dang-viet/{key}/bo", page=f"{NEW}?tiep={key}")
    assert titles() == []


def test_to_all_else_it_is_a_paragraph_of_its_own() -> None:
    html = sanitize(f'<p>Trước</p>{CARD}<figure><a href="/tep/3/a.pdf">Tệp a</a></figure>')
    assert [piece for piece in pieces(html) if isinstance(piece, Embedded)] == [
        Embedded("Quyết định 15/QĐ-UBND", slug="15-qd-ubnd"),
        Embedded("Tệp a", file=3),
    ]
    assert [block.text for block in outline(html)] == ["Trước", "Quyết định 15/QĐ-UBND", "Tệp a"]


@pytest.mark.parametrize(
    "html",
    [
        '<figure><a href="https://example.vn/van-ban/a">a</a></figure>',
        '<figure><a href="/van-ban/a"><img src="/media/a.webp" alt=""></a></figure>',
        '<figure><a href="/van-ban/a?x=1">a</a></figure>',
        '<p><a href="/van-ban/a">a</a></p>',
        '<figure><a href="/tep/x/a.pdf">a</a></figure>',
    ],
)
def test_other_links_and_figures_stay_what_they_are(html: str) -> None:
    assert pieces(sanitize(html)) == [sanitize(html)]
