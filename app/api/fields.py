"""Field types of the wire formats that marshmallow lacks or takes too loosely."""

import uuid
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields

from app import ids


class Flag(fields.Boolean):
    """A JSON boolean and nothing that merely resembles one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Moment(fields.Field[datetime]):
    """A time in UTC: `2026-03-13T10:00:00Z`, with three digits of a second when there are any."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else moment(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise ValidationError("Not a time such as 2026-03-13T10:00:00Z.") from None
        return found


class PublicId(fields.Field[uuid.UUID]):
    """A row's key as the prefixed text that the API shows; written only."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        super().__init__(dump_only=True, **kwargs)
        self.prefix = prefix

    def _serialize(self, value: uuid.UUID | None, attr: str | None, obj: Any, **kw: Any) -> Any:
        return None if value is None else ids.public(self.prefix, value)


class Key(fields.Field[uuid.UUID]):
    """A row's key as a bare UUID; written only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(dump_only=True, **kwargs)

    def _serialize(self, value: uuid.UUID | None, attr: str | None, obj: Any, **kw: Any) -> Any:
        return None if value is None else str(value)


def moment(value: datetime) -> str:
    """Write a moment in UTC.

    >>> moment(datetime(2026, 3, 13, 10, tzinfo=UTC))
    '2026-03-13T10:00:00Z'
    >>> moment(datetime(2026, 3, 13, 10, 0, 0, 20_000, tzinfo=UTC))
    '2026-03-13T10:00:00.020Z'
    """
    text = value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z"
