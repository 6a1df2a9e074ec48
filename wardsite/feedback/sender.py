"""What senders may do with what is held of them: take a copy, erase who they are, delete it all.

Whoever has the tracking code (mã tra cứu) is the sender: there is no other proof, and the code can
be neither guessed nor tried at will. What the law on personal data protection (Luật Bảo vệ dữ liệu
cá nhân 91/2025/QH15) gives whoever is concerned, at once and without asking an officer.
"""

from datetime import date, datetime
from typing import Any

from wardsite.accounts.service import record
from wardsite.core.errors import N_, NotFoundError
from wardsite.core.residents import keep_until
from wardsite.extensions import transaction
from wardsite.feedback.service import follow, new_code, rules
from wardsite.models import Feedback

CONTACT, MESSAGE = "contact", "message"
"""What may be erased: name and contact, or the message with its answer."""


def held_until(row: Feedback) -> date | None:
    """Return the day on which the message is deleted by itself; None until it is answered."""
    return keep_until(row.answered_at, rules().keep_months) if row.answered_at else None


def copy_of(row: Feedback) -> dict[str, Any]:
    """Return all that is held of the sender and the message, for a program to read.

    Times are UTC (ISO 8601), days the unit's own. Left out is who of the unit handles it.
    """
    until = held_until(row)
    published = row.published_at is not None
    return {
        "code": row.code,
        "subject": row.subject,
        "body": row.body,
        "place": row.place,
        "name": row.name,
        "contact": row.contact,
        "consent_at": row.consent_at.isoformat(),
        "may_publish": row.may_publish,
        "received_at": row.received_at.isoformat(),
        "due_on": row.due_on.isoformat(),
        "status": row.status,
        "answer": row.answer,
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
        "held_until": until.isoformat() if until else None,
        "public_subject": row.public_subject if published else "",
        "public_body": row.public_body if published else "",
        "public_answer": row.public_answer if published else "",
        "published_at": row.published_at.isoformat() if row.published_at else None,
    }


def erase(code: str, what: str, address: str, now: datetime) -> None:
    """Erase name and contact (CONTACT), or the whole message with its public answer (MESSAGE).

    Raises NotFoundError, TooManyAttemptsError; ValueError for anything else than the two.
    """
    if what not in (CONTACT, MESSAGE):
        raise ValueError(what)
    feedback_id = follow(code, address, now).id
    with transaction(public=what == MESSAGE) as session:
        row = session.get(Feedback, feedback_id)
        if row is None or row.erased_at is not None:
            raise NotFoundError(N_("No feedback found with this code."))
        record(session, now, "system", f"feedback-sender-{what}", str(row.id))
        row.name = row.contact = ""
        row.updated_at = now
        if what == CONTACT:
            row.sender_erased_contact_at = now
        else:
            _delete(row, now)


def _delete(row: Feedback, now: datetime) -> None:
    # The row stays for officers to see that it is gone; the code leads to it no more.
    row.subject = row.body = row.place = row.answer = ""
    row.public_subject = row.public_body = row.public_answer = ""
    row.published_at, row.may_publish = None, False
    row.code = new_code()
    row.erased_at = row.sender_erased_message_at = now
