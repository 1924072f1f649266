"""The rooms dialect's JSON, in and out."""

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load

from app.api.rooms.messages import CONFIG

HOST = {"can_record": True, "can_screen_share": True, "can_kick": True, "can_mute": True}
GUEST = {"can_record": False, "can_screen_share": True, "can_kick": False, "can_mute": False}

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # All but tab and newline.


class Text(fields.String):
    """A trimmed text of some length in code points, without control characters."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        rule = f"must be a string of {least}-{most} characters"
        messages = {"required": "is required", "null": "is required", "invalid": rule}
        super().__init__(error_messages=messages, **options)

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        text = value.strip()
        if not self.least <= len(text) <= self.most or _CONTROLS.search(text):
            raise self.make_error("invalid")
        return text


class Number(fields.Integer):
    """A whole number of a query, within bounds."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        rule = f"must be an integer between {least} and {most}"
        super().__init__(error_messages={"invalid": rule, "too_large": rule}, **options)

    def _validated(self, value: Any) -> int:
        number = super()._validated(value)
        if number is None or not self.least <= number <= self.most:
            raise self.make_error("invalid")
        return number


class ExchangeJoinToken(Schema):
    join_token = Text(1, 200, required=True)


class AddParticipant(Schema):
    display_name = Text(1, 100, required=True)


class ListParticipants(Schema):
    active = fields.Boolean(load_default=False, error_messages={"invalid": "must be a boolean"})
    limit = Number(1, 1000, load_default=1000)
    offset = Number(0, 1 << 31, load_default=0)


class RoomOut(Schema):
    """Made from {room, tenant, count}."""

    id = fields.UUID(attribute="room.id")
    tenant_id = fields.UUID(attribute="room.tenant_id")
    call_id = fields.UUID(attribute="room.call_id")
    name = fields.String(attribute="room.name")
    status = fields.String(attribute="room.status")
    end_reason = fields.String(attribute="room.end_reason")
    config = fields.Function(lambda seen: CONFIG | seen["room"].config)
    capacity = fields.Integer()
    metadata = fields.Raw(attribute="room.meta")
    participant_count = fields.Integer()
    is_recording = fields.Constant(False)
    scheduled_start_at = fields.Constant(None)
    scheduled_end_at = fields.Constant(None)
    allow_early_join_minutes = fields.Constant(0)
    started_at = fields.DateTime(attribute="room.started_at")
    ended_at = fields.DateTime(attribute="room.ended_at")
    created_at = fields.DateTime(attribute="room.created_at")
    updated_at = fields.DateTime(attribute="room.updated_at")
