"""theme and offline reading of the site"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site_profile", schema=None) as batch_op:
        batch_op.add_column(sa.Column("theme", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("offline", sa.Boolean(), server_default=sa.true(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("site_profile", schema=None) as batch_op:
        batch_op.drop_column("offline")
        batch_op.drop_column("theme")
