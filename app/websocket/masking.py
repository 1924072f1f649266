"""The XOR that every byte of a client's payload goes through (RFC 6455 section 5.3)."""

from collections.abc import Callable

Buffer = bytes | bytearray | memoryview


def mask_slowly(data: Buffer, key: bytes) -> bytes:
    """XOR data with a key of four bytes, as one large integer; the second call undoes the first."""
    size = len(data)
    pad = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


apply_mask: Callable[[Buffer, bytes], bytes]
try:
    from websockets.speedups import apply_mask
except ImportError:  # The wheel comes without its C part where it could not be compiled.
    apply_mask = mask_slowly
