"""Static files under names that hold their content's hash: browsers keep them for good."""

import hashlib
from pathlib import Path

from flask import Blueprint, Flask, abort, current_app, send_from_directory
from flask.typing import ResponseReturnValue

from wardsite.serving.language import plain_url

ONE_YEAR = 31_536_000  # seconds
ONE_HOUR = 3_600  # seconds

bp = Blueprint("assets", __name__)


class Assets:
    """The static files of the software, read once at start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hashed: dict[str, str] = {}
        self.plain: dict[str, str] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
                stem, dot, suffix = name.rpartition(".")
                self.hashed[name] = f"{stem}.{digest}{dot}{suffix}"
        self.plain = {hashed: name for name, hashed in self.hashed.items()}


def register_assets(app: Flask) -> None:
    """Serve the package's `static` folder."""
    app.extensions["wardsite.assets"] = Assets(Path(app.root_path) / "static")
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """Return the address of a static file under its hashed name. Raises KeyError: no such file."""
    return plain_url("assets.static", name=_assets().hashed[name])


@bp.get("/static/<path:name>")
def static(name: str) -> ResponseReturnValue:
    """Send a static file: for good under its hashed name, for an hour under its plain one.

    Style sheets name their pictures plainly.
    """
    assets = _assets()
    plain = assets.plain.get(name)
    if plain is None and name not in assets.hashed:
        abort(404)
    response = send_from_directory(
        assets.folder, plain or name, max_age=ONE_YEAR if plain else ONE_HOUR
    )
    response.cache_control.public = True
    response.cache_control.immutable = bool(plain)
    return response


def _assets() -> Assets:
    found: Assets = current_app.extensions["wardsite.assets"]
    return found
