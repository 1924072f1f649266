"""The rooms dialect: rooms and who is in them, as a browser sees them."""

from app.api.dialect import Dialect
from app.api.rooms import participants, rooms, socket, tokens
from app.api.rooms.envelope import envelope

dialect = Dialect(
    "rooms",
    ["/api/v1"],
    envelope,
    [tokens.bp, rooms.bp, participants.bp, socket.bp],
)
