"""no column that nothing reads"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: SQLite drops a column without making the table anew since 3.35.
    op.drop_column("source", "fetched_at")
    op.drop_column("central_state", "previous_revision")


def downgrade() -> None:
    op.add_column("central_state", sa.Column("previous_revision", sa.Integer(), nullable=True))
    op.add_column("source", sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
