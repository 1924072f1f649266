"""Fills an install's database with tenants that each have a key and a call to poll.

Run as `python -m bench.servers.seed TENANTS` with the install's environment; prints the keys and
the calls' public ids as JSON.
"""

import json
import secrets
import sys

from app import create_app, ids
from app.extensions import db, transaction
from app.models import Call, Utterance
from app.models.call import CallState
from app.models.columns import now
from app.services import keys, participants, rooms, tenants
from bench.servers.rest import LINES, TEXT


def main(count: int) -> None:
    """Make so many tenants."""
    with create_app().app_context(), transaction():
        callers = [_caller(number) for number in range(count)]
    print(json.dumps(callers))


def _caller(number: int) -> tuple[str, str]:
    tenant = tenants.create(f"Bench {number}")
    # Not more than a tenant may have at once: the limit is part of what is measured.
    tenant.max_concurrent_calls = 1_000_000
    _, key = keys.create(tenant.id, "bench", key=f"chmd_{secrets.token_urlsafe(32)}")
    return key, ids.public("call", _call(tenant.id).id)


def _call(tenant_id) -> Call:
    """Add a call that is over, with its transcript, and return it."""
    room = rooms.create(tenant_id)
    agent = participants.add(room, "Bench", kind="agent")
    call = Call(
        id=ids.new(),
        tenant_id=tenant_id,
        room_id=room.id,
        participant_id=agent.id,
        platform="room",
        agent_name="Bench",
        rate=room.rate,
        capabilities=["audio_in", "audio_out", "read", "write", "typing"],
        meta={"order": "1"},
        state=CallState.ENDED,
        end_reason="hangup",
        ended_at=now(),
        transcript_length=LINES,
    )
    db.session.add(call)
    db.session.flush()  # The lines need the call's row.
    common = {"tenant_id": tenant_id, "room_id": room.id, "call_id": call.id, "speaker": "Alice"}
    db.session.add_all(
        Utterance(**common, text=TEXT, start=i * 2.0, end=i * 2.0 + 1.5, index=i)
        for i in range(LINES)
    )
    return call


if __name__ == "__main__":
    main(int(sys.argv[1]))
