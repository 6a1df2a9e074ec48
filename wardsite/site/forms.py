"""What may be typed of the site's settings."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from wardsite.forms import EMAIL, LINE, Form, LongTextField, RichTextField, TextField
from wardsite.site.themes import THEMES


class ProfileForm(Form):
    """The unit's names, addresses, hours, people responsible, logo."""

    name = TextField(
        _l("Unit name"),
        validators=[InputRequired(_l("Enter the unit’s name.")), LINE],
        description=_l("As shown in the page header, such as “Phường Hạ Đình”."),
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
        _l("Email"),
        validators=[
            Optional(),
            LINE,
            EMAIL,
        ],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    hours = LongTextField(
        _l("Opening hours"),
        validators=[Length(max=1000)],
        description=_l("One line for each period."),
    )
    responsible_name = TextField(_l("Responsible for the content"), validators=[LINE])
    responsible_title = TextField(_l("Position of the person responsible"), validators=[LINE])
    licence = TextField(_l("Licence"), validators=[LINE], description=_l("If there is one."))
    about_html = RichTextField(_l("About the unit"))
    logo = FileField(
        _l("Logo"), description=_l("JPEG, PNG or WebP; shown 56 px high in the page header.")
    )
    remove_logo = BooleanField(_l("Remove the logo"))
    theme = RadioField(
        _l("Site colour"),
        choices=[SelectChoice("", _l("Customary for this type of unit"))]
        + [SelectChoice(theme.id, _l(theme.label)) for theme in THEMES],
        default="",
        validate_choice=True,
    )
    offline = BooleanField(
        _l("Offline reading"),
        description=_l(
            "Visitors’ devices store recently read pages, the hotlines and the contact details, "
            "and show when they were saved."
        ),
    )
