"""What may be typed of an official document."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from wtforms import (
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from wardsite.core.official_document import CodeFormatError, parse_code
from wardsite.core.official_text import OfficialFields
from wardsite.core.text import row_number
from wardsite.documents.kinds import KINDS
from wardsite.documents.own import RELATIONS, DocumentText
from wardsite.extensions import explain
from wardsite.forms import LINE, DayField, Form, LongTextField, TextField, choices
from wardsite.models import Document

MOST_FILES = 100  # kept for one form
_APART = re.compile(r"[;\n]|,(?=\s)")


class CodeField(StringField):
    """Number and symbol, normalised: `1208 /UBND-VHTT` becomes `1208/UBND-VHTT`."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = parse_code(valuelist[0])
            except CodeFormatError as error:
                raise ValueError(explain(error)) from error


class CodesField(LongTextField):
    """Numbers of other documents, one a line or apart by semicolons."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        parts = [part.strip() for part in _APART.split(self.data or "") if part.strip()]
        self.codes = []
        for part in parts[:50]:
            try:
                self.codes.append(str(parse_code(part)))
            except CodeFormatError as error:
                raise ValueError(explain(error)) from error

    codes: list[str]


class DocumentForm(Form):
    """All fields of NĐ 30/2020, and the files."""

    code = CodeField(
        _l("Number and symbol"),
        validators=[InputRequired(_l("Enter the number and symbol."))],
        description=_l("As printed, such as 15/QĐ-UBND or 1208/UBND-VHTT."),
    )
    kind = SelectField(_l("Document type"), choices=choices(KINDS))
    issuer = TextField(
        _l("Issuing body"), validators=[DataRequired(_l("Enter the issuing body.")), LINE]
    )
    authority = SelectField(_l("Level of direction"))
    place = TextField(_l("Place of issue"), validators=[LINE])
    issued_on = DayField(
        _l("Date of issue"),
        validators=[InputRequired(_l("Enter the date of issue."))],
        description=_l("Day/month/year, for example 24/11/2026."),
    )
    effective_on = DayField(_l("In force from"))
    expires_on = DayField(_l("In force until"), description=_l("The last day it is in force."))
    summary = LongTextField(
        _l("Document summary"),
        validators=[DataRequired(_l("Enter the summary.")), Length(max=1000)],
        description=_l("As written in the document, such as “V/v …” or “Về việc …”."),
    )
    signer_title = TextField(
        _l("Position of the signer"),
        validators=[LINE],
        description=_l("Including the signing capacity, such as “KT. CHỦ TỊCH, PHÓ CHỦ TỊCH”."),
    )
    signer_name = TextField(_l("Signer"), validators=[LINE])
    topics = SelectMultipleField(
        _l("Topics"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    replaces = CodesField(
        _l("Replaces"), description=_l("Numbers of the documents it replaces, one per line.")
    )
    amends = CodesField(_l("Amends"))
    based_on = CodesField(_l("Based on"))
    files = MultipleFileField(_l("Files"))
    kept_files = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start with no file refused."""
        super().__init__(*args, **kwargs)
        self.refused_files: list[str] = []

    def validate(self, extra_validators: Any = None) -> bool:
        """A refused file is a fault like any other: the officer must know before it is saved."""
        valid: bool = super().validate(extra_validators)
        if self.refused_files:
            self.files.errors = list(self.refused_files)
        return valid and not self.refused_files

    def validate_expires_on(self, field: DayField) -> None:
        """The end comes after the start."""
        start = self.effective_on.data or self.issued_on.data
        if field.data and start and field.data < start:
            raise ValidationError(_("The end date cannot be before the start date."))

    def validate_effective_on(self, field: DayField) -> None:
        """Nothing is in force long before it was issued, but for a slip of the year."""
        if field.data and self.issued_on.data and field.data.year < self.issued_on.data.year - 1:
            raise ValidationError(_("This is years before the date of issue. Check the year."))

    @property
    def kept_ids(self) -> list[int]:
        """The files uploaded before, waiting for the document to be saved."""
        parts = map(row_number, (self.kept_files.data or "").split(","))
        return [number for number in parts if number is not None][:MOST_FILES]

    def text(self) -> DocumentText:
        """Return what was typed; only after validation."""
        if self.code.data is None or self.issued_on.data is None:
            raise AssertionError("both are required by validation")
        return DocumentText(
            code=self.code.data,
            kind=self.kind.data,
            issuer=self.issuer.data or "",
            issued_on=self.issued_on.data,
            summary=self.summary.data or "",
            authority=self.authority.data or "",
            place=self.place.data or "",
            effective_on=self.effective_on.data,
            expires_on=self.expires_on.data,
            signer_title=self.signer_title.data or "",
            signer_name=self.signer_name.data or "",
            topics=tuple(self.topics.data or ()),
            relations=tuple((kind, code) for kind in RELATIONS for code in self[kind].codes),
        )

    def offer(self, fields: OfficialFields) -> None:
        """Fill in what was read from a file, for the officer to confirm."""
        for name in (
            "code", "kind", "issuer", "place", "issued_on", "summary", "signer_title",
            "signer_name",
        ):  # fmt: skip
            value = getattr(fields, name)
            if value:
                self[name].data = value

    def show(self, document: Document, relations: list[tuple[str, str]]) -> None:
        """Fill in a document as it is."""
        for name in RELATIONS:
            self[name].data = "\n".join(code for kind, code in relations if kind == name)


class FileForm(Form):
    """One file to take the fields from."""

    file = FileField(_l("File"))
