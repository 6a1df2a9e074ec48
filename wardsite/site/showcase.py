"""Samples for the page of the design system: rows never stored, the long beside the short."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from wardsite.central.alarms import Alarm
from wardsite.core.central_schema import App, Authority, Banner, Hotline, Link, Notice, Topic
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.mandate import Mandate
from wardsite.forms import Form, LongTextField, TextField
from wardsite.models import Category, Document, Post
from wardsite.site.moment import Moment
from wardsite.site.views import Directives

LONG = (
    "[MẪU] Về việc tăng cường công tác tuyên truyền, phổ biến ứng dụng Bluezone và phối hợp triển "
    "khai các biện pháp phòng, chống dịch Covid-19 trên địa bàn phường trong tình hình mới"
)
SHORT = "[MẪU] Nghỉ lễ"


@dataclass(frozen=True)
class Sample:
    """What the parts are shown with."""

    posts: list[Post]
    documents: list[Document]
    mandate: Mandate
    links: list[Link]
    alarms: list[Alarm]
    moments: list[Moment]

    @property
    def directives(self) -> list[Directives]:
        """The documents under one authority."""
        return [Directives(self.mandate.authorities[0], self.documents)]


class FaultyForm(Form):
    """A form as it comes back with something to correct."""

    name = TextField(_l("Unit name"), validators=[InputRequired(_l("Enter the unit’s name."))])
    hours = LongTextField(_l("Opening hours"), description=_l("One line for each period."))
    kind = SelectField(
        _l("Document type"), choices=[SelectChoice("1", "A"), SelectChoice("2", "B")], default="1"
    )
    offline = BooleanField(_l("Offline reading"))


def faulty_form() -> FaultyForm:
    """Return the form with its fault found."""
    form = FaultyForm(formdata=None, prefix="sample-", meta={"csrf": False})
    form.validate()
    return form


def sample(now: datetime) -> Sample:
    """Return the samples as of `now`."""
    day = timedelta(days=1)
    return Sample(
        posts=[_post(LONG, LONG, now), _post(SHORT, "", now - day)],
        documents=[_document(LONG, now.date()), _document(SHORT, date(2020, 8, 6))],
        mandate=_mandate(now),
        links=[Link(id="mau", label="[MẪU] Cổng thông tin", url="https://example.vn/")],
        alarms=[
            Alarm("sample-fault", True, WardsiteError(N_("Example of an error.")), _ADVICE, now),
            Alarm("sample-warning", False, WardsiteError(N_("Example of a warning.")), _ADVICE),
        ],
        moments=[
            Moment(now, now + 30 * day, now + 2 * day, now + 14 * day, False),
            Moment(now - 20 * day, now - day, None, now - day, True),
        ],
    )


_ADVICE = WardsiteError(N_("What to do about it is shown here."))


def _post(title: str, summary: str, at: datetime) -> Post:
    section = Category(slug="thong-bao", name="Thông báo")
    return Post(
        title=title, summary=summary, slug="mau", category=section, published_at=at, sample=True
    )


def _document(summary: str, day: date) -> Document:
    return Document(
        slug="mau",
        kind="cong-van",
        code="1208/UBND-VHTT",
        issuer="[MẪU] Ủy ban nhân dân quận",
        issued_on=day,
        summary=summary,
        sample=True,
    )


def _mandate(now: datetime) -> Mandate:
    kinds: tuple[tuple[Literal["info", "important", "urgent"], str], ...] = (
        ("info", SHORT),
        ("important", LONG),
        ("urgent", SHORT),
    )
    notices = (
        Notice(id=f"mau-{kind}", severity=kind, title=title, body=LONG, valid_from=now, topic="mau")
        for kind, title in kinds
    )
    return Mandate(
        notices=tuple(notices),
        banners=(
            Banner(
                id="mau",
                title="[MẪU] Banner chữ",
                alt="[MẪU] Banner chữ: " + LONG,
                link_url="https://example.vn/",
                position="all-pages-top",
                mandatory=True,
                valid_from=now,
            ),
        ),
        apps=(
            App(id="mau", name="[MẪU] Ứng dụng", purpose=LONG, actions=("Khai báo", "Phản ánh")),
        ),
        hotlines=(Hotline(id="mau", label="[MẪU] Đường dây", number="1022", display="1022"),),
        topics=(Topic(id="mau", label="[MẪU] Chuyên đề", slug="mau", mandatory=True),),
        authorities=(Authority(id="mau", label="[MẪU] Cấp chỉ đạo", order=1),),
    )
