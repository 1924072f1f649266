"""The main job on the running product: who is in a room hears everybody else, and only those."""

import numpy as np

from tests.product import Product
from tests.system.callers import RATE, Agent, Guest, Samples, everybody, place


def tone(pitch: float, seconds: int) -> Samples:
    wave = np.sin(2 * np.pi * pitch * np.arange(seconds * RATE) / RATE)
    return (8000 * wave).astype(np.int16)


def loudness(heard: Samples, pitch: float) -> float:
    """The amplitude at a pitch, in parts of the tone that was sent."""
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)))) * 4 / len(heard) / 8000
    return float(spectrum[round(pitch * len(heard) / RATE)])


def test_two_agents_hear_each_others_tones_and_not_their_own(product: Product) -> None:
    low = Agent(product, place(product))
    high = Agent(product, place(product, low.call))
    guest = Guest(product, low.call)
    guest.tell("audio.start", sample_rate=RATE)
    guest.hear("audio.started")

    low.play(tone(440, 4))
    high.play(tone(880, 4))
    for caller in (low, high, guest):
        caller.until(lambda caller=caller: caller.frames[-1:] != [] and caller.frames[-1].any())
        caller.hear_more(0.2)  # Until both have begun.

    heard = {caller: caller.hear_more(1) for caller in (low, high, guest)}
    everybody.close()

    assert loudness(heard[low], 880) > 0.95
    assert loudness(heard[low], 440) < 0.001
    assert loudness(heard[high], 440) > 0.95
    assert loudness(heard[high], 880) < 0.001
    assert min(loudness(heard[guest], 440), loudness(heard[guest], 880)) > 0.95
