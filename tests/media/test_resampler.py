import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.media.frame import samples
from app.media.resampler import Resampler

PAIRS = [
    *((8000, 48000), (48000, 8000), (16000, 48000), (48000, 16000), (24000, 48000)),
    *((48000, 24000), (44100, 48000), (48000, 44100), (8000, 16000), (16000, 8000)),
    *((16000, 24000), (24000, 16000), (47950, 48000), (11050, 47650)),
]
DOWN = [(48000, 8000), (48000, 16000), (48000, 24000), (16000, 8000), (24000, 16000)]
UP = [(8000, 48000), (16000, 48000), (24000, 48000), (8000, 16000), (16000, 24000)]
AMPLITUDE = 16000


def tone(rate, frequency, seconds=0.4, amplitude=AMPLITUDE):
    angle = 2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate
    return np.rint(amplitude * np.sin(angle)).astype(np.int16)


def convert(source, target, pcm):
    """Return the whole output for an input fed in frames, the delay cut off."""
    resampler = Resampler(source, target)
    step = samples(source)
    made = [resampler.push(pcm[at : at + step]) for at in range(0, len(pcm), step)]
    return np.concatenate([*made, resampler.flush()])[resampler.delay :]


def decibels(part):
    return 20 * np.log10(max(np.sqrt(2 * np.mean(np.square(part))), 1e-3) / AMPLITUDE)


def settled(out):
    return out[len(out) // 4 : -len(out) // 4].astype(float)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_frame_gives_exactly_a_frame(source, target):
    resampler = Resampler(source, target)

    lengths = {len(resampler.push(np.zeros(samples(source), np.int16))) for _ in range(8)}

    assert lengths == {samples(target)}
    assert len(resampler.flush()) == resampler.delay


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_delay_is_what_it_says_and_below_5_ms(source, target):
    resampler = Resampler(source, target)
    click = np.zeros(samples(source) * 2, np.int16)
    click[0] = 20000

    out = resampler.push(click)

    assert int(np.argmax(out)) == resampler.delay
    assert resampler.delay / target <= 0.005


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.85])
def test_a_tone_comes_out_as_the_same_tone(source, target, part):
    frequency = part * min(source, target) / 2

    out = convert(source, target, tone(source, frequency))

    error = settled(out) - settled(tone(target, frequency)[: len(out)])
    assert decibels(error) < -50


@pytest.mark.parametrize(("source", "target"), DOWN)
@pytest.mark.parametrize("part", [0.001, 0.1, 0.5, 0.97])
def test_a_tone_above_the_targets_band_is_gone(source, target, part):
    frequency = target / 2 + part * (source - target) / 2

    assert decibels(settled(convert(source, target, tone(source, frequency)))) < -50


@pytest.mark.parametrize(("source", "target"), UP)
@pytest.mark.parametrize("part", [0.3, 0.9, 0.99])
def test_a_tone_has_no_mirror_image_above_the_sources_band(source, target, part):
    out = settled(convert(source, target, tone(source, part * source / 2)))

    spectrum = np.abs(np.fft.rfft(out * np.blackman(len(out))))
    frequencies = np.fft.rfftfreq(len(out), 1 / target)
    images = spectrum[frequencies > source / 2 * 1.005]
    assert 20 * np.log10(images.max() / (AMPLITUDE * len(out) * 0.21)) < -50


@pytest.mark.parametrize(("source", "target"), [(16000, 48000), (48000, 8000), (44100, 48000)])
def test_loud_peaks_saturate(source, target):
    period = np.array([1, 1, -1, -1] if source < target else [1] * 40 + [-1] * 40)
    square = np.resize(period * 32767, samples(source) * 4).astype(np.int16)

    out = convert(source, target, square)

    assert (out.max(), out.min()) == (32767, -32768)


def test_a_constant_stays_the_same_constant():
    out = convert(24000, 48000, np.full(2400, 1234, np.int16))

    assert set(settled(out)) == {1234.0}


def test_a_resampler_begins_afresh_after_a_flush():
    resampler = Resampler(16000, 48000)
    first = [resampler.push(tone(16000, 440)), resampler.flush()]

    second = [resampler.push(tone(16000, 440)), resampler.flush()]

    assert np.array_equal(np.concatenate(first), np.concatenate(second))


def test_nothing_in_gives_nothing_out():
    resampler = Resampler(8000, 48000)

    assert len(resampler.push(np.empty(0, np.int16))) == 0
    assert len(resampler.flush()) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PAIRS),
    st.lists(st.integers(0, 1500), max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_how_the_input_is_cut_makes_no_difference(pair, cuts, seed):
    source, target = pair
    noise = np.random.default_rng(seed).integers(-9000, 9000, sum(cuts), dtype=np.int16)
    resampler = Resampler(source, target)
    whole = np.concatenate([resampler.push(noise), resampler.flush()])

    pieces = [resampler.push(piece) for piece in np.split(noise, np.cumsum(cuts)[:-1])]
    pieces.append(resampler.flush())

    joined = np.concatenate(pieces).astype(int)
    length = -(-len(noise) * target // source) + resampler.delay if len(noise) else 0
    assert len(joined) == len(whole) == length
    # Products of another shape may round the last bit of a float the other way.
    assert np.abs(joined - whole).max(initial=0) <= 1
