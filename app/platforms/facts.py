"""What is known of each platform before anything is connected: one row each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

AUDIO = ("audio_in", "audio_out")
TEXT = ("read", "write")


@dataclass(frozen=True)
class Facts:
    """One row of the platform table.

    `capabilities` is all that the platform can ever do, in the order the APIs list them. `rate` is
    the native sample rate in Hz; `max_text` and `max_caption` count characters. `status` and
    `reason` are those of an install without any connection; `gated_calls` says why its calls are
    switched off there.
    """

    name: str
    capabilities: tuple[str, ...]
    rate: int
    status: str
    reason: str | None = None
    gated_calls: str | None = None
    max_text: int | None = None
    max_caption: int | None = None


_LATER = "this version cannot connect one yet"
_BROWSER = "needs a browser bridge, which this version does not have yet"

_ROWS = (
    Facts(
        "room",
        (*AUDIO, *TEXT, "typing", "files"),
        48_000,
        "ready",
        max_text=10_000,
    ),
    Facts(
        "discord",
        (*AUDIO, *TEXT, "typing", "files"),
        48_000,
        "needs_credentials",
        f"Discord needs a bot account, and {_LATER}.",
        max_text=2_000,
    ),
    Facts(
        "teams",
        (*AUDIO, *TEXT, "typing", "files"),
        16_000,
        "needs_credentials",
        f"Direct messages need a Teams bot, and {_LATER}; joining a meeting {_BROWSER}.",
        gated_calls=f"Joining a Teams meeting {_BROWSER}.",
        max_text=10_000,
    ),
    Facts(
        "meet",
        (*AUDIO, *TEXT, "files"),
        48_000,
        "gated",
        f"Joining a Google Meet meeting {_BROWSER}.",
        gated_calls=f"Joining a Google Meet meeting {_BROWSER}.",
        max_text=500,
    ),
    Facts(
        "zoom",
        (*AUDIO, *TEXT),
        16_000,
        "gated",
        f"Joining a Zoom meeting {_BROWSER}.",
        gated_calls=f"Joining a Zoom meeting {_BROWSER}.",
        max_text=1_024,
    ),
    Facts(
        "telegram",
        (*AUDIO, *TEXT, "typing", "files"),
        16_000,
        "needs_credentials",
        f"Telegram needs a bot account, and {_LATER}.",
        max_text=4_096,
        max_caption=1_024,
    ),
    Facts(
        "slack",
        (*TEXT, "files"),
        16_000,
        "needs_credentials",
        f"Slack needs a bot account, and {_LATER}.",
        max_text=10_000,
    ),
    Facts(
        "nctalk",
        (*AUDIO, *TEXT, "typing", "files"),
        48_000,
        "needs_credentials",
        f"Nextcloud Talk needs a bot account, and {_LATER}.",
        max_text=10_000,
    ),
    Facts(
        "sip",
        (*AUDIO, "dtmf"),
        8_000,
        "needs_credentials",
        f"Phone calls need a SIP trunk, and {_LATER}.",
    ),
    Facts(
        "whatsapp",
        (*TEXT, "typing", "files"),
        16_000,
        "needs_credentials",
        f"WhatsApp needs a business number, and {_LATER}.",
        max_text=4_096,
        max_caption=1_024,
    ),
)

FACTS: Mapping[str, Facts] = MappingProxyType({row.name: row for row in _ROWS})
