"""The table of contents: how the rooms become one application. Calls only."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from wardsite.accounts import admin as accounts_admin
from wardsite.accounts import views as accounts_views
from wardsite.accounts.cookie import SessionCookie
from wardsite.accounts.secret import secret_key
from wardsite.central import admin as central_admin
from wardsite.central import views as central_views
from wardsite.documents import admin as documents_admin
from wardsite.documents import findable as documents_findable
from wardsite.documents import views as documents_views
from wardsite.extensions import db, register_extensions
from wardsite.feedback import admin as feedback_admin
from wardsite.feedback import findable as feedback_findable
from wardsite.feedback import views as feedback_views
from wardsite.media import admin as media_admin
from wardsite.media import views as media_views
from wardsite.news import admin as news_admin
from wardsite.news import files as news_files
from wardsite.news import findable as news_findable
from wardsite.news import flow as news_flow
from wardsite.news import kinds as news_kinds
from wardsite.news import views as news_views
from wardsite.pages import admin as pages_admin
from wardsite.pages import findable as pages_findable
from wardsite.pages import views as pages_views
from wardsite.serving import health
from wardsite.serving.assets import register_assets
from wardsite.serving.cache import PageCache
from wardsite.serving.compiled import CompiledTemplates, Templates
from wardsite.serving.converters import LateRule, RowNumberConverter
from wardsite.serving.headers import register_headers
from wardsite.serving.kept import Kept
from wardsite.serving.language import LanguagePrefix
from wardsite.serving.limits import SMALL, register_limits
from wardsite.serving.page_store import FOLDER, PageStore
from wardsite.serving.refusals import register_refusals
from wardsite.serving.version import content_version
from wardsite.serving.withdrawal import last_withdrawal
from wardsite.settings import Settings, load_settings
from wardsite.site import admin as site_admin
from wardsite.site import audit_admin, offline, paper, privacy
from wardsite.site import help as site_help
from wardsite.site import officers as officers_admin
from wardsite.site import programs as site_programs
from wardsite.site import search as site_search
from wardsite.site import views as site_views
from wardsite.site.errors import register_errors
from wardsite.site.freshness import register_freshness
from wardsite.site.layout import register_layout
from wardsite.site.visits import VisitCounter
from wardsite.sources import admin as sources_admin
from wardsite.sources import findable as sources_findable
from wardsite.sources import views as sources_views

PUBLIC = (
    health,
    site_views,
    site_search,
    site_programs,
    offline,
    news_views,
    documents_views,
    sources_views,
    pages_views,
    feedback_views,
    media_views,
    central_views,
    accounts_views,
    privacy,
)
OFFICERS = (
    site_admin,
    news_admin,
    news_files,
    news_flow,
    news_kinds,
    paper,
    documents_admin,
    media_admin,
    sources_admin,
    feedback_admin,
    pages_admin,
    officers_admin,
    central_admin,
    accounts_admin,
    audit_admin,
    site_help,
    privacy,
)
FINDABLE = (
    news_findable,
    documents_findable,
    pages_findable,
    feedback_findable,
    sources_findable,
)


def create_app(settings: Settings | None = None, *, damaged: bool = False) -> Flask:
    """Return the application for an instance; raises SettingsError when it cannot be used.

    With `damaged` its database is opened for reading alone: what is whole is shown, and nothing is
    written to a file that is going to be replaced by a backup.
    """
    settings = settings or load_settings()
    app = Flask(__name__, static_folder=None)
    app.extensions["wardsite"] = settings
    app.jinja_environment = Templates
    app.session_interface = SessionCookie()
    app.url_rule_class = LateRule
    app.url_map.converters["int"] = RowNumberConverter
    app.config["DATABASE_DAMAGED"] = damaged
    _configure(app, settings)
    register_limits(app)
    register_extensions(app, settings)
    register_headers(app, settings)
    register_refusals(app)
    register_layout(app)
    register_errors(app)
    register_assets(app)
    register_freshness(app)
    for kind in FINDABLE:
        kind.register()
    for room in PUBLIC:
        app.register_blueprint(room.bp)
    for room in OFFICERS:
        app.register_blueprint(room.admin_bp)
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, 0)  # type: ignore[method-assign]
    version = app.extensions["content_version"] = content_version(settings)
    app.extensions["kept"] = Kept(version)
    visits = app.extensions["visits"] = VisitCounter(app)
    app.wsgi_app = PageCache(  # type: ignore[method-assign]
        app.wsgi_app,
        version,
        settings.hosts,
        withdrawn_at=last_withdrawal(settings),
        store=PageStore(settings.instance / FOLDER),
        sent=visits.note,
    )
    return app


def close_app(app: Flask) -> None:
    """Close the connections that an application keeps: the end of a command or of a test."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["content_version"].close()


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=secret_key(settings.instance),
        SESSION_COOKIE_NAME=settings.session_cookie,
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.served_over_https,
        TRUSTED_HOSTS=list(settings.hosts) or None,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=SMALL,
        MAX_FORM_PARTS=500,
    )
    app.jinja_env.bytecode_cache = CompiledTemplates()
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
