"""Tells an open list that it is out of date."""

import uuid
from collections.abc import Iterator

from flask import Response, g

from app.dashboard import stream
from app.dashboard.frame import bp
from app.services import events


@bp.get("/news")
def news() -> Response:
    """Stream a message `news` {seq} whenever something happened in the workspace."""
    return stream.respond(_follow(g.tenant.id, stream.last_seen()))


def _follow(tenant_id: uuid.UUID, seen: int) -> Iterator[str]:
    yield stream.opening()
    for heard in stream.news("events"):
        if heard is not None and heard[1][0] != str(tenant_id):
            continue
        newest = heard[1][2] if heard is not None else events.last_seq(tenant_id)
        if newest > seen:
            seen = newest
            yield stream.message("news", {"seq": seen}, seen)
        else:
            yield stream.beat()
