"""What may be typed of a source of the unit's own."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from wardsite.core.text import clean_pasted
from wardsite.forms import Form, TextField, with_scheme
from wardsite.sources.service import SourceText


def _whole_address(form: Form, field: StringField) -> None:
    """Only the web, and a host."""
    value = field.data or ""
    host = value.removeprefix("https://").partition("/")[0]
    if not value.startswith("https://") or "." not in host or "@" in host or " " in value:
        raise ValidationError(_l("Enter a full address beginning with https://."))


MOST_KEYWORDS = 1000  # characters


class KeywordsField(StringField):
    """Words or phrases apart by commas."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = clean_pasted(valuelist[0]) if valuelist else ""
        if len(text) > MOST_KEYWORDS:
            words = gettext("Field cannot be longer than %(max)d characters.", max=MOST_KEYWORDS)
            raise ValueError(words)
        self.data = tuple(word for part in text.split(",") if (word := part.strip()))

    def _value(self) -> str:
        return ", ".join(self.data or ())


class SourceForm(Form):
    """A source that the unit adds below those of the centre."""

    name = TextField(
        _l("Source name"),
        validators=[InputRequired(_l("Enter the name of the source.")), Length(max=200)],
    )
    site_url = TextField(
        _l("Address of the source’s site"),
        filters=[with_scheme],
        validators=[InputRequired(_l("Enter the address.")), _whole_address, Length(max=1000)],
    )
    feed_url = TextField(
        _l("Feed address (RSS)"),
        filters=[with_scheme],
        validators=[Optional(), _whole_address, Length(max=1000)],
        description=_l(
            "RSS, Atom or JSON Feed. If left blank, the source is shown only as a link."
        ),
    )
    publish = SelectField(
        _l("New headlines"),
        choices=[
            SelectChoice("review", _l("wait for an officer’s approval")),
            SelectChoice("auto", _l("appear at once")),
        ],
    )
    match = KeywordsField(
        _l("Only include headlines with one of these words"),
        validators=[Optional()],
        description=_l(
            "Separate with commas; diacritics are optional. Leave blank to include every headline."
        ),
    )
    topic = SelectField(_l("Section"), choices=[])
    interval_minutes = IntegerField(
        _l("Minutes between updates"),
        default=60,
        validators=[InputRequired(_l("Enter a number.")), NumberRange(15, 10_080)],
    )
    max_items = IntegerField(
        _l("Maximum number of headlines shown"),
        default=20,
        validators=[InputRequired(_l("Enter a number.")), NumberRange(1, 200)],
    )
    keep_days = IntegerField(
        _l("Days each headline is shown"),
        default=90,
        validators=[InputRequired(_l("Enter a number.")), NumberRange(1, 3650)],
    )
    active = BooleanField(_l("In use"), default=True)

    def text(self) -> SourceText:
        """Return what was typed."""
        feed = self.feed_url.data or ""
        return SourceText(
            name=self.name.data or "",
            site_url=self.site_url.data or "",
            mode="feed" if feed else "link",
            feed_url=feed,
            interval_minutes=self.interval_minutes.data or 60,
            max_items=self.max_items.data or 20,
            keep_days=self.keep_days.data or 90,
            publish=self.publish.data,
            topic=self.topic.data or "",
            match=tuple(self.match.data or ()),
            active=bool(self.active.data),
        )
