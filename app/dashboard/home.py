"""Home: the state of the install, and the way to the first call."""

from dataclasses import dataclass

from flask import g, render_template

from app import bus
from app.dashboard.frame import bp
from app.services import calls, events, keys, placement


@dataclass(frozen=True)
class Install:
    """What runs right now. `lives` is None while Redis does not answer."""

    lives: int | None
    sockets: int
    capacity: int
    calls: int
    calls_limit: int

    @property
    def ready(self) -> bool:
        return bool(self.lives)


@bp.get("/")
def home() -> str:
    """Show how to place the first call, step by step, and what of it is done."""
    recent, total = calls.page(g.tenant.id, states=None, limit=5)
    return render_template(
        "dashboard/home.html",
        install=_install(),
        has_key=bool(keys.of_tenant(g.tenant.id)),
        recent=recent,
        total=total,
        latest=next((call for call in recent if call.platform == "room" and not call.over), None),
        seq=events.last_seq(g.tenant.id),
    )


def _install() -> Install:
    running = calls.count_live(g.tenant.id)
    limit = g.tenant.max_concurrent_calls
    try:
        lives = placement.alive()
    except bus.BusDown:
        return Install(None, 0, 0, running, limit)
    sockets, capacity = sum(live.sockets for live in lives), sum(live.capacity for live in lives)
    return Install(len(lives), sockets, capacity, running, limit)
