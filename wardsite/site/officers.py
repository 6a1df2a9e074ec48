"""Accounts of officers, for admins: added, closed, given a new password; handed over on leaving."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, SelectField
from wtforms.validators import DataRequired, Length, Regexp

from wardsite.accounts import second_factor
from wardsite.accounts import service as accounts
from wardsite.accounts.guard import confirmed_recently, officers_blueprint
from wardsite.core.errors import N_, NotFoundError, WardsiteError
from wardsite.documents import own as documents
from wardsite.extensions import db, explain, transaction
from wardsite.feedback import service as feedback
from wardsite.forms import Form, TextField
from wardsite.models import User
from wardsite.news import handover as news
from wardsite.site import service
from wardsite.site.service import SecondFactorMissingError

admin_bp = officers_blueprint("officers_admin", __name__, "/can-bo", role="admin")
ROLE_NAMES = {"author": N_("Author"), "editor": N_("Editor"), "admin": N_("Administrator")}


class OfficerForm(Form):
    """A new account; its first password is made, not typed."""

    name = TextField(
        _l("Username"),
        validators=[
            DataRequired(_l("Enter your username.")),
            Length(max=60),
            Regexp(
                r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
                message=_l("Use only unaccented letters, digits, full stops and hyphens."),
            ),
        ],
    )
    display_name = TextField(_l("Full name"), validators=[Length(max=120)])
    role = SelectField(_l("Role"))


class RuleForm(Form):
    """What the unit demands of every officer."""

    required = BooleanField(
        _l("Every officer must use two-step verification"),
        description=_l(
            "Officers who have not set it up will be asked to do so first, before anything else; "
            "nobody is locked out."
        ),
    )


class SuccessorForm(Form):
    """Who takes over."""

    successor = SelectField(_l("Handed over to"), coerce=int)


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """All accounts."""
    return _page(_form(None))


@admin_bp.post("/them")
@confirmed_recently
def add() -> ResponseReturnValue:
    """Add an account; the one-time password is shown this once."""
    form = _form(request.form)
    if form.validate():
        now = datetime.now(UTC)
        try:
            made = accounts.add_user(
                form.name.data or "", form.role.data, now,
                display_name=form.display_name.data or "", by=current_user.user.name,
            )  # fmt: skip
            return _show_password(form.name.data or "", made or "")
        except WardsiteError as error:
            form.name.errors = [explain(error)]
    return _page(form), 422


@admin_bp.post("/quy-dinh")
@confirmed_recently
def require_second_factor() -> ResponseReturnValue:
    """Demand a second step of every officer, or no longer."""
    form = RuleForm()
    if form.validate():
        try:
            required, now = bool(form.required.data), datetime.now(UTC)
            service.require_second_factor(required, now, by=current_user.user)
        except SecondFactorMissingError as error:
            flash(explain(error), "error")
        else:
            flash(_("Saved."), "success")
    return redirect(url_for(".index"))


@admin_bp.post("/<int:user_id>/mat-khau")
@confirmed_recently
def reset_password(user_id: int) -> ResponseReturnValue:
    """Make a new one-time password and end the account's sessions."""
    user = _user(user_id)
    made = accounts.set_password(user.name, datetime.now(UTC), by=current_user.user.name)
    return _show_password(user.name, made or "")


@admin_bp.post("/<int:user_id>/vai-tro")
@confirmed_recently
def set_role(user_id: int) -> ResponseReturnValue:
    """Give an account another role: an author becomes an editor, or the other way about."""
    name, role = _user(user_id).name, request.form.get("role", "")
    try:
        accounts.set_role(name, role, datetime.now(UTC), by=current_user.user.name)
        flash(_("The role of “%(name)s” has been changed.", name=name), "success")
    except WardsiteError as error:
        flash(explain(error), "error")
    return redirect(url_for(".index"))


@admin_bp.post("/<int:user_id>/phien")
@confirmed_recently
def end_sessions(user_id: int) -> ResponseReturnValue:
    """Sign the account out everywhere: a machine was lost, or somebody forgot to sign out."""
    name = _user(user_id).name
    accounts.end_sessions_of(name, datetime.now(UTC), by=current_user.user.name)
    flash(_("%(name)s has been signed out everywhere.", name=name), "success")
    return redirect(url_for(".index"))


@admin_bp.post("/<int:user_id>/hai-buoc")
@confirmed_recently
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    """Take away the second factor of who lost the telephone, and end the account's sessions."""
    user = _user(user_id)
    name = user.name
    accounts.reset_second_factor(name, datetime.now(UTC), by=current_user.user.name)
    flash(_("%(name)s now signs in with a password only.", name=name), "success")
    return redirect(url_for(".index"))


@admin_bp.post("/<int:user_id>/dong")
@confirmed_recently
def close(user_id: int) -> ResponseReturnValue:
    """Close an account."""
    user = _user(user_id)
    try:
        accounts.disable_user(user.name, datetime.now(UTC), by=current_user.user.name)
        flash(_("The account “%(name)s” has been closed.", name=user.name), "success")
    except WardsiteError as error:
        flash(explain(error), "error")
    return redirect(url_for(".index"))


@admin_bp.post("/<int:user_id>/mo")
@confirmed_recently
def reopen(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    user = _user(user_id)
    accounts.enable_user(user.name, datetime.now(UTC), by=current_user.user.name)
    flash(_("The account “%(name)s” has been reopened.", name=user.name), "success")
    return redirect(url_for(".index"))


@admin_bp.route("/<int:user_id>/ban-giao", methods=["GET", "POST"])
@confirmed_recently
def handover(user_id: int) -> ResponseReturnValue:
    """List what an officer who leaves has in hand, and move all of it to another."""
    user = _user(user_id)
    form = SuccessorForm()
    form.successor.choices = [
        (other.id, other.display_name or other.name)
        for other in accounts.users()
        if other.active and other.id != user.id
    ]
    if form.validate_on_submit():
        return _hand_over(user, form.successor.data)
    return render_template(
        "site/admin/handover.html",
        user=user,
        form=form,
        posts=[(post.title,) for post in news.unfinished(user.id)],
        documents=[(f"{row.code} – {row.summary}",) for row in documents.unfinished(user.id)],
        messages=[(row.subject,) for row in feedback.assigned(user.id)],
    )


def _hand_over(user: User, successor_id: int) -> ResponseReturnValue:
    now, by = datetime.now(UTC), current_user.user.name
    with transaction() as session:
        moved = sum(
            room(session, user.id, successor_id)
            for room in (news.hand_over, documents.hand_over, feedback.hand_over)
        )
        to = session.get_one(User, successor_id).name
        accounts.record(session, now, by, "handover", user.name, to=to, count=moved)
    flash(_("%(count)s items were handed over.", count=moved), "success")
    if request.form.get("then") == "close":
        return close(user.id)
    return redirect(url_for(".index"))


def _page(form: OfficerForm) -> str:
    return render_template(
        "site/admin/officers.html",
        users=accounts.users(),
        roles=ROLE_NAMES,
        form=form,
        rule=RuleForm(formdata=None, data={"required": second_factor.is_required()}),
    )


def _form(posted: object) -> OfficerForm:
    form = OfficerForm(formdata=posted) if posted is not None else OfficerForm(formdata=None)
    form.role.choices = [(role, _(name)) for role, name in ROLE_NAMES.items()]
    return form


def _show_password(name: str, password: str) -> ResponseReturnValue:
    return render_template("site/admin/one_time_password.html", name=name, password=password)


def _user(user_id: int) -> User:
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFoundError
    return found
