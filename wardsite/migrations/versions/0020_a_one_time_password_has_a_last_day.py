"""a one-time password has a last day"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("password_last_day", sa.Date(), nullable=True))
    user = sa.table(
        "user",
        sa.column("password_last_day", sa.Date()),
        sa.column("must_change_password", sa.Boolean()),
    )
    last = datetime.now(UTC).date() + timedelta(days=7)
    op.execute(user.update().where(user.c.must_change_password).values(password_last_day=last))


def downgrade() -> None:
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("password_last_day")
