"""What an officer typed survives an expired session: sign in again, and it is sent on.

The fields posted come back inside the sign-in page as hidden ones, and after signing in as a form
to confirm. Nothing is stored on the server. Only a post from this very site is offered: one that
another site made (Origin or Sec-Fetch-Site says so) is refused, or it would be a way around the
CSRF token.
"""

from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from wardsite.accounts.forms import ConfirmForm, PasswordForm, SignInForm
from wardsite.extensions import from_this_site

TARGET_FIELD = "resume_to"
PREFIX = "kept:"
# Secrets are typed again: they do not come back in a page.
NOT_KEPT = frozenset(("csrf_token", "password", "current", "new", "again", "code", "credential"))


@dataclass(frozen=True)
class KeptPost:
    """A post to send again: where to, and its fields in order."""

    target: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool = False


def offer_to_resume() -> ResponseReturnValue:
    """Answer a post whose session or token had ended, keeping all that was typed."""
    if not from_this_site():
        abort(400)
    kept = _post_to_keep()
    if current_user.is_authenticated:
        return confirm(kept), 400
    return render_template("accounts/sign_in.html", form=SignInForm(formdata=None), kept=kept), 401


def ask_to_confirm() -> ResponseReturnValue:
    """Ask for the password before the request at hand goes on; what was posted is kept."""
    if request.method != "POST":
        target = request.full_path.rstrip("?")
        return redirect(url_for("accounts_admin.confirm", next=target))
    return render_template(
        "accounts/confirm.html", form=ConfirmForm(formdata=None), kept=_post_to_keep()
    ), 401


def ask_for_own_password() -> ResponseReturnValue:
    """Ask for a password of the officer's own first; what was posted is kept."""
    form = PasswordForm(formdata=None)
    return render_template("accounts/password.html", form=form, kept=_post_to_keep()), 401


def ask_for_second_factor() -> ResponseReturnValue:
    """Ask for a second factor first, set up beside this page; what was posted is sent on after."""
    return confirm(_post_to_keep()), 401


def _post_to_keep() -> KeptPost:
    fields = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_KEPT and not name.startswith(PREFIX)
    )
    had_files = any(file.filename for file in request.files.values())
    return KeptPost(request.script_root + request.full_path.rstrip("?"), fields, had_files)


def kept_post() -> KeptPost | None:
    """Return what a posted sign-in form carries along, if anything and if its target is ours."""
    target = request.form.get(TARGET_FIELD, "")
    if not is_local(target):
        return None
    fields = tuple(
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX)
    )
    return KeptPost(target, fields)


def confirm(kept: KeptPost) -> str:
    """Show the form that sends the kept fields on, with a token of the new session."""
    return render_template("accounts/resume.html", kept=kept, token=generate_csrf())


def is_local(target: str) -> bool:
    """Tell whether `target` is a path on this site (no open redirect)."""
    return (
        target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and target.isprintable()
    )
