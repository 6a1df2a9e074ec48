"""What the site holds of people, why, and how long: one table that the pages are made of.

Nghị định 13/2023/NĐ-CP and the law on personal data protection (Luật Bảo vệ dữ liệu cá nhân
91/2025/QH15) ask a body to say this. A test holds the table to the database: a table of the schema
is in `HELD` or in `NOT_ABOUT_PEOPLE`.
"""

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from wardsite.accounts.guard import officers_blueprint
from wardsite.accounts.service import (
    ATTEMPT_WINDOW,
    IDLE_LIMIT,
    ROLES,
    SESSION_LIFETIME,
    users,
)
from wardsite.core.backup import KEEP_MONTHS
from wardsite.core.errors import N_
from wardsite.serving.limits import SMALL
from wardsite.settings import Settings

bp = Blueprint("privacy", __name__)
admin_bp = officers_blueprint("dossier_admin", __name__, "/ho-so-an-toan", role="admin")


@dataclass(frozen=True)
class Holding:
    """One kind of data about people: in which tables, whose, what, why, how long (msgids).

    `rights`: what whoever is concerned can do about it by themselves; "" where they ask the unit.
    """

    tables: tuple[str, ...]
    whose: str
    what: str
    why: str
    how_long: str
    params: tuple[tuple[str, int], ...] = ()
    rights: str = ""


HELD = (
    Holding(
        ("feedback",),
        N_("Residents who send feedback"),
        N_("What they write; name and contact only where they choose to give them"),
        N_("To handle and answer the feedback"),
        N_("The months that the form states, then deleted; at once when the sender wants it"),
        rights=N_(
            "With the tracking code the sender reads it all, takes a copy away, erases name and "
            "contact, or deletes the message with its answer, at once and without asking. What is "
            "left of a deleted one is its number and its days, for the same months, and a line in "
            "the audit trail: no word of the sender’s."
        ),
    ),
    Holding(
        ("visits",),
        N_("Visitors"),
        N_("How often a page was opened on a day; no address, no cookie, nothing of the person"),
        N_("To see what residents look for"),
        N_("Thirteen months, then deleted"),
    ),
    Holding(
        ("attempt",),
        N_("Who sends forms or tries to sign in"),
        N_("The network address, with a count"),
        N_("To slow down guessing and floods"),
        N_("%(minutes)s minutes to an hour, then deleted with the next count"),
        (("minutes", int(ATTEMPT_WINDOW.total_seconds() // 60)),),
    ),
    Holding(
        ("user", "passkey", "recovery_code"),
        N_("Officers with an account"),
        N_("Sign-in name, name shown, role, hash of the password, keys of the second factor"),
        N_("To let officers in and nobody else"),
        N_("As long as the account exists"),
    ),
    Holding(
        ("user_session",),
        N_("Officers with an account"),
        N_("Network address and browser of each open session"),
        N_("So that officers see where they are signed in and can end it"),
        N_("%(hours)s hours without use, %(days)s days at most; deleted at a later sign-in"),
        (("hours", int(IDLE_LIMIT.total_seconds() // 3600)), ("days", SESSION_LIFETIME.days)),
    ),
    Holding(
        ("audit_entry",),
        N_("Officers with an account"),
        N_("Who did what and when; network address and browser of sign-ins"),
        N_("To answer for what was published and to find misuse"),
        N_("As long as the site exists: lines cannot be deleted"),
    ),
    Holding(
        ("person", "site_profile"),
        N_("Leaders and officers whom the unit names"),
        N_("Name, title, official telephone and e-mail"),
        N_("So that residents know whom to turn to (public)"),
        N_("Until the unit changes it"),
    ),
    Holding(
        ("post", "post_revision", "post_copy", "document", "image", "attachment"),
        N_("Officers who write, people in the news, signers of documents"),
        N_("Author, signer, and what the texts and pictures say"),
        N_("To inform the public, as the law asks of the unit"),
        N_("As long as the text is kept; earlier versions with it"),
    ),
)

NOT_ABOUT_PEOPLE = frozenset(
    (
        "content_version image_use category post_address document_relation own_page own_link "
        "calendar_entry feedback_rules central_state source headline job_lease search_entry"
    ).split()
)


@bp.get("/quyen-rieng-tu")
def page() -> ResponseReturnValue:
    """Say what is held of people, why and how long."""
    return render_template("site/privacy.html", held=HELD, backup_months=KEEP_MONTHS)


@admin_bp.get("")
def dossier() -> ResponseReturnValue:
    """The dossier that proposes the security level (hồ sơ đề xuất cấp độ), prefilled, to print.

    Its parts are those of Nghị định 85/2016/NĐ-CP article 15. Luật An ninh mạng 116/2025/QH15 is in
    force since 1 July 2026; the decree under it on levels could not be read, so the page tells the
    unit to compare. What only the unit can know is left as a line to fill in by hand.
    """
    settings: Settings = current_app.extensions["wardsite"]
    active = [user.role for user in users() if user.active]
    return render_template(
        "site/admin/dossier.html",
        held=HELD,
        limit_mb=SMALL // (1024 * 1024),
        upload_mb=settings.max_upload_mb,
        settings=settings,
        counts={role: active.count(role) for role in ROLES},
        second=sum(1 for user in users() if user.active and user.second_step),
        months=KEEP_MONTHS,
    )
