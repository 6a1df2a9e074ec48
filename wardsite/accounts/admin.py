"""An officer's own account: password, second factor, sessions, sign-ins."""

from datetime import UTC, datetime

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from wardsite.accounts import passkeys, resume, second_factor, service, sessions, sign_ins
from wardsite.accounts.forms import CodeForm, ConfirmForm, NewPasskeyForm, PasswordForm
from wardsite.accounts.guard import confirmed_recently, officers_blueprint
from wardsite.accounts.passkeys import PasskeyRefusedError
from wardsite.accounts.passwords import WeakPasswordError
from wardsite.accounts.second_factor import WrongCodeError
from wardsite.accounts.sessions import SignInRefusedError
from wardsite.accounts.throttle import TooManyAttemptsError
from wardsite.accounts.views import PASSKEY, this_site
from wardsite.extensions import current_settings, explain

admin_bp = officers_blueprint("accounts_admin", __name__, "/tai-khoan")

NEW_SECRET = "new_totp_secret"  # noqa: S105 - the name of a place, no secret


@admin_bp.get("")
def account() -> ResponseReturnValue:
    """Show the officer's sessions, last sign-ins and second factor."""
    now = datetime.now(UTC)
    user = current_user.user
    return render_template(
        "accounts/account.html",
        sessions=sessions.sessions_of(user.id, now),
        is_this=lambda row: sessions.is_this_session(current_user, row.token_sha256),
        recent=sign_ins.recent(user.name, 10),
        unseen=sign_ins.unseen(user),
        guessed=sign_ins.guessed(user),
        codes_left=second_factor.codes_left(user),
        passkeys_usable=this_site().usable,
    )


@admin_bp.route("/mat-khau", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password; other browsers are signed out."""
    form = PasswordForm()
    kept = resume.kept_post()
    if form.validate_on_submit():
        now = datetime.now(UTC)
        name = current_user.user.name
        try:
            sessions.confirm(current_user, form.current.data, now)
            service.set_password(
                name, now, password=form.new.data, by=name, keep=current_user.token
            )
        except SignInRefusedError:
            form.current.errors = [_("The current password is incorrect.")]
        except TooManyAttemptsError as error:
            form.current.errors = [explain(error)]
        except WeakPasswordError as error:
            form.new.errors = [explain(error)]
        else:
            flash(
                _("Your password has been changed. Other browsers have been signed out."), "success"
            )
            return resume.confirm(kept) if kept else redirect(url_for("site_admin.dashboard"))
    status = 422 if form.errors else 200
    return render_template("accounts/password.html", form=form, kept=kept), status


@admin_bp.route("/xac-nhan", methods=["GET", "POST"])
def confirm() -> ResponseReturnValue:
    """Take the password once more before a dangerous step, then go on with that step."""
    form = ConfirmForm()
    kept = resume.kept_post()
    if form.validate_on_submit():
        try:
            sessions.confirm(current_user, form.password.data, datetime.now(UTC))
        except (SignInRefusedError, TooManyAttemptsError) as error:
            form.password.errors = [explain(error)]
            g.refused = "password again"
        else:
            target = request.args.get("next", "")
            on = target if resume.is_local(target) else url_for(".account")
            return resume.confirm(kept) if kept else redirect(on)
    status = 422 if form.errors else 200
    return render_template("accounts/confirm.html", form=form, kept=kept), status


@admin_bp.route("/hai-buoc", methods=["GET", "POST"])
@confirmed_recently
def set_up_second_factor() -> ResponseReturnValue:
    """Show the QR code for an authenticator app; once the app's code is right, the rescue card."""
    if current_user.user.totp_secret:
        return redirect(url_for(".account"))
    secret = session.setdefault(NEW_SECRET, second_factor.new_secret())
    form = CodeForm()
    if form.validate_on_submit():
        try:
            codes = second_factor.enable(
                current_user.user, secret, form.code.data.replace(" ", ""), datetime.now(UTC)
            )
        except WrongCodeError as error:
            form.code.errors = [explain(error)]
        else:
            session.pop(NEW_SECRET)
            return _rescue_card(codes)
    settings = current_settings()
    site = settings.base_url.partition("://")[2] or settings.unit_id
    address = second_factor.enrolment_address(secret, current_user.user.name, site)
    status = 422 if form.errors else 200
    qr = Markup(second_factor.qr_svg(address))  # noqa: S704 - made by segno of our own text
    groups = [secret[i : i + 4] for i in range(0, len(secret), 4)]
    page = render_template("accounts/second_factor.html", form=form, qr=qr, secret=groups)
    return page, status


@admin_bp.post("/hai-buoc/tat")
@confirmed_recently
def drop_second_factor() -> ResponseReturnValue:
    """Take the second factor away."""
    second_factor.disable(current_user.user, datetime.now(UTC))
    if current_user.user.passkeys:
        flash(
            _(
                "The authenticator app is turned off. You will be asked for a passkey after the "
                "password."
            ),
            "warning",
        )
    else:
        flash(_("Two-step verification is off. This account now needs only a password."), "warning")
    return redirect(url_for(".account"))


@admin_bp.post("/hai-buoc/ma-khoi-phuc")
@confirmed_recently
def renew_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, once."""
    if not current_user.user.second_step:
        return redirect(url_for(".account"))
    return _rescue_card(second_factor.renew_codes(current_user.user, datetime.now(UTC)))


@admin_bp.route("/khoa-truy-cap", methods=["GET", "POST"])
@confirmed_recently
def add_passkey() -> ResponseReturnValue:
    """Make a passkey on the officer's device; with the first one, the rescue card is shown."""
    site, user, now = this_site(), current_user.user, datetime.now(UTC)
    if not site.usable:
        return redirect(url_for(".account"))
    form = NewPasskeyForm()
    if form.validate_on_submit():
        try:
            answer = form.credential.data or ""
            passkeys.add(site, user, form.name.data, answer, session.pop(PASSKEY, None), now)
        except PasskeyRefusedError as error:
            form.name.errors = [explain(error)]
        else:
            if not second_factor.codes_left(user):
                return _rescue_card(second_factor.renew_codes(user, now))
            flash(_("The passkey has been added."), "success")
            return redirect(url_for(".account"))
    asked = passkeys.ask_to_make(site, user, session.get(PASSKEY), now)
    session[PASSKEY] = asked.state
    form.credential.data = ""
    status = 422 if form.errors else 200
    return render_template("accounts/passkey.html", form=form, options=asked.options), status


@admin_bp.post("/khoa-truy-cap/<int:passkey_id>/xoa")
@confirmed_recently
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Forget a passkey: a device that was lost or given away opens nothing any more."""
    passkeys.remove(current_user.user, passkey_id, datetime.now(UTC))
    flash(_("The passkey has been removed."), "success")
    return redirect(url_for(".account"))


@admin_bp.post("/phien/<token_sha256>/ket-thuc")
def end_session(token_sha256: str) -> ResponseReturnValue:
    """Sign another browser of this officer out."""
    sessions.end_session(current_user, token_sha256, datetime.now(UTC))
    flash(_("The session has been ended."), "success")
    return redirect(url_for(".account"))


@admin_bp.post("/phien/ket-thuc-khac")
def end_other_sessions() -> ResponseReturnValue:
    """Sign all other browsers of this officer out."""
    sessions.end_other_sessions(current_user, datetime.now(UTC))
    flash(_("All other sessions have been ended."), "success")
    return redirect(url_for(".account"))


@admin_bp.post("/da-xem")
def seen() -> ResponseReturnValue:
    """Take the notice of the sign-ins that it showed away: the officer knows them."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        until = None
    if until is not None and until.tzinfo is not None and until <= datetime.now(UTC):
        sign_ins.mark_seen(current_user.user, until)
    return redirect(url_for(".account"))


def _rescue_card(codes: tuple[str, ...]) -> str:
    return render_template("accounts/rescue_card.html", codes=codes, now=datetime.now(UTC))
