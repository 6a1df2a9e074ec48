"""What may be typed to sign in and to change a password."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from wardsite.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from wardsite.forms import Form, TextField


class SignInForm(Form):
    """Name and password."""

    name = StringField(
        _l("Username"),
        validators=[InputRequired(_l("Enter your username.")), Length(max=100)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(Form):
    """The code of the second factor, or a recovery code."""

    code = StringField(
        _l("Verification code"),
        validators=[InputRequired(_l("Enter the code.")), Length(max=40)],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class PasskeyForm(Form):
    """What the authenticator answered, put in by the page's script."""

    credential = HiddenField()


class NewPasskeyForm(PasskeyForm):
    """A passkey made just now, and what its officer calls it."""

    name = TextField(
        _l("Passkey name"),
        description=_l("The device that holds it, such as “My phone”."),
        validators=[DataRequired(_l("Enter a name.")), Length(max=60)],
        render_kw={"autocomplete": "off"},
    )


class ConfirmForm(Form):
    """The password once more."""

    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(Form):
    """The present password, and the new one twice."""

    current = PasswordField(
        _l("Current password"),
        validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _l("New password"),
        description=_l("At least 10 characters. A short sentence is easiest to remember."),
        validators=[
            InputRequired(_l("Enter a new password.")),
            Length(
                min=MIN_LENGTH, max=MAX_LENGTH, message=_l("Use between 10 and 200 characters.")
            ),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Confirm new password"),
        validators=[EqualTo("new", _l("The two new passwords do not match."))],
        render_kw={"autocomplete": "new-password"},
    )
