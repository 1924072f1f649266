"""Utterances: what was said in a call, line by line."""

import uuid
from collections.abc import Sequence

from sqlalchemy import RowMapping, bindparam, select, update

from app import ids
from app.extensions import db, transaction
from app.models import Call, Utterance
from app.models.columns import now
from app.services import events


def add(
    call: Call,
    *,
    text: str,
    start: float,
    end: float,
    speaker: str = "Speaker",
    participant_id: uuid.UUID | None = None,
    language: str | None = None,
    confidence: float | None = None,
    own: bool = False,
    utterance_id: uuid.UUID | None = None,
) -> Utterance:
    """Store a finished utterance and tell of it; others' utterances get the next line number."""
    with transaction():
        events.take_turn(call.tenant_id)
        index = None
        if not own:
            counted = (
                update(Call)
                .where(Call.id == call.id)
                .values(transcript_length=Call.transcript_length + 1)
                .returning(Call.transcript_length)
            )
            index = db.session.execute(counted).scalar_one() - 1
        row = Utterance(
            id=utterance_id or ids.new(),
            tenant_id=call.tenant_id,
            room_id=call.room_id,
            call_id=call.id,
            participant_id=participant_id,
            speaker=speaker,
            text=text,
            language=language,
            confidence=confidence,
            start=start,
            end=end,
            own=own,
            index=index,
            created_at=now(),
        )
        db.session.add(row)
        payload = {
            "utterance_id": str(row.id),
            "participant_id": str(participant_id) if participant_id else None,
            "speaker": speaker,
            "text": text,
            "language": language,
            "confidence": confidence,
            "start": start,
            "end": end,
            "own": own,
            "index": index,
        }
        events.append(call.tenant_id, "utterance", payload, room_id=call.room_id, call_id=call.id)
    return row


# Polled by every agent without a stream, so it is built once and makes no objects.
_SINCE = (
    select(Utterance.__table__)
    .where(Utterance.call_id == bindparam("call"), Utterance.index >= bindparam("since"))
    .order_by(Utterance.index)
)


def since(call_id: uuid.UUID, index: int) -> Sequence[RowMapping]:
    """The lines of a call's transcript from a line number on, in order, as mappings."""
    lines = db.session.connection().execute(_SINCE, {"call": call_id, "since": index})
    return lines.mappings().all()
