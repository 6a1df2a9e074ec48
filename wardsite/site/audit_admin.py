"""The audit log as admins read it and take it away."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from wardsite.accounts import audit
from wardsite.accounts.guard import confirmed_recently, officers_blueprint
from wardsite.core.text import nfc
from wardsite.extensions import explain, transaction
from wardsite.serving.paging import page_number, paginate
from wardsite.serving.tables import CSV, csv_bytes
from wardsite.site.deeds import deed, detail

admin_bp = officers_blueprint("audit_admin", __name__, "/nhat-ky", role="admin")

PAGE_SIZE = 50


@admin_bp.get("")
def index() -> ResponseReturnValue:
    """Show who did what, newest first; the first page says whether the whole log is sound.

    Reading it whole takes a second for some 30,000 lines: not again for each page and each search.
    """
    who = nfc(request.args.get("nguoi", ""))[:100]
    what = request.args.get("viec", "")[:60]
    page = paginate(audit.lines(who, what), page_number(), PAGE_SIZE)
    first = page.number == 1 and not who and not what
    return render_template(
        "site/admin/audit.html",
        page=page,
        who=who,
        what=what,
        actions=audit.actions(),
        deed=deed,
        detail=detail,
        **(_state() if first else {}),
    )


@admin_bp.post("/xuat")
@confirmed_recently
def export() -> ResponseReturnValue:
    """Give the whole log as CSV, chain and all; that it was taken is a line of its own."""
    now = datetime.now(UTC)
    with transaction(public=False) as session:
        audit.record(session, now, current_user.user.name, "audit-export")
    headings = ("id", "at", "user", "action", "subject", "detail", "prev_hash", "hash")
    name = f"nhat-ky-{now:%Y%m%d-%H%M}.csv"
    return Response(
        csv_bytes(headings, _rows()),
        content_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _rows() -> Iterator[tuple[str, ...]]:
    for entry in audit.entries():
        yield (
            str(entry.id),
            entry.at.isoformat(),
            entry.user_name,
            entry.action,
            entry.subject,
            json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
            entry.prev_hash,
            entry.hash,
        )


def _state() -> dict[str, str]:
    try:
        chain = audit.verify()
    except audit.BrokenChainError as error:
        return {"fault": explain(error), "sound": ""}
    sound = _("The audit log is intact: %(count)s lines.", count=chain.count)
    return {"fault": "", "sound": str(sound), "last_hash": chain.last_hash}
