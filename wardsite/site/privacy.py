"""What the site holds of people, why, and how long: one table that the pages are made of.

Nghị định 13/2023/NĐ-CP and the law on personal data protection (Luật Bảo vệ dữ liệu cá nhân
91/2025/QH15) ask a body to say this. A test holds the table to the database: a table of the schema
is in `HELD` or in `NOT_ABOUT_PEOPLE`.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wardsite.accounts.guard import officers_blueprint
from wardsite.accounts.officer import ROLES
from wardsite.accounts.service import users
from wardsite.accounts.sessions import ATTEMPT_WINDOW, IDLE_LIMIT, SESSION_LIFETIME
from wardsite.core.backup import KEEP_MONTHS
from wardsite.core.errors import N_
from wardsite.extensions import current_settings
from wardsite.serving.limits import SMALL

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
        N_("What they write; name and contact details only if they choose to give them"),
        N_("To handle and answer the feedback"),
        N_("The number of months stated on the form, then deleted; at once if the sender asks"),
        rights=N_(
            "With the tracking code the sender can view everything, download a copy, erase the "
            "name and contact details, or delete the feedback and its answer, at once and "
            "without asking. After deletion only its number and dates remain, for the same "
            "number of months, with an entry in the audit log: nothing the sender wrote."
        ),
    ),
    Holding(
        ("visits",),
        N_("Visitors"),
        N_(
            "The number of times each page was opened in a day; no network address, no cookies, "
            "no personal data"
        ),
        N_("To understand what residents are interested in"),
        N_("13 months, then deleted"),
    ),
    Holding(
        ("attempt",),
        N_("People who send forms or try to sign in"),
        N_("The network address, with a count"),
        N_("To prevent password guessing and mass submissions"),
        N_("%(minutes)s minutes to an hour, then deleted at the next count"),
        (("minutes", int(ATTEMPT_WINDOW.total_seconds() // 60)),),
    ),
    Holding(
        ("user", "passkey", "recovery_code"),
        N_("Officers with an account"),
        N_("Username, display name, role, password hash, keys for two-step verification"),
        N_("To let only authorised officers sign in"),
        N_("As long as the account exists"),
    ),
    Holding(
        ("user_session",),
        N_("Officers with an account"),
        N_("Network address and browser of each open session"),
        N_("So that officers can see where they are signed in and end those sessions"),
        N_("%(hours)s hours of inactivity, or %(days)s days at most; deleted at a later sign-in"),
        (("hours", int(IDLE_LIMIT.total_seconds() // 3600)), ("days", SESSION_LIFETIME.days)),
    ),
    Holding(
        ("audit_entry",),
        N_("Officers with an account"),
        N_("Who did what and when; network address and browser of sign-ins"),
        N_("To account for what was published and to detect misuse"),
        N_("As long as the site exists: entries cannot be deleted"),
    ),
    Holding(
        ("person", "site_profile"),
        N_("Leaders and officers listed by the unit"),
        N_("Name, position, work telephone and email"),
        N_("So that residents know who to contact (public)"),
        N_("Until the unit changes it"),
    ),
    Holding(
        ("post", "post_revision", "post_copy", "document", "image", "attachment"),
        N_("Officers who write posts, people in the news, signers of documents"),
        N_("Author, signer, and the content of posts and pictures"),
        N_("To inform the public, as the law requires of the unit"),
        N_("As long as the post is kept, including its earlier versions"),
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
    settings = current_settings()
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
