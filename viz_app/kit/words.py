"""Numbers, times and lists as they stand in sentences and tables: each in one way everywhere."""

import math
from collections.abc import Sequence

from viz_app.text import say

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LARGE = 1e5

UNITS = ((1, "seconds", 90), (60, "minutes", 90), (3600, "hours", 48), (86_400, "days", 1000))
"""Each unit in seconds, and how many of it are said."""


def digits(value: float) -> str:
    """A number with sensible digits: two after the point, or two significant ones below 0.1."""
    if value >= 1e4 or not math.isfinite(value):
        return powers(value)
    if value >= 0.1:
        four = f"{value:.4f}"
        return four if float(four) < 1 else f"{value:.2f}"
    if value < 1e-5:
        return powers(value)
    return f"{value:.{1 - math.floor(math.log10(value))}f}"


def powers(value: float) -> str:
    """A very large or small number as a digit times a power of ten."""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def three_digits(value: float) -> str:
    """A number with three digits, a true minus sign and thousands apart."""
    if math.isnan(value):
        return say("tutorial.unknown")
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= LARGE or 0 < size < 1e-3:
        written = powers(size)
    else:
        written = f"{size:,.0f}" if size >= 100 else f"{size:.3g}"
    return f"−{written}" if value < 0 else written


def two_digits(value: float) -> str:
    """A number of any size: two or three digits, or a digit and a power of ten."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value != 0 and not 1e-3 <= value < 1e4:
        return powers(value)
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def percent(share: float) -> str:
    """A share in whole percent; only what is all, or nothing, is called so."""
    if 0 < share < 0.005:
        return say("saturation.under_percent")
    if 0.995 <= share < 1:
        return say("saturation.nearly_all")
    return f"{share:.0%}"


def relative_change(relative: float) -> str:
    """A relative change in per cent, with its sign; a true minus."""
    told = f"{relative:+.1%}" if math.isfinite(relative) else "∞"
    return told.replace("-", "−").replace("+0.0%", "0.0%").replace("−0.0%", "0.0%")


def steps(life: float) -> str:
    """A number of time steps, with a digit after the point where there are few."""
    return say("gates.steps", count=f"{life:.0f}" if life >= 10 else f"{life:.1f}")


def duration(seconds: float) -> str:
    """A duration in one round number and its unit."""
    if seconds < 10:
        return say("app.cost_moment")
    for unit, name, until in UNITS:
        if seconds < until * unit:
            return say(f"app.cost_{name}", count=_rounded(seconds / unit))
    return say("app.cost_years")


def cost(seconds: float) -> str:
    """What is said below a form: how long its networks train here at most."""
    return say("app.cost", duration=duration(seconds))


def joined(parts: Sequence[str]) -> str:
    """Two or three names as a person says them."""
    names = dict(zip(("first", "second", "third"), parts, strict=False))
    return say(f"compare.and_{'two' if len(parts) == 2 else 'three'}", **names)


def _rounded(count: float) -> int:
    """One digit that counts, two from 10 on: 3, 20, 45."""
    whole = round(count)
    return whole if whole < 20 else round(whole / 5) * 5
