"""Which meeting addresses each platform takes, and what they say is to be joined."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from app.errors import InvalidMeetingURL, PlatformUnsupported


@dataclass(frozen=True)
class Link:
    """An https link: patterns of its whole host and path, and the parameters it cannot do without.

    `target` is filled from the groups of all patterns; empty, it is the link itself. `port` lets
    the host be on another one than 443.
    """

    host: str
    path: str
    target: str = ""
    needs: Mapping[str, str] | None = None
    scheme: str = "https"
    port: bool = False

    def match(self, address: str) -> str | None:
        """Return what the address stands for, or None if it is of another form."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:  # A port or a bracketed address that is none.
            return None
        if parts.scheme != self.scheme or "@" in parts.netloc or "\\" in address:
            return None
        if port not in (None, 443) and not self.port:
            return None
        host = re.fullmatch(self.host, parts.netloc.lower().removesuffix(":443"))
        path = re.fullmatch(self.path, parts.path)
        query = _parameters(parts.query, self.needs or {})
        if host is None or path is None or query is None:
            return None
        if not self.target:
            return f"https://{host.group()}{parts.path}" + (
                f"?{parts.query}" if parts.query else ""
            )
        return self.target.format(**host.groupdict(), **path.groupdict(), **query)


@dataclass(frozen=True)
class Text:
    """An address that is no web link: a pattern of the whole, and the target made of its groups."""

    pattern: str
    target: str

    def match(self, address: str) -> str | None:
        """Return what the address stands for, or None if it is of another form."""
        found = re.fullmatch(self.pattern, address, re.IGNORECASE | re.ASCII)
        return self.target.format(**found.groupdict()) if found else None


_NAME = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = rf"{_NAME}(?:\.{_NAME})*"
_DISCORD = r"(?:(?:www|ptb|canary)\.)?(?:discord|discordapp)\.com"
_TEAMS = rf"teams\.microsoft\.com|(?:{_NAME}\.)+teams\.microsoft\.us"
_ZOOM = rf"(?:{_NAME}\.)*(?:zoom\.us|zoomgov\.com)"
_CODE = r"(?P<code>[A-Za-z]{3}-[A-Za-z]{4}-[A-Za-z]{3})"
_CHANNEL = r"(?P<channel>[A-Z0-9]{2,24})"
_TOKEN = r"(?P<token>[A-Za-z0-9]{4,64})"
_TG_NAME = r"(?P<name>[A-Za-z][A-Za-z0-9_]{3,31})"
_TG_INVITE = r"(?P<invite>[A-Za-z0-9_-]{8,64})"
_PHONE = r"(?P<number>[1-9][0-9]{6,14})"  # E.164 without its plus sign.
_SIP_HOST = rf"(?:{_HOST}|\[[0-9a-f:.]+\])(?::[0-9]{{1,5}})?"
_SIP_PARAMETERS = r"(?:;(?:transport=(?:udp|tcp|tls|ws|wss)|user=(?:phone|ip)))*"

FORMS: Mapping[str, tuple[Link | Text, ...]] = {
    "discord": (
        Link(
            _DISCORD,
            r"/channels/(?P<guild>@me|[0-9]{1,20})/(?P<channel>[0-9]{1,20})/?",
            "{guild}/{channel}",
        ),
    ),
    "teams": (
        Link(_TEAMS, r"/l/meetup-join/.+"),
        Link(_TEAMS, r"/meet/[0-9]+/?", needs={"p": r".+"}),
        Link(r"teams\.live\.com", r"/meet/[0-9]+/?"),
    ),
    "meet": (
        Link(r"meet\.google\.com", f"/{_CODE}/?", "{code}"),
        Text(_CODE, "{code}"),
    ),
    "zoom": (
        Link(_ZOOM, r"/(?:j|wc/join)/[0-9]{9,11}/?"),
        Link(_ZOOM, r"/wc/[0-9]{9,11}/join/?"),
        Link(_ZOOM, r"/my/[A-Za-z0-9._-]+/?"),
    ),
    "telegram": (
        Link(r"t\.me", f"/{_TG_NAME}/?", "@{name}"),
        Link(r"t\.me", rf"/\+{_TG_INVITE}/?", "+{invite}"),
        Link(r"t\.me", r"/c/(?P<id>[0-9]{1,19})/?", "-100{id}"),
        Link("resolve", "", "@{domain}", {"domain": r"[A-Za-z][A-Za-z0-9_]{3,31}"}, scheme="tg"),
        Link("join", "", "+{invite}", {"invite": r"[A-Za-z0-9_-]{8,64}"}, scheme="tg"),
        Text(f"@{_TG_NAME}", "@{name}"),
        Text(r"(?P<id>-?[0-9]{1,19})", "{id}"),
    ),
    "slack": (
        Link(rf"(?:{_NAME}\.)+slack\.com", f"/archives/{_CHANNEL}/?", "{channel}"),
        Link(r"app\.slack\.com", f"/client/[A-Z0-9]{{2,24}}/{_CHANNEL}/?", "{channel}"),
        Link("channel", "", "{id}", {"team": "[A-Z0-9]+", "id": "[A-Z0-9]+"}, scheme="slack"),
    ),
    "nctalk": (
        Link(
            rf"(?P<host>{_HOST}(?::[0-9]+)?)",
            rf"(?:/index\.php)?/call/{_TOKEN}/?",
            "https://{host}/call/{token}",
            port=True,
        ),
        Text(_TOKEN, "{token}"),
    ),
    "sip": (
        Text(
            rf"(?P<uri>sips?:[a-z0-9.!~*'()&=+$,%/_-]+@{_SIP_HOST}{_SIP_PARAMETERS})",
            "{uri}",
        ),
        Text(rf"(?:tel:)?\+{_PHONE}", "+{number}"),
    ),
    "whatsapp": (
        Link(r"wa\.me", f"/{_PHONE}/?", "+{number}"),
        Link("send", "/?", "+{phone}", {"phone": r"[1-9][0-9]{6,14}"}, scheme="whatsapp"),
        Text(rf"\+{_PHONE}", "+{number}"),
    ),
}

_HUDDLE = Link(rf"(?:{_NAME}\.)+slack\.com", r"/(?:.+/)?huddle/.+")


def parse(platform: str, meeting_url: str) -> str:
    """Return what a platform's meeting address stands for, in the platform's own words.

    A platform without forms takes any text. Raises InvalidMeetingURL, PlatformUnsupported.
    """
    address = meeting_url.strip(" \t\r\n")
    if not address.isprintable():
        raise InvalidMeetingURL("A meeting address has no control characters.")
    if platform not in FORMS:
        return address
    if platform == "slack" and _HUDDLE.match(address) is not None:
        raise PlatformUnsupported("Slack huddles have no public interface.")
    if " " not in address:
        for form in FORMS[platform]:
            target = form.match(address)
            if target is not None:
                return target
    raise InvalidMeetingURL(f"This is not an address that {platform} calls can join.")


def _parameters(query: str, needs: Mapping[str, str]) -> dict[str, str] | None:
    """The needed parameters of a query; None when one is missing, doubled or malformed."""
    given = parse_qs(query, keep_blank_values=True)
    found = {}
    for name, pattern in needs.items():
        values = [value.removeprefix("+").strip() for value in given.get(name, [])]
        if len(values) != 1 or not re.fullmatch(pattern, values[0]):
            return None
        found[name] = values[0]
    return found
