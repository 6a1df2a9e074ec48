"""The only maker of officers' blueprints: signed in, role checked, never stored by a cache."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from wardsite.accounts.resume import (
    ask_for_own_password,
    ask_for_second_factor,
    ask_to_confirm,
    offer_to_resume,
)

P = ParamSpec("P")
R = TypeVar("R")

# How long a typed password counts as proof that the officer is still the one at the keyboard.
CONFIRMED_FOR = timedelta(minutes=15)


def officers_blueprint(name: str, import_name: str, path: str, role: str = "author") -> Blueprint:
    """Return a blueprint under /quan-tri whose every view needs an officer with `role` or more."""
    blueprint = Blueprint(name, import_name, url_prefix=f"/quan-tri{path}")
    blueprint.before_request(lambda: _admit(role))
    blueprint.after_request(_never_store)
    blueprint.after_request(_let_script_go_on)
    return blueprint


def requires(role: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Demand a higher role than the blueprint's for one view."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.may(role):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate


def confirmed_recently(
    view: Callable[P, ResponseReturnValue],
) -> Callable[P, ResponseReturnValue]:
    """Ask for the password again before a dangerous step, unless it was typed a while ago.

    What a form had sent is kept and sent on afterwards. Put it below the route's decorator.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        at = current_user.confirmed_at
        if at is None or datetime.now(UTC) - at > CONFIRMED_FOR:
            return ask_to_confirm()
        return view(*args, **kwargs)

    return guarded


def is_officers_page() -> bool:
    """Tell whether the address asked for is on the officers' side."""
    return request.path == "/quan-tri" or request.path.startswith("/quan-tri/")


def _admit(role: str) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        if request.method == "POST":
            return offer_to_resume()
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if not current_user.may(role):
        abort(403)
    owes = current_user.owes
    if owes == "password" and request.endpoint != "accounts_admin.password":
        if request.method == "POST":
            return ask_for_own_password()
        return redirect(url_for("accounts_admin.password"))
    if owes == "second-factor" and request.blueprint != "accounts_admin":
        if request.method == "POST":
            return ask_for_second_factor()
        return redirect(url_for("accounts_admin.account"))
    return None


def _never_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _let_script_go_on(response: Response) -> Response:
    """Hand a redirect to the script that sent a form (upload.js) instead of its browser.

    A browser follows it on its own, and then what the next page has to tell is told to nobody.
    """
    if request.headers.get("X-Sent-By") == "script" and response.status_code in (302, 303):
        response.status_code = 200
    return response
