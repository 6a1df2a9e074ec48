"""the search"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The words come folded from core.search, so the tokenizer has nothing left to take off.
SQLITE = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(kind, title, body, code, title_exact, body_exact,"
    " tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')",
    "CREATE VIRTUAL TABLE search_words USING fts5vocab('search_fts', 'row')",
)
POSTGRESQL = (
    "CREATE TABLE search_vector (id bigint PRIMARY KEY, folded tsvector NOT NULL,"
    " exact tsvector NOT NULL)",
    "CREATE INDEX ix_search_vector_folded ON search_vector USING gin (folded)",
    "CREATE INDEX ix_search_vector_exact ON search_vector USING gin (exact)",
)


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visible_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visible_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_entry_owner"), ["owner"], unique=False)

    # The words themselves: each database has its own way of keeping them (search/store.py).
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
