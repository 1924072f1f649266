"""The colours: enough contrast in light and in dark, and none outside of the tokens."""

import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
COLOUR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
COLOURS = {name: pair for name, *pair in COLOUR.findall((CSS / "tokens.css").read_text())}
SURFACES = ("ground", "sunken", "surface", "raised", "hover")
TEXTS = (
    *product(("ink", "ink-soft", "ink-faint", "accent"), SURFACES),
    *((tone, f"{tone}-soft") for tone in ("good", "warn", "bad")),
    *product(("good", "warn", "bad"), ("surface", "ground")),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "behind"), TEXTS)
def test_text_can_be_read(theme: int, text: str, behind: str) -> None:
    assert contrast(COLOURS[text][theme], COLOURS[behind][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("behind", ["ground", "surface"])
def test_what_can_be_operated_is_outlined(theme: int, behind: str) -> None:
    assert contrast(COLOURS["line-strong"][theme], COLOURS[behind][theme]) >= 3


@pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_only_the_tokens_name_colours(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    found = re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", text)

    assert sheet.name == "tokens.css" or not found


@pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_every_custom_property_exists(sheet: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+):", (CSS / "tokens.css").read_text()))

    assert set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) <= defined
