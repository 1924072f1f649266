"""The gateway dialect: calls, keys and the account, as an agent sees them."""

from app.api.dialect import Dialect
from app.api.gateway import account, actions, calls, keys, stream
from app.api.gateway.envelope import envelope

dialect = Dialect(
    "gateway",
    ["/api", "/hooks", "/connect", "/mcp"],
    envelope,
    [calls.bp, actions.bp, keys.bp, account.bp, stream.bp],
)
