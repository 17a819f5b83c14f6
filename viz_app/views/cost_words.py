"""How long something takes, as one would say it."""

from viz_app.text import say

MINUTE, HOUR, DAY = 60, 3600, 86_400


def training(seconds: float) -> str:
    """What is said below a form: how long its networks train here at most."""
    return say("app.cost", duration=about(seconds))


def about(seconds: float) -> str:
    """A duration in one round number and its unit."""
    if seconds < 10:
        return say("app.cost_moment")
    for unit, name, until in ((1, "seconds", 90), (MINUTE, "minutes", 90), (HOUR, "hours", 48)):
        count = _rounded(seconds / unit)
        if count < until:
            return say(f"app.cost_{name}", count=count)
    count = seconds / DAY
    return say("app.cost_days", count=_rounded(count)) if count < 1000 else say("app.cost_years")


def _rounded(count: float) -> int:
    """One digit that counts, two from 10 on: 3, 20, 45."""
    whole = round(count)
    return whole if whole < 20 else round(whole / 5) * 5
