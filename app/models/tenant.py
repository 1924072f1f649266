"""A tenant: everything in the product belongs to one."""

from sqlalchemy import BigInteger, Boolean, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import JSONObject, Key, MaybeMoment, Moment


class Tenant(db.Model):
    __tablename__ = "tenants"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    # Number of the newest event. Taking the next one locks this row until the commit, so events
    # become visible in the order of their numbers and none is missing.
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    config: Mapped[JSONObject]
    max_concurrent_calls: Mapped[int] = mapped_column(default=20)
    max_participants_per_room: Mapped[int] = mapped_column(default=10)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    last_seen_at: Mapped[MaybeMoment]  # Latest authenticated request, to the minute.
    created_at: Mapped[Moment]
