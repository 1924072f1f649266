"""Row ids: UUIDv7 inside, prefixed Crockford base 32 outside."""

import os
import time
import uuid

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}


def new() -> uuid.UUID:
    """Make a UUIDv7 (RFC 9562 section 5.7): the time, then 62 random bits.

    The 12 bits behind the Unix milliseconds are their fraction (section 6.2, method 3), so that
    rows made one after the other on one host sort in that order.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = milliseconds << 80 | 0x7 << 76 | (rest << 12) // 1_000_000 << 64
    value |= 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=value)


def public(prefix: str, key: uuid.UUID) -> str:
    """Write a key as `prefix_` and 26 Crockford base 32 characters.

    >>> public("call", uuid.UUID(int=33))
    'call_00000000000000000000000011'
    """
    number, letters = key.int, []
    for _ in range(26):
        number, digit = divmod(number, 32)
        letters.append(_ALPHABET[digit])
    return f"{prefix}_" + "".join(reversed(letters))


def parse(prefix: str, text: str) -> uuid.UUID | None:
    """Read what `public` wrote; None for anything else.

    >>> parse("call", "call_00000000000000000000000011")
    UUID('00000000-0000-0000-0000-000000000021')
    >>> parse("call", "key_00000000000000000000000011") is None
    True
    """
    head, _, tail = text.partition("_")
    if head != prefix or len(tail) != 26:
        return None
    number = 0
    for letter in tail:
        if letter not in _VALUES:
            return None
        number = number * 32 + _VALUES[letter]
    return uuid.UUID(int=number) if number < 1 << 128 else None


def parse_uuid(text: str) -> uuid.UUID | None:
    """Read a bare UUID in its usual form; None for anything else."""
    if len(text) != 36:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
