"""What may be typed to sign in and to change a password."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from wardsite.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from wardsite.forms import Form, TextField


class SignInForm(Form):
    """Name and password."""

    name = StringField(
        _l("User name"),
        validators=[InputRequired(_l("Enter your user name.")), Length(max=100)],
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
        _l("Code"),
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
        _l("Name of the passkey"),
        description=_l("Which device holds it, such as “My telephone”."),
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
        _l("Present password"),
        validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _l("New password"),
        description=_l("At least 10 characters; a short sentence is easy to remember."),
        validators=[
            InputRequired(_l("Enter a new password.")),
            Length(
                min=MIN_LENGTH, max=MAX_LENGTH, message=_l("Use between 10 and 200 characters.")
            ),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("New password again"),
        validators=[EqualTo("new", _l("The two new passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )
