"""An office in full use: documents in every state, people, calendars, pages, links, feedback.

Put in through the rooms' own verbs, so that every page has a full, a long and an empty state to be
looked at and tested.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.office import pdf
from wardsite.accounts.service import SignedIn
from wardsite.application import create_app
from wardsite.core.official_document import parse_code
from wardsite.core.vi import to_local
from wardsite.documents import own
from wardsite.documents.own import DocumentText
from wardsite.extensions import db
from wardsite.feedback import service as feedback
from wardsite.feedback.service import Message
from wardsite.media import attachments
from wardsite.models import CalendarEntry, OwnLink, OwnPage, Person, User
from wardsite.pages import service as pages
from wardsite.settings import load_settings

ISSUER = "Ủy ban nhân dân phường Hạ Đình"
LONG = (
    "Về việc kiện toàn Ban Chỉ đạo phòng, chống thiên tai và tìm kiếm cứu nạn, phân công nhiệm vụ "
    "các thành viên Ban Chỉ đạo và ban hành Quy chế hoạt động của Ban Chỉ đạo phường giai đoạn "
    "2026 - 2030, có xét đến năm 2035"
)
CODE = "WARD2345DESK"
"""Of the feedback that is answered and published."""


def fill(instance: Path) -> None:
    """Fill an instance that has the officers of tests/conftest.py."""
    app = create_app(load_settings(instance, {}))
    now = datetime.now(UTC)
    with app.app_context():
        users = {user.name: user for user in db.session.query(User)}
        editor = SignedIn(users["the-editor"], "")
        users["the-admin"].tour_done = True
        db.session.commit()
        _documents(editor, SignedIn(users["the-author"], ""), now)
        _pages(editor, now)
        _feedback(editor, users["the-author"].id, now)
        db.session.remove()
        db.engine.dispose()


def _documents(editor: SignedIn, author: SignedIn, now: datetime) -> None:
    today = to_local(now).date()
    base = DocumentText(
        parse_code("15/QĐ-UBND"), "quyet-dinh", ISSUER, today - timedelta(40), LONG,
        place="Hạ Đình", signer_title="TM. ỦY BAN NHÂN DÂN, CHỦ TỊCH", signer_name="Trần Văn Bình",
        relations=(("replaces", "02/QĐ-UBND"), ("amends", "07/QĐ-UBND"),
                   ("based_on", "77/2015/QH13")),
    )  # fmt: skip
    several = (
        replace(base, code=parse_code("02/QĐ-UBND"), issued_on=today - timedelta(400),
                summary="Về việc thành lập Ban Chỉ đạo phòng, chống thiên tai", relations=()),
        replace(base, code=parse_code("07/QĐ-UBND"), issued_on=today - timedelta(200),
                summary="Ban hành Quy chế làm việc", relations=()),
        base,
        replace(base, code=parse_code("31/KH-UBND"), kind="ke-hoach", issued_on=today,
                effective_on=today + timedelta(30), summary="Tuyển quân năm 2027", relations=()),
        replace(base, code=parse_code("108/TB-UBND"), kind="thong-bao", relations=(),
                issued_on=today - timedelta(100), expires_on=today - timedelta(9),
                summary="Lịch cắt nước tổ dân phố số 7"),
    )  # fmt: skip
    for text in several:
        row = own.save(editor, None, text, now)
        own.publish(editor, row.id, now)
        content = pdf([[(70, 700, f"{text.code} {text.summary[:60]}")]])
        name = f"{text.code} {LONG[:120] if text is base else 'toàn văn'}.pdf".replace("/", "-")
        attachments.add_attachment(content, name, editor.user.id, now, document_id=row.id)
    draft = replace(base, code=parse_code("16/QĐ-UBND"), summary="Bản đang soạn", relations=())
    own.save(author, None, draft, now)


def _pages(editor: SignedIn, now: datetime) -> None:
    today = to_local(now).date()

    def add(model: type, **values: object) -> None:
        pages.save(editor, model, None, values, now)

    body = "<h2>Bữa trưa</h2><table><thead><tr><th scope='col'>Thứ</th><th scope='col'>Món</th>"
    body += "</tr></thead><tbody><tr><td>Hai</td><td>Cơm, cá kho, canh rau ngót</td></tr></tbody>"
    for order, (kind, title) in enumerate(
        (("page", "Chức năng, nhiệm vụ, quyền hạn và cơ cấu tổ chức của Ủy ban nhân dân phường"),
         ("disclosure", "Công khai ngân sách năm 2026"), ("menu", "Thực đơn tuần 48"))
    ):  # fmt: skip
        add(OwnPage, title=title, kind=kind, status="published", in_menu=order == 2, order=order,
            body_html=body + "</table><p>Trang của đơn vị.</p>")  # fmt: skip
    add(OwnPage, title="Tuyển sinh lớp 1", kind="admission", status="draft", in_menu=False,
        order=9, body_html="<p>Đang soạn.</p>")  # fmt: skip
    for rank, name, title, department, phone, email, contact in (
        (1, "Trần Văn Bình", "Chủ tịch Ủy ban nhân dân phường", "Ủy ban nhân dân",
         "024 3858 0001", "chutich.hadinh@example.vn", False),
        (2, "Lê Thị Hồng Nhung", "Phó Chủ tịch", "Ủy ban nhân dân", "024 3858 0002", "", False),
        (9, "Nguyễn Thị Phương Đài", "Công chức Văn phòng – Thống kê, phụ trách tiếp nhận hồ sơ",
         "Bộ phận tiếp nhận và trả kết quả giải quyết thủ tục hành chính", "024 3858 0003",
         "motcua.phuonghadinh.quanthanhxuan@example.vn", True),
    ):  # fmt: skip
        add(Person, rank=rank, name=name, title=title, department=department, phone=phone,
            email=email, is_contact=contact)  # fmt: skip
    for kind, ahead, hours, subject in (
        ("reception", 2, "8h00 – 11h30", "Chủ tịch tiếp công dân định kỳ"),
        ("work", 1, "14h00", f"Họp {LONG[8:].lower()}"),
        ("work", -3, "9h00", "Việc đã qua"),
    ):
        add(CalendarEntry, kind=kind, day=today + timedelta(ahead), hours=hours, subject=subject,
            host="Ông Trần Văn Bình", place="Phòng tiếp công dân, tầng 1")  # fmt: skip
    for order, (place, label, url) in enumerate(
        (("menu", "Dịch vụ công", "https://dichvucong.example.vn/"),
         ("links", "Cổng thông tin của Thành phố", "https://thanhpho.example.vn/"),
         ("links", "Nộp hồ sơ trực tuyến", "https://dichvucong.example.vn/nop-ho-so"),
         ("banner", "Cuộc thi tìm hiểu pháp luật về bảo vệ môi trường năm 2026", "/tin-tuc"))
    ):  # fmt: skip
        add(OwnLink, place=place, label=label, url=url, order=order, shown_until=None)


def _feedback(editor: SignedIn, author_id: int, now: datetime) -> None:
    def send(address: str, at: datetime, **values: object) -> int:
        fields = {
            "subject": "Đèn đường ngõ 85 hỏng",
            "body": "Đèn ở ngõ 85 không sáng đã một tuần.\nĐề nghị phường cho sửa.",
            "place": "Ngõ 85 Hạ Đình", "name": "Phạm Thị Hoa", "contact": "+84912345678",
        }  # fmt: skip
        return feedback.receive(Message(**(fields | values)), address, at).id  # type: ignore[arg-type]

    late = send("203.0.113.1", now - timedelta(60), subject="Rác ùn ứ đầu phố, nhiều ngày chưa thu")
    feedback.assign(editor, late, author_id, now)
    send("203.0.113.2", now - timedelta(1), name="", contact="", place="",
         subject="Đề nghị lắp gờ giảm tốc trước cổng trường, giờ tan học rất đông xe cộ",
    )  # fmt: skip
    answered = send("203.0.113.3", now - timedelta(9), may_publish=True)
    feedback.answer(editor, answered, "Tổ kỹ thuật đã thay bóng ngày hôm qua.", now)
    public = ("Đèn đường hỏng", "Đèn ở một ngõ không sáng.", "Đèn đã được sửa.")
    feedback.publish(editor, answered, *public, now)
    row = feedback.message(editor, answered)
    row.code = CODE
    db.session.commit()
    away = send("203.0.113.4", now - timedelta(5), subject="Hỏi về bảo hiểm xã hội")
    feedback.answer(editor, away, "Việc này thuộc cơ quan bảo hiểm.", now, status="declined")
