"""A person who signs in to the dashboard."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import Key, MaybeMoment, Moment, TenantKey


class User(db.Model):
    __tablename__ = "users"

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    email: Mapped[str] = mapped_column(String(255), unique=True)  # Lower case.
    name: Mapped[str] = mapped_column(String(100), default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    # Part of every session cookie; a new password raises it and so ends the other sessions.
    session_epoch: Mapped[int] = mapped_column(default=0)
    last_login_at: Mapped[MaybeMoment]
    created_at: Mapped[Moment]
