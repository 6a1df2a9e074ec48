"""The session cookie, readable by a host whose clock is a little behind the one that wrote it.

Flask refuses a cookie that seems to come from the future: of two hosts on one database, the one
whose clock is a second behind would sign an officer out, and drop the first of two steps.
"""

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from wardsite.accounts.throttle import CLOCK_SLACK


class Signer(TimestampSigner):
    """Dates what it signs back by CLOCK_SLACK; what it reads is judged by the present."""

    _back = 0

    def get_timestamp(self) -> int:
        return super().get_timestamp() - self._back

    def sign(self, value: str | bytes) -> bytes:
        self._back = int(CLOCK_SLACK.total_seconds())
        try:
            return super().sign(value)
        finally:
            self._back = 0


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie with our signer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer: Any = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = Signer
        return serializer  # type: ignore[no-any-return]
