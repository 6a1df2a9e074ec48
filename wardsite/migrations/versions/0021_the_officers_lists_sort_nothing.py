"""the officers' lists sort nothing, and look the beginnings of words up"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMNS = {"post": "title_folded", "image": "folded"}


def upgrade() -> None:
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_desk"))
        batch_op.create_index(
            "ix_post_desk",
            [
                "updated_at",
                "id",
                "status",
                "category_id",
                "author_id",
                "published_at",
                "withdraw_at",
                "title_folded",
            ],
            unique=False,
        )
        batch_op.create_index(
            "ix_post_desk_category",
            [
                "category_id",
                "updated_at",
                "id",
                "status",
                "author_id",
                "published_at",
                "withdraw_at",
            ],
            unique=False,
        )
    _make_words(" prefix = '1 2 3 4',")


def downgrade() -> None:
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("ix_post_desk_category")
        batch_op.drop_index("ix_post_desk")
        batch_op.create_index(
            batch_op.f("ix_post_desk"),
            [
                "updated_at",
                "status",
                "category_id",
                "author_id",
                "published_at",
                "withdraw_at",
                "title_folded",
            ],
            unique=False,
        )
    _make_words("")


def _make_words(option: str) -> None:
    """Make SQLite's tables of words anew; env.py makes the triggers that keep them."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, column in COLUMNS.items():
        words = f"search_fts_{table}"
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {words}_{event}")
        op.execute(f"DROP TABLE {words}")
        op.execute(
            f"CREATE VIRTUAL TABLE {words} USING fts5({column}, content = '{table}',"
            f" content_rowid = 'id', detail = none, columnsize = 0,{option}"
            " tokenize = 'unicode61 remove_diacritics 0')"
        )
        op.execute(f"INSERT INTO {words} ({words}) VALUES ('rebuild')")  # noqa: S608
