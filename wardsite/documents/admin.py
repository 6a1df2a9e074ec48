"""Official documents, as officers keep them."""

import io
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from wtforms import SelectChoice

from wardsite.accounts.guard import officers_blueprint, requires
from wardsite.core.errors import N_
from wardsite.core.official_names import authority_of
from wardsite.core.official_text import OfficialFields, read_fields
from wardsite.core.text import clean_pasted, row_number
from wardsite.core.vi import short_date, to_local
from wardsite.documents import own, service
from wardsite.documents.extract import TextUnreadableError, read_sheets, read_text
from wardsite.documents.forms import DocumentForm, FileForm
from wardsite.documents.kinds import KINDS
from wardsite.documents.own import DuplicateDocumentError
from wardsite.documents.sheet import (
    COLUMNS,
    CellError,
    Plan,
    Problem,
    SheetHeadingsError,
    plan,
)
from wardsite.extensions import current_settings, db, explain
from wardsite.mandate import service as mandates
from wardsite.media import attachments
from wardsite.media.file_kinds import FileRefusedError
from wardsite.models import Attachment, Document, SiteProfile
from wardsite.serving.language import plain_url
from wardsite.serving.paging import page_number
from wardsite.serving.tables import XLSX, workbook

admin_bp = officers_blueprint("documents_admin", __name__, "/van-ban")


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """All documents, last changed first."""
    status = request.args.get("trang-thai", "")
    words = clean_pasted(request.args.get("q", ""))[:200]
    status = status if status in ("draft", "published") else ""
    page = own.officers_page(page_number(), status, words, datetime.now(UTC))
    return render_template("documents/admin/index.html", page=page, status=status, words=words)


@admin_bp.get("/chon")
def choose() -> ResponseReturnValue:
    """Public documents as JSON, for the editor: the newest, or what ?q= finds."""
    now = datetime.now(UTC)
    words = clean_pasted(request.args.get("q", ""))[:200]
    rows, more = service.offered(words, mandates.at(now).document_ids, now)
    return {"documents": [_as_json(row) for row in rows], "more": more}


@admin_bp.route("/them", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Enter a new document; its fields may be taken from a file first."""
    form = _form(None)
    if request.method == "POST":
        _keep_files(form)
        if form.validate() and (saved := _save(form, None)):
            return _after(saved)
    return _edit_page(form, None)


@admin_bp.post("/tu-tep")
def from_file() -> ResponseReturnValue:
    """Keep a file and show the form with what its own text says of it."""
    form = DocumentForm(formdata=None)
    _choices(form, None)
    file = FileForm().file.data
    if not file or not file.filename:
        flash(_("Choose a file."), "error")
        return redirect(url_for(".new"))
    try:
        row = _keep(file.read(), file.filename)
    except FileRefusedError as error:
        flash(explain(error), "error")
        return _edit_page(form, None, 422)
    form.kept_files.data = str(row.id)
    fields = _read(row)
    form.offer(fields)
    form.authority.data = _authority(fields.issuer)
    if fields.found:
        flash(_("Read from the file. Check each field against the document before saving."), "info")
    return _edit_page(form, None)


@admin_bp.route("/<int:document_id>", methods=["GET", "POST"])
def edit(document_id: int) -> ResponseReturnValue:
    """Change a document."""
    document = own.editable(current_user, document_id)
    form = _form(document)
    if request.method == "POST":
        _keep_files(form)
        if form.validate() and (saved := _save(form, document)):
            return _after(saved)
    return _edit_page(form, document)


@admin_bp.get("/<int:document_id>/xem-truoc")
def preview(document_id: int) -> ResponseReturnValue:
    """Show a document as residents will see it."""
    now = datetime.now(UTC)
    shown = own.page_of(service.document(document_id), mandates.at(now), to_local(now).date())
    return render_template("documents/document.html", preview=True, **shown)


@admin_bp.post("/<int:document_id>/dang")
@requires("editor")
def publish(document_id: int) -> ResponseReturnValue:
    """Publish."""
    document = own.publish(current_user, document_id, datetime.now(UTC))
    flash(_("“%(title)s” has been published.", title=document.code), "success")
    return redirect(url_for(".edit", document_id=document_id))


@admin_bp.post("/<int:document_id>/go")
@requires("editor")
def unpublish(document_id: int) -> ResponseReturnValue:
    """Take back into the drafts."""
    document = own.unpublish(current_user, document_id, datetime.now(UTC))
    flash(_("“%(title)s” is no longer public.", title=document.code), "success")
    return redirect(url_for(".edit", document_id=document_id))


@admin_bp.route("/<int:document_id>/xoa", methods=["GET", "POST"])
def delete(document_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    document = own.editable(current_user, document_id)
    if request.method == "POST":
        code = document.code
        own.delete(current_user, document_id, datetime.now(UTC))
        flash(_("“%(title)s” has been deleted.", title=code), "success")
        return redirect(url_for(".index"))
    return render_template("documents/admin/delete.html", document=document)


@admin_bp.post("/<int:document_id>/tep/<int:attachment_id>/xoa")
def remove_file(document_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take a file off a document."""
    own.remove_file(current_user, document_id, attachment_id, datetime.now(UTC))
    flash(_("The file has been removed."), "success")
    return redirect(url_for(".edit", document_id=document_id))


@admin_bp.route("/tu-bang", methods=["GET", "POST"])
@requires("editor")
def sheet() -> ResponseReturnValue:
    """Read a spreadsheet and report row by row what it would import; nothing is stored yet."""
    file = FileForm().file.data if request.method == "POST" else None
    if file is None or not file.filename:
        if request.method == "POST":
            flash(_("Choose a file."), "error")
        return render_template(
            "documents/admin/sheet.html", form=FileForm(formdata=None), columns=COLUMNS
        )
    try:
        return _report(file.read(), file.filename)
    except (FileRefusedError, TextUnreadableError, SheetHeadingsError) as error:
        flash(explain(error), "error")
        return redirect(url_for(".sheet"))


@admin_bp.post("/tu-bang/nhap")
@requires("editor")
def import_sheet() -> ResponseReturnValue:
    """Import the good rows of a sheet whose report the officer has seen."""
    sheet_id = row_number(request.form.get("sheet", ""))
    rows = attachments.unowned([] if sheet_id is None else [sheet_id], _officer_id())
    if not rows:
        flash(_("Choose the file again."), "error")
        return redirect(url_for(".sheet"))
    found = _plan(rows[0])
    count = own.import_all(
        current_user,
        [good.text for good in found.good],
        datetime.now(UTC),
        public=request.form.get("then") == "publish",
    )
    flash(_("%(count)s documents were imported.", count=count), "success")
    return redirect(url_for(".index"))


@admin_bp.get("/tu-bang/mau.xlsx")
@requires("editor")
def sample_sheet() -> ResponseReturnValue:
    """Send an empty sheet with the headings."""
    headings = [names[0] for names in COLUMNS.values()]
    return send_file(
        io.BytesIO(workbook("Văn bản", headings, [])),
        mimetype=XLSX,
        as_attachment=True,
        download_name="mau-nhap-van-ban.xlsx",
    )


def _report(content: bytes, name: str) -> ResponseReturnValue:
    row = _keep(content, name) if content.startswith(b"PK") else None  # an .xlsx is a zip archive
    if row is None or row.kind != "xlsx":
        raise FileRefusedError(
            N_(
                "This is not an Excel file (.xlsx). Open the spreadsheet in Excel or LibreOffice, "
                "save it as .xlsx, and choose it again."
            )
        )
    return render_template(
        "documents/admin/report.html", sheet_id=row.id, plan=_plan(row), title=row.title
    )


def _plan(row: Attachment) -> Plan:
    """Read the sheet, and move what is on the site already from the good rows to the problems."""
    found = plan(read_sheets(attachments.path_of(row)), _own_issuer())
    known = own.present([good.text for good in found.good])
    error = CellError(N_("This document is already on the site."))
    found.problems += [
        Problem(good.row, COLUMNS["code"][0], error)
        for place, good in enumerate(found.good)
        if place in known
    ]
    found.problems.sort(key=lambda problem: problem.row)
    found.good = [good for place, good in enumerate(found.good) if place not in known]
    return found


def _as_json(row: Document) -> dict[str, str]:
    with force_locale("vi"):  # the words go into a text, and those are Vietnamese
        kind = _(KINDS[row.kind]) if row.kind in KINDS and row.kind != "khac" else ""
    return {
        "url": plain_url("documents.document", slug=row.slug),
        "label": f"{kind} {row.code}".strip(),
        "detail": f"{short_date(row.issued_on)} · {row.summary}",
    }


def _authority(issuer: str) -> str:
    mandate = mandates.at(datetime.now(UTC))
    return authority_of(
        issuer,
        _own_issuer(),
        {authority.id: authority.label for authority in mandate.authorities},
        {document.issuer: document.issuer_rank for document in mandate.documents},
    )


def _own_issuer() -> str:
    return db.session.get_one(SiteProfile, 1).organisation


def _officer_id() -> int:
    officer_id: int = current_user.user.id
    return officer_id


def _form(document: Document | None) -> DocumentForm:
    form = DocumentForm(obj=document)
    _choices(form, document)
    if document is not None and request.method == "GET":
        form.show(document, own.relations_of(document))
    return form


def _choices(form: DocumentForm, document: Document | None) -> None:
    mandate = mandates.at(datetime.now(UTC))
    if document is not None and document.kind not in KINDS:
        form.kind.choices = [*form.kind.choices, SelectChoice(document.kind, document.kind)]
    levels = [SelectChoice(row.id, row.label) for row in mandate.authorities]
    form.authority.choices = [SelectChoice("", _("Our unit")), *levels]
    form.topics.choices = [SelectChoice(topic.id, topic.label) for topic in mandate.topics]


def _keep_files(form: DocumentForm) -> None:
    """Keep what was uploaded before anything else is checked: a wrong date must not lose files."""
    kept = form.kept_ids
    for file in form.files.data or ():
        if not getattr(file, "filename", ""):
            continue
        try:
            kept.append(_keep(file.read(), file.filename).id)
        except FileRefusedError as error:
            form.refused_files.append(f"{clean_pasted(file.filename)[-80:]}: {explain(error)}")
    form.kept_files.data = ",".join(map(str, kept))


def _keep(content: bytes, name: str) -> Attachment:
    return attachments.add_attachment(content, name, current_user.user.id, datetime.now(UTC))


def _read(row: Attachment) -> OfficialFields:
    if row.kind not in ("docx", "pdf"):
        flash(
            _("Fields can be read from .docx and .pdf files only. Fill them in manually."), "info"
        )
        return OfficialFields()
    try:
        text = read_text(attachments.path_of(row), row.kind, whole=False)
    except TextUnreadableError as error:
        flash(explain(error), "warning")
        return OfficialFields()
    fields = read_fields(text)
    if not fields.found:
        flash(_("No fields could be read from the file. Fill them in manually."), "warning")
    return fields


def _save(form: DocumentForm, document: Document | None) -> Document | None:
    now = datetime.now(UTC)
    try:
        saved = own.save(
            current_user, document.id if document else None, form.text(), now, form.kept_ids
        )
    except DuplicateDocumentError as error:
        form.code.errors = [explain(error)]
        return None
    if request.form.get("then") == "publish" and current_user.may("editor"):
        own.publish(current_user, saved.id, now)
    return saved


def _after(saved: Document) -> ResponseReturnValue:
    if request.form.get("then") == "preview":
        return redirect(url_for(".preview", document_id=saved.id))
    if saved.status == "published":
        flash(_("Saved and published."), "success")
    else:
        flash(_("The draft has been saved. Residents cannot see it yet."), "success")
    return redirect(url_for(".edit", document_id=saved.id))


def _edit_page(
    form: DocumentForm, document: Document | None, status: int = 200
) -> ResponseReturnValue:
    settings = current_settings()
    page = render_template(
        "documents/admin/edit.html",
        form=form,
        document=document,
        file_form=FileForm(formdata=None),
        files=attachments.of_document(document.id) if document else [],
        kept=attachments.unowned(form.kept_ids, current_user.user.id),
        max_upload_mb=settings.max_upload_mb,
    )
    return page, 422 if form.errors or form.refused_files else status
