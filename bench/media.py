"""Measures what a participant's audio costs in one tick, without sockets."""

import time
from collections.abc import Callable

import numpy as np

from app.media.bank import FrameBank
from app.media.jitter import Trimmer
from app.media.levels import peaks
from app.media.mixer import group_rooms, mix_rooms
from app.media.playout import PlayoutQueue
from app.media.resampler import Resampler

RATE = 48000
FRAME = RATE // 50
LANES = 1000
ROUNDS = 9
TICKS = 40

Tick = Callable[[], object]


def main() -> None:
    """Print microseconds per participant and tick: the median round, the fastest and slowest."""
    print(f"{LANES} participants at {RATE} Hz, one thread")
    print("| part of a tick | us per participant | fastest | slowest |")
    print("|---|---|---|---|")
    for name, (tick, participants) in cases().items():
        rounds = sorted(_round(tick) / participants for _ in range(ROUNDS))
        middle = rounds[ROUNDS // 2]
        print(f"| {name} | {middle:.2f} | {rounds[0]:.2f} | {rounds[-1]:.2f} |")


def cases() -> dict[str, tuple[Tick, int]]:
    """Return the work of one tick and for how many participants it is, by name."""
    found: dict[str, tuple[Tick, int]] = {}
    for size in (1, 2, 3, 10, 50):
        found[f"mix, rooms of {size}"] = (_mix(size), LANES)
    found["push and pop, queues empty"] = (_push_pop(0), LANES)
    found["push and pop, 5 frames queued"] = (_push_pop(5), LANES)
    found["pop, nobody sends"] = (_bank()[0].pop, LANES)
    found["trim, nothing to do"] = (_trim(), LANES)
    found["levels (every fifth tick)"] = (_levels(), LANES)
    for source, target in ((24000, 48000), (16000, 48000), (48000, 24000), (48000, 8000)):
        found[f"resample {source} to {target}"] = (_resample(source, target), 1)
    found["play-out queue, native rate"] = (_play(RATE), 1)
    found["play-out queue, 24000 Hz"] = (_play(24000), 1)
    return found


def _round(tick: Tick) -> float:
    """Return the microseconds of one tick, averaged over a round."""
    start = time.perf_counter()
    for _ in range(TICKS):
        tick()
    return (time.perf_counter() - start) / TICKS * 1e6


def _voices(rate: int = RATE, count: int = LANES) -> np.ndarray:
    random = np.random.default_rng(1)
    return (random.standard_normal((count, rate // 50)) * 3000).astype(np.int16)


def _mix(size: int) -> Tick:
    rows = np.random.default_rng(2).permutation(LANES)
    groups = group_rooms([rows[at : at + size] for at in range(0, LANES, size)])
    current, out = _voices(), np.empty((LANES, FRAME), np.int16)
    return lambda: mix_rooms(current, groups, out)


def _bank() -> tuple[FrameBank, np.ndarray]:
    bank = FrameBank(RATE, LANES)
    lanes = np.array([bank.open() for _ in range(LANES)])
    return bank, np.random.default_rng(3).permutation(lanes)


def _push_pop(queued: int) -> Tick:
    bank, lanes = _bank()
    frames = _voices()
    for _ in range(queued):
        bank.push(lanes, frames)

    def tick() -> None:
        bank.push(lanes, frames)
        bank.pop()

    return tick


def _trim() -> Tick:
    bank, lanes = _bank()
    trimmer = Trimmer(bank)
    for lane in lanes:
        trimmer.watch(int(lane))
    return trimmer.observe


def _levels() -> Tick:
    current = _voices()
    return lambda: peaks(current)


def _resample(source: int, target: int) -> Tick:
    resampler = Resampler(source, target)
    frame = _voices(source, 1)[0]
    return lambda: resampler.push(frame)


def _play(rate: int) -> Tick:
    queue = PlayoutQueue(RATE)
    queue.configure(rate)
    data = _voices(rate, 1).tobytes()

    def tick() -> None:
        queue.feed(data)
        queue.pull()

    return tick


if __name__ == "__main__":
    main()
