import random, time
from app.services import calls, rooms, participants, call_states
from app.services.calls import Order
from app.extensions import transaction
from tests.databases import on_both_databases
from tests.fakes import at_once
@on_both_databases
def test_stress(app, tenant, live):
    bad=[]
    t=time.time()
    for i in range(40):
        with app.app_context():
            room_id = rooms.create(tenant.id).id
        def place():
            with app.app_context():
                c=calls.place(tenant.id, Order(platform="room", meeting_url=str(room_id))); call_states.activate(c.id)
                return calls.hang_up(calls.get(tenant.id,c.id)).state
        def guest():
            with app.app_context():
                with transaction():
                    p=participants.add(rooms.get(tenant.id,room_id),"g").id
                participants.connect(p); participants.mute(p,self_muted=True); participants.lose(p); return participants.leave(p)
        def end():
            with app.app_context():
                time.sleep(random.random()*0.03)
                return rooms.end(room_id,"api")
        out=at_once(place,guest,place,end,guest)
        bad+= [type(o).__name__+str(o)[:300] for o in out if isinstance(o,Exception) and type(o).__name__ not in("RoomEnded","CallEnded")]
    print(time.time()-t, len(bad)); print("\n".join(bad[:4]))
    assert not bad
