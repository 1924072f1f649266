"""What the gateway dialect's requests and replies look like."""

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app import platforms
from app.api.fields import Flag, Key, Moment, PublicId
from app.api.gateway import words
from app.api.paging import Page
from app.models.api_key import Environment
from app.models.call import LIVE_STATES, CallState
from app.services import keys

_MAX_LINES = 2**31 - 1  # No transcript is as long, and every database counts so far.


class PlaceCall(Schema):
    platform = fields.String(required=True, validate=validate.OneOf(platforms.NAMES))
    meeting_url = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=2048)
    )
    agent_name = fields.String(load_default="AI Agent", validate=validate.Length(min=1, max=80))
    stt_voice_config_id = fields.String(allow_none=True)
    tts_voice_config_id = fields.String(allow_none=True)
    transcripts = Flag(load_default=None)
    account_id = fields.String(load_default=None, allow_none=True)
    metadata = fields.Dict(
        keys=fields.String(validate=validate.Length(max=100)),
        values=fields.String(validate=validate.Length(max=500)),
        load_default=dict,
        validate=validate.Length(max=50),
    )

    @validates_schema
    def _require_address(self, data: dict[str, Any], **_: Any) -> None:
        if data["platform"] != "room" and data["meeting_url"] is None:
            raise ValidationError("Missing data for required field.", "meeting_url")


class Audio(Schema):
    sample_rate = fields.Integer()
    format = fields.String()
    channels = fields.Integer()
    frame_duration_ms = fields.Integer()
    frame_bytes = fields.Integer()


class CallOut(Schema):
    call_id = PublicId("call", attribute="id")
    room_id = Key()
    participant_id = Key()
    text_ws_url = fields.Function(words.stream_url)
    state = fields.String()
    state_detail = fields.String()
    capabilities = fields.Raw()
    platform = fields.String()
    meeting_url = fields.String()
    join_url = fields.Function(words.join_url)
    agent_name = fields.String()
    account_id = fields.String()
    audio = fields.Function(words.audio)
    direction = fields.String()
    caller = fields.String()
    callee = fields.String()
    stt_voice_config_id = Key(attribute="stt_preset_id")
    tts_voice_config_id = Key(attribute="tts_preset_id")
    metadata = fields.Raw(attribute="meta")
    created_at = Moment()
    answered_at = Moment()
    ended_at = Moment()
    end_reason = fields.String()
    error = fields.Function(words.failure)


class UtteranceOut(Schema):
    index = fields.Integer()
    utterance_id = PublicId("utt", attribute="id")
    speaker = fields.String()
    participant_id = Key()
    text = fields.String()
    start = fields.Float()
    end = fields.Float()
    language = fields.String()


class Since(Schema):
    since = fields.Integer(load_default=0, validate=validate.Range(min=0))


class CallsQuery(Page):
    state = fields.String(load_default=",".join(LIVE_STATES))
    platform = fields.String(
        load_default=None, validate=validate.OneOf([*platforms.NAMES, "stream"])
    )

    @validates_schema
    def _check_states(self, data: dict[str, Any], **_: Any) -> None:
        unknown = set(data["state"].split(",")) - {*CallState, "all"}
        if unknown:
            raise ValidationError(f"Give 'all', or some of: {', '.join(CallState)}.", "state")


class CallsOut(Schema):
    calls = fields.List(fields.Nested(CallOut))
    total = fields.Integer()
    limit = fields.Integer()
    offset = fields.Integer()


class Say(Schema):
    text = fields.String(required=True, validate=validate.Length(min=1, max=5000))


class Chat(Schema):
    text = fields.String(load_default="")
    sender_name = fields.String(load_default="", validate=validate.Length(max=100))
    attachments = fields.List(fields.Dict(), load_default=list, validate=validate.Length(max=10))


class Dial(Schema):
    digits = fields.String(
        required=True,
        validate=validate.Regexp(re.compile(r"[0-9A-D*#w]{1,32}\Z"), error="Use 0-9 A-D * # w."),
    )
    duration_ms = fields.Integer(
        strict=True, load_default=160, validate=validate.Range(min=40, max=1000)
    )
    gap_ms = fields.Integer(strict=True, load_default=80, validate=validate.Range(min=40, max=1000))


class Refuse(Schema):
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class MakeKey(Schema):
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(keys.SCOPES)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1),
    )
    expires_at = Moment(load_default=None, allow_none=True)
    environment = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(list(Environment))
    )


class KeyOut(Schema):
    id = PublicId("key")
    name = fields.String()
    prefix = fields.String()
    last_four = fields.String()
    environment = fields.String()
    scopes = fields.Function(words.scopes)
    created_at = Moment()
    last_used_at = Moment()
    expires_at = Moment()


class KeysOut(Schema):
    keys = fields.List(fields.Nested(KeyOut))


class ChangeAccount(Schema):
    name = fields.String(validate=validate.Length(min=1, max=100))
    reply_timeout_s = fields.Integer(
        strict=True,
        validate=validate.And(
            validate.Range(min=0, max=600), validate.NoneOf(range(1, 10), error="Use 0, or 10-600.")
        ),
    )
    reply_timeout_text = fields.String(validate=validate.Length(min=1, max=500))
