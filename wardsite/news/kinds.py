"""Beginning a post from a pattern: questions to answer, then a draft to go on with."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.validators import DataRequired, Length, NoneOf

from wardsite.accounts.guard import officers_blueprint
from wardsite.core.markup import sanitize
from wardsite.forms import Form, LongTextField, TextField
from wardsite.news import lifecycle, service
from wardsite.news.lifecycle import PostText
from wardsite.news.patterns import PATTERNS, Pattern, compose, pattern

admin_bp = officers_blueprint("news_kinds", __name__, "/tin-tuc/mau")


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """The patterns to begin from."""
    return render_template("news/admin/kinds.html", patterns=PATTERNS)


@admin_bp.route("/<kind>", methods=["GET", "POST"])
def begin(kind: str) -> ResponseReturnValue:
    """Ask what this kind of text must not forget; then make the draft."""
    chosen = pattern(kind)
    if chosen is None:
        abort(404)
    form = _form_of(chosen)
    if form.validate_on_submit():
        saved = lifecycle.save(
            current_user, None, _text(chosen, form), datetime.now(UTC), copy_key=""
        )
        flash(_("The draft has been saved. Residents cannot see it yet."), "success")
        return redirect(url_for("news_admin.edit", post_id=saved.id))
    page = render_template("news/admin/kind.html", form=form, pattern=chosen)
    return page, 422 if form.errors else 200


def _form_of(chosen: Pattern) -> Form:
    fields: dict[str, Any] = {
        "title": TextField(
            _l("Title"),
            default=chosen.title,
            validators=[
                DataRequired(_l("Enter a title.")),
                NoneOf([chosen.title], _l("Complete the title.")),
                Length(max=250),
            ],
        )
    }
    for question in chosen.questions:
        kind = TextField if question.shape == "line" else LongTextField
        needed = [DataRequired(_l("This field cannot be left blank."))] if question.required else []
        fields[question.name] = kind(
            _l(question.label),
            validators=[*needed, Length(max=4000)],
            description=_l(question.hint) if question.hint else "",
        )
    form: Form = type("PatternForm", (Form,), fields)()
    return form


def _text(chosen: Pattern, form: Form) -> PostText:
    answers = {question.name: form[question.name].data or "" for question in chosen.questions}
    own = {row.slug: row.id for row in service.categories()}
    return PostText(
        title=form["title"].data,
        summary="",
        body_html=sanitize(compose(chosen, answers)),
        category_id=own.get(chosen.category) or min(own.values()),
    )
