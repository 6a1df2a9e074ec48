"""the audit trail cannot be emptied

The trigger itself is accounts.audit.make_append_only's, which env.py calls after any migration:
this one exists so that databases on PostgreSQL get it.
"""

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
