"""Accounts of officers, for admins: a list, a page for each account, the handover on leaving."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, SelectChoice, SelectField
from wtforms.validators import DataRequired, Length

from wardsite.accounts import second_factor, sign_ins
from wardsite.accounts import service as accounts
from wardsite.accounts.guard import confirmed_recently, officers_blueprint
from wardsite.core.errors import N_, NotFoundError, WardsiteError
from wardsite.documents import own as documents
from wardsite.extensions import db, explain, transaction
from wardsite.feedback import service as feedback
from wardsite.forms import Form, TextField, choices
from wardsite.models import User
from wardsite.news import handover as news
from wardsite.site import service
from wardsite.site.service import SecondFactorMissingError

admin_bp = officers_blueprint("officers_admin", __name__, "/can-bo", role="admin")
ROLE_NAMES = {"author": N_("Author"), "editor": N_("Editor"), "admin": N_("Administrator")}


class AccountForm(Form):
    """What an admin says of an officer's account."""

    display_name = TextField(_l("Full name"), validators=[Length(max=120)])
    role = SelectField(_l("Role"), choices=choices(ROLE_NAMES))


class NewAccountForm(AccountForm):
    """A new account; its first password is made, not typed."""

    name = TextField(
        _l("Username"), validators=[DataRequired(_l("Enter your username.")), Length(max=60)]
    )


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
    return _list(NewAccountForm(formdata=None))


@admin_bp.post("/them")
@confirmed_recently
def add() -> ResponseReturnValue:
    """Add an account; the one-time password is shown this once."""
    form = NewAccountForm()
    if form.validate():
        now, name = datetime.now(UTC), form.name.data or ""
        try:
            made = accounts.add_user(
                name, form.role.data, now,
                display_name=form.display_name.data or "", by=current_user.user.name,
            )  # fmt: skip
        except WardsiteError as error:
            form.name.errors = [explain(error)]
        else:
            return _show_password(name, made or "")
    return _list(form), 422


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


@admin_bp.get("/<int:user_id>")
def account(user_id: int) -> ResponseReturnValue:
    """One account, with all that an admin may do to it."""
    user = _user(user_id)
    return _page(user, _form(user))


@admin_bp.post("/<int:user_id>")
@confirmed_recently
def save(user_id: int) -> ResponseReturnValue:
    """Give an account another full name or role."""
    user = _user(user_id)
    form = _form(user)
    if not form.validate():
        return _page(user, form), 422
    role = form.role.data if form.role else user.role
    with _told(_("Saved.")):
        accounts.change_user(
            user.name, form.display_name.data or "", role, datetime.now(UTC),
            by=current_user.user.name,
        )  # fmt: skip
    return _back(user_id)


@admin_bp.post("/<int:user_id>/mat-khau")
@confirmed_recently
def reset_password(user_id: int) -> ResponseReturnValue:
    """Make a new one-time password and end the account's sessions, with its passkeys if asked."""
    user = _user(user_id)
    made = accounts.set_password(
        user.name, datetime.now(UTC), by=current_user.user.name,
        passkeys_too=request.form.get("passkeys") == "remove",
    )  # fmt: skip
    return _show_password(user.name, made or "")


@admin_bp.post("/<int:user_id>/phien")
@confirmed_recently
def end_sessions(user_id: int) -> ResponseReturnValue:
    """Sign the account out everywhere: a machine was lost, or somebody forgot to sign out."""
    name = _user(user_id).name
    with _told(_("%(name)s has been signed out everywhere.", name=name)):
        accounts.end_sessions_of(name, datetime.now(UTC), by=current_user.user.name)
    return _back(user_id)


@admin_bp.post("/<int:user_id>/hai-buoc")
@confirmed_recently
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    """Take away the second factor of who lost the telephone, and end the account's sessions."""
    name = _user(user_id).name
    with _told(_("%(name)s now signs in with a password only.", name=name)):
        accounts.reset_second_factor(name, datetime.now(UTC), by=current_user.user.name)
    return _back(user_id)


@admin_bp.post("/<int:user_id>/dong")
@confirmed_recently
def close(user_id: int) -> ResponseReturnValue:
    """Close an account."""
    name = _user(user_id).name
    with _told(_("The account “%(name)s” has been closed.", name=name)):
        accounts.disable_user(name, datetime.now(UTC), by=current_user.user.name)
    return _back(user_id)


@admin_bp.post("/<int:user_id>/mo")
@confirmed_recently
def reopen(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    name = _user(user_id).name
    with _told(_("The account “%(name)s” has been reopened.", name=name)):
        accounts.enable_user(name, datetime.now(UTC), by=current_user.user.name)
    return _back(user_id)


@admin_bp.route("/<int:user_id>/ban-giao", methods=["GET", "POST"])
@confirmed_recently
def handover(user_id: int) -> ResponseReturnValue:
    """List what an officer who leaves has in hand, and move all of it to another."""
    user = _user(user_id)
    form = SuccessorForm()
    form.successor.choices = [
        SelectChoice(other.id, other.display_name or other.name)
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
    return _back(user.id)


def _list(form: NewAccountForm) -> str:
    return render_template(
        "site/admin/officers.html",
        users=accounts.users(),
        roles=ROLE_NAMES,
        form=form,
        rule=RuleForm(formdata=None, data={"required": second_factor.is_required()}),
    )


def _page(user: User, form: AccountForm) -> str:
    return render_template(
        "site/admin/officer.html",
        user=user,
        form=form,
        own=user.id == current_user.user.id,
        last=next(iter(sign_ins.recent(user.name, 1)), None),
    )


def _form(user: User) -> AccountForm:
    """Return the form of an account; who made a slip with their own role could not undo it."""
    form = AccountForm(obj=user)
    if user.id == current_user.user.id:
        del form.role
    return form


def _show_password(name: str, password: str) -> ResponseReturnValue:
    last_day = accounts.one_time_last_day(datetime.now(UTC))
    return render_template(
        "site/admin/one_time_password.html", name=name, password=password, last_day=last_day
    )


@contextmanager
def _told(done: str) -> Iterator[None]:
    """Tell the admin that the block was done, or why the service refused it."""
    try:
        yield
    except WardsiteError as error:
        flash(explain(error), "error")
    else:
        flash(done, "success")


def _back(user_id: int) -> ResponseReturnValue:
    return redirect(url_for(".account", user_id=user_id))


def _user(user_id: int) -> User:
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFoundError
    return found
