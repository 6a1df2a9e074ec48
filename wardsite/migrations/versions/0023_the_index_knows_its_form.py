"""the index knows its form"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # 0: made by some earlier version; the next tick makes it anew.
    form = sa.Column("index_form", sa.Integer(), server_default="0", nullable=False)
    op.add_column("content_version", form)


def downgrade() -> None:
    op.drop_column("content_version", "index_form")
