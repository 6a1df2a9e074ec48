"""The inbox of the residents' desk."""

import io
from datetime import UTC, date, datetime

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms import SelectChoice

from wardsite.accounts import service as accounts
from wardsite.accounts.guard import confirmed_recently, officers_blueprint, requires
from wardsite.core.errors import NotAllowedError
from wardsite.core.vi import short_date, short_stamp, to_local
from wardsite.extensions import explain
from wardsite.feedback import service
from wardsite.feedback.forms import AnswerForm, AssignForm, PublicForm, RulesForm
from wardsite.feedback.service import AnswerMissingError, ErasedBySenderError, PersonalDataError
from wardsite.models import Feedback
from wardsite.serving.paging import page_number
from wardsite.serving.tables import CSV, XLSX, csv_bytes, workbook

admin_bp = officers_blueprint("feedback_admin", __name__, "/phan-anh")


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """The inbox, what is due first on top."""
    status = request.args.get("trang-thai", "")
    today = _today()
    return render_template(
        "feedback/admin/index.html",
        page=service.inbox(current_user, status, today, page_number()),
        status=status,
        statuses=service.STATUSES,
        counts=service.counts(current_user, today),
        today=today,
    )


@admin_bp.errorhandler(ErasedBySenderError)
def erased_by_sender(_error: ErasedBySenderError) -> ResponseReturnValue:
    """Say that the sender has deleted the message, whatever the officer was about to do with it."""
    row = service.trace((request.view_args or {})["feedback_id"])
    return render_template("feedback/admin/erased.html", row=row), 410


@admin_bp.get("/<int:feedback_id>")
def message(feedback_id: int) -> ResponseReturnValue:
    """One message, and all that can be done with it."""
    return _page(service.message(current_user, feedback_id))


@admin_bp.post("/<int:feedback_id>/giao")
@requires("editor")
def assign(feedback_id: int) -> ResponseReturnValue:
    """Give it to an officer."""
    row = service.message(current_user, feedback_id)
    form = _assign_form(row)
    if form.validate_on_submit():
        service.assign(current_user, feedback_id, form.assignee.data or None, datetime.now(UTC))
        flash(_("Assigned."), "success")
    return redirect(url_for(".message", feedback_id=feedback_id))


@admin_bp.post("/<int:feedback_id>/tra-loi")
def answer(feedback_id: int) -> ResponseReturnValue:
    """Answer, or say why it is not for the unit."""
    row = service.message(current_user, feedback_id)
    form = AnswerForm()
    if form.validate_on_submit():
        status = "declined" if request.form.get("then") == "decline" else "answered"
        try:
            service.answer(
                current_user, feedback_id, form.answer.data or "", datetime.now(UTC), status=status
            )
        except AnswerMissingError as error:
            form.answer.errors = [explain(error)]
        else:
            flash(_("The answer has been saved. The sender can see it with their code."), "success")
            return redirect(url_for(".message", feedback_id=feedback_id))
    return _page(row, answer_form=form), 422


@admin_bp.post("/<int:feedback_id>/cong-khai")
@requires("editor")
def publish(feedback_id: int) -> ResponseReturnValue:
    """Publish question and answer without what tells who sent it."""
    row = service.message(current_user, feedback_id)
    form = PublicForm()
    if form.validate_on_submit():
        texts = (form.subject.data or "", form.body.data or "", form.reply.data or "")
        try:
            service.publish(current_user, feedback_id, *texts, datetime.now(UTC))
        except (PersonalDataError, NotAllowedError) as error:
            form.body.errors = [explain(error)]
        else:
            flash(_("The question and answer are public."), "success")
            return redirect(url_for(".message", feedback_id=feedback_id))
    return _page(row, public_form=form), 422


@admin_bp.post("/<int:feedback_id>/go")
@requires("editor")
def withdraw(feedback_id: int) -> ResponseReturnValue:
    """Take a published answer off the site."""
    service.withdraw(current_user, feedback_id, datetime.now(UTC))
    flash(_("No longer public."), "success")
    return redirect(url_for(".message", feedback_id=feedback_id))


@admin_bp.route("/<int:feedback_id>/xoa", methods=["GET", "POST"])
@requires("editor")
def erase(feedback_id: int) -> ResponseReturnValue:
    """Ask, then delete what the sender wrote."""
    row = service.message(current_user, feedback_id)
    if request.method == "POST":
        service.erase(current_user, feedback_id, datetime.now(UTC))
        flash(_("The feedback has been deleted."), "success")
        return redirect(url_for(".index"))
    return render_template("feedback/admin/delete.html", row=row)


@admin_bp.get("/phan-anh.<form>")
@requires("editor")
@confirmed_recently
def export(form: str) -> ResponseReturnValue:
    """Send all messages as a table: xlsx or csv."""
    headings = [
        _("Tracking code"), _("Received"), _("Due date"), _("Status"), _("Heading"),
        _("Feedback text"), _("Where"), _("Name"), _("Telephone or email"), _("Handled by"),
        _("Answer"), _("Answered"),
    ]  # fmt: skip
    rows = [_cells(row) for row in service.for_export(current_user, datetime.now(UTC))]
    as_csv = form == "csv"
    content = csv_bytes(headings, rows) if as_csv else workbook(_("Feedback"), headings, rows)
    return send_file(
        io.BytesIO(content),
        mimetype=CSV if as_csv else XLSX,
        as_attachment=True,
        download_name=f"phan-anh-{_today():%Y-%m-%d}.{'csv' if as_csv else 'xlsx'}",
    )


@admin_bp.route("/cai-dat", methods=["GET", "POST"])
@requires("admin")
def rules() -> ResponseReturnValue:
    """Days to answer, months to keep, days off."""
    own = service.rules()
    days_off = "\n".join(short_date(date.fromisoformat(day)) for day in own.holidays)
    form = RulesForm(
        data={
            "open": own.open, "days": own.days, "keep_months": own.keep_months,
            "holidays": days_off,
        }
    )  # fmt: skip
    if form.validate_on_submit():
        service.save_rules(
            current_user,
            open_=bool(form.open.data),
            days=form.days.data or 15,
            keep_months=form.keep_months.data or 12,
            holidays=form.days_off,
            now=datetime.now(UTC),
        )
        flash(_("Saved. This applies to feedback received from now on."), "success")
        return redirect(url_for(".rules"))
    return render_template("feedback/admin/rules.html", form=form), 422 if form.errors else 200


def _today() -> date:
    return to_local(datetime.now(UTC)).date()


def _cells(row: Feedback) -> list[str]:
    return [
        service.shown_code(row.code), short_stamp(row.received_at), short_date(row.due_on),
        _(service.STATUSES[row.status]), row.subject, row.body, row.place, row.name, row.contact,
        row.assignee.name if row.assignee else "", row.answer,
        short_stamp(row.answered_at) if row.answered_at else "",
    ]  # fmt: skip


def _assign_form(row: Feedback) -> AssignForm:
    form = AssignForm(data={"assignee": row.assignee_id or 0})
    active = [user for user in accounts.users() if user.active]
    officers = [SelectChoice(user.id, user.display_name or user.name) for user in active]
    form.assignee.choices = [SelectChoice(0, _("Unassigned")), *officers]
    return form


def _page(
    row: Feedback, answer_form: AnswerForm | None = None, public_form: PublicForm | None = None
) -> str:
    public = {
        "subject": row.public_subject or row.subject,
        "body": row.public_body or row.body,
        "reply": row.public_answer or row.answer,
    }
    return render_template(
        "feedback/admin/message.html",
        row=row,
        code=service.shown_code(row.code),
        statuses=service.STATUSES,
        late=row.status in service.OPEN and row.due_on < _today(),
        assign_form=_assign_form(row),
        answer_form=answer_form or AnswerForm(formdata=None, data={"answer": row.answer}),
        public_form=public_form or PublicForm(formdata=None, data=public, prefix=""),
    )
