"""What an agent does in its call; the dialects' tests say how they answer it."""

import pytest

from app.errors import CallEnded, CapabilityMissing, InvalidRequest, NoTTSPreset
from app.extensions import transaction
from app.services import actions, call_states, calls
from app.services.calls import Order


@pytest.fixture
def call(context, tenant, live):
    return calls.place(tenant.id, Order(platform="room"))


def test_an_agent_writes_as_itself_or_under_another_name(call):
    call_states.activate(call.id)

    own, other = actions.write(call, "Hi"), actions.write(call, "Hi", sender="Assistant")

    assert (own.sender, other.sender) == ("AI Agent", "Assistant")
    assert own.participant_id == call.participant_id
    assert own.call_id == call.id


def test_nothing_to_write_is_refused(call):
    call_states.activate(call.id)

    with pytest.raises(InvalidRequest):
        actions.write(call, "")


def test_a_call_that_is_over_says_that_first(call):
    with transaction():
        call.capabilities = []
    calls.hang_up(call)

    for action in (
        lambda: actions.write(call, "Hi"),
        lambda: actions.say(call, "Hi"),
        lambda: actions.type(call),
        lambda: actions.dial(call, "1", duration_ms=160, gap_ms=80),
    ):
        with pytest.raises(CallEnded):
            action()
    assert actions.stop_speaking(call) == []


def test_speaking_waits_for_an_engine_and_dialling_for_a_line(call):
    with transaction():
        call.capabilities = [*call.capabilities, "dtmf"]
    call_states.activate(call.id)

    with pytest.raises(NoTTSPreset):
        actions.say(call, "Hi")
    with pytest.raises(CapabilityMissing):
        actions.dial(call, "1", duration_ms=160, gap_ms=80)
