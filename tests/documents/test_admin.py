"""Official documents through the officers' pages: from a file to residents, and who may what."""

import io
import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from openpyxl import Workbook, load_workbook

from tests.office import package, pdf
from tests.official_corpus import DISPATCH, MADE
from tests.page import Browser, Page
from wardsite import schedule
from wardsite.core.vi import short_date
from wardsite.extensions import db
from wardsite.models import Attachment, AuditEntry, Document, User
from wardsite.settings import Settings

FIELDS = {
    "code": "15 /QĐ-UBND",
    "kind": "quyet-dinh",
    "issuer": "Ủy ban nhân dân phường Hạ Đình",
    "issued_on": "ngày 05 tháng 3 năm 2026",
    "summary": "Về việc thử",
    "authority": "",
    "effective_on": "10/3/2026",
}
Open = Callable[[str], Browser]


def values(page: Page) -> dict[str, str]:
    """Return what the document's form holds."""
    found = {node["name"]: node.get("value") for node in page.all("input") if node.get("name")}
    found |= {node["name"]: node.text for node in page.all("textarea")}
    for select in page.all("select"):
        chosen = [option for option in select.all("option") if "selected" in option.attributes]
        found[select["name"]] = chosen[0]["value"] if chosen else ""
    return found


def enter(browser: Browser, then: str = "publish", **fields: object) -> Page:
    page = browser.post("/quan-tri/van-ban/them", then=then, **{**FIELDS, **fields})
    assert "Lưu" in page.text
    return page


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_the_dispatch_dropped_as_a_file_is_published_with_its_fields_and_found_by_its_text(
    kind: str, app: Flask, signed_in: Open, client: Browser
) -> None:
    content = DISPATCH.as_docx() if kind == "docx" else DISPATCH.as_pdf()
    editor = signed_in("editor")
    page = editor.post(
        "/quan-tri/van-ban/tu-tep",
        page="/quan-tri/van-ban/them",
        file=(io.BytesIO(content), f"Công văn 1208.{kind}"),
    )
    read = values(page)
    assert read["code"] == "1208/UBND-VHTT"
    assert read["kind"] == "cong-van"
    assert read["issuer"] == "Ủy ban nhân dân quận Thanh Xuân"
    assert read["authority"] == "district"
    assert read["issued_on"] == "12/08/2020"
    assert read["summary"] == DISPATCH.summary
    assert read["signer_name"] == "Nguyễn Mạnh Đạt"
    # The centre's file brings this very dispatch: the unit keeps its own under another issuer.
    fields = {name: value for name, value in read.items() if name not in ("csrf_token", "file")}
    fields |= {"issuer": "UBND quận (bản lưu)", "then": "publish"}
    editor.post("/quan-tri/van-ban/them", **fields)
    with app.app_context():
        document = db.session.query(Document).filter_by(central_id=None).one()
        slug = document.slug
        assert db.session.query(Attachment).one().document_id == document.id
    shown = client.get(f"/van-ban/{slug}")
    link = next(node["href"] for node in shown.all("a") if "/tep/" in node.get("href"))
    assert client.get(link).response.data == content
    from wardsite.documents.texts import read_waiting

    with app.app_context():
        assert read_waiting(datetime.now(UTC)) == 1
    assert "1208/UBND-VHTT" in client.get("/van-ban?q=dat+banner+dan+den").text
    assert "1208/UBND-VHTT" not in client.get("/van-ban?q=khong+co+trong+van+ban").text


def test_what_was_typed_is_stored_normalised(app: Flask, signed_in: Open) -> None:
    enter(signed_in("editor"), signer_name="Trần  Văn\u00a0Bình")
    with app.app_context():
        row = db.session.query(Document).filter_by(central_id=None).one()
        assert (row.code, row.number, row.symbol) == ("15/QĐ-UBND", "15", "QĐ-UBND")
        assert str(row.issued_on) == "2026-03-05"
        assert row.signer_name == "Trần Văn Bình"


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("code", "khong phai so", "không phải là số, ký hiệu"),
        ("issued_on", "31/2/2026", "không phải ngày tháng"),
        ("summary", " ", "Hãy nhập trích yếu"),
        ("expires_on", "1/1/2026", "không thể trước"),
        ("effective_on", "10/3/2006", "Hãy kiểm tra lại năm"),
        ("replaces", "12/QĐ-UBND; bậy bạ", "không phải là số, ký hiệu"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_or_uploaded_is_lost(
    field: str, typed: str, message: str, signed_in: Open
) -> None:
    editor = signed_in("editor")
    page = editor.post(
        "/quan-tri/van-ban/them",
        422,
        **{**FIELDS, field: typed},
        files=(io.BytesIO(DISPATCH.as_docx()), "a.docx"),
    )
    assert message in page.one(id="errors").text
    assert values(page)["issuer"] == FIELDS["issuer"]
    assert "a.docx" in page.text
    kept = values(page)["kept_files"]
    editor.post("/quan-tri/van-ban/them", **{**FIELDS, "kept_files": kept})
    assert "a.docx" in editor.get("/quan-tri/van-ban/" + _own_id(editor)).text


def _own_id(browser: Browser) -> str:
    links = browser.get("/quan-tri/van-ban").links
    found = [link.rsplit("/", 1)[1] for link in links if link.startswith("/quan-tri/van-ban/")]
    return next(part for part in found if part.isdigit())


def test_a_refused_file_is_told_with_its_reason_and_the_good_one_is_kept(signed_in: Open) -> None:
    page = signed_in("editor").post(
        "/quan-tri/van-ban/them",
        422,
        **FIELDS,
        files=[
            (io.BytesIO(b"<html>"), "a.pdf"),
            (io.BytesIO(DISPATCH.as_pdf()), "b.pdf"),
        ],
    )
    assert "a.pdf: Chỉ nhận tệp PDF" in page.text
    assert "b.pdf" in page.text


def test_files_that_cannot_be_read_leave_an_empty_form_and_say_why(signed_in: Open) -> None:
    author = signed_in("author")
    for content, name, message, status in (
        (b"", "a.docx", "Tệp rỗng", 422),
        (package({"[Content_Types].xml": "x", "word/document.xml": "<w"}), "a.docx", "hỏng", 200),
        (MADE[0].as_docx()[:300], "a.docx", "hỏng", 422),
        (package({"a.txt": "x"}), "a.zip", "tệp nén", 422),
        ("chữ thường".encode(), "a.txt", "OpenDocument.", 422),
    ):
        page = author.post(
            "/quan-tri/van-ban/tu-tep",
            status,
            page="/quan-tri/van-ban/them",
            file=(io.BytesIO(content), name),
        )
        assert message in page.text
        assert values(page)["code"] == ""


def test_beside_every_upload_stands_the_warning_about_secrets(signed_in: Open) -> None:
    editor = signed_in("editor")
    for address in ("/quan-tri/van-ban/them", "/quan-tri/van-ban/tu-bang"):
        assert editor.get(address).text.count("TUYỆT MẬT") == 1


def test_the_same_document_is_not_entered_twice(signed_in: Open) -> None:
    editor = signed_in("editor")
    enter(editor)
    page = editor.post("/quan-tri/van-ban/them", 422, **FIELDS)
    assert "đã có trên trang" in page.text


def test_in_force_expired_and_replaced_are_shown_by_the_day(
    signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    enter(editor, expires_on="31/12/2026")
    address = "/van-ban/15-qd-ubnd"
    for day, words in (
        ("2026-03-09", "Chưa có hiệu lực"),
        ("2026-03-10", "Còn hiệu lực"),
        ("2026-12-31", "Còn hiệu lực"),
        ("2027-01-01", "Hết hiệu lực"),
    ):
        with time_machine.travel(f"{day}T05:00:00+07:00", tick=False):
            assert words in client.get(address).text
            assert words in client.get("/van-ban?loai=quyet-dinh").text
    enter(editor, code="20/QĐ-UBND", issued_on="1/6/2026", effective_on="15/6/2026",
          replaces="15 / QĐ-UBND\n99/QĐ-UBND", based_on="1208/UBND-VHTT")  # fmt: skip
    with time_machine.travel("2026-06-15T05:00:00+07:00", tick=False):
        old, new = client.get(address), client.get("/van-ban/20-qd-ubnd")
    assert "Hết hiệu lực" in old.text
    assert "Được thay thế bởi" in old.text
    assert "/van-ban/20-qd-ubnd" in old.links
    assert {address, "/van-ban/1208-ubnd-vhtt"} <= new.links
    assert "99/QĐ-UBND" in new.text  # named, though this site does not have it


def test_a_relation_finds_its_document_when_that_comes_later(
    signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    enter(editor, code="20/QĐ-UBND", amends="7/QĐ-UBND")
    assert "/van-ban/07-qd-ubnd" not in client.get("/van-ban/20-qd-ubnd").links
    enter(editor, code="7/QĐ-UBND")
    assert "/van-ban/07-qd-ubnd" in client.get("/van-ban/20-qd-ubnd").links


def test_the_list_is_narrowed_by_kind_issuer_year_topic_and_words(
    signed_in: Open, client: Browser
) -> None:
    editor = signed_in("editor")
    enter(editor, topics="covid-19", summary="Về việc tiêm chủng")
    enter(editor, code="16/TB-UBND", kind="thong-bao", issued_on="5/4/2025",
          effective_on="", issuer="Trường Tiểu học Mẫu")  # fmt: skip
    for query, found, not_found in (
        ("loai=thong-bao", "16/TB-UBND", "15/QĐ-UBND"),
        ("nam=2026", "15/QĐ-UBND", "16/TB-UBND"),
        ("co-quan=Trường+Tiểu+học+Mẫu", "16/TB-UBND", "15/QĐ-UBND"),
        ("chu-de=covid-19", "15/QĐ-UBND", "16/TB-UBND"),
        ("q=tiem+chung", "15/QĐ-UBND", "16/TB-UBND"),
        ("q=16/tb", "16/TB-UBND", "15/QĐ-UBND"),
        ("q=1979/STTTT-TTDT", "1979/STTTT-TTĐT", "16/TB-UBND"),
    ):
        page = client.get(f"/van-ban?{query}")
        codes = [node.text for node in page.all(class_="doc-code")]
        assert found in codes, query
        assert not_found not in codes, query


def test_a_draft_and_its_files_are_seen_by_officers_alone(
    app: Flask, signed_in: Open, client: Browser
) -> None:
    author = signed_in("author")
    enter(author, then="save", files=(io.BytesIO(DISPATCH.as_pdf()), "nhap.pdf"))
    document_id = _own_id(author)
    page = author.get(f"/quan-tri/van-ban/{document_id}")
    file = next(node["href"] for node in page.all("a") if "/tep/" in node.get("href"))
    for address in ("/van-ban/15-qd-ubnd", file):
        client.get(address, 404)
    for address in ("/van-ban", "/van-ban?q=15/QD-UBND", "/tim-kiem?q=15/QD-UBND", "/"):
        assert "15/QĐ-UBND" not in client.get(address).all("main")[0].text
    editor = signed_in("editor")
    editor.post(f"/quan-tri/van-ban/{document_id}/dang", page=f"/quan-tri/van-ban/{document_id}")
    assert "15/QĐ-UBND" in client.get("/tim-kiem?q=15/QD-UBND").text
    client.get(file)
    editor.post(f"/quan-tri/van-ban/{document_id}/go", page=f"/quan-tri/van-ban/{document_id}")
    client.get(file, 404)
    client.get("/van-ban/15-qd-ubnd", 404)


ACTIONS = ("", "/dang", "/go", "/xoa")


def put(app: Flask, whose: str, role: str | None, status: str) -> int:
    """Put a document of this officer, of another, or of the centre; return its id."""
    with app.app_context():
        if whose == "centre":
            return db.session.query(Document).filter(Document.central_id.is_not(None))[0].id
        other = "editor" if role == "author" else "author"
        owner = db.session.query(User).filter_by(name=f"the-{role if whose == 'own' else other}")
        row = Document(
            slug=f"x-{status}-{whose}-{db.session.query(Document).count()}", kind="khac",
            code=f"{db.session.query(Document).count()}/X", code_folded="", issuer="x", summary="x",
            issued_on=date(2026, 1, 1), created_at=datetime.now(UTC), updated_at=datetime.now(UTC),
            status=status, author_id=owner.one().id,
        )  # fmt: skip
        db.session.add(row)
        db.session.commit()
        return row.id


@pytest.mark.parametrize("role", ["author", "editor", "admin"])
def test_who_may_change_publish_withdraw_and_delete(role: str, app: Flask, signed_in: Open) -> None:
    browser = signed_in(role)
    token = browser.get("/quan-tri/van-ban/them").one("input", id="csrf_token")["value"]
    for whose, status, action in itertools.product(
        ("own", "other", "centre"), ("draft", "published"), ACTIONS
    ):
        document_id = put(app, whose, role, status)
        answer = browser.client.post(
            f"/quan-tri/van-ban/{document_id}{action}",
            data={"csrf_token": token, **FIELDS, "code": f"{document_id}/QĐ-UBND"},
        )
        allowed = whose != "centre" and (
            role != "author" or (whose == "own" and status == "draft" and action in ("", "/xoa"))
        )
        expected = 302 if allowed else 403
        assert answer.status_code == expected, (whose, status, action, answer.status)


def test_a_stranger_changes_nothing(app: Flask, client: Browser) -> None:
    document_id = put(app, "other", "editor", "draft")
    for action in (*ACTIONS, "/tep/1/xoa"):
        answer = client.client.post(f"/quan-tri/van-ban/{document_id}{action}", data=FIELDS)
        assert answer.status_code in (400, 401)
    with app.app_context():
        row = db.session.get(Document, document_id)
        assert row is not None
        assert row.status == "draft"
        assert row.summary == "x"


def sheet(*rows: list[object]) -> io.BytesIO:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


HEADINGS = ["STT", "Số, ký hiệu", "Loại văn bản", "Ngày ban hành", "Trích yếu", "Người ký"]
ROWS: tuple[list[object], ...] = (
    ["SỔ VĂN BẢN ĐI NĂM 2026"],
    HEADINGS,  # type: ignore[list-item]
    [1, "5/QĐ-UBND", "Quyết định", "05/03/2026", "Về việc một", "Trần Văn Bình"],
    [2, "06/TB-UBND", "", datetime(2026, 3, 6), "Lịch tiếp dân", ""],
    [3, "không có số", "Quyết định", "07/03/2026", "Về việc ba", ""],
    [4, "08/KH-UBND", "Bài thơ", "31/02/2026", "", ""],
    [5, "5/QĐ-UBND", "", "05/03/2026", "Trùng", ""],
)


def test_a_sheet_is_reported_cell_by_cell_and_only_good_rows_come_in_when_confirmed(
    app: Flask, signed_in: Open
) -> None:
    editor = signed_in("editor")

    def upload() -> Page:
        return editor.post("/quan-tri/van-ban/tu-bang", file=(sheet(*ROWS), "so.xlsx"))

    report = upload()
    problems = [row.text for row in report.all("table")[0].one("tbody").all("tr")]
    assert [line.split(" ")[0] for line in problems] == ["5", "6", "6", "6", "7"]
    assert "không phải là số, ký hiệu" in problems[0]
    assert {"Loại văn bản", "Ngày ban hành", "Trích yếu"} == {
        node.text for row in report.all("tr")[2:5] for node in row.all("td")[:1]
    }
    assert "Trùng với văn bản ở dòng 3" in problems[4]
    with app.app_context():
        assert db.session.query(Document).filter_by(central_id=None).count() == 0
    hidden = next(node["value"] for node in report.all("input") if node.get("name") == "sheet")
    editor.post(
        "/quan-tri/van-ban/tu-bang/nhap",
        page="/quan-tri/van-ban/tu-bang",
        sheet=hidden,
        then="publish",
    )
    with app.app_context():
        rows = db.session.query(Document).filter_by(central_id=None).order_by(Document.code)
        assert [(row.code, row.kind, row.issuer, row.status) for row in rows] == [
            ("05/QĐ-UBND", "quyet-dinh", "Ủy ban nhân dân phường Hạ Đình", "published"),
            ("06/TB-UBND", "thong-bao", "Ủy ban nhân dân phường Hạ Đình", "published"),
        ]
        assert db.session.query(AuditEntry).filter_by(action="document-import").count() == 1
    assert "đã có trên trang" in upload().text


def test_a_sheet_without_headings_or_that_is_none_is_refused_plainly(signed_in: Open) -> None:
    editor = signed_in("editor")
    page = editor.post("/quan-tri/van-ban/tu-bang", file=(sheet(["a", "b"]), "a.xlsx"))
    assert "Không tìm thấy dòng tiêu đề cột" in page.text
    page = editor.post("/quan-tri/van-ban/tu-bang", file=(io.BytesIO(DISPATCH.as_pdf()), "a.xlsx"))
    assert "lưu lại thành .xlsx" in page.text


@pytest.mark.parametrize(
    "content",
    [
        "Số, ký hiệu;Ngày ban hành;Trích yếu\n1/QĐ-UBND;1/2/2026;Một\n".encode("utf-8-sig"),
        b"<html><table><tr><td>1</td></tr></table></html>",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
    ],
    ids=["csv", "html that Excel opens", "xls"],
)
def test_a_sheet_in_another_format_is_told_how_to_become_one(
    signed_in: Open, content: bytes
) -> None:
    editor = signed_in("editor")
    page = editor.post("/quan-tri/van-ban/tu-bang", file=(io.BytesIO(content), "so.xlsx"))
    assert "lưu lại thành .xlsx" in page.text


def test_an_empty_sheet_is_not_taken_for_a_scan(signed_in: Open) -> None:
    page = signed_in("editor").post("/quan-tri/van-ban/tu-bang", file=(sheet(), "a.xlsx"))
    assert "Không tìm thấy dòng tiêu đề cột" in page.text


def reported(page: Page) -> list[list[str]]:
    """Number, kind and day of each row that would be imported."""
    rows = page.all("table")[-1].one("tbody").all("tr")
    return [[node.text for node in row.all("td")[1:3]] for row in rows]


def test_the_register_of_outgoing_documents_is_read_as_it_is_kept(signed_in: Open) -> None:
    # Annex IV of NĐ 30/2020: a title of several lines, its headings, and a row that numbers them.
    register = sheet(
        ["ỦY BAN NHÂN DÂN PHƯỜNG HẠ ĐÌNH"],
        [],
        ["SỔ ĐĂNG KÝ VĂN BẢN ĐI"],
        ["Từ số 01 đến số 120"],
        [],
        ["Số, ký hiệu văn bản", "Ngày tháng văn bản (ngày/tháng/năm)",
         "Tên loại và trích yếu nội dung văn bản", "Người ký", "Nơi nhận văn bản", "Số lượng bản"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        ["03/KH-UBND", 46028, "Kế hoạch tổ chức Tết trồng cây", "Trần Thị B", "", 5],
        *[[None] * 6] * 40,
    )  # fmt: skip
    page = signed_in("editor").post("/quan-tri/van-ban/tu-bang", file=(register, "so.xlsx"))
    assert "Các lỗi" not in page.text
    assert reported(page) == [["Kế hoạch", "06/01/2026"]]


def test_a_head_of_two_rows_and_kinds_in_short_are_understood(signed_in: Open) -> None:
    merged = sheet(
        ["STT", "Văn bản", None, None, "Trích yếu nội dung"],
        [None, "Số, ký hiệu", "Ngày ban hành", "Loại văn bản", None],
        [1, "15/NQ-HĐND", "02/03/2026", "NQ", "Về dự toán"],
    )
    page = signed_in("editor").post("/quan-tri/van-ban/tu-bang", file=(merged, "gop.xlsx"))
    assert reported(page) == [["Nghị quyết", "02/03/2026"]]


def test_the_sheet_with_the_headings_is_read_wherever_it_stands(signed_in: Open) -> None:
    book = load_workbook(sheet(HEADINGS, [1, "7/QĐ-UBND", "", "07/03/2026", "Về một việc", ""]))
    book.create_sheet("Bìa", 0).append(["SỔ VĂN BẢN"])
    book.worksheets[1].title = "Năm 2026"
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    page = signed_in("editor").post("/quan-tri/van-ban/tu-bang", file=(buffer, "so.xlsx"))
    assert "Năm 2026" in page.text
    assert reported(page) == [["Quyết định", "07/03/2026"]]


def test_rows_beyond_two_thousand_are_said_not_to_be_read(signed_in: Open) -> None:
    rows = [[i, f"{i}/BC-UBND", "", "01/06/2025", "Báo cáo", ""] for i in range(1, 2003)]
    page = signed_in("editor").post(
        "/quan-tri/van-ban/tu-bang", file=(sheet(HEADINGS, *rows), "so.xlsx")
    )
    assert "Từ dòng 2.002 trở đi chưa được đọc" in page.text
    assert len(reported(page)) == 2000


@pytest.mark.parametrize(
    ("typed", "warned"), [("13/8/2020", True), ("11/8/2020", False)], ids=["swapped", "as typed"]
)
def test_days_that_a_spreadsheet_read_month_first_are_noticed(
    signed_in: Open, typed: str, warned: bool
) -> None:
    # Excel set to English makes 12/8/2020 the 8th of December and leaves 13/8/2020 a text.
    rows = sheet(
        HEADINGS,
        [1, "1/QĐ-UBND", "", datetime(2020, 12, 8), "Một", ""],
        [2, "2/QĐ-UBND", "", typed, "Hai", ""],
    )
    page = signed_in("editor").post("/quan-tri/van-ban/tu-bang", file=(rows, "so.xlsx"))
    assert ("đổi chỗ ngày và tháng" in page.text) == warned


def test_the_sample_sheet_is_understood_by_the_import(signed_in: Open) -> None:
    editor = signed_in("editor")
    sample = editor.get("/quan-tri/van-ban/tu-bang/mau.xlsx").response.data
    headings = [cell.value for cell in load_workbook(io.BytesIO(sample)).active[1]]
    filled = [""] * len(headings)
    for heading, value in (
        ("Số, ký hiệu", "9/QĐ-UBND"), ("Ngày ban hành", "1/2/2026"), ("Trích yếu", "Thử")
    ):  # fmt: skip
        filled[headings.index(heading)] = value
    report = editor.post("/quan-tri/van-ban/tu-bang", file=(sheet(headings, filled), "a.xlsx"))
    assert "09/QĐ-UBND" in report.text


def test_authors_cannot_import(signed_in: Open) -> None:
    signed_in("author").get("/quan-tri/van-ban/tu-bang", 403)


def test_a_stale_upload_of_another_officer_cannot_be_taken_over(
    app: Flask, signed_in: Open
) -> None:
    signed_in("author").post(
        "/quan-tri/van-ban/tu-tep",
        page="/quan-tri/van-ban/them",
        file=(io.BytesIO(DISPATCH.as_pdf()), "cua-toi.pdf"),
    )
    with app.app_context():
        file_id = db.session.query(Attachment).one().id
    enter(signed_in("editor"), kept_files=str(file_id))
    with app.app_context():
        assert db.session.query(Attachment).one().document_id is None


def test_the_age_of_a_page_in_the_cache_ends_at_midnight(signed_in: Open, client: Browser) -> None:
    """A page that says `in force` must not outlive the day."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    enter(signed_in("editor"), effective_on="", expires_on=short_date(datetime.now(UTC)))
    assert "Còn hiệu lực" in client.get("/van-ban/15-qd-ubnd").text
    with time_machine.travel(tomorrow + timedelta(hours=8), tick=False):
        assert "Hết hiệu lực" in client.get("/van-ban/15-qd-ubnd").text


def test_the_timer_reads_out_a_file_of_200_pages_and_no_request_does(
    app: Flask, settings: Settings, signed_in: Open, client: Browser
) -> None:
    pages = [[(70, 700 - 20 * line, f"Trang {number} nội dung thường {line}") for line in range(6)]
             for number in range(1, 200)]  # fmt: skip
    content = pdf([*pages, [(70, 700, "Phụ lục gồm danh sách trâubò")]])
    page = enter(signed_in("editor"), files=(io.BytesIO(content), "200-trang.pdf"))
    assert "200-trang.pdf" in page.text
    with app.app_context():
        assert db.session.query(Attachment).one().text_state == "waiting"
        for done in schedule.tick(settings, datetime.now(UTC)):
            if done.name == "texts":
                break
        assert done.error is None
        row = db.session.query(Attachment).one()
        assert row.text_state == "done"
        assert all(f"Trang {number} " in row.text for number in (1, 100, 199))
    assert "/van-ban/15-qd-ubnd" in client.get("/van-ban?q=traubo").links
