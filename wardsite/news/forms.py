"""What may be typed of a post."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, ValidationError
from wtforms.validators import URL, InputRequired, Length, Optional

from wardsite.core.markup import plain_text
from wardsite.forms import Form, LongTextField, RichTextField, TextField


class PostForm(Form):
    """A post, with its cover."""

    title = TextField(
        _l("Title"),
        validators=[InputRequired(_l("Enter a title.")), Length(max=250)],
        description=_l("Short and clear; not all in capitals."),
    )
    category_id = SelectField(_l("Category"), coerce=int)
    summary = LongTextField(
        _l("Summary"),
        validators=[Length(max=500, message=_l("Keep the summary under 500 characters."))],
        description=_l(
            "One or two sentences for the lists. Left empty, it is taken from the text."
        ),
    )
    body_html = RichTextField(_l("Text"))
    cover = FileField(_l("Cover picture"))
    cover_alt = TextField(
        _l("Description of the cover picture"),
        validators=[Length(max=300)],
        description=_l("What the picture shows, for those who cannot see it."),
    )
    remove_cover = BooleanField(_l("Remove the cover picture"))
    source_name = TextField(
        _l("Source"),
        validators=[Length(max=200)],
        description=_l("For a repost: who published it first."),
    )
    source_url = TextField(
        _l("Link to the source"),
        validators=[
            Optional(),
            URL(require_tld=False, message=_l("Enter a whole address that begins with https://.")),
            Length(max=1000),
        ],
    )

    def validate_body_html(self, field: RichTextField) -> None:
        """An empty editor is no text."""
        if not plain_text(field.data or "").strip() and "<img" not in (field.data or ""):
            raise ValidationError(_l("Write the text."))

    def validate_source_url(self, field: TextField) -> None:
        """Only the web."""
        if field.data and not field.data.lower().startswith(("https://", "http://")):
            raise ValidationError(_l("Enter a whole address that begins with https://."))

    def validate_cover_alt(self, field: TextField) -> None:
        """A picture without a description is closed to the blind."""
        # Without a new file the field holds the post's present picture.
        if getattr(self.cover.data, "filename", "") and not field.data:
            raise ValidationError(_l("Describe the cover picture."))
