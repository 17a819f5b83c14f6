"""Numbers, plurals, times and lists as sentences and tables write them: one way everywhere.

``some("seeds", 3)``          3 seeds; 1 seed
``counted("job.ahead", 2)``   a sentence of two forms, for one and for many
``joined(["A", "B", "C"])``   A, B and C; ``either`` with *or*
``commas(["A", "B", "C"])``   A, B, C; ``clauses`` with semicolons, ``spoken`` whole sentences
``percent(0.004)``            under 1%; over 99%; 37%
``decimals(-0.25, 2)``        −0.25: so many digits after the point, and a true minus
``brief(-20.0)``               −20.0: the same with at most three digits
``measured(0.2361, 0.014)``   0.236: one digit more than the uncertainty has
``number(1e-5)``              1·10⁻⁵: a setting as it was given, never 1e-05
``digits(loss)``              a loss or another size: 0.0666, 2.30, 3·10⁻⁷
"""

import math
from collections.abc import Iterable, Sequence

from viz_app.text import filled, say
from viz_app.text import words as texts
from viz_app.text.joints import joint

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LARGE = 1e5
SMALL = 1e-4
"""Below it a number is written by a power of ten."""

MOST_PLACES = 6
FORMS = " | "
"""What stands between a text's form for one and that for many."""

UNITS = ((1, "seconds", 90), (60, "minutes", 90), (3600, "hours", 48), (86_400, "days", 1000))
"""Each unit in seconds, and how many of it are said."""


def counted(key: str, count: int, **values: object) -> str:
    """A text of two forms, ``one | many``, in the one that a count takes.

    A language without plurals has a single form.

    Parameters
    ----------
    key
        The text's key.
    count
        What decides, and fills ``{count}``.
    values
        What else stands in braces.
    """
    forms = texts()[key].split(FORMS)
    return filled(forms[0] if count == 1 else forms[-1], {"count": count, **values})


def some(noun: str, count: int) -> str:
    """So many of something, as "1 seed" and "3 seeds"; ``noun`` is a key of ``count.toml``."""
    return counted(f"count.{noun}", count)


def joined(parts: Sequence[str]) -> str:
    """What there is, as a person lists it: "A", "A and B", "A, B and C"."""
    return _listed(parts, "and")


def either(parts: Sequence[str]) -> str:
    """What may be, as a person lists it: "A", "A or B", "A, B or C"."""
    return _listed(parts, "or")


def commas(parts: Iterable[str]) -> str:
    """What stands side by side, with no word before the last: "A, B, C"."""
    return _linked(parts, "more")


def clauses(parts: Iterable[str]) -> str:
    """Parts of a sentence that may have commas in them: "A is 1, B is 2; C is 3"."""
    return _linked(parts, "apart")


def spoken(*sentences: str) -> str:
    """Sentences one after another, as their script sets them apart; an empty one says nothing."""
    whole = ""
    for sentence in filter(None, sentences):
        whole = joint(f"{whole} ", sentence) if whole else sentence
    return whole


def decimals(value: float, places: int = 2) -> str:
    """A number with so many digits after the point, thousands apart, and a true minus sign."""
    if not math.isfinite(value):
        return _not_finite(value)
    return _true_minus(f"{value:,.{places}f}")


def brief(value: float) -> str:
    """A number to be listened to: at most three digits, and at most two after the point."""
    size = abs(value)
    return decimals(value, 2 if size < 9.995 else 1 if size < 99.95 else 0)


def number(value: float) -> str:
    """A number with the digits that it was given with, three from a computation: 0.9, 1·10⁻⁵."""
    if not math.isfinite(value):
        return _not_finite(value)
    size = abs(value)
    if 0 < size < SMALL:
        digit, exponent = f"{size:.2e}".split("e")
        digit = digit.rstrip("0").rstrip(".")
        text = f"{digit}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    else:
        text = f"{size:,.0f}" if size >= 1000 or size == round(size) else f"{size:.3g}"
    return f"−{text}" if value < 0 else text


def places_of(step: float) -> int:
    """Digits after the point that numbers have which lie so far apart: 0 for 1, 2 for 0.05."""
    return len(f"{step:.{MOST_PLACES}f}".rstrip("0").partition(".")[2])


def digits(value: float) -> str:
    """A number with sensible digits: two after the point, or two significant ones below 0.1."""
    if value < 0:
        return f"−{digits(-value)}"
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
    if not math.isfinite(value):
        return _not_finite(value)
    if value <= 0:
        return f"−{powers(-value)}" if value else "0"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def three_digits(value: float) -> str:
    """A number with three digits, a true minus sign and thousands apart."""
    if math.isnan(value):
        return say("tutorial.unknown")
    if math.isinf(value):
        return _not_finite(value)
    size = abs(value)
    if size >= LARGE or 0 < size < SMALL:
        written = powers(size)
    else:
        written = f"{size:,.0f}" if size >= 100 else f"{size:.3g}"
    return f"−{written}" if value < 0 else written


def two_digits(value: float) -> str:
    """A number of any size: two or three digits, or a digit and a power of ten."""
    if not math.isfinite(value):
        return _not_finite(value)
    if value != 0 and not 1e-3 <= value < 1e4:
        return powers(value)
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def percent(share: float) -> str:
    """A fraction in whole per cent; only what is all, or nothing, is called so."""
    if not math.isfinite(share):
        return say("app.not_a_number")
    if 0 < share < 0.01:
        return say("app.under_percent")
    if 0.995 <= share < 1:
        return say("app.nearly_all")
    return _true_minus(f"{share:.0%}")


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
    """What is said below a form: how long its networks train here, if nothing else runs."""
    return say("app.cost", duration=duration(seconds))


def _listed(parts: Sequence[str], word: str) -> str:
    *firsts, last = parts
    if not firsts:
        return last
    whole = commas(firsts)
    return say("app.list_and" if word == "and" else "app.list_or", first=whole, second=last)


def _linked(parts: Iterable[str], by: str) -> str:
    whole = ""
    for part in parts:
        whole = say(f"app.list_{by}", first=whole, second=part) if whole else part
    return whole


def _true_minus(text: str) -> str:
    """A formatted number with a true minus sign; what rounds to zero has none."""
    bare = text.lstrip("-")
    return f"−{bare}" if text.startswith("-") and bare.strip("0.%") else bare


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return say("app.not_a_number")
    return "∞" if value > 0 else "−∞"


def _rounded(count: float) -> int:
    """One digit that counts, two from 10 on: 3, 20, 45."""
    whole = round(count)
    return whole if whole < 20 else round(whole / 5) * 5
