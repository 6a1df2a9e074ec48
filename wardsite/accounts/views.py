"""Signing in, with a second factor where there is one, and out."""

import hashlib
import secrets
from datetime import UTC, datetime

from flask import (
    Blueprint,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer

from wardsite.accounts import resume, second_factor, service
from wardsite.accounts.forms import CodeForm, SignInForm
from wardsite.accounts.second_factor import WrongCodeError
from wardsite.accounts.service import Caller, SignedIn, SignInRefusedError
from wardsite.accounts.throttle import TooManyAttemptsError
from wardsite.extensions import db, explain, login_manager
from wardsite.models import User

bp = Blueprint("accounts", __name__)

HALFWAY = "halfway"
HALFWAY_SECONDS = 300
MARK = "wardsite_mark"
MARK_SECONDS = 180 * 24 * 3600


@login_manager.user_loader
def load_officer(token: str) -> SignedIn | None:
    """Return who has this session, for Flask-Login."""
    return service.session_of(token, datetime.now(UTC))


@bp.route("/dang-nhap", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Sign in, then go where the officer was going, or send on what they had typed."""
    form = SignInForm()
    if current_user.is_authenticated and request.method == "GET":
        return redirect(_target())
    status = 200
    if form.validate_on_submit():
        now = datetime.now(UTC)
        try:
            user = service.check_password(
                form.name.data, form.password.data, _caller(form.name.data), now
            )
        except (SignInRefusedError, TooManyAttemptsError) as error:
            form.password.errors = [explain(error)]
            status = 429 if isinstance(error, TooManyAttemptsError) else 422
        else:
            return _ask_second_factor(user, now) if user.totp_secret else _welcome(user, now)
    elif request.method == "POST":
        status = 422
    return render_template("accounts/sign_in.html", form=form, kept=resume.kept_post()), status


@bp.route("/dang-nhap/ma", methods=["GET", "POST"])
def second_step() -> ResponseReturnValue:
    """Take the code of the second factor from who has given the right password just before."""
    now = datetime.now(UTC)
    user = _halfway(now)
    if user is None:
        return redirect(url_for(".sign_in", next=request.args.get("next")))
    form = CodeForm()
    status = 200
    if form.validate_on_submit():
        try:
            how = second_factor.check(user, form.code.data, now)
        except (WrongCodeError, TooManyAttemptsError) as error:
            form.code.errors = [explain(error)]
            status = 429 if isinstance(error, TooManyAttemptsError) else 422
        else:
            return _welcome(user, now, how)
    elif request.method == "POST":
        status = 422
    return render_template("accounts/second_step.html", form=form, kept=resume.kept_post()), status


@bp.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    if current_user.is_authenticated:
        service.sign_out(current_user.token)
    logout_user()
    session.clear()
    return redirect(url_for("site.home"))


def _target() -> str:
    target = request.args.get("next", "")
    return target if resume.is_local(target) else url_for("site_admin.dashboard")


def _ask_second_factor(user: User, now: datetime) -> ResponseReturnValue:
    session.clear()
    g.pop("csrf_token", None)
    # The hash's tail ties the step to the password: once that changes, it is void.
    session[HALFWAY] = [user.id, int(now.timestamp()), user.password_hash[-16:]]
    form = CodeForm(formdata=None)
    return render_template("accounts/second_step.html", form=form, kept=resume.kept_post())


def _halfway(now: datetime) -> User | None:
    user_id, since, tail = session.get(HALFWAY, (0, 0, ""))
    if not 0 <= now.timestamp() - since <= HALFWAY_SECONDS:
        return None
    user = db.session.get(User, user_id)
    good = user is not None and user.active and user.password_hash.endswith(tail)
    return user if good else None


def _welcome(user: User, now: datetime, how: str = "password") -> ResponseReturnValue:
    name = user.name
    officer = service.open_session(user, _caller(name), now, how)
    # A new session at each sign-in: a token planted before it is worth nothing after.
    session.clear()
    g.pop("csrf_token", None)  # Flask-WTF would hand out the old session's token once more
    login_user(officer)
    kept = resume.kept_post()
    answer = make_response(resume.confirm(kept) if kept else redirect(_target()))
    answer.set_cookie(
        MARK,
        _marks().dumps([_digest(name), secrets.token_urlsafe(16)]),
        max_age=MARK_SECONDS,
        path="/dang-nhap",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return answer


def _caller(name: str) -> Caller:
    """Return where the request comes from, with the browser's mark if it is this account's."""
    mark = ""
    try:
        owner, value = _marks().loads(request.cookies.get(MARK, ""))
        mark = value if owner == _digest(service.account_name(name)) else ""
    except (BadSignature, ValueError, TypeError):
        mark = ""
    return Caller(request.remote_addr or "", request.user_agent.string, mark)


def _marks() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="wardsite.accounts.mark")


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
