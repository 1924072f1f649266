"""The account: what an agent has to know before it does anything."""

from typing import Any

from flask import g

from app import platforms
from app.api import auth
from app.api.body import accepts
from app.api.gateway.schemas import ChangeAccount
from app.config import settings
from app.models import Tenant
from app.platforms.base import Connector
from app.services import calls, presets, tenants

bp = auth.guarded("gateway_account", __name__, scope="account", prefix="/api/account")

FILE_MAX_BYTES = 25 * 1024 * 1024
_SETTINGS = ("reply_timeout_s", "reply_timeout_text")


@bp.get("")
def get() -> dict[str, Any]:
    """Retrieve the account."""
    return _account(tenants.get(g.caller.tenant_id))


@bp.patch("")
@auth.needs("manage")
@accepts(ChangeAccount)
def change(**changes: Any) -> dict[str, Any]:
    """Change the account's name or how long people wait for a reply."""
    return _account(tenants.configure(tenants.get(g.caller.tenant_id), **changes))


def _account(tenant: Tenant) -> dict[str, Any]:
    enabled = presets.enabled_by_kind(tenant.id)
    return {
        "tenant_id": str(tenant.id),
        "name": tenant.name,
        "plan": "self_hosted",
        "features": {
            "audio_in": "ready",
            "audio_out": "ready",
            "text_chat": "ready",
            "typing_indicators": "ready",
            "files": "gated",
            "hosted_stt": "ready" if "stt" in enabled else "byok",
            "hosted_tts": "ready" if "tts" in enabled else "byok",
        },
        "platforms": {name: _platform(platforms.get(name)) for name in platforms.NAMES},
        "concurrent_calls": calls.count_live(tenant.id),
        "concurrent_calls_limit": tenant.max_concurrent_calls,
        "identities": {},
        "last_message_cursor": str(tenant.last_seq),
        "limits": {
            "file_max_bytes": FILE_MAX_BYTES,
            "requests_per_minute": settings().rate_requests,
        },
        "settings": tenants.DEFAULT_CONFIG | {k: tenant.config[k] for k in _SETTINGS},
    }


def _platform(platform: Connector) -> dict[str, Any]:
    facts = platform.facts
    return {
        "status": facts.status,
        "reason": facts.reason,
        "capabilities": list(platform.capabilities),
        "files": "files" in platform.works,
        "sample_rate": facts.rate,
        "max_text": facts.max_text,
        "max_caption": facts.max_caption,
        "connections": [],
    }
