"""Refusals in the server's log: who was turned away from where, for whoever looks after the server.

Not in the audit trail, which only grows: strangers could fill it. Journald keeps its log in bounds.
No name that was typed is written, since people type passwords into the wrong field.
"""

from flask import Flask, Response, g, request
from flask_login import current_user

STATUSES = (403, 429)


def register_refusals(app: Flask) -> None:
    """Write one line for every answer that refuses; a view says why in `g.refused` (a word)."""

    @app.after_request
    def write(response: Response) -> Response:
        why = g.get("refused", "")
        if why or response.status_code in STATUSES:
            app.logger.warning(
                "refused %s: %s %s %r from %r, account %s",
                response.status_code,
                why or "not allowed",
                request.method,
                request.path[:200],
                request.remote_addr,
                current_user.user.id if current_user.is_authenticated else "-",
            )
        return response
