"""What may be typed of a post, and of each step on its way."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, ValidationError
from wtforms.validators import URL, DataRequired, Length, Optional

from wardsite.core.markup import plain_text
from wardsite.forms import (
    Form,
    LongTextField,
    MomentField,
    RichTextField,
    RowNumberField,
    TextField,
    with_scheme,
)


class PostForm(Form):
    """A post, with its cover and the version of it that the officer began from."""

    version = RowNumberField(validators=[Optional()])
    copy_key = HiddenField()
    title = TextField(
        _l("Title"),
        validators=[DataRequired(_l("Enter a title.")), Length(max=250)],
        description=_l("Short and clear; not all in capitals."),
    )
    category_id = SelectField(_l("Category"), coerce=int)
    topic = SelectField(_l("Topic"), default="")
    summary = LongTextField(
        _l("Summary"),
        validators=[
            Length(max=500, message=_l("Use no more than 500 characters for the summary."))
        ],
        description=_l(
            "One or two sentences to show in lists. If left blank, the start of the post is used."
        ),
    )
    body_html = RichTextField(_l("Text"))
    author_line = TextField(
        _l("Author shown below the post"),
        validators=[Length(max=120)],
        description=_l("Such as “Nguyễn Văn An” or “Ban Biên tập”."),
    )
    cover = FileField(_l("Choose a picture"))
    cover_pick = RowNumberField(validators=[Optional()])
    cover_alt = TextField(
        _l("Cover picture description"),
        validators=[Length(max=300)],
        description=_l("What the picture shows, for people who cannot see it."),
    )
    remove_cover = BooleanField(_l("Remove the cover picture"))
    repost = BooleanField(_l("This is a repost from another site"))
    source_name = TextField(
        _l("Source name"),
        validators=[Length(max=200)],
        description=_l("For a repost: the organisation or newspaper that published it first."),
    )
    source_url = TextField(
        _l("Source link"),
        filters=[with_scheme],
        validators=[
            Optional(),
            URL(require_tld=False, message=_l("Enter a full address beginning with https://.")),
            Length(max=1000),
        ],
    )
    publish_at = MomentField(
        _l("Publish at"),
        description=_l("Vietnamese time. If left blank, it appears as soon as it is published."),
    )
    withdraw_at = MomentField(
        _l("Withdraw at"), description=_l("For content with an end date, such as an invitation.")
    )
    pinned = BooleanField(_l("Pin to the top of the lists"))
    featured = BooleanField(_l("Feature on the home page"))
    change_note = TextField(
        _l("What was changed"),
        validators=[Length(max=200)],
        description=_l("Residents see this beside the time of the update."),
    )
    new_address = BooleanField(
        _l("Update the web address to match the new title; the old address redirects to it")
    )

    def validate_body_html(self, field: RichTextField) -> None:
        """An empty editor is no text."""
        if not plain_text(field.data or "").strip() and "<img" not in (field.data or ""):
            raise ValidationError(_l("Enter the text."))

    def validate_source_url(self, field: TextField) -> None:
        """Only the web."""
        if not field.errors and not field.data.lower().startswith(("https://", "http://")):
            raise ValidationError(_l("Enter a full address beginning with https://."))

    def validate_cover_alt(self, field: TextField) -> None:
        """A picture without a description is closed to the blind."""
        # Without a new file the field holds the post's present picture.
        if getattr(self.cover.data, "filename", "") and not field.data:
            raise ValidationError(_l("Describe the cover picture."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Tell of a missing source (`lifecycle.save` asks for it) along with all other faults."""
        sound: bool = super().validate(extra_validators)
        missing = [field for field in (self.source_name, self.source_url) if not field.data]
        if not self.repost.data or not missing:
            return sound
        for field in missing:
            field.errors = [_l("A repost must name its source and link to it.")]
        return False

    def typed(self) -> dict[str, Any]:
        """Return what was typed, as an autosaved copy keeps it: JSON, moments as in the form."""
        kept = {name: self[name].data for name in COPIED}
        moments = {name: self[name]._value() for name in ("publish_at", "withdraw_at")}
        return kept | moments | {"cover_pick": self.cover_pick.data}


COPIED = (
    "title",
    "category_id",
    "topic",
    "summary",
    "body_html",
    "author_line",
    "cover_alt",
    "remove_cover",
    "repost",
    "source_name",
    "source_url",
    "pinned",
    "featured",
    "change_note",
    "new_address",
)


class ReasonForm(Form):
    """Why a public post is taken off the site; residents read it."""

    reason = LongTextField(
        _l("Reason"),
        validators=[Length(max=500)],
        description=_l(
            "Residents who follow an old link will see it, such as “Lịch tiêm đã thay đổi; xem "
            "thông báo mới”."
        ),
    )


class CommentForm(Form):
    """What the author is to change."""

    comment = LongTextField(
        _l("What needs changing"),
        validators=[DataRequired(_l("Say what needs changing.")), Length(max=2000)],
    )
