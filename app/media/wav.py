"""WAV files of signed 16-bit mono samples (Microsoft, "Multiple Channel Audio Data")."""

import struct
from dataclasses import dataclass

import numpy as np

from app.media.frame import Samples

PCM = 1
EXTENSIBLE = 0xFFFE
# Bytes 2 to 16 of an extensible format's GUID, the same for all formats that have a short number.
SHORT_FORMAT_GUID = bytes.fromhex("000000001000800000aa00389b71")
UNKNOWN_SIZES = (0, 0xFFFFFFFF)
LARGEST_DATA = 0xFFFFFFFE - 36
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT = struct.Struct("<HHIIHH")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file's samples are, in bytes; a `size` of None means up to the end."""

    rate: int
    start: int
    size: int | None


def header(rate: int, data_bytes: int | None) -> bytes:
    """Return the 44 bytes before `data_bytes` of samples at a rate in Hz.

    None says that the size is not known yet, as in a stream or a file still being written.
    Raises `ValueError` for more than a WAV file can hold.
    """
    if data_bytes is not None and data_bytes > LARGEST_DATA:
        raise ValueError("A WAV file holds less than 4 GiB.")
    size = UNKNOWN_SIZES[1] if data_bytes is None else data_bytes
    whole = size if data_bytes is None else size + _HEADER.size - 8
    return _HEADER.pack(
        *(b"RIFF", whole, b"WAVE", b"fmt ", _FORMAT.size),
        *(PCM, 1, rate, rate * 2, 2, 16),
        *(b"data", size),
    )


def parse(head: bytes) -> Layout:
    """Find the samples of a file by its first bytes, which must reach into its data chunk.

    Chunks in front of the data are skipped, with their padding when odd. Raises `ValueError` for
    anything but signed 16-bit mono PCM.
    """
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise ValueError("This is not a WAV file.")
    rate = None
    at = 12
    while at + 8 <= len(head):
        name, size = struct.unpack_from("<4sI", head, at)
        at += 8
        if name == b"data":
            if rate is None:
                raise ValueError("This WAV file does not say its format.")
            return Layout(rate, at, None if size in UNKNOWN_SIZES else size)
        if name == b"fmt ":
            rate = _rate(head[at : at + size])
        at += size + size % 2
    raise ValueError("This WAV file has no samples.")


def encode(pcm: Samples, rate: int) -> bytes:
    """Return a whole file with the samples [n].

    >>> len(encode(np.zeros(160, np.int16), 8000))
    364
    """
    samples = pcm.astype("<i2", copy=False).tobytes()
    return header(rate, len(samples)) + samples


def decode(file: bytes) -> tuple[Samples, int]:
    """Return the samples of a whole file and their rate in Hz.

    A file cut short, or whose header was never completed, gives what is there; half a sample at
    its end is left out. Raises `ValueError` as `parse` does.

    >>> pcm, rate = decode(encode(np.array([1, -2], np.int16), 16000))
    >>> pcm.tolist(), rate
    ([1, -2], 16000)
    """
    layout = parse(file)
    end = len(file) if layout.size is None else layout.start + layout.size
    samples = file[layout.start : end]
    whole = len(samples) - len(samples) % 2
    return np.frombuffer(samples[:whole], "<i2").astype(np.int16), layout.rate


def _rate(chunk: bytes) -> int:
    if len(chunk) < _FORMAT.size:
        raise ValueError("The format of this WAV file is cut short.")
    code, channels, rate, _, _, bits = _FORMAT.unpack_from(chunk)
    if code == EXTENSIBLE and chunk[26:40] == SHORT_FORMAT_GUID:
        code = int.from_bytes(chunk[24:26], "little")
    if (code, channels, bits) != (PCM, 1, 16):
        raise ValueError("Only signed 16-bit mono PCM is supported.")
    if not rate:
        raise ValueError("This WAV file has a sample rate of zero.")
    return int(rate)
