"""Column shapes that every table shares."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, ForeignKey, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

from app import ids


def now() -> datetime:
    """The present, in UTC, to the millisecond that the APIs show."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment that is in UTC on both sides; SQLite keeps no zone by itself."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JSONColumn = JSON().with_variant(JSONB(), "postgresql")

Key = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True, default=ids.new)]
TenantKey = Annotated[
    uuid.UUID, mapped_column(Uuid, ForeignKey("tenants.id", ondelete="CASCADE"), index=True)
]
Moment = Annotated[datetime, mapped_column(UTCDateTime, default=now)]
MaybeMoment = Annotated[datetime | None, mapped_column(UTCDateTime)]
JSONObject = Annotated[dict[str, Any], mapped_column(JSONColumn, default=dict)]
