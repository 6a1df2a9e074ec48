"""a second factor may be demanded"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site_profile", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "second_factor_required", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("site_profile", schema=None) as batch_op:
        batch_op.drop_column("second_factor_required")
