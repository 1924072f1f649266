"""Measures delay, rejection, flatness and cost of resamplers: ours and soxr's presets."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from app.media.frame import Samples, samples
from app.media.resampler import Resampler

PAIRS = (
    *((8000, 48000), (48000, 8000), (16000, 48000), (48000, 16000)),
    *((24000, 48000), (48000, 24000), (44100, 48000), (48000, 44100)),
    *((8000, 16000), (16000, 8000), (16000, 24000), (24000, 16000)),
)
SOXR_PRESETS = ("QQ", "LQ", "MQ", "HQ")
LOUD = 16000.0
SECONDS = 0.6
SETTLED = 0.15
TIMED_FRAMES = 2000

Push = Callable[[Samples, bool], Samples]


@dataclass(frozen=True)
class Figures:
    """One line of the table; milliseconds, decibels and microseconds."""

    delay_ms: float
    rejection_db: float
    ripple_db: float
    cost_us: float


def main() -> None:
    """Print a table for every pair of rates and every candidate, or for `ours` alone."""
    names = sys.argv[1:] or ["ours", *SOXR_PRESETS]
    print("| from | to | resampler | delay ms | rejection dB | ripple dB | us per 20 ms |")
    print("|---|---|---|---|---|---|---|")
    for source, target in PAIRS:
        for name in names:
            found = measure(name, source, target)
            print(
                f"| {source} | {target} | {name} | {found.delay_ms:.2f}"
                f" | {found.rejection_db:.0f} | {found.ripple_db:.2f} | {found.cost_us:.1f} |"
            )


def measure(name: str, source: int, target: int) -> Figures:
    """Measure one candidate with frames of 20 ms, as a call would feed it."""
    nyquist = min(source, target) / 2
    passing = [_gain(name, source, target, part * nyquist) for part in np.linspace(0.04, 0.85, 12)]
    stopping = [_leak(name, source, target, tone) for tone in _unwanted_tones(source, target)]
    return Figures(
        delay_ms=_delay(name, source, target) * 1000,
        rejection_db=-max(stopping),
        ripple_db=max(abs(gain) for gain in passing),
        cost_us=_cost(name, source, target) * 1e6,
    )


def candidate(name: str, source: int, target: int) -> Push:
    """Return a function of (samples, last) over one fresh stream."""
    if name == "ours":
        ours = Resampler(source, target)

        def push(pcm: Samples, last: bool) -> Samples:
            made = ours.push(pcm)
            return np.concatenate([made, ours.flush()]) if last else made

        return push
    stream = soxr.ResampleStream(source, target, 1, dtype="int16", quality=name)
    return lambda pcm, last: stream.resample_chunk(pcm, last=last)


def _unwanted_tones(source: int, target: int) -> npt.NDArray[np.float64]:
    """Return tones that must not fold: above the target's band, or mirrored above the source's."""
    if source > target:
        return np.linspace(target / 2 * 1.001, source / 2 * 0.99, 24)
    return np.linspace(source / 2 * 0.04, source / 2 * 0.999, 24)


def _tone(rate: int, frequency: float) -> Samples:
    time_ = np.arange(int(rate * SECONDS)) / rate
    return np.rint(LOUD * np.sin(2 * np.pi * frequency * time_)).astype(np.int16)


def _run(name: str, source: int, target: int, pcm: Samples) -> list[Samples]:
    push = candidate(name, source, target)
    frame = samples(source)
    starts = range(0, len(pcm), frame)
    return [push(pcm[at : at + frame], at == starts[-1]) for at in starts]


def _settled(name: str, source: int, target: int, frequency: float) -> npt.NDArray[np.float64]:
    out = np.concatenate(_run(name, source, target, _tone(source, frequency)))
    edge = int(target * SETTLED)
    return out[edge:-edge].astype(float)


def _split(out: npt.NDArray[np.float64], rate: int, frequency: float) -> tuple[float, float]:
    """Return the amplitude at a frequency and the amplitude of all the rest."""
    angle = 2 * np.pi * frequency * np.arange(len(out)) / rate
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    weights, *_ = np.linalg.lstsq(basis, out, rcond=None)
    rest = out - basis @ weights
    return float(np.hypot(*weights)), float(np.sqrt(2 * np.mean(rest**2)))


def _gain(name: str, source: int, target: int, frequency: float) -> float:
    wanted, _ = _split(_settled(name, source, target, frequency), target, frequency)
    return 20 * np.log10(wanted / LOUD)


def _leak(name: str, source: int, target: int, frequency: float) -> float:
    out = _settled(name, source, target, frequency)
    if frequency > target / 2:
        leaked = float(np.sqrt(2 * np.mean(out**2)))
    else:
        _, leaked = _split(out, target, frequency)
    return 20 * np.log10(max(leaked, 1e-3) / LOUD)


def _delay(name: str, source: int, target: int) -> float:
    """Return the seconds after which the sound of a moment can surely be played.

    That is how far the output's sound is shifted, and how far its supply falls behind the input
    at worst: a player that starts earlier than that runs dry.
    """
    centre = SECONDS / 2
    time_ = np.arange(int(source * SECONDS)) / source - centre
    burst = np.exp(-((time_ / 0.01) ** 2)) * np.cos(2 * np.pi * 1000 * time_)
    made = _run(name, source, target, np.rint(LOUD * burst).astype(np.int16))
    energy = np.concatenate(made).astype(float) ** 2
    shift = float(np.sum(energy * np.arange(len(energy))) / np.sum(energy)) / target - centre
    supplied = np.cumsum([len(block) for block in made])[:-1]
    due = samples(target) * np.arange(1, len(made))
    return shift + float(np.max(due - supplied)) / target


def _cost(name: str, source: int, target: int) -> float:
    push = candidate(name, source, target)
    frame = _tone(source, 440.0)[: samples(source)]
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(TIMED_FRAMES // 5):
            push(frame, False)
        rounds.append((time.perf_counter() - start) / (TIMED_FRAMES // 5))
    return min(rounds)


if __name__ == "__main__":
    main()
