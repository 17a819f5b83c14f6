"""How long something takes, as one would say it."""

from viz_app.text import say

UNITS = ((1, "seconds", 90), (60, "minutes", 90), (3600, "hours", 48), (86_400, "days", 1000))
"""Each unit in seconds, and how many of it are said."""


def training(seconds: float) -> str:
    """What is said below a form: how long its networks train here at most."""
    return say("app.cost", duration=about(seconds))


def about(seconds: float) -> str:
    """A duration in one round number and its unit."""
    if seconds < 10:
        return say("app.cost_moment")
    for unit, name, until in UNITS:
        if seconds < until * unit:
            return say(f"app.cost_{name}", count=_rounded(seconds / unit))
    return say("app.cost_years")


def _rounded(count: float) -> int:
    """One digit that counts, two from 10 on: 3, 20, 45."""
    whole = round(count)
    return whole if whole < 20 else round(whole / 5) * 5
