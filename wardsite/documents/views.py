"""Official documents, as residents find them."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from wardsite.core.text import clean_pasted, nfc, row_number
from wardsite.core.vi import sort_key, to_local
from wardsite.documents import own, service
from wardsite.documents.kinds import KINDS
from wardsite.documents.service import Filter
from wardsite.mandate import service as mandates
from wardsite.serving.paging import page_number

bp = Blueprint("documents", __name__)


@bp.get("/van-ban")
def index() -> ResponseReturnValue:
    """The list, with its filters and a search over everything in the documents."""
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    shown = mandate.document_ids
    year = row_number(request.args.get("nam", ""))
    chosen = Filter(
        kind=request.args.get("loai", ""),
        issuer=nfc(request.args.get("co-quan", "")),
        year=year if year and 1900 < year < 9999 else None,
        topic=request.args.get("chu-de", ""),
    )
    words = clean_pasted(request.args.get("q", ""))[:200]
    found = service.found_ids(words, shown, now) if words else None
    kinds, issuers, years = service.choices(shown)
    page = service.public_page(shown, chosen, page_number(), found)
    return render_template(
        "documents/index.html",
        page=page,
        standings=own.standings(page.items, to_local(now).date()),
        chosen=chosen,
        words=words,
        suggestion=service.suggestion(words, shown, now) if words and not found else "",
        kinds=[kind for kind in KINDS if kind in kinds],
        issuers=sorted(issuers, key=sort_key),
        years=years,
        topics=mandate.topics,
    )


@bp.get("/van-ban/<slug>")
def document(slug: str) -> ResponseReturnValue:
    """One document with all its fields, its files, and what it is tied to."""
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    found = service.public_document(slug, mandate.document_ids)
    return render_template(
        "documents/document.html", **own.page_of(found, mandate, to_local(now).date())
    )
