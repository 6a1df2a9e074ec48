"""/phan-anh: sending feedback, following it, having it back or erased, and what others asked."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from wardsite.accounts.throttle import TooManyAttemptsError
from wardsite.core.backup import KEEP_MONTHS
from wardsite.core.errors import NotFoundError
from wardsite.core.vi import to_local
from wardsite.extensions import explain
from wardsite.feedback import sender, service
from wardsite.feedback.forms import EraseForm, FeedbackForm, FollowForm
from wardsite.feedback.service import FeedbackClosedError, FormUsedError, Message
from wardsite.models import Feedback
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
    """Show how a message stands and what is held of its sender, to whoever has its code."""
    form = FollowForm()
    now = datetime.now(UTC)
    if form.validate_on_submit():
        try:
            return _status_page(_followed(form.code.data, now))
        except (NotFoundError, TooManyAttemptsError) as error:
            form.code.errors = [explain(error)]
    return _refused(form, now)


@bp.post("/phan-anh/ban-sao")
def copy() -> ResponseReturnValue:
    """Give the sender all that is held, as a page to keep or, with `form=json`, for programs."""
    form = FollowForm()
    now = datetime.now(UTC)
    if form.validate_on_submit():
        try:
            row = _followed(form.code.data, now)
        except (NotFoundError, TooManyAttemptsError) as error:
            form.code.errors = [explain(error)]
        else:
            return _as_file(row, now, as_json=request.form.get("form") == "json")
    return _refused(form, now)


@bp.post("/phan-anh/xoa")
def erase() -> ResponseReturnValue:
    """Say what will be erased and what will be left; do it once the sender says so."""
    form = EraseForm()
    now = datetime.now(UTC)
    if not form.validate_on_submit():
        return _refused(FollowForm(formdata=None), now)
    code, what = form.code.data or "", form.what.data or ""
    try:
        if not form.sure.data:
            row = _followed(code, now)
            months = service.rules().keep_months
            return render_template("feedback/erase.html", row=row, what=what, months=months)
        sender.erase(code, what, request.remote_addr or "", now)
    except (NotFoundError, TooManyAttemptsError) as error:
        follow_form = FollowForm(formdata=None)
        follow_form.code.errors = [explain(error)]
        return _refused(follow_form, now)
    return render_template("feedback/erased.html", what=what, backup_months=KEEP_MONTHS)


@bp.get("/phan-anh/tra-loi")
def answers() -> ResponseReturnValue:
    """All published answers."""
    return render_template("feedback/answers.html", page=service.published_page(page_number()))


@bp.get("/phan-anh/tra-loi/<int:feedback_id>")
def published(feedback_id: int) -> ResponseReturnValue:
    """One published question with its answer."""
    return render_template("feedback/answer.html", row=service.published_answer(feedback_id))


def _followed(code: str | None, now: datetime) -> Feedback:
    return service.follow(code or "", request.remote_addr or "", now)


def _status_page(row: Feedback) -> str:
    return render_template("feedback/status.html", **_held(row))


def _held(row: Feedback) -> dict[str, Any]:
    return {
        "row": row,
        "code": service.shown_code(row.code),
        "statuses": service.STATUSES,
        "until": sender.held_until(row),
        "months": service.rules().keep_months,
    }


def _as_file(row: Feedback, now: datetime, *, as_json: bool) -> Response:
    name = f"phan-anh-{to_local(now):%Y-%m-%d}.{'json' if as_json else 'html'}"
    if as_json:
        text = json.dumps(sender.copy_of(row), ensure_ascii=False, indent=1) + "\n"
    else:
        text = render_template("feedback/copy.html", now=now, **_held(row))
    return Response(
        text,
        content_type=f"{'application/json' if as_json else 'text/html'}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _refused(follow_form: FollowForm, now: datetime) -> ResponseReturnValue:
    empty = FeedbackForm(formdata=None, asks=service.under_attack(now))
    empty.renew()
    return _page(empty, follow_form, 422)


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
