"""The base of every form, the few fields that clean what is typed, and limits that forms share."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, IntegerField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Length, Regexp

from wardsite.core.errors import N_
from wardsite.core.markup import MarkupTooLargeError, sanitize
from wardsite.core.text import clean_pasted, row_number
from wardsite.core.vi import TIMEZONE, DateFormatError, parse_date, short_date, to_local
from wardsite.extensions import explain

# WTForms' own words, so that the catalogue has them.
_WTFORMS = (
    N_("Field cannot be longer than %(max)d character."),
    N_("Field cannot be longer than %(max)d characters."),
    N_("Field must be at least %(min)d character long."),
    N_("Field must be at least %(min)d characters long."),
    N_("Field must be between %(min)d and %(max)d characters long."),
    N_("Field must be equal to %(other_name)s."),
    N_("Invalid Choice: could not coerce."),
    N_("Invalid URL."),
    N_("Invalid input."),
    N_("Not a valid choice."),
    N_("Not a valid date value."),
    N_("Not a valid datetime value."),
    N_("Not a valid integer value."),
    N_("Number must be at least %(min)s."),
    N_("Number must be at most %(max)s."),
    N_("Number must be between %(min)s and %(max)s."),
    N_("This field is required."),
)


LINE = Length(max=250)
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,}(?=[/?#:]|$)", re.IGNORECASE)
EMAIL = Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_l("This is not a valid email address."))


def choices(names: Mapping[str, str]) -> list[SelectChoice]:
    """Return the choices of a select field; names are msgids, said in the reader's language."""
    return [SelectChoice(key, _l(name)) for key, name in names.items()]


def with_scheme(address: str | None) -> str | None:
    """Return an address as the web has it: `hanoimoi.vn/tin` is meant to begin with https://."""
    return f"https://{address}" if address and _HOST.match(address) else address


class _Catalogue:
    """What WTForms asks for its messages."""

    def gettext(self, msgid: str) -> str:
        return str(gettext(msgid))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return str(gettext(singular if count == 1 else plural))


class Form(FlaskForm):
    """A form whose messages come from our catalogue (WTForms has no Vietnamese one)."""

    class Meta(FlaskForm.Meta):
        """How WTForms is set up for every form."""

        def get_translations(self, form: FlaskForm) -> _Catalogue:
            return _Catalogue()

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Return (field id, label, message) of each fault, for the summary at the top."""
        return [
            (field.id, str(field.label.text).rstrip("."), str(message))
            for field in self
            for message in field.errors
        ]


class TextField(StringField):
    """One line of text: NFC, without what Word and PDF leave in it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = clean_pasted(valuelist[0]) if valuelist else ""


class LongTextField(TextAreaField):
    """Lines of plain text: NFC, line breaks kept."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = clean_pasted(valuelist[0], keep_lines=True) if valuelist else ""


class RichTextField(TextAreaField):
    """HTML from the editor, cleaned on the way in."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            self.data = sanitize(valuelist[0]) if valuelist else ""
        except MarkupTooLargeError as error:
            self.data = valuelist[0]  # kept in the field, never stored: the form is refused
            raise ValueError(explain(error)) from error


class RowNumberField(IntegerField):
    """A row's number, as far as the database can look it up (18 figures, no sign)."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        self.data = row_number(typed)
        if self.data is None:
            raise ValueError(str(gettext("Not a valid integer value.")))


class DayField(StringField):
    """A day as Vietnamese offices write it (`6/8/2020`, `ngày 12 tháng 8 năm 2020`), or None."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return short_date(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = clean_pasted(valuelist[0]) if valuelist else ""
        self.data = None
        if typed:
            try:
                self.data = parse_date(typed)
            except DateFormatError as error:
                raise ValueError(explain(error)) from error


class MomentField(DateTimeLocalField):
    """A moment typed in Vietnamese time, true to the minute; an aware UTC datetime or None."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs
        )

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return to_local(self.data).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        for form in self.format:
            try:
                typed = datetime.strptime(valuelist[0].strip(), form)
                self.data = typed.replace(tzinfo=TIMEZONE, second=0).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            return
        raise ValueError(_("Enter a date and a time."))
