"""Markdown tables and verdicts."""

from collections.abc import Sequence
from statistics import median


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return the median with the range behind it.

    >>> spread([3.0, 1.0, 2.0])
    '2.0 [1.0-3.0]'
    """
    low, high = min(values), max(values)
    return f"{median(values):.{digits}f} [{low:.{digits}f}-{high:.{digits}f}]"


def verdict(value: float, bound: float | None, unit: str = "") -> tuple[str, str]:
    """Return an upper bound and whether a value keeps it; shown only where there is none.

    >>> verdict(0.5, 0.8), verdict(0.9, 0.8), verdict(1, None)
    (('<= 0.8', 'pass'), ('<= 0.8', 'FAIL'), ('none', ''))
    """
    if bound is None:
        return "none", ""
    return f"<= {bound:g}{unit}", "pass" if value <= bound else "FAIL"


def verdict_at_least(value: float, bound: float, unit: str = "") -> tuple[str, str]:
    """Return a lower bound and whether a value keeps it."""
    return f">= {bound:g}{unit}", "pass" if value >= bound else "FAIL"
