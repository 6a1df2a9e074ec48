"""The base of every form, and the few fields that clean what is typed."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from wardsite.core.markup import MarkupTooLargeError, sanitize
from wardsite.core.text import clean_pasted
from wardsite.extensions import explain


class Form(FlaskForm):
    """A form whose messages come from our catalogue (WTForms has no Vietnamese one)."""

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Return (field id, label, message) of each fault, for the summary at the top."""
        return [
            (field.id, str(field.label.text), str(message))
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
