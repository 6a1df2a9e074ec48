"""How much a request may send before anything reads it."""

from flask import Flask, request

SMALL = 2 * 1024 * 1024
"""Bytes of what comes without files: Werkzeug reads such a body into memory whole."""


def register_limits(app: Flask) -> None:
    """Hold strangers and plain forms to SMALL; only officers' uploads may be larger.

    Must come before what reads forms (the CSRF check does). Larger bodies are answered 413.
    """

    @app.before_request
    def limit_body() -> None:
        upload = request.mimetype == "multipart/form-data" and "/quan-tri/" in request.path
        if not upload:
            request.max_content_length = SMALL
