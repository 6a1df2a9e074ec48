"""The verbs of the residents' desk: the only writer of feedback.

Only what the sender chose to give is kept, only for the time the form states.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from wardsite.accounts.service import SignedIn, record
from wardsite.accounts.throttle import TooManyAttemptsError, attempts, count_attempt
from wardsite.core.errors import N_, NotAllowedError, NotFoundError, WardsiteError
from wardsite.core.network import subscriber
from wardsite.core.residents import due_on, keep_until, personal_data_in
from wardsite.core.vi import to_local
from wardsite.extensions import db, transaction
from wardsite.models import Feedback, FeedbackRules, User
from wardsite.serving.paging import Page, paginate

PAGE_SIZE = 20
STATUSES = {
    "new": N_("New"),
    "open": N_("In progress"),
    "answered": N_("Answered"),
    "declined": N_("Outside our remit"),
}
OPEN = ("new", "open")
WINDOW = timedelta(hours=1)
FORM_LIVES = timedelta(hours=13)
"""How long a used form is remembered: a little longer than one may stay open."""
MAX_FROM_ADDRESS = 5
MAX_LOOKUPS = 20
UNDER_ATTACK = 30
"""Messages an hour, from all addresses together, beyond which everyone is asked a question."""
_ALL = "feedback:all"
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is read as another


class FeedbackClosedError(WardsiteError):
    """The unit takes no feedback on this site now."""


class FormUsedError(WardsiteError):
    """The question on this form was answered before, with another message."""


class AnswerMissingError(WardsiteError):
    """There is nothing to answer with."""


class ErasedBySenderError(NotFoundError):
    """The sender has deleted the message: there is nothing left to read or to do."""


class PersonalDataError(WardsiteError):
    """The words to publish could tell who the sender is."""


@dataclass(frozen=True)
class Message:
    """What a resident sends; name and contact may be empty."""

    subject: str
    body: str
    place: str = ""
    name: str = ""
    contact: str = ""
    may_publish: bool = False


def rules() -> FeedbackRules:
    """Return how the unit handles feedback; its defaults until somebody saves others."""
    found = db.session.get(FeedbackRules, 1)
    return found or FeedbackRules(id=1, open=True, days=15, keep_months=12, holidays=[])


def save_rules(
    officer: SignedIn, *, open_: bool, days: int, keep_months: int, holidays: Sequence[date],
    now: datetime,
) -> None:  # fmt: skip
    """Change the rules, for messages that come from now on. Raises NotAllowedError."""
    officer.demand("admin")
    with transaction() as session:
        row = session.get(FeedbackRules, 1) or FeedbackRules(id=1)
        row.open, row.days, row.keep_months = open_, days, keep_months
        row.holidays = [day.isoformat() for day in holidays]
        session.add(row)
        record(session, now, officer.user.name, "feedback-rules")


def receive(message: Message, address: str, now: datetime, mark: str = "") -> Feedback:
    """Take a message in; the form with this `mark`, if any, has then been used.

    Raises FeedbackClosedError, FormUsedError, TooManyAttemptsError.
    """
    own = rules()
    if not own.open:
        raise FeedbackClosedError(N_("The unit is not currently accepting feedback on this site."))
    holidays = [date.fromisoformat(day) for day in own.holidays]
    if mark:
        _use_up(mark, now)
    with transaction(public=False) as session:
        count_attempt(session, _key(address, "send"), MAX_FROM_ADDRESS, WINDOW, now)
        count_attempt(session, _ALL, 1_000_000, WINDOW, now)
    with transaction(public=False) as session:
        row = Feedback(
            code=new_code(),
            **message.__dict__,
            consent_at=now,
            received_at=now,
            due_on=due_on(now, own.days, holidays),
            updated_at=now,
        )
        session.add(row)
        session.flush()
    return row


def under_attack(now: datetime) -> bool:
    """Tell whether so much comes in that everyone is asked a question first."""
    return attempts(_ALL, now) >= UNDER_ATTACK


def follow(code: str, address: str, now: datetime) -> Feedback:
    """Return the message with this code. Raises NotFoundError, TooManyAttemptsError."""
    with transaction(public=False) as session:
        count_attempt(session, _key(address, "follow"), MAX_LOOKUPS, WINDOW, now)
    typed = "".join(code.upper().split()).replace("-", "")
    found = db.session.scalar(
        select(Feedback).where(Feedback.code == typed, Feedback.erased_at.is_(None))
    )
    if found is None:
        raise NotFoundError(N_("No feedback found with this code."))
    return found


def published_page(number: int) -> Page[Feedback]:
    """Return a page of published answers, newest first. Raises NotFoundError."""
    rows = select(Feedback).where(Feedback.published_at.is_not(None))
    return paginate(rows.order_by(Feedback.published_at.desc(), Feedback.id.desc()), number, 10)


def published_answer(feedback_id: int) -> Feedback:
    """Return a published answer; raises NotFoundError."""
    found = db.session.get(Feedback, feedback_id)
    if found is None or found.published_at is None:
        raise NotFoundError
    return found


def inbox(officer: SignedIn, status: str, today: date, number: int) -> Page[Feedback]:
    """Return a page of the inbox, what is due first on top; authors see what is assigned to them.

    `status` is one of STATUSES, `overdue`, `in-time`, `mine`, `erased` for what senders deleted, or
    empty for all that is open.
    """
    rows = visible(officer, erased=status == "erased")
    if status == "erased":
        newest = Feedback.sender_erased_message_at.desc()
        return paginate(rows.order_by(newest, Feedback.id), number, PAGE_SIZE)
    if status == "overdue":
        rows = rows.where(Feedback.status.in_(OPEN), Feedback.due_on < today)
    elif status == "in-time":
        rows = rows.where(Feedback.status.in_(OPEN), Feedback.due_on >= today)
    elif status == "mine":
        rows = rows.where(Feedback.status.in_(OPEN), Feedback.assignee_id == officer.user.id)
    elif status in STATUSES:
        rows = rows.where(Feedback.status == status)
    else:
        rows = rows.where(Feedback.status.in_(OPEN))
    return paginate(rows.order_by(Feedback.due_on, Feedback.id), number, PAGE_SIZE)


def visible(officer: SignedIn, *, erased: bool = False) -> Select[Feedback]:
    """Return what the officer may see: editors all, authors what is assigned to them.

    `erased`: the traces of what senders have deleted instead.
    """
    gone = Feedback.sender_erased_message_at.is_not(None)
    rows = select(Feedback).where(gone if erased else Feedback.erased_at.is_(None))
    return rows if officer.may("editor") else rows.where(Feedback.assignee_id == officer.user.id)


def message(officer: SignedIn, feedback_id: int) -> Feedback:
    """Return a message the officer may see.

    Raises NotFoundError, of it ErasedBySenderError; NotAllowedError.
    """
    return _visible(db.session(), officer, feedback_id)


def trace(feedback_id: int) -> Feedback:
    """Return what is left of a message that its sender deleted: no word, only when it was."""
    return db.session.get_one(Feedback, feedback_id)


def assign(officer: SignedIn, feedback_id: int, user_id: int | None, now: datetime) -> None:
    """Give a message to an officer to handle. Raises NotAllowedError, NotFoundError."""
    officer.demand("editor")
    with transaction(public=False) as session:
        row = _visible(session, officer, feedback_id)
        user = session.get(User, user_id) if user_id else None
        row.assignee_id = user.id if user is not None and user.active else None
        if row.status == "new":
            row.status = "open"
        row.updated_at = now
        record(
            session, now, officer.user.name, "feedback-assign", str(row.id),
            to=user.name if user else "",
        )  # fmt: skip


def answer(
    officer: SignedIn, feedback_id: int, text: str, now: datetime, *, status: str = "answered"
) -> None:
    """Answer, or with `declined` say why it is not for the unit. Raises AnswerMissingError."""
    if not text.strip():
        raise AnswerMissingError(N_("Enter the answer."))
    with transaction(public=False) as session:
        row = _visible(session, officer, feedback_id)
        row.answer, row.status = text, status
        row.answered_at = row.answered_at or now
        row.updated_at = now
        record(session, now, officer.user.name, f"feedback-{status}", str(row.id))


def publish(
    officer: SignedIn, feedback_id: int, subject: str, body: str, reply: str, now: datetime
) -> None:
    """Show a question and its answer to all, in words that do not tell who sent it.

    Raises NotAllowedError (also when the sender did not ask for it), PersonalDataError.
    """
    officer.demand("editor")
    with transaction() as session:
        row = _visible(session, officer, feedback_id)
        if not row.may_publish or not row.answer:
            raise NotAllowedError(
                N_(
                    "The sender did not agree to publication, "
                    "or the feedback has not been answered."
                )
            )
        for text in (subject, body, reply):
            found = personal_data_in(text, row.name, row.contact)
            if found:
                raise PersonalDataError(
                    N_("Remove this before publishing: %(found)s"), found="; ".join(found)
                )
        row.public_subject, row.public_body, row.public_answer = subject, body, reply
        row.published_at = now
        row.updated_at = now
        record(session, now, officer.user.name, "feedback-publish", str(row.id))


def withdraw(officer: SignedIn, feedback_id: int, now: datetime) -> None:
    """Take a published answer off the site. Raises NotAllowedError, NotFoundError."""
    officer.demand("editor")
    with transaction() as session:
        row = _visible(session, officer, feedback_id)
        row.published_at = None
        row.updated_at = now
        record(session, now, officer.user.name, "feedback-withdraw", str(row.id))


def erase(officer: SignedIn, feedback_id: int, now: datetime) -> None:
    """Delete what a sender wrote, on request. Raises NotAllowedError, NotFoundError."""
    officer.demand("editor")
    with transaction() as session:
        row = _visible(session, officer, feedback_id)
        record(session, now, officer.user.name, "feedback-erase", str(row.id))
        _forget(session, row, now)


def tidy(now: datetime) -> int:
    """Forget what is past its retention time; return how many messages went.

    The time runs from the answer; what was never answered goes by the day it was due.
    """
    months, today = rules().keep_months, to_local(now).date()
    oldest = now - timedelta(days=28 * months)  # no month is shorter: what is younger is not read
    rows = select(Feedback).where(Feedback.erased_at.is_(None), Feedback.received_at < oldest)
    gone = 0
    if any(_is_over(row, months, today) for row in db.session.scalars(rows)):
        with transaction() as session:
            for row in session.scalars(rows).all():
                if _is_over(row, months, today):  # as it is now: it may have been answered since
                    _forget(session, row, now)
                    gone += 1
            record(session, now, "system", "feedback-retention", count=gone)
    _drop_traces(months, today)
    return gone


def _is_over(row: Feedback, months: int, today: date) -> bool:
    over = keep_until(row.answered_at or row.received_at, months) <= today
    return over and (row.answered_at is not None or row.due_on < today)


def counts(officer: SignedIn, today: date) -> tuple[int, int]:
    """Return how many messages the officer sees that are open, and of these overdue."""
    rows = visible(officer).where(Feedback.status.in_(OPEN)).subquery()
    open_ = db.session.scalar(select(func.count()).select_from(rows)) or 0
    late = select(func.count()).select_from(rows).where(rows.c.due_on < today)
    return open_, db.session.scalar(late) or 0


def assigned(user_id: int) -> list[Feedback]:
    """Return the open messages that an officer is to handle."""
    return list(db.session.scalars(_still_open(user_id).order_by(Feedback.due_on)))


def hand_over(session: Session, from_id: int, to_id: int | None) -> int:
    """Move open messages between officers in the caller's transaction; return how many."""
    rows = session.scalars(_still_open(from_id)).all()
    for row in rows:
        row.assignee_id = to_id
    return len(rows)


def for_export(officer: SignedIn, now: datetime) -> list[Feedback]:
    """Return all messages, for a table to take away; noted in the audit log. Editors only."""
    officer.demand("editor")
    rows = list(db.session.scalars(visible(officer).order_by(Feedback.received_at)))
    with transaction(public=False) as session:
        record(session, now, officer.user.name, "feedback-export", count=len(rows))
    return rows


def shown_code(code: str) -> str:
    """Return a code in groups that can be read aloud: ABCD-EFGH-JK."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _use_up(mark: str, now: datetime) -> None:
    try:
        with transaction(public=False) as session:
            count_attempt(session, f"feedback:form:{mark}", 1, FORM_LIVES, now)
    except TooManyAttemptsError as error:
        raise FormUsedError(
            N_("This form has already been sent. Please answer the new question and send it again.")
        ) from error


def _forget(session: Session, row: Feedback, now: datetime) -> None:
    if row.published_at is None:
        session.delete(row)
        return
    row.subject = row.body = row.place = row.name = row.contact = row.answer = ""
    row.assignee_id = None
    row.erased_at = now


def _still_open(user_id: int) -> Select[Feedback]:
    return select(Feedback).where(
        Feedback.assignee_id == user_id, Feedback.status.in_(OPEN), Feedback.erased_at.is_(None)
    )


def _drop_traces(months: int, today: date) -> None:
    with_trace = select(Feedback).where(Feedback.sender_erased_message_at.is_not(None))
    old = [
        row.id
        for row in db.session.scalars(with_trace)
        if row.sender_erased_message_at
        and keep_until(row.sender_erased_message_at, months) <= today
    ]
    if old:
        with transaction(public=False) as session:
            session.execute(delete(Feedback).where(Feedback.id.in_(old)))


def _visible(session: Session, officer: SignedIn, feedback_id: int) -> Feedback:
    found = session.get(Feedback, feedback_id)
    if found is None or (found.erased_at and not found.sender_erased_message_at):
        raise NotFoundError
    if not officer.may("editor") and found.assignee_id != officer.user.id:
        raise NotAllowedError(N_("This feedback is not assigned to you."))
    if found.sender_erased_message_at:
        raise ErasedBySenderError(N_("The sender has deleted this feedback."))
    return found


def new_code() -> str:
    """Return a tracking code: 59 random bits in letters that are not read as others."""
    return "".join(secrets.choice(_CODE_LETTERS) for _letter in range(12))


def _key(address: str, what: str) -> str:
    """Return the key that an address is counted by; the address itself is not kept."""
    secret = current_app.secret_key
    seed = f"{secret!r}:{subscriber(address)}".encode()
    return f"feedback:{what}:{hashlib.sha256(seed).hexdigest()[:32]}"
