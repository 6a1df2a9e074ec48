"""passkeys and sealed keys of the second factor"""

import base64
from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("user_handle", sa.Text(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_passkey_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_user_id"), ["user_id"], unique=False)
    _rewrite_keys(lambda fernet, key: fernet.encrypt(key))


def _rewrite_keys(rewrite: Callable[[Fernet, bytes], bytes]) -> None:
    """Seal or open the keys of authenticator apps; the form is accounts/sealing.py's."""
    user = sa.table("user", sa.column("id"), sa.column("totp_secret"))
    connection = op.get_bind()
    rows = connection.execute(sa.select(user).where(user.c.totp_secret != "")).all()
    if not rows:
        return
    secret = (context.config.attributes["instance"] / "secret_key").read_text("ascii").strip()
    derived = HKDF(SHA256(), length=32, salt=None, info=b"wardsite.totp").derive(secret.encode())
    fernet = Fernet(base64.urlsafe_b64encode(derived))
    for row in rows:
        kept = rewrite(fernet, row.totp_secret.encode()).decode()
        connection.execute(user.update().where(user.c.id == row.id).values(totp_secret=kept))


def downgrade() -> None:
    _rewrite_keys(lambda fernet, key: fernet.decrypt(key))
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_user_id"))

    op.drop_table("passkey")
