"""Kinds of text that a ward or school writes again and again, and what each must not forget.

An officer answers one question after the other; the answers become a text with its headings in
place. Questions are translated; headings are Vietnamese, since they are part of the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

from wardsite.core.errors import N_

Shape = Literal["line", "text", "list", "table"]
GAP = "[…]"
_CELLS = re.compile(r"\s*[;|\t]\s*")


@dataclass(frozen=True)
class Question:
    """One thing to state: `heading` stands in the text, `label` asks for it."""

    name: str
    label: str
    heading: str
    shape: Shape = "line"
    required: bool = True
    hint: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pattern:
    """A kind of text, with the category it customarily goes to."""

    id: str
    name: str
    meaning: str
    title: str
    category: str
    questions: tuple[Question, ...]


_CONTACT = Question(
    "contact",
    N_("Contact for questions: name, office telephone"),
    "Liên hệ",
    hint=N_("The office’s number, not a personal one."),
)
_SESSIONS = N_("One line per session, with parts separated by semicolons.")

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "thong-bao",
        N_("Announcement"),
        N_("What is happening, when and where, and what residents need to do."),
        "Thông báo về việc …",
        "thong-bao",
        (
            Question("what", N_("What the announcement is about"), "Nội dung", "text"),
            Question("who", N_("Who it concerns"), "Đối tượng"),
            Question("when", N_("Period, from and until"), "Thời gian"),
            Question("where", N_("Where"), "Địa điểm"),
            Question(
                "todo", N_("What residents need to do"), "Việc cần làm", "list", required=False
            ),
            _CONTACT,
        ),
    ),
    Pattern(
        "giay-moi",
        N_("Invitation"),
        N_("Who is invited, to what, when, where, and what to bring."),
        "Giấy mời dự …",
        "thong-bao",
        (
            Question("guests", N_("Who is invited"), "Trân trọng kính mời"),
            Question("event", N_("Event"), "Tới dự", "text"),
            Question("when", N_("Time and date"), "Thời gian"),
            Question("where", N_("Where"), "Địa điểm"),
            Question("chair", N_("Who chairs"), "Chủ trì", required=False),
            Question("bring", N_("What to prepare or bring"), "Chuẩn bị", "list", required=False),
            _CONTACT,
        ),
    ),
    Pattern(
        "lich-tiem",
        N_("Vaccination sessions"),
        N_("Vaccine, who it is for, each session, and which papers to bring."),
        "Lịch tiêm chủng …",
        "thong-bao",
        (
            Question("vaccine", N_("Vaccine and dose number"), "Loại vắc xin"),
            Question("who", N_("Who it is for"), "Đối tượng"),
            Question(
                "sessions",
                N_("Sessions: date; time; venue; who it is for"),
                "Lịch tiêm",
                "table",
                hint=_SESSIONS,
                columns=("Ngày", "Giờ", "Địa điểm", "Đối tượng"),
            ),
            Question("bring", N_("Which papers to bring"), "Giấy tờ cần mang theo", "list"),
            Question(
                "caution",
                N_("Who should wait or seek advice first"),
                "Lưu ý",
                "text",
                required=False,
            ),
            _CONTACT,
        ),
    ),
    Pattern(
        "lich-tiep-cong-dan",
        N_("Citizen reception hours"),
        N_("Who receives citizens, on which days and where."),
        "Lịch tiếp công dân tháng …",
        "thong-bao",
        (
            Question("where", N_("Where"), "Địa điểm"),
            Question(
                "sessions",
                N_("Sessions: date; time; who receives citizens; position"),
                "Lịch tiếp công dân",
                "table",
                hint=_SESSIONS,
                columns=("Ngày", "Giờ", "Người tiếp", "Chức vụ"),
            ),
            Question("bring", N_("Which papers to bring"), "Giấy tờ cần mang theo", "list", False),
            _CONTACT,
        ),
    ),
    Pattern(
        "ket-luan",
        N_("Meeting conclusions"),
        N_("What was decided, who is responsible, and the deadlines."),
        "Kết luận cuộc họp …",
        "chi-dao-dieu-hanh",
        (
            Question("meeting", N_("Which meeting"), "Cuộc họp"),
            Question("when", N_("Time and date"), "Thời gian"),
            Question("chair", N_("Who chaired"), "Chủ trì"),
            Question("conclusions", N_("Conclusions, one per line"), "Kết luận", "list"),
            Question(
                "tasks",
                N_("Tasks: what; who; deadline"),
                "Phân công",
                "table",
                hint=N_("One line per task, with parts separated by semicolons."),
                columns=("Nội dung", "Đơn vị, người thực hiện", "Thời hạn"),
            ),
        ),
    ),
)


def pattern(id_: str) -> Pattern | None:
    """Return the pattern with this id, or None."""
    return next((found for found in PATTERNS if found.id == id_), None)


def compose(chosen: Pattern, answers: Mapping[str, str]) -> str:
    """Return the text as HTML; what was not answered and is needed stands as GAP."""
    parts = []
    for question in chosen.questions:
        answer = answers.get(question.name, "").strip()
        if not answer and not question.required:
            continue
        parts.append(_part(question, answer or GAP))
    return "".join(parts)


def _part(question: Question, answer: str) -> str:
    lines = [line for line in map(str.strip, answer.split("\n")) if line]
    heading = escape(question.heading)
    if question.shape == "line":
        return f"<p><strong>{heading}:</strong> {escape(' '.join(lines))}</p>"
    if question.shape == "list":
        items = "".join(f"<li><p>{escape(line)}</p></li>" for line in lines)
        return f"<h2>{heading}</h2><ul>{items}</ul>"
    if question.shape == "table":
        return f"<h2>{heading}</h2>{_table(question.columns, lines)}"
    return f"<h2>{heading}</h2>" + "".join(f"<p>{escape(line)}</p>" for line in lines)


def _table(columns: tuple[str, ...], lines: list[str]) -> str:
    rows = []
    for line in lines:
        cells = _CELLS.split(line, maxsplit=len(columns) - 1)
        cells += [GAP] * (len(columns) - len(cells))
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
