"""The text of attached files, read out after the upload so that the search finds them.

Called from the tick, never from a request: a file of hundreds of pages takes its child minutes.
"""

from datetime import datetime

from flask import current_app

from wardsite.documents.extract import TextUnreadableError, read_text
from wardsite.extensions import transaction
from wardsite.media import attachments

FILES_A_TICK = 20


def read_waiting(now: datetime) -> int:
    """Read out the files that wait, a few at a time; return how many were dealt with.

    A file whose text cannot be read is marked so and not tried again. `now` is the tick's moment.
    """
    rows = attachments.waiting(FILES_A_TICK)
    for row in rows:
        try:
            text = read_text(attachments.path_of(row), row.kind, whole=True)
        except TextUnreadableError as error:
            current_app.logger.info("attachment %s: no text (%s)", row.id, error.reason)
            text = ""
        with transaction() as session:
            attachments.set_text(session, row.id, text)
    return len(rows)
