"""/phan-anh: sending feedback, following it, and what others asked."""

from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from wardsite.accounts.throttle import TooManyAttemptsError
from wardsite.core.errors import NotFoundError
from wardsite.extensions import explain
from wardsite.feedback import service
from wardsite.feedback.forms import FeedbackForm, FollowForm
from wardsite.feedback.service import FeedbackClosedError, FormUsedError, Message
from wardsite.serving.paging import page_number

bp = Blueprint("feedback", __name__)


@bp.after_request
def _never_store(response: Response) -> Response:
    """A form with a token and a page with somebody's words belong in no cache."""
    if request.endpoint not in ("feedback.answers", "feedback.published"):
        response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/phan-anh", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """The form, the way to follow a message, and the newest published answers."""
    now = datetime.now(UTC)
    form = FeedbackForm(asks=service.under_attack(now))
    status = 200
    if request.method == "POST":
        if form.trapped:
            # A robot is told nothing that would teach it: the page of success, and nothing kept.
            return render_template("feedback/sent.html", row=None)
        if form.validate():
            try:
                return _sent(form, now)
            except FormUsedError as error:
                form.sum.errors = [explain(error)]
            except (TooManyAttemptsError, FeedbackClosedError) as error:
                form.subject.errors = [explain(error)]
                status = 429
        status = max(status, 422)
    form.renew()
    return _page(form, FollowForm(formdata=None), status)


@bp.post("/phan-anh/tra-cuu")
def follow() -> ResponseReturnValue:
    """Show how a message stands, to whoever has its code."""
    form = FollowForm()
    now = datetime.now(UTC)
    if form.validate_on_submit():
        try:
            row = service.follow(form.code.data or "", request.remote_addr or "", now)
            return render_template("feedback/status.html", row=row, statuses=service.STATUSES)
        except NotFoundError as error:
            form.code.errors = [explain(error)]
        except TooManyAttemptsError as error:
            form.code.errors = [explain(error)]
    empty = FeedbackForm(formdata=None, asks=service.under_attack(now))
    empty.renew()
    return _page(empty, form, 422)


@bp.get("/phan-anh/tra-loi")
def answers() -> ResponseReturnValue:
    """All published answers."""
    return render_template("feedback/answers.html", page=service.published_page(page_number()))


@bp.get("/phan-anh/tra-loi/<int:feedback_id>")
def published(feedback_id: int) -> ResponseReturnValue:
    """One published question with its answer."""
    return render_template("feedback/answer.html", row=service.published_answer(feedback_id))


def _sent(form: FeedbackForm, now: datetime) -> ResponseReturnValue:
    row = service.receive(
        Message(
            subject=form.subject.data or "",
            body=form.body.data or "",
            place=form.place.data or "",
            name=form.name.data or "",
            contact=form.contact.data or "",
            may_publish=bool(form.may_publish.data),
        ),
        request.remote_addr or "",
        now,
        mark=form.mark if form.asks else "",
    )
    return render_template("feedback/sent.html", row=row, code=service.shown_code(row.code))


def _page(form: FeedbackForm, follow_form: FollowForm, status: int) -> ResponseReturnValue:
    page = render_template(
        "feedback/index.html",
        form=form,
        follow_form=follow_form,
        rules=service.rules(),
        answers=service.published_page(1).items[:5],
    )
    return page, status
