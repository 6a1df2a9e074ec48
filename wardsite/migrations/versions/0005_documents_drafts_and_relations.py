"""documents drafts and relations"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_code", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('replaces', 'amends', 'based_on')", name=op.f("ck_document_relation_kind")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_document_relation_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["document.id"],
            name=op.f("fk_document_relation_target_id_document"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_relation")),
        sa.UniqueConstraint(
            "document_id",
            "kind",
            "target_code",
            name=op.f("uq_document_relation_document_id_kind_target_code"),
        ),
    )
    with op.batch_alter_table("document_relation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_relation_target_id"), ["target_id"], unique=False
        )

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("status", sa.Text(), server_default="published", nullable=False)
        )
        batch_op.add_column(sa.Column("author_id", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_document_status"), "status IN ('draft', 'published')"
        )
        batch_op.create_index("ix_document_issuer", ["issuer", "issued_on"], unique=False)
        batch_op.create_index("ix_document_kind", ["kind", "issued_on"], unique=False)
        batch_op.create_index("ix_document_status", ["status", "updated_at"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_document_author_id_user"),
            "user",
            ["author_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_document_author_id_user"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_document_status"), type_="check")
        batch_op.drop_index("ix_document_status")
        batch_op.drop_index("ix_document_kind")
        batch_op.drop_index("ix_document_issuer")
        batch_op.drop_column("author_id")
        batch_op.drop_column("status")

    with op.batch_alter_table("document_relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_relation_target_id"))

    op.drop_table("document_relation")
