"""What may be typed of the site's settings."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from wardsite.forms import Form, LongTextField, RichTextField, TextField
from wardsite.site.themes import THEMES

LINE = Length(max=250)


class ProfileForm(Form):
    """The unit's names, addresses, hours, people responsible, logo."""

    name = TextField(
        _l("Name of the unit"),
        validators=[InputRequired(_l("Enter the name of the unit.")), LINE],
        description=_l("As it stands in the heading, such as “Phường Hạ Đình”."),
    )
    organisation = TextField(
        _l("Governing body"),
        validators=[LINE],
        description=_l("Such as “Ủy ban nhân dân phường Hạ Đình”."),
    )
    slogan = TextField(_l("Motto"), validators=[LINE])
    address = TextField(_l("Address"), validators=[LINE])
    phone = TextField(
        _l("Telephone"), validators=[LINE], render_kw={"autocomplete": "tel", "inputmode": "tel"}
    )
    email = TextField(
        _l("E-mail"),
        validators=[
            Optional(),
            LINE,
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_l("This is not an e-mail address.")),
        ],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    hours = LongTextField(
        _l("Opening hours"),
        validators=[Length(max=1000)],
        description=_l("One line for each span of hours."),
    )
    responsible_name = TextField(_l("Responsible for the content"), validators=[LINE])
    responsible_title = TextField(_l("Post of the person responsible"), validators=[LINE])
    licence = TextField(_l("Licence"), validators=[LINE], description=_l("Where there is one."))
    about_html = RichTextField(_l("About the unit"))
    logo = FileField(
        _l("Logo"), description=_l("JPEG, PNG or WebP; it is shown 56 px high in the heading.")
    )
    remove_logo = BooleanField(_l("Remove the logo"))
    theme = RadioField(
        _l("Colour of the site"),
        choices=[SelectChoice("", _l("Customary for the kind of unit"))]
        + [SelectChoice(theme.id, _l(theme.label)) for theme in THEMES],
        default="",
        validate_choice=True,
    )
    offline = BooleanField(
        _l("Reading without a network"),
        description=_l(
            "Visitors’ devices keep the pages they read last, the hotlines and the contact, and "
            "say when they were kept."
        ),
    )
