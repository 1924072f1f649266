"""Peer: placing and polling calls on FastAPI, uvicorn and SQLAlchemy.

Usage: rest_fastapi.py PORT DATABASE_URL SEED VIEWS. SEED is a JSON file with the tenants to make;
VIEWS is `threads` for the documented synchronous views, or `loop` for views that query on the
event loop itself, which is faster where a query takes microseconds.
"""

import functools
import hashlib
import json
import sys
import threading
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from rest_tables import (
    ApiKey,
    Base,
    Call,
    Event,
    JoinToken,
    Participant,
    Room,
    Tenant,
    Utterance,
    new_id,
)
from sqlalchemy import create_engine, event, func, select, update
from sqlalchemy.orm import Session

LIVE_STATES = ("connecting", "ringing", "active")
THREADS = 40  # as many as the framework runs synchronous views in

app = FastAPI()
engine = create_engine(sys.argv[2], pool_size=THREADS, max_overflow=0)
on_loop = sys.argv[4] == "loop"
# SQLite has one writer; waiting in the process is cheaper than polling the file's lock.
writer = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()


class Place(BaseModel):
    """The body of POST /api/call."""

    platform: str
    meeting_url: str = ""
    agent_name: str = "AI Agent"
    metadata: dict[str, str] = {}


class Audio(BaseModel):
    """What the stream carries."""

    sample_rate: int = 48000
    format: str = "pcm_s16le"
    channels: int = 1
    frame_duration_ms: int = 20
    frame_bytes: int = 1920


class CallOut(BaseModel):
    """A call as clients see it."""

    call_id: str
    room_id: uuid.UUID
    participant_id: uuid.UUID
    text_ws_url: str
    state: str
    state_detail: str | None
    capabilities: list[str]
    platform: str
    meeting_url: str
    join_url: str
    agent_name: str
    account_id: str | None = None
    audio: Audio = Audio()
    direction: str
    caller: str = ""
    callee: str = ""
    stt_voice_config_id: str | None = None
    tts_voice_config_id: str | None = None
    metadata: dict[str, str]
    created_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None = None
    error: str | None = None


class UtteranceOut(BaseModel):
    """One line of a transcript."""

    index: int
    utterance_id: str
    speaker: str
    participant_id: str | None = None
    text: str
    start: float
    end: float
    language: str | None = None


class Status(CallOut):
    """A call with the lines of its transcript from an index on."""

    transcript: list[str]
    utterances: list[UtteranceOut]
    transcript_length: int


def view(function: Callable) -> Callable:
    """Let the framework run a synchronous function in a thread, or make it a coroutine."""

    @functools.wraps(function)
    async def on_the_loop(*args, **kwargs):
        return function(*args, **kwargs)

    return on_the_loop if on_loop else function


def session_in_thread():
    """Open a session for one request."""
    with Session(engine, expire_on_commit=False) as opened:
        yield opened


async def session_on_loop():
    """Open a session for one request."""
    with Session(engine, expire_on_commit=False) as opened:
        yield opened


Database = Annotated[Session, Depends(session_on_loop if on_loop else session_in_thread)]


@view
def tenant_id(db: Database, x_api_key: Annotated[str, Header()]) -> uuid.UUID:
    """Recognise a key by its hash."""
    digest = hashlib.sha256(x_api_key.encode()).hexdigest()
    key = db.scalar(select(ApiKey).join(Tenant).where(ApiKey.key_hash == digest))
    if key is None:
        raise HTTPException(401, "unauthorized")
    return key.tenant_id


Owner = Annotated[uuid.UUID, Depends(tenant_id)]


@app.get("/api/call/{call_id}")
@view
def status(call_id: uuid.UUID, owner: Owner, db: Database, since: int = 0) -> Status:
    """Retrieve a call and what was said since."""
    call = db.scalar(select(Call).where(Call.id == call_id, Call.tenant_id == owner))
    if call is None:
        raise HTTPException(404, "call_not_found")
    found = select(Utterance).where(Utterance.call_id == call_id, Utterance.index >= since)
    lines = db.scalars(found.order_by(Utterance.index)).all()
    return Status(
        **shown(call),
        transcript=[f"[{line.speaker}] {line.text}" for line in lines],
        utterances=[
            UtteranceOut(
                index=line.index,
                utterance_id=f"utt_{line.id.hex}",
                speaker=line.speaker,
                text=line.text,
                start=line.start,
                end=line.end,
            )
            for line in lines
        ],
        transcript_length=call.transcript_length,
    )


@app.post("/api/call", status_code=201)
@view
def place(order: Place, owner: Owner, db: Database) -> CallOut:
    """Make a room and a call in it, with its event, in one transaction."""
    db.commit()  # ends the read that recognised the key
    with writer:
        limit = db.scalar(select(Tenant.max_calls).where(Tenant.id == owner).with_for_update())
        live = select(func.count(Call.id)).where(
            Call.tenant_id == owner, Call.state.in_(LIVE_STATES)
        )
        if (db.scalar(live) or 0) >= (limit or 0):
            raise HTTPException(429, "too_many_calls")
        call = insert_call(db, owner, order)
        numbered = update(Tenant).where(Tenant.id == owner).values(last_seq=Tenant.last_seq + 1)
        db.add(
            Event(
                tenant_id=owner,
                seq=db.scalar(numbered.returning(Tenant.last_seq)),
                type="call.state",
                room_id=call.room_id,
                call_id=call.id,
                payload={"state": call.state, "previous": None, "detail": call.state_detail},
            )
        )
        db.commit()
    return CallOut(**shown(call))


def insert_call(db: Session, owner: uuid.UUID, order: Place) -> Call:
    """Add a room, the agent, a guest link and the call."""
    room = Room(id=new_id(), tenant_id=owner)
    agent = Participant(
        id=new_id(), tenant_id=owner, room_id=room.id, display_name=order.agent_name
    )
    link = new_id()
    digest = hashlib.sha256(link.bytes).hexdigest()
    call = Call(
        tenant_id=owner,
        room_id=room.id,
        participant_id=agent.id,
        platform=order.platform,
        meeting_url=f"http://127.0.0.1/join/jt_{link.hex}",
        agent_name=order.agent_name,
        capabilities=["audio_in", "audio_out", "read", "write", "typing"],
        meta=order.metadata,
        state_detail="joining",
    )
    db.add(room)
    db.flush()
    db.add_all([agent, JoinToken(id=link, tenant_id=owner, room_id=room.id, token_hash=digest)])
    db.flush()
    db.add(call)
    db.flush()
    return call


def shown(call: Call) -> dict:
    """Return the public fields of a call."""
    columns = ("room_id", "participant_id", "state", "state_detail", "capabilities", "platform")
    columns += ("meeting_url", "agent_name", "direction", "created_at", "answered_at", "ended_at")
    return {name: getattr(call, name) for name in columns} | {
        "call_id": str(call.id),
        "text_ws_url": f"ws://127.0.0.1/api/call/{call.id}/stream",
        "join_url": call.meeting_url,
        "metadata": call.meta,
    }


@event.listens_for(engine, "connect")
def prepare(connection, _record) -> None:
    """Use SQLite as ours does: a write-ahead log, synced at checkpoints."""
    if engine.dialect.name == "sqlite":
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")


def seed(path: str) -> None:
    """Make the tables anew, with the tenants, keys and calls of a file."""
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    given = json.loads(Path(path).read_text())
    with Session(engine) as db:
        for key, call_id in given["tenants"]:
            tenant = Tenant(id=new_id())
            db.add(tenant)
            db.flush()
            digest = hashlib.sha256(key.encode()).hexdigest()
            db.add(ApiKey(tenant_id=tenant.id, key_hash=digest))
            order = Place(platform="room", metadata={"order": "1"})
            call = insert_call(db, tenant.id, order)
            call.transcript_length = given["lines"]
            db.flush()
            db.execute(update(Call).where(Call.id == call.id).values(id=uuid.UUID(call_id)))
            for i in range(given["lines"]):
                line = {"speaker": "Alice", "text": given["text"], "start": i * 2.0, "index": i}
                db.add(Utterance(call_id=uuid.UUID(call_id), end=i * 2.0 + 1.5, **line))
        db.commit()


if __name__ == "__main__":
    seed(sys.argv[3])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
