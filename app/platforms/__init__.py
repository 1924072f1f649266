"""The platforms, by name."""

from functools import cache
from importlib import import_module
from typing import cast

from app.errors import InvalidRequest
from app.platforms.base import Connector
from app.platforms.facts import FACTS

# A platform that nothing connects to yet is the base class itself.
REGISTRY = {
    "discord": "app.platforms.base:Connector",
    "teams": "app.platforms.base:Connector",
    "meet": "app.platforms.base:Connector",
    "zoom": "app.platforms.base:Connector",
    "telegram": "app.platforms.base:Connector",
    "slack": "app.platforms.base:Connector",
    "nctalk": "app.platforms.base:Connector",
    "sip": "app.platforms.base:Connector",
    "whatsapp": "app.platforms.base:Connector",
    "room": "app.platforms.room:Room",
}
NAMES = tuple(REGISTRY)


def get(name: str) -> Connector:
    """Return a platform's connector. Raises InvalidRequest for an unknown name."""
    if name not in REGISTRY:
        raise InvalidRequest(fields={"platform": [f"Must be one of: {', '.join(NAMES)}."]})
    return _load(name)


@cache
def _load(name: str) -> Connector:
    module, _, attribute = REGISTRY[name].partition(":")
    return cast(Connector, getattr(import_module(module), attribute)(FACTS[name]))
