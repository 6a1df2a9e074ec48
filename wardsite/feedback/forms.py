"""What a resident may type, and what officers type in return; kept free of robots."""

import hashlib
import hmac
import secrets
import time
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, ValidationError
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange

from wardsite.core.vi import DateFormatError, parse_date
from wardsite.extensions import explain
from wardsite.feedback.sender import CONTACT, MESSAGE
from wardsite.forms import Form, LongTextField, TextField

FASTEST = 4  # seconds: nobody reads the form and writes in less
LONGEST = 12 * 3600  # seconds: a form left open over a day is asked to be sent once more
_NUMBERS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


class FeedbackForm(Form):
    """The message; `website` is a trap that people do not see, `seal` says when it was opened."""

    subject = TextField(
        _l("What is your feedback about?"),
        validators=[DataRequired(_l("Briefly describe the issue.")), Length(max=200)],
    )
    body = LongTextField(
        _l("Your feedback or suggestion"),
        validators=[
            DataRequired(_l("Enter your feedback.")),
            Length(max=5000, message=_l("Use no more than 5,000 characters.")),
        ],
        description=_l(
            "Please do not write about anyone’s health or include identity card numbers."
        ),
    )
    place = TextField(
        _l("Where"),
        validators=[Length(max=250)],
        description=_l("Street, lane or residential group."),
    )
    name = TextField(
        _l("Your name"), validators=[Length(max=120)], render_kw={"autocomplete": "name"}
    )
    contact = TextField(
        _l("Telephone or email"),
        validators=[Length(max=120)],
        description=_l(
            "Only needed if the unit may contact you with questions. You can always find the "
            "answer with your code."
        ),
    )
    may_publish = BooleanField(
        _l("The unit may publish my question and its answer, without anything that identifies me.")
    )
    consent = BooleanField(
        _l(
            "I agree to the unit using what I write here to handle my feedback, as explained above."
        ),
        validators=[InputRequired(_l("Without your consent the unit may not keep your feedback."))],
    )
    website = TextField(_l("Leave this field empty"))
    seal = HiddenField()
    sum = TextField(_l("Answer"))

    def __init__(self, *args: Any, asks: bool = False, **kwargs: Any) -> None:
        """`asks`: so much comes in that a question must be answered first."""
        super().__init__(*args, **kwargs)
        self.asks = asks
        self._opened = _unsealed(self.seal.data or "")

    def renew(self) -> None:
        """Seal the form anew, for the page that is about to be shown."""
        now, mark = int(time.time()), secrets.token_hex(8)
        opened = self._opened.get("at", now) if self._opened else now
        self.seal.data = _serializer().dumps({"at": opened, "mark": mark})
        first, second = _question(mark)
        self.question = (_NUMBERS[first], _NUMBERS[second])
        self.sum.data = ""

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Return the faults; what the unseen seal says leads to the button instead."""
        return [
            ("send", _("Send"), message) if field == "seal" else (field, label, message)
            for field, label, message in super().problems
        ]

    @property
    def mark(self) -> str:
        """What tells this form from all others, so that its question counts once; may be ""."""
        return str(self._opened.get("mark", ""))

    @property
    def trapped(self) -> bool:
        """Whether a robot filled it in: the trap is not empty."""
        return bool(self.website.data)

    def validate_seal(self, field: HiddenField) -> None:
        """Too fast, too slow, or not our form."""
        if not self._opened or time.time() - self._opened["at"] > LONGEST:
            self._opened = {}
            raise ValidationError(_l("The form was open for too long. Please send it again."))
        if time.time() - self._opened["at"] < FASTEST:
            raise ValidationError(_l("The form was submitted too quickly. Please send it again."))

    def validate_sum(self, field: TextField) -> None:
        """The question, in figures or in words, where it is asked."""
        if not self.asks:
            return
        wanted = sum(_question(self.mark))
        typed = (field.data or "").strip().lower()
        if not self.mark or typed not in (str(wanted), _NUMBERS[wanted]):
            raise ValidationError(_l("That is not the right answer. Please try again."))


class FollowForm(Form):
    """The code of a message."""

    code = TextField(
        _l("Tracking code"),
        validators=[DataRequired(_l("Enter the code.")), Length(max=40)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class EraseForm(Form):
    """What the sender wants erased; `sure` once the page that says what it means was read."""

    code = HiddenField(validators=[DataRequired(), Length(max=40)])
    what = HiddenField(validators=[AnyOf((CONTACT, MESSAGE))])
    sure = HiddenField()


class AnswerForm(Form):
    """An officer's answer."""

    answer = LongTextField(_l("Answer to the sender"), validators=[Length(max=10000)])


class AssignForm(Form):
    """Who handles it."""

    assignee = SelectField(_l("Handled by"), coerce=int)


class PublicForm(Form):
    """The words that all may read."""

    subject = TextField(
        _l("Heading"), validators=[DataRequired(_l("Enter a heading.")), Length(max=200)]
    )
    body = LongTextField(
        _l("Question, anonymised"),
        validators=[DataRequired(_l("Enter the text.")), Length(max=10000)],
    )
    reply = LongTextField(
        _l("Answer, anonymised"),
        validators=[DataRequired(_l("Enter the text.")), Length(max=10000)],
    )


class RulesForm(Form):
    """How the unit handles feedback."""

    open = BooleanField(_l("Residents can send feedback on this site"))
    days = IntegerField(
        _l("Working days allowed for an answer"),
        validators=[InputRequired(_l("Enter a number.")), NumberRange(1, 60)],
    )
    keep_months = IntegerField(
        _l("Months to keep feedback after it is answered, before it is deleted"),
        validators=[InputRequired(_l("Enter a number.")), NumberRange(1, 60)],
    )
    holidays = LongTextField(
        _l("Non-working days"),
        validators=[Length(max=2000)],
        description=_l(
            "One date per line, such as the Tết holidays. Weekends, 1/1, 30/4, 1/5 and 2/9 are "
            "already included."
        ),
    )

    def validate_holidays(self, field: LongTextField) -> None:
        """Each line is a day."""
        self.days_off = []
        for line in (field.data or "").splitlines():
            if line.strip():
                try:
                    self.days_off.append(parse_date(line))
                except DateFormatError as error:
                    raise ValidationError(explain(error)) from error


def _question(mark: str) -> tuple[int, int]:
    """Return the two numbers to add up, made by our key: the form itself holds no answer."""
    made = hmac.digest(str(current_app.secret_key).encode(), mark.encode(), hashlib.sha256)
    return 1 + made[0] % 5, 1 + made[1] % 4


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="wardsite.feedback")


def _unsealed(text: str) -> dict[str, Any]:
    try:
        found = _serializer().loads(text)
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}
