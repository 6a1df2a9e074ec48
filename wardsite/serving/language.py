"""/en/… is the same site in English: the prefix joins SCRIPT_NAME, so that links keep it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import flask
from flask import has_request_context, request

from wardsite.extensions import LANGUAGE_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/en"


class LanguagePrefix:
    """WSGI middleware that reads the language off the path."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == PREFIX or path.startswith(PREFIX + "/"):
            environ[LANGUAGE_KEY] = "en"
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX
            environ["PATH_INFO"] = path[len(PREFIX) :] or "/"
        return self.application(environ, start_response)


def path_in(language: str) -> str:
    """Return the path of this very page in `language`, query included."""
    root = request.script_root.removesuffix(PREFIX)
    query = request.query_string.decode("utf-8", "replace")
    path = request.path + (f"?{query}" if query else "")
    return root + (PREFIX if language == "en" else "") + path


def url_for(endpoint: str, /, **values: Any) -> str:
    """Return what Flask's `url_for` does, for an endpoint named in full; addresses are kept."""
    if not has_request_context():
        return flask.url_for(endpoint, **values)
    try:
        return _url_for(request.script_root, endpoint, **values)
    except TypeError:  # a value that has no hash: a list
        return flask.url_for(endpoint, **values)


@lru_cache(maxsize=512, typed=True)
def _url_for(_root: str, endpoint: str, /, **values: Any) -> str:
    return flask.url_for(endpoint, **values)


def plain_url(endpoint: str, **values: Any) -> str:
    """Return the address of what has no language (pictures, files, style), for caches to share."""
    url = url_for(endpoint, **values)
    root = request.script_root
    if root.endswith(PREFIX):
        return root.removesuffix(PREFIX) + url.removeprefix(root)
    return url
