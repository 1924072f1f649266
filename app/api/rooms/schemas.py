"""The rooms dialect's JSON, in and out."""

import re
from typing import Any

from marshmallow import Schema, fields

from app.api.fields import Key, Moment
from app.api.rooms import words
from app.api.rooms.messages import CONFIG

Texts = dict[str, str | list[Any] | dict[Any, Any]]  # marshmallow's type for its messages.

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # All but tab and newline.
_TENANT = {
    "transcription_enabled": True,
    "first_participant_is_host": False,
    "force_recording": False,
    "allow_early_join": True,
}


class Text(fields.String):
    """A text, trimmed, of some length in code points and without control characters."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        rule = f"must be a string of {least}-{most} characters"
        texts: Texts = {"required": "is required", "null": "is required", "invalid": rule}
        super().__init__(error_messages=texts, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = value.strip() if isinstance(value, str) else None
        if text is None or not self.least <= len(text) <= self.most or _CONTROLS.search(text):
            raise self.make_error("invalid")
        return text


class Number(fields.Integer):
    """A whole number in a query, within bounds."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        rule = f"must be an integer between {least} and {most}"
        texts: Texts = {"invalid": rule, "too_large": rule}
        super().__init__(error_messages=texts, **options)

    def _validated(self, value: Any) -> int:
        number = super()._validated(value)
        if not self.least <= number <= self.most:
            raise self.make_error("invalid")
        return number


class ExchangeToken(Schema):
    join_token = Text(1, 255, required=True)


class Join(Schema):
    display_name = Text(1, 100, required=True)


class ListParticipants(Schema):
    active = fields.Boolean(load_default=False, error_messages={"invalid": "must be a boolean"})
    limit = Number(1, 1000, load_default=1000)
    offset = Number(0, 2**31 - 1, load_default=0)


class ExchangeOut(Schema):
    access_token = fields.String()
    token_type = fields.Constant("Bearer")
    expires_in = fields.Integer()
    room_id = Key()
    room_name = fields.String()


class RoomOut(Schema):
    id = Key()
    tenant_id = Key()
    call_id = Key()
    name = fields.String()
    status = fields.String()
    end_reason = fields.String()
    config = fields.Function(lambda room: CONFIG | room.config)
    capacity = fields.Function(words.capacity)
    metadata = fields.Raw(attribute="meta")
    participant_count = fields.Function(words.participant_count)
    is_recording = fields.Constant(False)
    scheduled_start_at = fields.Constant(None)
    scheduled_end_at = fields.Constant(None)
    allow_early_join_minutes = fields.Constant(0)
    started_at = Moment()
    ended_at = Moment()
    created_at = Moment()
    updated_at = Moment()


class ParticipantOut(Schema):
    id = Key()
    room_id = Key()
    external_user_id = fields.String()
    display_name = fields.String()
    role = fields.String()
    kind = fields.String()
    status = fields.String()
    permissions = fields.Function(words.permissions)
    is_muted = fields.Function(lambda row: row.self_muted or row.host_muted)
    hand_raised = fields.Boolean()
    joined_at = Moment()
    left_at = Moment()
    leave_reason = fields.String()
    metadata = fields.Raw(attribute="meta")
    created_at = Moment()


class RoomInJoin(Schema):
    id = Key()
    name = fields.String()
    status = fields.String()


class JoinOut(Schema):
    participant = fields.Nested(ParticipantOut)
    room = fields.Nested(RoomInJoin)
    room_created = fields.Constant(False)
    tenant_config = fields.Function(
        lambda joined: {name: joined["tenant"].config.get(name, _TENANT[name]) for name in _TENANT}
    )
    access_token = fields.String()
    token_type = fields.Constant("Bearer")
    expires_in = fields.Integer()
    auth_token = fields.Function(lambda joined: joined["access_token"])
    ws_url = fields.String()
    should_start_recording = fields.Constant(False)


class ParticipantsOut(Schema):
    participants = fields.List(fields.Nested(ParticipantOut))
    total = fields.Integer()
    limit = fields.Integer()
    offset = fields.Integer()
