"""Error pages in the site's look: what happened, what to do, nothing of the inside."""

from flask import Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from wardsite.accounts.guard import is_officers_page
from wardsite.accounts.resume import offer_to_resume
from wardsite.central.admin import locked_page
from wardsite.core.errors import MandatedItemError, NotAllowedError, NotFoundError
from wardsite.extensions import current_language, current_settings, db, from_this_site
from wardsite.news.lifecycle import WrongStateError
from wardsite.serving import disk


def register_errors(app: Flask) -> None:
    """Map refusals of the rooms to HTTP once, and draw every error page alike."""
    app.register_error_handler(CSRFError, _csrf_failed)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _host_not_ours)
    app.register_error_handler(NotFoundError, lambda error: error_page(404))
    app.register_error_handler(MandatedItemError, _ordered_by_the_centre)
    app.register_error_handler(NotAllowedError, lambda error: error_page(403))
    app.register_error_handler(WrongStateError, lambda error: error_page(409))
    app.register_error_handler(DatabaseError, _database_trouble)
    app.register_error_handler(OSError, _disk_trouble)
    app.register_error_handler(Exception, _unexpected)


def error_page(code: int, title: str = "", advice: str = "") -> ResponseReturnValue:
    """Return the page of an HTTP error; codes without words of their own get the general ones."""
    if not title:
        title, advice = _words(code)
    try:
        return render_template("error.html", code=code, title=title, advice=advice), code
    except SQLAlchemyError:
        # The site's frame comes from the database; without it the words alone must do.
        return _plain_page(title, advice, styled=True), code


def _plain_page(title: str, advice: str, *, styled: bool) -> str:
    page = current_app.jinja_env.get_template("error_plain.html")
    return page.render(language=current_language(), title=title, advice=advice, styled=styled)


def _words(code: int) -> tuple[str, str]:
    words = {
        400: (
            _("The request could not be understood"),
            _("Go back, reload the page and try again."),
        ),
        403: (
            _("You do not have permission to view this page"),
            _("Sign in with an account that has permission, or ask the site’s administrator."),
        ),
        404: (
            _("Page not found"),
            _("It may have been moved or withdrawn. Try the menu or go to the home page."),
        ),
        409: (
            _("The content has changed"),
            _(
                "Another officer has already changed this. Go back and reload the page to see "
                "the current state."
            ),
        ),
        413: (
            _("The file is too large"),
            _("Choose a smaller file, or reduce its size."),
        ),
        429: (_("Too many requests"), _("Please wait a few minutes and try again.")),
        500: (
            _("Sorry, there is a problem with the site"),
            _("This is not your fault. Please try again in a few minutes."),
        ),
        503: (
            _("The site is busy"),
            _("Please try again in a moment. What you typed is still in your browser: go back."),
        ),
    }
    if code == 405:
        return words[400]
    return words.get(code, words[500] if code >= 500 else words[400])


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    response = make_response(error_page(error.code))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _host_not_ours(error: SecurityError) -> ResponseReturnValue:
    # Flask makes no addresses for such a request: no links, and no style sheet.
    return _plain_page(*_words(400), styled=False), 400


def _ordered_by_the_centre(error: MandatedItemError) -> ResponseReturnValue:
    # An item no longer on order has no dispatch to name, and what it left is not for officers.
    try:
        return locked_page(error.section, error.item_id), 403
    except NotFoundError:
        return error_page(403)


def _csrf_failed(error: CSRFError) -> ResponseReturnValue:
    g.refused = "no valid token"
    # Refused here, not by abort(): what an error handler raises ends as a 500.
    if is_officers_page() and from_this_site():
        return offer_to_resume()
    return error_page(400)


def _database_trouble(error: DatabaseError) -> ResponseReturnValue:
    words = disk.cause(error)
    if words is None and not isinstance(error, OperationalError):
        return _unexpected(error)
    current_app.logger.error("database: %s %s", request.endpoint, type(error.orig).__name__)
    return _storage_page(words)


def _disk_trouble(error: OSError) -> ResponseReturnValue:
    words = disk.cause(error)
    if words is None:
        return _unexpected(error)
    current_app.logger.error("disk: %s %s", request.endpoint, error.strerror)
    return _storage_page(words)


def _storage_page(words: str | None) -> ResponseReturnValue:
    """Say what keeps the site from working: to officers the cause, to residents to come again."""
    db.session.rollback()
    if words is None:
        return error_page(503)
    sent, signs_in = request.method == "POST", request.blueprint == "accounts"
    if not (signs_in or is_officers_page()):
        return _nothing_kept() if sent else error_page(503)
    title = _("This page cannot be displayed") if not sent else _("Not saved")
    if signs_in:
        title = _("Sign-in is currently unavailable")
    parts = [_(words)]
    if sent and not signs_in:
        parts.append(_("What you typed is still in your browser: go back and keep a copy."))
    unit = current_settings().unit_id
    parts.append(
        _(
            "Tell the person who runs the server: the command “wardsite %(unit)s doctor” says "
            "what to do. Residents can still read the site.",
            unit=unit,
        )
    )
    return error_page(503, title, " ".join(parts))


def _nothing_kept() -> ResponseReturnValue:
    advice = _(
        "The site cannot save anything at the moment. What you typed is still in your browser: "
        "go back, keep a copy, and send it again later."
    )
    return error_page(503, _("Not sent"), advice)


def _unexpected(error: Exception) -> ResponseReturnValue:
    if current_app.testing or current_app.debug:
        raise error
    current_app.logger.exception("unexpected: %s", request.endpoint)
    return error_page(500)
