"""Officers, what proves who they are, and what they did."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wardsite.extensions import Base
from wardsite.models.columns import UtcDateTime


class User(Base):
    """A local officer (cán bộ) who signs in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text, default="")
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # Of a one-time password, the last day in Vietnam on which it opens anything.
    password_last_day: Mapped[date | None] = mapped_column()
    active: Mapped[bool] = mapped_column(default=True)
    tour_done: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Empty while no app is set up, sealed (accounts/sealing.py); the counter is the last one used,
    # against replay.
    totp_secret: Mapped[str] = mapped_column(Text, default="", server_default="")
    totp_counter: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    sign_ins_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    passkeys: Mapped[list["Passkey"]] = relationship(viewonly=True, order_by="Passkey.id")

    @property
    def second_step(self) -> bool:
        """Whether signing in with the password asks for something more."""
        return bool(self.totp_secret or self.passkeys)


class Passkey(Base):
    """A key pair on an officer's device that signs them in (khóa truy cập); only its public half.

    `counter`: what the device counted at the last use, 0 for one that does not count.
    """

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[str] = mapped_column(Text, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    user_handle: Mapped[str] = mapped_column(Text)
    counter: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(viewonly=True)


class RecoveryCode(Base):
    """A code that stands in for the second factor once; deleted when it is used."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(Text)


class UserSession(Base):
    """One signed-in browser; the cookie holds a random token, the table only its SHA-256.

    `confirmed_at`: when the password was last typed, which dangerous steps ask for.
    """

    __tablename__ = "user_session"

    token_sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(Text, default="", server_default="")
    browser: Mapped[str] = mapped_column(Text, default="", server_default="")

    user: Mapped[User] = relationship(lazy="joined")


class Attempt(Base):
    """Failures within a window, by key; what throttling counts, shared by all workers."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuditEntry(Base):
    """Who did what, when; written in the transaction of the deed, never changed (accounts/audit).

    Each line holds the hash of the one before: a line changed or taken out breaks the chain.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("prev_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    user_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    prev_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
