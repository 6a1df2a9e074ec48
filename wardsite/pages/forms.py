"""What may be typed of pages, people, links and calendars."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, SelectField, ValidationError
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from wardsite.core.errors import N_
from wardsite.forms import (
    EMAIL,
    LINE,
    DayField,
    Form,
    RichTextField,
    TextField,
    choices,
    with_scheme,
)
from wardsite.pages.service import CALENDARS, PAGE_KINDS, PLACES

_ORDER = _l("Smaller numbers come first.")


class PageForm(Form):
    """A page of the unit's own."""

    title = TextField(_l("Title"), validators=[DataRequired(_l("Enter a title.")), LINE])
    kind = SelectField(_l("Page type"), choices=choices(PAGE_KINDS))
    body_html = RichTextField(_l("Text"))
    status = SelectField(
        _l("Status"), choices=choices({"draft": N_("Draft"), "published": N_("Published")})
    )
    in_menu = BooleanField(_l("Show in the menu"))
    order = IntegerField(
        _l("Position in the menu"), default=0, validators=[NumberRange(0, 999)], description=_ORDER
    )


class PersonForm(Form):
    """Somebody of the unit, with the official telephone and e-mail, never private ones."""

    name = TextField(_l("Full name"), validators=[DataRequired(_l("Enter the full name.")), LINE])
    title = TextField(_l("Position"), validators=[LINE])
    department = TextField(_l("Unit or department"), validators=[LINE])
    phone = TextField(_l("Office telephone"), validators=[LINE])
    email = TextField(
        _l("Work email"),
        validators=[
            Optional(),
            LINE,
            EMAIL,
        ],
    )
    is_contact = BooleanField(_l("Contact person for residents"))
    rank = IntegerField(
        _l("Seniority"),
        default=9,
        validators=[NumberRange(1, 99)],
        description=_l(
            "1 for the head of the unit; people of the same rank are listed by given name."
        ),
    )


class LinkForm(Form):
    """A menu item, link or banner of the unit's own."""

    place = SelectField(_l("Display position"), choices=choices(PLACES))
    label = TextField(_l("Link text"), validators=[DataRequired(_l("Enter the link text.")), LINE])
    url = TextField(
        _l("Address"),
        filters=[with_scheme],
        validators=[DataRequired(_l("Enter an address.")), Length(max=1000)],
    )
    picture = FileField(
        _l("Banner picture"),
        description=_l("JPEG, PNG or WebP. The link text is read aloud in place of the picture."),
    )
    remove_picture = BooleanField(_l("Remove the picture"))
    shown_until = DayField(_l("Shown until"))
    order = IntegerField(
        _l("Order"), default=0, validators=[NumberRange(0, 999)], description=_ORDER
    )

    def validate_url(self, field: TextField) -> None:
        """A whole web address, or a path of this site."""
        value = field.data or ""
        local = value.startswith("/") and not value.startswith("//") and "\\" not in value
        if not local and not value.lower().startswith(("https://", "http://")):
            raise ValidationError(_l("Enter a full address beginning with https://."))


class CalendarForm(Form):
    """A line of a calendar."""

    kind = SelectField(_l("Calendar"), choices=choices(CALENDARS))
    day = DayField(_l("Day"), validators=[DataRequired(_l("Enter the date."))])
    hours = TextField(_l("Hours"), validators=[LINE])
    subject = TextField(
        _l("Content"), validators=[DataRequired(_l("Enter the information.")), Length(max=500)]
    )
    host = TextField(_l("Who"), validators=[LINE])
    place = TextField(_l("Venue"), validators=[LINE])
