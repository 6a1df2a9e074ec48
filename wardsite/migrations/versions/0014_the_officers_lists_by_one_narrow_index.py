"""the officers' lists by one narrow index"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_image_created_at"))
        batch_op.create_index("ix_image_find", ["created_at", "folded"], unique=False)

    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_updated_at"))
        batch_op.drop_index(batch_op.f("ix_post_category"))
        batch_op.create_index(
            "ix_post_category",
            ["category_id", "status", "pinned", "published_at", "withdraw_at"],
            unique=False,
        )
        batch_op.drop_index(batch_op.f("ix_post_topic"))
        batch_op.create_index(
            "ix_post_topic", ["topic", "status", "published_at", "withdraw_at"], unique=False
        )
        batch_op.create_index(
            "ix_post_desk",
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
        batch_op.create_index("ix_post_own", ["author_id", "status", "updated_at"], unique=False)
        batch_op.create_index(
            "ix_post_returned",
            ["author_id", "status"],
            unique=False,
            sqlite_where=sa.text("return_comment != ''"),
            postgresql_where=sa.text("return_comment != ''"),
        )


def downgrade() -> None:
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_post_returned",
            sqlite_where=sa.text("return_comment != ''"),
            postgresql_where=sa.text("return_comment != ''"),
        )
        batch_op.drop_index("ix_post_own")
        batch_op.drop_index("ix_post_desk")
        batch_op.drop_index("ix_post_topic")
        batch_op.create_index(
            batch_op.f("ix_post_topic"), ["topic", "status", "published_at"], unique=False
        )
        batch_op.drop_index("ix_post_category")
        batch_op.create_index(
            batch_op.f("ix_post_category"),
            ["category_id", "status", "pinned", "published_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_post_updated_at"), ["updated_at"], unique=False)

    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.drop_index("ix_image_find")
        batch_op.create_index(batch_op.f("ix_image_created_at"), ["created_at"], unique=False)
