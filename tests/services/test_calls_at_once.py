"""Calls that are placed, ended and joined at the same moment."""

from app.errors import RoomEnded, TooManyCalls
from app.extensions import db, transaction
from app.models import Event, Tenant
from app.services import call_states, calls, rooms
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.fakes import at_once


def place(tenant, **order):
    return calls.place(tenant.id, Order(platform="room", **order))


def states(call):
    found = db.session.query(Event).filter_by(call_id=call.id, type="call.state")
    return [event.payload["state"] for event in found.order_by(Event.seq)]


@on_both_databases
def test_two_who_want_the_last_call_get_one(app, tenant, live):
    with app.app_context(), transaction():
        db.session.get(Tenant, tenant.id).max_concurrent_calls = 1

    def try_it():
        with app.app_context():
            return place(tenant).state

    outcomes = at_once(*[try_it] * 4)

    assert outcomes.count("connecting") == 1
    assert sum(isinstance(outcome, TooManyCalls) for outcome in outcomes) == 3


@on_both_databases
def test_two_hang_ups_at_once_end_the_call_once(app, tenant, live):
    with app.app_context():
        call_id = place(tenant).id

    def hang_up():
        with app.app_context():
            return calls.hang_up(calls.get(tenant.id, call_id)).state

    outcomes = at_once(*[hang_up] * 3)

    assert outcomes == ["ended"] * 3
    with app.app_context():
        assert states(calls.get(tenant.id, call_id)) == ["connecting", "ended"]


@on_both_databases
def test_hanging_up_while_the_call_becomes_active_ends_it(app, tenant, live):
    with app.app_context():
        call_ids = [place(tenant).id for _ in range(8)]

    def hang_up(call_id):
        with app.app_context():
            return calls.hang_up(calls.get(tenant.id, call_id)).state

    def activate(call_id):
        with app.app_context():
            return call_states.activate(call_id)

    for call_id in call_ids:
        ended, _ = at_once(lambda c=call_id: hang_up(c), lambda c=call_id: activate(c))

        assert ended == "ended"


@on_both_databases
def test_ending_a_room_while_its_calls_come_and_go_blocks_nobody(app, tenant, live):
    def churn(room_id):
        def place_and_end():
            with app.app_context():
                call = place(tenant, meeting_url=str(room_id))
                call_states.activate(call.id)
                return calls.hang_up(calls.get(tenant.id, call.id)).state

        return place_and_end

    def end(room_id):
        def ending():
            with app.app_context():
                return rooms.end(room_id, "api")

        return ending

    for _ in range(6):
        with app.app_context():
            room_id = rooms.create(tenant.id).id

        *outcomes, ended = at_once(churn(room_id), churn(room_id), churn(room_id), end(room_id))

        assert ended is True
        assert all(outcome == "ended" or isinstance(outcome, RoomEnded) for outcome in outcomes)
