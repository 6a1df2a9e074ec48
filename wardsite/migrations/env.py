"""Alembic's entry: runs the migrations on the engine it is handed, in one transaction."""

from alembic import context

from wardsite import models  # noqa: F401  (fills the metadata)
from wardsite.extensions import Base

config = context.config
engine = config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        # The tables that FTS5 keeps for itself are no business of a migration.
        include_name=lambda name, kind, _parents: kind != "table"
        or not (name or "").startswith("search_"),
    )
    with context.begin_transaction():
        context.run_migrations()
