"""How published answers are found by a search: in the anonymised words, never in the sender's."""

from collections.abc import Iterable

from wardsite.models import Feedback
from wardsite.search.index import Entry, searchable


def register() -> None:
    """Keep published answers findable."""
    searchable(Feedback, entries)


def entries(row: Feedback) -> Iterable[Entry]:
    """Return what is found of a message: the published question and answer; nothing before."""
    if row.published_at is None:
        return ()
    return (
        Entry(
            kind="answer",
            title=row.public_subject,
            body=f"{row.public_body}\n{row.public_answer}",
            url=f"/phan-anh/tra-loi/{row.id}",
            at=row.published_at,
        ),
    )
