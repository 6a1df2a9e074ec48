"""The schema's version: migrate an older one, refuse a newer one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError

from wardsite.core.errors import N_, WardsiteError
from wardsite.ops.schema import revisions
from wardsite.serving.disk import takes_writing
from wardsite.settings import Settings
from wardsite.unquoted import quote_nothing

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class DatabaseNewerError(WardsiteError):
    """The database was written by a newer version of the software."""


class DatabaseOlderError(WardsiteError):
    """The database has not been migrated to this version of the software yet."""


class DatabaseError(WardsiteError):
    """The database cannot be opened."""


def alembic_config() -> "Config":
    """Return Alembic's configuration, without a file."""
    # Imported here, as below: the site does not need Alembic in memory to answer.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(settings: Settings) -> bool:
    """Bring the database to this software's schema; tell whether there was anything to do.

    Raises DatabaseNewerError, leaving it untouched, and DatabaseError when it cannot be opened.
    """
    with _opened(settings) as engine:
        if _is_current(engine):
            return False
        from alembic import command

        config = alembic_config()
        config.attributes["engine"] = engine
        config.attributes["instance"] = settings.instance
        command.upgrade(config, "head")
        return True


def check_schema(settings: Settings) -> None:
    """Raise unless the database is there and of this software's schema; changes nothing.

    Raises DatabaseError, DatabaseNewerError, DatabaseOlderError.
    """
    if not settings.database_url and not (settings.instance / "wardsite.db").exists():
        raise DatabaseError(
            N_("The database %(file)s is missing."), file=str(settings.instance / "wardsite.db")
        )
    with _opened(settings) as engine:
        if not settings.database_url and _revision(engine) is None:
            # Emptied, not old: an instance has its tables from the beginning.
            raise DatabaseError(N_("The database is empty: it holds none of the site’s tables."))
        if not _is_current(engine):
            raise DatabaseOlderError(
                N_("The database is from an older version of wardsite. Run: wardsite upgrade")
            )


@contextmanager
def _opened(settings: Settings) -> Iterator[Engine]:
    engine = migration_engine(settings.sqlalchemy_url)
    try:
        yield engine
    except SQLAlchemyError as error:
        if not settings.database_url and not takes_writing(settings.instance):
            raise DatabaseError(
                N_("The database cannot be opened: the disk is full or read-only.")
            ) from error
        raise DatabaseError(
            N_("The database cannot be opened. Technical detail: “%(reason)s”"),
            reason=str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0],
        ) from error
    finally:
        engine.dispose()


def _is_current(engine: Engine) -> bool:
    present = _revision(engine)
    if present is not None:
        check_known(present)
    return present == revisions()[-1]


def check_known(revision: str) -> None:
    """Raise DatabaseNewerError when this software does not know the schema's version."""
    if revision not in revisions():
        raise DatabaseNewerError(
            N_(
                "The database was written by a newer version of wardsite (%(revision)s). "
                "Install that version, or restore a backup made with this one."
            ),
            revision=revision,
        )


def migration_engine(url: str) -> Engine:
    """Return an engine on which a migration is one transaction, tables and all.

    Foreign keys stay off: SQLite changes a table by making it anew, and dropping the old one would
    delete what refers to it.
    """
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_begin_to_us)
        event.listen(engine, "begin", _begin)
    else:
        quote_nothing(engine)
    return engine


def _leave_begin_to_us(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=10000")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found
