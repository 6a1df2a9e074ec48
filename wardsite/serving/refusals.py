"""Refusals in the server's log: who was turned away from where, for whoever looks after the server.

Not in the audit log, which only grows: strangers could fill it. Journald keeps its log in bounds.
No name that was typed is written, since people type passwords into the wrong field, and no address
of a person: a code stands for it, the same all day, so that a hundred refusals of one guesser are
seen to be one's. Who must block them finds the address in the proxy's own log, by the time.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from flask import Flask, Response, current_app, g, request
from flask_login import current_user

from wardsite.core.network import subscriber

STATUSES = (403, 429)


def register_refusals(app: Flask) -> None:
    """Write one line for every answer that refuses; a view says why in `g.refused` (a word)."""

    @app.after_request
    def write(response: Response) -> Response:
        why = g.get("refused", "")
        if why or response.status_code in STATUSES:
            app.logger.warning(
                "refused %s: %s %s %s from %s, account %s",
                response.status_code,
                why or "not allowed",
                request.method,
                request.url_rule or "-",
                caller_code(request.remote_addr or "", datetime.now(UTC)),
                current_user.user.id if current_user.is_authenticated else "-",
            )
        return response


def caller_code(address: str, now: datetime) -> str:
    """Return what stands for a network address in the log on the day of `now`.

    Made with the site's key: nobody without it can try all addresses until one fits.
    """
    key = str(current_app.secret_key).encode()
    seen = f"{now:%Y-%m-%d} {subscriber(address)}"
    return hmac.new(key, seen.encode(), hashlib.sha256).hexdigest()[:8]
