"""Mix-minus: everybody in a room hears all the others and never themselves."""

from collections.abc import Iterable, Sequence

import numpy as np

from app.media.frame import Frame, Indices, Samples

LIMITS = (np.iinfo(np.int16).min, np.iinfo(np.int16).max)

# At 48 kHz the 32-bit copy of so many rows is half a megabyte and stays in a core's cache.
CHUNK_ROWS = 128


def mix_minus(frames: dict[str, Frame]) -> dict[str, Frame]:
    """Return, for each participant, the sum of all the others.

    Sums once in 32 bits and subtracts each speaker, so cost grows with the number of
    participants, not with its square. Loud sums saturate instead of wrapping. Every frame must
    have the same rate and length; anything else raises `ValueError`. The tick uses `mix_rooms`,
    which does the same to all rooms at once; this is its readable reference.

    >>> a, b = (Frame(np.array([n], np.int16), 16000) for n in (1, 2))
    >>> mix_minus({"a": a, "b": b})["a"].pcm.tolist()
    [2]
    """
    if len({(frame.rate, len(frame.pcm)) for frame in frames.values()}) > 1:
        raise ValueError("Frames of one mix must share a rate and a length.")
    total = sum(frame.pcm.astype(np.int32) for frame in frames.values())
    return {
        name: Frame(np.clip(total - frame.pcm, *LIMITS).astype(np.int16), frame.rate)
        for name, frame in frames.items()
    }


def group_rooms(rooms: Iterable[Sequence[int]]) -> list[Indices]:
    """Sort rooms, each given as the row numbers of its members, into one array per size.

    An array has the shape [rooms, size]; smaller sizes come first; empty rooms vanish.

    >>> [group.tolist() for group in group_rooms([[4, 2], [7], [], [0, 1]])]
    [[[7]], [[4, 2], [0, 1]]]
    """
    by_size: dict[int, list[Sequence[int]]] = {}
    for room in rooms:
        if len(room):
            by_size.setdefault(len(room), []).append(room)
    return [np.array(by_size[size], np.intp) for size in sorted(by_size)]


def mix_rooms(current: Samples, groups: Sequence[Indices], out: Samples) -> None:
    """Write to each row of `out` what the member of that row hears in this tick.

    `current` and `out` are different arrays of shape [rows, samples]; `groups` is what
    `group_rooms` made, each row at most once. Rows in no room keep what they held. One member
    alone hears silence; two hear each other verbatim, without arithmetic; more get the saturated
    sum of the others.

    >>> heard = np.empty((3, 1), np.int16)
    >>> mix_rooms(np.array([[1], [20], [300]], np.int16), group_rooms([[0, 1, 2]]), heard)
    >>> heard[:, 0].tolist()
    [320, 301, 21]
    """
    for rows in groups:
        size = rows.shape[1]
        if size == 1:
            out[rows[:, 0]] = 0
        elif size == 2:
            _swap(current, rows, out)
        else:
            _sum(current, rows, out)


def _swap(current: Samples, rows: Indices, out: Samples) -> None:
    listeners = rows.reshape(-1)
    speakers = rows[:, ::-1].reshape(-1)
    scratch = np.empty((CHUNK_ROWS, current.shape[1]), np.int16)
    for start in range(0, len(listeners), CHUNK_ROWS):
        chosen = slice(start, start + CHUNK_ROWS)
        heard = scratch[: len(listeners[chosen])]
        _gather(current, speakers[chosen], heard)
        out[listeners[chosen]] = heard


def _sum(current: Samples, rows: Indices, out: Samples) -> None:
    rooms, size = rows.shape
    width = current.shape[1]
    step = min(rooms, max(1, CHUNK_ROWS // size))
    narrow = np.empty((step, size, width), np.int16)
    wide = np.empty((step, size, width), np.int32)
    total = np.empty((step, 1, width), np.int32)
    for start in range(0, rooms, step):
        chosen = rows[start : start + step]
        pcm, sums, all_ = (array[: len(chosen)] for array in (narrow, wide, total))
        _gather(current, chosen, pcm)
        # Widening by a copy of its own is twice as fast as a reduction that converts.
        np.copyto(sums, pcm)
        np.add.reduce(sums, axis=1, keepdims=True, out=all_)
        np.subtract(all_, sums, out=sums)
        np.clip(sums, *LIMITS, out=sums)
        np.copyto(pcm, sums, casting="unsafe")
        out[chosen] = pcm


def _gather(current: Samples, rows: Indices, out: Samples) -> None:
    # Any mode but "raise" lets numpy write straight into `out` without a buffer between.
    np.take(current, rows, axis=0, out=out, mode="clip")
