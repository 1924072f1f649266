"""The page's own signal processing, run where it runs: in a browser."""

import pytest

from tests.browser.conftest import OpenBrowser
from tests.browser.room.people import Page
from tests.product import Product

pytestmark = pytest.mark.browser

PLAYOUT = """
const [moves, done] = arguments;
const { Playout } = await import("/static/join/playout.js");
const rate = 48000, playout = new Playout(rate), out = new Float32Array(128);
const depths = [];
let written = 0, last = 0, step = 0, loudest = 0;
for (const [what, count] of moves) {
  for (let i = 0; i < count; i += 1) {
    if (what === "write") {
      const tone = (_, k) => Math.sin((2 * Math.PI * 440 * (written + k)) / rate);
      playout.write(Float32Array.from({ length: 960 }, tone));
      written += 960;
    } else if (what === "silence") playout.write(new Float32Array(960));
    else {
      playout.read(out);
      for (const sample of out) {
        step = Math.max(step, Math.abs(sample - last));
        loudest = Math.max(loudest, Math.abs(sample));
        last = sample;
      }
    }
    depths.push(playout.depth / rate);
  }
}
const { underruns, trims } = playout;
done({ depth: depths.at(-1), deepest: Math.max(...depths), step, loudest, underruns, trims });
"""

RESAMPLE = """
const [from, to, hz, done] = arguments;
const { Resampler } = await import("/static/join/resampler.js");
const resampler = new Resampler(from, to), out = [];
for (let block = 0; block < from / 128; block += 1) {
  const tone = (_, i) => Math.sin((2 * Math.PI * hz * (block * 128 + i)) / from);
  resampler.push(Float32Array.from({ length: 128 }, tone), (sample) => out.push(sample));
}
// Half a second is a whole number of periods of every tone in use.
const half = out.slice(to / 4, to / 4 + to / 2);
let [cos, sin, energy] = [0, 0, 0];
half.forEach((sample, i) => {
  cos += sample * Math.cos((2 * Math.PI * hz * i) / to);
  sin += sample * Math.sin((2 * Math.PI * hz * i) / to);
  energy += sample * sample;
});
const amplitude = (2 * Math.hypot(cos, sin)) / half.length;
energy /= half.length;
const noise = 10 * Math.log10(2 * Math.max(1e-12, energy - amplitude ** 2 / 2));
done({ samples: out.length, energy, amplitude, noise });
"""

STEP = 0.0576  # The steepest a full 440 Hz tone gets from one sample to the next.


@pytest.fixture(scope="session")
def page(open_browser: OpenBrowser, shared_product: Product) -> Page:
    """A page of the product's own origin that has no script of its own."""
    found = Page(open_browser())
    found.browser.get(f"{shared_product.url}/join/none")
    return found


def run(page: Page, script: str, *arguments: object) -> dict[str, float]:
    wrapped = f"(async function () {{ {script} }}).apply(null, arguments);"
    found: dict[str, float] = page.browser.execute_async_script(wrapped, *arguments)
    return found


def play(page: Page, *moves: tuple[str, int]) -> dict[str, float]:
    return run(page, PLAYOUT, moves)


def test_sound_waits_until_there_is_enough_in_hand(page: Page) -> None:
    found = play(page, ("write", 2), ("read", 20))

    assert found["loudest"] == 0
    assert found["underruns"] == 0
    assert found["depth"] == pytest.approx(0.04)


def test_sound_begins_gently_and_plays_what_came(page: Page) -> None:
    found = play(page, ("write", 3), ("read", 22))

    assert found["loudest"] > 0.99
    assert found["step"] <= STEP + 0.005
    assert found["underruns"] == 0


def test_a_gap_is_hidden_without_a_click(page: Page) -> None:
    found = play(page, ("write", 3), ("read", 60), ("write", 4), ("read", 20))

    assert found["underruns"] == 1
    assert found["step"] <= STEP + 0.01


def test_a_stall_is_cut_back_to_the_target(page: Page) -> None:
    found = play(page, ("write", 3), ("read", 4), ("write", 10), ("read", 4))

    assert found["trims"] == 1
    assert found["deepest"] <= 0.2
    assert found["step"] <= STEP * 2 + 0.01  # Two tones of unlike phase are blended for a moment.


def test_what_gathers_slowly_is_given_up_in_silence(page: Page) -> None:
    found = play(page, ("silence", 9), ("read", 1), *[("silence", 1), ("read", 8)] * 20)

    assert found["depth"] < 0.09
    assert found["trims"] == 0
    assert found["underruns"] == 0


@pytest.mark.parametrize(("source", "target"), [(44100, 48000), (48000, 44100), (96000, 48000)])
@pytest.mark.parametrize("hz", [440, 3400, 12000])
def test_a_tone_keeps_its_height_and_strength(
    page: Page, source: int, target: int, hz: int
) -> None:
    found = run(page, RESAMPLE, source, target, hz)

    assert found["samples"] == pytest.approx(target, abs=target * 256 / source + 64)
    assert found["amplitude"] == pytest.approx(1, abs=0.01)
    assert found["noise"] < -60


def test_what_the_lower_rate_cannot_carry_is_taken_out(page: Page) -> None:
    found = run(page, RESAMPLE, 96000, 48000, 30000)

    assert found["energy"] < 1e-6
