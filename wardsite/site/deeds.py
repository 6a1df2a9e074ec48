"""What deeds of the audit log are called for who reads it; the log itself keeps the codes."""

from collections.abc import Mapping

from flask_babel import gettext as _

from wardsite.core.browsers import browser_name
from wardsite.core.errors import N_, WardsiteError
from wardsite.extensions import explain

DEEDS = {
    "sign-in": N_("Signed in"),
    "session-end": N_("Ended a session"),
    "session-end-others": N_("Ended all other sessions"),
    "second-step-guessed": N_("Used up all attempts at the second step"),
    "second-factor-on": N_("Turned on the authenticator app"),
    "second-factor-off": N_("Turned off the authenticator app"),
    "second-factor-rule": N_("Changed the two-step verification rule"),
    "second-factor-reset": N_("Turned off two-step verification"),
    "recovery-codes": N_("Created recovery codes"),
    "passkey-add": N_("Added a passkey"),
    "passkey-remove": N_("Removed a passkey"),
    "passkey-copied": N_("Rejected a passkey: it may have been copied"),
    "user-add": N_("Added an account"),
    "user-name": N_("Changed an account’s full name"),
    "user-role": N_("Changed an account’s role"),
    "user-password": N_("Set a password"),
    "user-sessions-end": N_("Ended an account’s sessions"),
    "user-disable": N_("Closed an account"),
    "user-enable": N_("Reopened an account"),
    "handover": N_("Handed over work"),
    "audit-export": N_("Exported the audit log"),
    "restore": N_("Restored a backup"),
    "site-profile": N_("Changed the site settings"),
    "central-apply": N_("Applied the district file"),
    "central-refuse": N_("Rejected the district file"),
    "central-reset": N_("Reset the district file"),
    "document-save": N_("Saved a document"),
    "document-import": N_("Imported documents"),
    "document-published": N_("Published a document"),
    "document-draft": N_("Withdrew a document"),
    "document-delete": N_("Deleted a document"),
    "document-file-remove": N_("Removed a document's file"),
    "post-save": N_("Saved a post"),
    "post-published": N_("Published a post"),
    "post-submitted": N_("Submitted a post for approval"),
    "post-draft": N_("Returned a post to draft"),
    "post-withdrawn": N_("Withdrew a post"),
    "post-return": N_("Returned a post"),
    "post-recall": N_("Cancelled a post’s submission"),
    "post-unschedule": N_("Cancelled a post’s schedule"),
    "post-bin": N_("Moved a post to the bin"),
    "post-take-out": N_("Restored a post from the bin"),
    "post-delete": N_("Permanently deleted a post"),
    "post-restore": N_("Restored an earlier version"),
    "post-file": N_("Added a post's file"),
    "post-file-remove": N_("Removed a post's file"),
    "image-describe": N_("Described a picture"),
    "image-delete": N_("Deleted a picture"),
    "feedback-assign": N_("Assigned feedback to an officer"),
    "feedback-answered": N_("Answered feedback"),
    "feedback-declined": N_("Declined feedback as outside our remit"),
    "feedback-publish": N_("Published an answer"),
    "feedback-withdraw": N_("Withdrew an answer"),
    "feedback-export": N_("Exported feedback"),
    "feedback-erase": N_("Deleted feedback"),
    "feedback-sender-contact": N_("The sender erased the name and contact details from feedback"),
    "feedback-sender-message": N_("The sender deleted feedback"),
    "feedback-retention": N_("Deleted expired feedback"),
    "feedback-rules": N_("Changed the feedback rules"),
    "source-save": N_("Saved a source"),
    "source-delete": N_("Deleted a source"),
    "headline-approved": N_("Approved headlines"),
    "headline-hidden": N_("Hid headlines"),
    "headline-pending": N_("Returned headlines to the approval queue"),
    "own_page-save": N_("Saved a page"),
    "own_page-delete": N_("Deleted a page"),
    "person-save": N_("Saved a person"),
    "person-delete": N_("Deleted a person"),
    "own_link-save": N_("Saved a link"),
    "own_link-delete": N_("Deleted a link"),
    "calendar_entry-save": N_("Saved a calendar entry"),
    "calendar_entry-delete": N_("Deleted a calendar entry"),
}

# What goes with a deed: the keys, and those of the values that are codes of ours.
DETAILS = {
    "address": N_("network address"),
    "browser": N_("browser"),
    "code": N_("number and symbol"),
    "comment": N_("comment"),
    "count": N_("number"),
    "how": N_("using"),
    "key": N_("key"),
    "name": N_("name"),
    "new": N_("new sign-in location"),
    "number": N_("version"),
    "reason": N_("reason"),
    "required": N_("required"),
    "revision": N_("revision"),
    "role": N_("role"),
    "sha256": N_("fingerprint (SHA-256)"),
    "title": N_("title"),
    "to": N_("to"),
}
VALUES = {
    ("how", "password"): N_("password"),
    ("how", "totp"): N_("password and app code"),
    ("how", "recovery-code"): N_("password and recovery code"),
    ("how", "passkey"): N_("passkey"),
    ("how", "password-and-passkey"): N_("password and passkey"),
    ("role", "author"): N_("Author"),
    ("role", "editor"): N_("Editor"),
    ("role", "admin"): N_("Administrator"),
}


def detail(found: Mapping[str, object]) -> str:
    """Return what goes with a deed in the reader's language; what has no name as it is kept.

    A `reason` with `words` beside it is a refusal of the software's: its msgid and parameters.
    """
    shown = dict(found)
    words = shown.pop("words", None)
    if isinstance(words, Mapping):
        shown["reason"] = explain(WardsiteError(str(shown.get("reason", "")), **words))
    return "; ".join(
        f"{_(DETAILS[key]) if key in DETAILS else key}: {_value(key, value)}"
        for key, value in sorted(shown.items())
        if value not in ("", None)
    )


def _value(key: str, value: object) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if key == "browser":
        return browser_name(str(value)) or str(value)
    known = VALUES.get((key, str(value)))
    return str(_(known)) if known else str(value)


def deed(code: str) -> str:
    """Return what a deed is called in the reader's language; the code where it has no name."""
    return str(_(DEEDS[code])) if code in DEEDS else code
