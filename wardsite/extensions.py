"""The Flask extensions, each made once; the database's pragmas and its one way to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import flask_babel
from flask import Flask, current_app, g, request
from flask_babel import Babel
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from sqlalchemy import Connection, MetaData, event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session

from wardsite.core.errors import WardsiteError
from wardsite.language import terminal_language
from wardsite.settings import TRANSLATIONS, Settings
from wardsite.unquoted import quote_nothing

LANGUAGE_KEY = "wardsite.language"
WRITING = 1_405_022_113  # any fixed number: the lock of PostgreSQL that writers hold
CHANNEL = "wardsite_content"  # PostgreSQL's NOTIFY when what residents see has changed

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class TokenAndOrigin(CSRFProtect):
    """Flask-WTF's token, and of where a post was made only what the browser says of it.

    Flask-WTF itself refuses every post over https without a Referer, which some browsers, privacy
    add-ons and proxies take out; Sec-Fetch-Site and Origin say the same and no more.
    """

    def protect(self, apply_exemptions: bool = False) -> None:
        """Raise CSRFError for a changing request without token or from another site."""
        super().protect(apply_exemptions)
        if request.method in current_app.config["WTF_CSRF_METHODS"] and not from_this_site():
            g.csrf_valid = False
            raise CSRFError("The request was made by another site.")


def from_this_site() -> bool:
    """Tell whether a page of this site sent the request, as far as the browser says.

    The first of Sec-Fetch-Site, Origin and Referer that is there decides: no page can write any of
    them. From a browser that sends none the answer is yes.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    sender = request.headers.get("Origin") or request.headers.get("Referer")
    if not sender:
        return True
    scheme, _, rest = sender.partition("://")
    return rest.partition("/")[0] == request.host and not (request.is_secure and scheme != "https")


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()
csrf = TokenAndOrigin()
babel = Babel()


class MissingCatalogueError(Exception):
    """The compiled Vietnamese catalogue is missing; pages would silently show English."""


def register_extensions(app: Flask, settings: Settings) -> None:
    """Bind the extensions to the app."""
    if not (TRANSLATIONS / "vi" / "LC_MESSAGES" / "messages.mo").exists():
        raise MissingCatalogueError("translations/vi: run script/setup to compile the catalogue")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=_database(app, settings),
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
        BABEL_DEFAULT_LOCALE="vi",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # TokenAndOrigin asks instead
        WTF_I18N_ENABLED=False,
    )
    db.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=current_language)
    app.jinja_env.globals["_"] = say
    with app.app_context():
        _listen(db.engine)


def say(words: str, /, **values: Any) -> Markup:
    """Return the program's own words in the language of the page, as `_()` of a template does.

    They are found once: Jinja and Flask-Babel together take an eighth of the time of a page to find
    them anew, of which it says some sixty, most without a value.
    """
    language = current_language()
    return _format(language, words) % values if values else _said(language, words)


@lru_cache(maxsize=4096)
def _said(language: str, words: str) -> Markup:
    return _format(language, words) % {}  # as Jinja's own: %% stands for %


@lru_cache(maxsize=4096)
def _format(language: str, words: str) -> Markup:
    with flask_babel.force_locale(language):
        return Markup(flask_babel.get_translations().ugettext(words))  # noqa: S704


def current_settings() -> Settings:
    """Return the machine settings of the application at hand."""
    found: Settings = current_app.extensions["wardsite"]
    return found


def current_language() -> str:
    """Return the language to speak: the address's (/en/…), or the terminal's outside a request."""
    try:
        return str(request.environ.get(LANGUAGE_KEY, "vi"))
    except RuntimeError:
        return terminal_language()


def explain(error: WardsiteError) -> str:
    """Return what went wrong in the language of whoever is to read it."""
    return error.said(flask_babel.gettext)


@contextmanager
def transaction(*, public: bool = True) -> Iterator[Session]:
    """Write once: BEGIN IMMEDIATE, then commit, or roll back when the body raises.

    The commit moves the content's version, so that every process makes its pages anew;
    `public=False` is for what no resident can see (sign-ins, counters).

    SQLite takes the write lock at the start, so that two writers wait for each other instead of one
    failing half-way when it upgrades from reading. PostgreSQL takes one of ours, to the same end:
    what is looked at in the body stays so until its change is written, and a code, an attempt or
    the last administrator counts once. Nothing slow (network, files) belongs inside.
    """
    db.session.rollback()
    db.session.connection(execution_options={"wardsite_write": True})
    try:
        if db.engine.dialect.name == "postgresql":
            db.session.execute(select(func.pg_advisory_xact_lock(WRITING)))
        yield db.session()
        if public:
            db.session.execute(text("UPDATE content_version SET number = number + 1"))
            if db.engine.dialect.name == "postgresql":
                db.session.execute(text(f"NOTIFY {CHANNEL}"))
        db.session.commit()
        if public:
            # Said after the commit: who hears it finds the change.
            current_app.extensions["content_version"].moved()
    except BaseException:
        db.session.rollback()
        raise


def _database(app: Flask, settings: Settings) -> str:
    """Return the address; of a damaged file one by which SQLite itself refuses every write."""
    if not app.config["DATABASE_DAMAGED"]:
        return settings.sqlalchemy_url
    where = quote(str(settings.instance / "wardsite.db"))
    return f"sqlite:///file:{where}?mode=ro&uri=true"


def _engine_options(settings: Settings) -> dict[str, Any]:
    # One connection a thread is kept: each holds its own page cache. A second one is for what is
    # read to be kept (serving/kept.py). What is written must not reach a log by way of an error
    # that quotes it.
    more = settings.threads + 2
    shared = {"pool_size": settings.threads, "max_overflow": more, "hide_parameters": True}
    if settings.database_url:
        return {**shared, "pool_pre_ping": True}
    return {**shared, "connect_args": {"timeout": 10}}


def _without_nul(
    _connection: Connection, _cursor: object, statement: str, values: Any, *_rest: object
) -> tuple[str, Any]:
    """Let what was typed with U+0000 find nothing, as on SQLite: PostgreSQL takes no such text."""
    if isinstance(values, dict) and any(isinstance(v, str) and "\0" in v for v in values.values()):
        values = {
            key: value.replace("\0", "\ufffd") if isinstance(value, str) else value
            for key, value in values.items()
        }
    return statement, values


def _listen(engine: Any) -> None:
    if engine.dialect.name != "sqlite":
        quote_nothing(engine)
        event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
        return

    writing = () if "mode" in engine.url.query else ("journal_mode=WAL",)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _record: object) -> None:
        # SQLAlchemy's begin event below says BEGIN itself, so the driver must not.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            *writing,
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "journal_size_limit=8388608",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("wardsite_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
