"""PostgreSQL's errors without the data that they quote, so that no log and no page shows it."""

import re

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext

_VALUE = re.compile(r': ".*"$', re.DOTALL)


def quote_nothing(engine: Engine) -> None:
    """Let the errors that `engine` raises name tables and rules, never what was in a row.

    PostgreSQL's DETAIL shows the key that is there already, or the whole row that breaks a rule;
    CONTEXT shows statements, and the end of a message the value that could not be read.
    """
    event.listen(engine, "handle_error", _cut)


def _cut(context: ExceptionContext) -> None:
    original = context.original_exception
    said = getattr(getattr(original, "diag", None), "message_primary", None)
    if said is None:  # not said by the server
        return
    whole, plain = str(original), _VALUE.sub("", said)
    for error in (original, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(str(part).replace(whole, plain) for part in error.args)
