"""public posts counted along an index"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("ix_post_public")
        batch_op.create_index(
            "ix_post_public", ["status", "pinned", "published_at", "withdraw_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("ix_post_public")
        batch_op.create_index("ix_post_public", ["status", "pinned", "published_at"], unique=False)
