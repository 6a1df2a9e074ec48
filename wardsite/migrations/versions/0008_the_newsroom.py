"""the newsroom"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = ("draft", "submitted", "published", "withdrawn", "binned")


def upgrade() -> None:
    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.add_column(sa.Column("folded", sa.Text(), nullable=False, server_default=""))

    # Rebuilt before anything new refers to it: SQLite cannot change a check in place.
    with op.batch_alter_table("post", schema=None, recreate="auto") as batch_op:
        batch_op.drop_constraint(op.f("ck_post_status"), type_="check")
        batch_op.create_check_constraint(op.f("ck_post_status"), f"status IN {STATES}")
        batch_op.add_column(sa.Column("title_folded", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("topic", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("author_line", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("repost", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("featured", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdraw_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("change_note", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("withdrawal_reason", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("return_comment", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f("ix_post_category"))
        batch_op.create_index(
            "ix_post_category", ["category_id", "status", "pinned", "published_at"], unique=False
        )
        batch_op.drop_index(batch_op.f("ix_post_public"))
        batch_op.create_index("ix_post_public", ["status", "pinned", "published_at"], unique=False)
        batch_op.create_index("ix_post_topic", ["topic", "status", "published_at"], unique=False)
        batch_op.create_index("ix_post_author", ["author_id", "updated_at"], unique=False)
        batch_op.create_index(
            "ix_post_featured", ["status", "featured", "published_at"], unique=False
        )
        batch_op.create_index("ix_post_newest", ["status", "published_at"], unique=False)
        batch_op.create_index("ix_post_status_updated", ["status", "updated_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_withdraw_at"), ["withdraw_at"], unique=False)

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("tour_done", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    op.create_table(
        "image_use",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_image_use_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", "owner", name=op.f("pk_image_use")),
    )
    with op.batch_alter_table("image_use", schema=None) as batch_op:
        batch_op.create_index("ix_image_use_owner", ["owner"], unique=False)

    op.create_table(
        "post_address",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_address_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_post_address")),
    )
    with op.batch_alter_table("post_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_address_post_id"), ["post_id"], unique=False)

    op.create_table(
        "post_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_copy_post_id_post"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_post_copy_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_copy")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_post_copy_user_id_key")),
    )
    with op.batch_alter_table("post_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_copy_post_id"), ["post_id"], unique=False)

    op.create_table(
        "post_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_revision_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_revision")),
        sa.UniqueConstraint("post_id", "number", name=op.f("uq_post_revision_post_id_number")),
    )
    _fill()


def _fill() -> None:
    """Give the posts that are there what new ones get when they are saved.

    `post.title_folded` and `image.folded` stay empty until 0018, which fills both.
    """
    bind = op.get_bind()
    images = {row.name: row.id for row in bind.execute(sa.text("SELECT id, name FROM image"))}
    for row in bind.execute(sa.text("SELECT * FROM post")).all():
        _fill_post(bind, row, images)


def _fill_post(
    bind: sa.Connection, row: sa.Row[tuple[object, ...]], images: dict[str, int]
) -> None:
    bind.execute(
        sa.text(
            "INSERT INTO post_revision"
            " (post_id, number, at, user_name, title, summary, body_html, note)"
            " SELECT id, 1, updated_at, '', title, summary, body_html, '' FROM post WHERE id = :id"
        ),
        {"id": row.id},
    )
    names = re.findall(r"/media/([0-9a-f]{32})(?:-\d+)?(\.webp)", row.body_html)
    used = {images[stem + end] for stem, end in names if stem + end in images}
    for image_id in used | ({row.cover_id} if row.cover_id else set()):
        bind.execute(
            sa.text(
                "INSERT INTO image_use (image_id, owner, current) VALUES (:image, :owner, true)"
            ),
            {"image": image_id, "owner": f"post:{row.id}"},
        )


def downgrade() -> None:
    # The former version knows two states; what is not public becomes a draft.
    op.execute("UPDATE post SET status = 'draft' WHERE status <> 'published'")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("tour_done")

    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_withdraw_at"))
        batch_op.drop_index("ix_post_status_updated")
        batch_op.drop_index("ix_post_newest")
        batch_op.drop_index("ix_post_featured")
        batch_op.drop_index("ix_post_author")
        batch_op.drop_index("ix_post_topic")
        batch_op.drop_index("ix_post_public")
        batch_op.create_index(
            batch_op.f("ix_post_public"), ["status", "published_at"], unique=False
        )
        batch_op.drop_index("ix_post_category")
        batch_op.create_index(
            batch_op.f("ix_post_category"), ["category_id", "status", "published_at"], unique=False
        )
        batch_op.drop_column("binned_at")
        batch_op.drop_column("return_comment")
        batch_op.drop_column("withdrawal_reason")
        batch_op.drop_column("withdrawn_at")
        batch_op.drop_column("change_note")
        batch_op.drop_column("revised_at")
        batch_op.drop_column("withdraw_at")
        batch_op.drop_column("publish_at")
        batch_op.drop_column("version")
        batch_op.drop_column("featured")
        batch_op.drop_column("pinned")
        batch_op.drop_column("repost")
        batch_op.drop_column("author_line")
        batch_op.drop_column("topic")
        batch_op.drop_column("title_folded")
        batch_op.drop_constraint(op.f("ck_post_status"), type_="check")
        batch_op.create_check_constraint(op.f("ck_post_status"), "status IN ('draft', 'published')")

    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.drop_column("folded")

    op.drop_table("post_revision")
    with op.batch_alter_table("post_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_copy_post_id"))

    op.drop_table("post_copy")
    with op.batch_alter_table("post_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_address_post_id"))

    op.drop_table("post_address")
    with op.batch_alter_table("image_use", schema=None) as batch_op:
        batch_op.drop_index("ix_image_use_owner")

    op.drop_table("image_use")
