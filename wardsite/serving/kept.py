"""What every page needs of the database, kept in this process until anything is committed there.

The menu, the profile, what is mandated: the same rows for page after page. They are read again
after any commit at all, a sign-in's too, so that nobody has to know which commit changes what.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from flask import current_app, has_request_context, request

from wardsite.serving.version import ContentVersion

_T = TypeVar("_T")


class Kept:
    """Values by name, all of them made since the last commit."""

    def __init__(self, version: ContentVersion) -> None:
        self._version = version
        self._values: tuple[Hashable, dict[Hashable, Any]] = (None, {})

    def get(self, name: Hashable, make: Callable[[], _T]) -> _T:
        """Return what `make` returns, which reads the database in a session of its own.

        Its rows belong to no session then: what is not loaded with them cannot be asked of them.
        """
        # Asked before the session begins: what it reads is at least as new.
        stamp = self._version.stamp()
        if stamp is None:
            return make()
        if self._values[0] != stamp:
            self._values = (stamp, {})
        values = self._values[1]
        if name not in values:
            with current_app.app_context():
                values[name] = make()
        found: _T = values[name]
        return found


def kept(name: Hashable, make: Callable[[], _T]) -> _T:
    """Return what `make` returns, made once for what is committed (`Kept.get`).

    Only for who reads: who writes has to see what is not committed yet.
    """
    if not has_request_context() or request.method not in ("GET", "HEAD"):
        return make()
    store: Kept = current_app.extensions["kept"]
    return store.get(name, make)
