"""An officer's own account; accounts of others, for admins."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts import service
from wardsite.accounts.forms import PasswordForm
from wardsite.accounts.guard import officers_blueprint
from wardsite.accounts.passwords import verify_password

admin_bp = officers_blueprint("accounts_admin", __name__, "/tai-khoan")


@admin_bp.route("/mat-khau", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password; other browsers are signed out."""
    form = PasswordForm()
    if form.validate_on_submit():
        if verify_password(current_user.user.password_hash, form.current.data):
            service.set_password(
                current_user.user.name,
                datetime.now(UTC),
                password=form.new.data,
                by=current_user.user.name,
                keep=current_user.token,
            )
            flash(_("The password was changed. Other browsers were signed out."), "success")
            return redirect(url_for("site_admin.dashboard"))
        form.current.errors = [_("The present password is not right.")]
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200
