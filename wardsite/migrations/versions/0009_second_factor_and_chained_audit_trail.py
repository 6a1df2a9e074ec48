"""second factor, sessions in sight, chained audit trail"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("prev_hash", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("hash", sa.Text(), server_default="", nullable=False))
    _chain_what_is_there()
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column("prev_hash", server_default=None)
        batch_op.alter_column("hash", server_default=None)
        batch_op.create_unique_constraint(batch_op.f("uq_audit_entry_prev_hash"), ["prev_hash"])

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("totp_secret", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("totp_counter", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("sign_ins_seen_at", sa.DateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("address", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("browser", sa.Text(), server_default="", nullable=False))


def _chain_what_is_there() -> None:
    """Chain the lines written before there was a chain; the form is accounts/audit.entry_hash's."""
    table = sa.table(
        "audit_entry",
        *(sa.column(name) for name in ("id", "user_name", "action", "subject")),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("detail", sa.JSON()),
        sa.column("prev_hash"),
        sa.column("hash"),
    )
    connection = op.get_bind()
    last = "0" * 64
    for row in connection.execute(sa.select(table).order_by(table.c.id)).all():
        at: datetime = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
        content = [
            last,
            at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            row.user_name,
            row.action,
            row.subject,
            row.detail,
        ]
        written = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(written.encode()).hexdigest()
        connection.execute(
            table.update().where(table.c.id == row.id).values(prev_hash=last, hash=digest)
        )
        last = digest


def downgrade() -> None:
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_column("browser")
        batch_op.drop_column("address")
        batch_op.drop_column("confirmed_at")

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("sign_ins_seen_at")
        batch_op.drop_column("totp_counter")
        batch_op.drop_column("totp_secret")

    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_audit_entry_prev_hash"), type_="unique")
        batch_op.drop_column("hash")
        batch_op.drop_column("prev_hash")

    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_user_id"))

    op.drop_table("recovery_code")
