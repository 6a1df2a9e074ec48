"""Signing in and out."""

from datetime import UTC, datetime

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from wardsite.accounts import resume, service
from wardsite.accounts.forms import SignInForm
from wardsite.accounts.service import SignedIn, SignInRefusedError
from wardsite.accounts.throttle import TooManyAttemptsError
from wardsite.extensions import explain, login_manager

bp = Blueprint("accounts", __name__)


@login_manager.user_loader
def load_officer(token: str) -> SignedIn | None:
    """Return who has this session, for Flask-Login."""
    return service.session_of(token, datetime.now(UTC))


@bp.route("/dang-nhap", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Sign in, then go where the officer was going, or send on what they had typed."""
    form = SignInForm()
    target = request.args.get("next", "")
    if not resume.is_local(target):
        target = url_for("site_admin.dashboard")
    if current_user.is_authenticated and request.method == "GET":
        return redirect(target)
    status = 200
    if form.validate_on_submit():
        try:
            officer = service.sign_in(
                form.name.data, form.password.data, request.remote_addr or "", datetime.now(UTC)
            )
        except (SignInRefusedError, TooManyAttemptsError) as error:
            form.password.errors = [explain(error)]
            status = 429 if isinstance(error, TooManyAttemptsError) else 422
        else:
            return _welcome(officer, target)
    elif request.method == "POST":
        status = 422
    return render_template("accounts/sign_in.html", form=form, kept=resume.kept_post()), status


@bp.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    if current_user.is_authenticated:
        service.sign_out(current_user.token)
    logout_user()
    session.clear()
    return redirect(url_for("site.home"))


def _welcome(officer: SignedIn, target: str) -> ResponseReturnValue:
    # A new session at each sign-in: a token planted before it is worth nothing after.
    session.clear()
    g.pop("csrf_token", None)  # Flask-WTF would hand out the old session's token once more
    login_user(officer)
    kept = resume.kept_post()
    return resume.confirm(kept) if kept else redirect(target)
