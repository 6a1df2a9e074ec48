"""Signing in, with a second factor where there is one, and out."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
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

from wardsite.accounts import passkeys, resume, second_factor, sessions
from wardsite.accounts.forms import CodeForm, PasskeyForm, SignInForm
from wardsite.accounts.officer import SignedIn, account_name
from wardsite.accounts.passkeys import PasskeyRefusedError
from wardsite.accounts.second_factor import WrongCodeError
from wardsite.accounts.sessions import Proved, SignInRefusedError
from wardsite.accounts.throttle import CLOCK_SLACK, Caller, TooManyAttemptsError
from wardsite.extensions import current_settings, db, explain, login_manager
from wardsite.models import User

bp = Blueprint("accounts", __name__)

HALFWAY = "halfway"
PASSKEY = "passkey"
HALFWAY_SECONDS = 300
MARK_SECONDS = 180 * 24 * 3600


@bp.after_request
def never_store(response: Response) -> Response:
    """Keep pages of signing in out of every cache: they hold tokens and challenges."""
    response.headers["Cache-Control"] = "no-store"
    return response


@login_manager.user_loader
def load_officer(token: str) -> SignedIn | None:
    """Return who has this session, for Flask-Login."""
    return sessions.session_of(token, datetime.now(UTC))


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
            proved = sessions.check_password(
                form.name.data, form.password.data, _caller(form.name.data), now
            )
        except (SignInRefusedError, TooManyAttemptsError) as error:
            form.password.errors = [explain(error)]
            g.refused = "password"
            status = 429 if isinstance(error, TooManyAttemptsError) else 422
        else:
            if proved.user.second_step:
                return _ask_second_factor(proved, now)
            return _welcome(proved.user, now, tail=proved.tail)
    elif request.method == "POST":
        status = 422
    return _sign_in_page(form), status


@bp.post("/dang-nhap/khoa-truy-cap")
def sign_in_by_passkey() -> ResponseReturnValue:
    """Sign in with a passkey alone: the device has asked for a PIN, a finger or a face."""
    now = datetime.now(UTC)
    try:
        user = passkeys.check(this_site(), None, *_passkey_answer(), now)
    except PasskeyRefusedError as error:
        form, g.refused = SignInForm(formdata=None), "passkey"
        return _sign_in_page(form, explain(error)), 422
    return _welcome(user, now, "passkey")


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
            how = second_factor.check(user, form.code.data, _caller(user.name), now)
        except (WrongCodeError, TooManyAttemptsError) as error:
            form.code.errors = [explain(error)]
            g.refused = f"second step of account {user.id}"
            status = 429 if isinstance(error, TooManyAttemptsError) else 422
        else:
            return _welcome(user, now, how, session[HALFWAY][2])
    elif request.method == "POST":
        status = 422
    return _second_page(form, user), status


@bp.post("/dang-nhap/ma/khoa-truy-cap")
def second_step_by_passkey() -> ResponseReturnValue:
    """Take a passkey of who has given the right password just before."""
    now = datetime.now(UTC)
    user = _halfway(now)
    if user is None:
        return redirect(url_for(".sign_in", next=request.args.get("next")))
    try:
        passkeys.check(this_site(), user, *_passkey_answer(), now)
    except PasskeyRefusedError as error:
        g.refused = f"passkey of account {user.id}"
        return _second_page(CodeForm(formdata=None), user, explain(error)), 422
    return _welcome(user, now, "password-and-passkey", session[HALFWAY][2])


@bp.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    if current_user.is_authenticated:
        sessions.sign_out(current_user.token)
    logout_user()
    session.clear()
    return redirect(url_for("site.home"))


def this_site() -> passkeys.Site:
    """Return who passkeys of this site are made for."""
    settings = current_settings()
    return passkeys.Site(settings.public_url, settings.unit_id)


def _passkey_answer() -> tuple[str, dict[str, Any] | None]:
    # One question, one answer: a page shown after a refusal asks anew.
    return PasskeyForm().credential.data or "", session.pop(PASSKEY, None)


def _ask_passkey(user: User | None, now: datetime) -> str:
    site = this_site()
    if not site.usable or not (user.passkeys if user else passkeys.any_kept()):
        return ""
    asked = passkeys.ask_to_sign(site, user, session.get(PASSKEY), now)
    session[PASSKEY] = asked.state
    return asked.options


def _sign_in_page(form: SignInForm, passkey_error: str = "") -> str:
    return render_template(
        "accounts/sign_in.html",
        form=form,
        kept=resume.kept_post(),
        passkey_options=_ask_passkey(None, datetime.now(UTC)),
        passkey_form_data=PasskeyForm(formdata=None),
        passkey_error=passkey_error,
    )


def _second_page(form: CodeForm, user: User, passkey_error: str = "") -> str:
    return render_template(
        "accounts/second_step.html",
        form=form,
        kept=resume.kept_post(),
        app=bool(user.totp_secret),
        passkey_options=_ask_passkey(user, datetime.now(UTC)),
        passkey_form_data=PasskeyForm(formdata=None),
        passkey_error=passkey_error,
    )


def _target() -> str:
    target = request.args.get("next", "")
    return target if resume.is_local(target) else url_for("site_admin.dashboard")


def _ask_second_factor(proved: Proved, now: datetime) -> ResponseReturnValue:
    session.clear()
    g.pop("csrf_token", None)
    session[HALFWAY] = [proved.user.id, int(now.timestamp()), proved.tail]
    return _second_page(CodeForm(formdata=None), proved.user)


def _halfway(now: datetime) -> User | None:
    user_id, since, tail = session.get(HALFWAY, (0, 0, ""))
    # Another host, whose clock may be a little ahead, may have taken the first step.
    if not -CLOCK_SLACK.total_seconds() <= now.timestamp() - since <= HALFWAY_SECONDS:
        return None
    user = db.session.get(User, user_id)
    good = user is not None and user.active and user.password_hash.endswith(tail)
    return user if good else None


def _welcome(
    user: User, now: datetime, how: str = "password", tail: str = ""
) -> ResponseReturnValue:
    name = user.name
    try:
        officer = sessions.open_session(user, _caller(name), now, how, tail)
    except SignInRefusedError as error:
        form, g.refused = SignInForm(formdata=None), how
        form.password.errors = [explain(error)]
        return _sign_in_page(form), 422
    # A new session at each sign-in: a token planted before it is worth nothing after.
    session.clear()
    g.pop("csrf_token", None)  # Flask-WTF would hand out the old session's token once more
    login_user(officer)
    kept = resume.kept_post()
    answer = make_response(resume.confirm(kept) if kept else redirect(_target()))
    answer.set_cookie(
        _mark_name(),
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
        owner, value = _marks().loads(request.cookies.get(_mark_name(), ""))
        mark = value if owner == _digest(account_name(name)) else ""
    except (BadSignature, ValueError, TypeError):
        mark = ""
    return Caller(request.remote_addr or "", request.user_agent.string, mark)


def _mark_name() -> str:
    # __Host- would want the path "/": the mark would go along with every page.
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Secure-wardsite_mark" if secure else "wardsite_mark"


def _marks() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="wardsite.accounts.mark")


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
