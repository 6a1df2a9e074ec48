"""Official documents, as residents find them."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from wardsite.central import service as central
from wardsite.core.vi import sort_key
from wardsite.documents import service
from wardsite.documents.kinds import KINDS
from wardsite.documents.service import Filter
from wardsite.serving.paging import page_number

bp = Blueprint("documents", __name__)


@bp.get("/van-ban")
def index() -> ResponseReturnValue:
    """The list, with its filters."""
    shown = central.mandate(datetime.now(UTC)).document_ids
    year = request.args.get("nam", "")
    chosen = Filter(
        kind=request.args.get("loai", ""),
        issuer=request.args.get("co-quan", ""),
        year=int(year) if year.isascii() and year.isdigit() and 1900 < int(year) < 9999 else None,
    )
    kinds, issuers, years = service.choices(shown)
    return render_template(
        "documents/index.html",
        page=service.public_page(shown, chosen, page_number()),
        chosen=chosen,
        kinds=[kind for kind in KINDS if kind in kinds],
        issuers=sorted(issuers, key=sort_key),
        years=years,
    )


@bp.get("/van-ban/<slug>")
def document(slug: str) -> ResponseReturnValue:
    """One document with all its fields."""
    mandate = central.mandate(datetime.now(UTC))
    return render_template(
        "documents/document.html",
        document=service.public_document(slug, mandate.document_ids),
        authorities={authority.id: authority.label for authority in mandate.authorities},
    )
