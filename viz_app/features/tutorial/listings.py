"""Faults in the tutorial's listings: what is seen of them in numbers."""

import math

from gatescope.experiments.tutorial import Criterion, exactly, less
from gatescope.experiments.tutorial.listings import per_cent as accuracy_in_per_cent
from viz_app.features.tutorial.evidence import Evidence, Finding

SCALED = ("temperature", "weather")
POINTS = 1.0
"""Percentage points by which a score of the same forecasts differs, to be no score."""


def fault(criteria: tuple[Criterion, ...], numbers: dict[str, float]) -> Finding:
    """A finding about a listing."""
    return Finding(criteria, numbers, fault=True)


def blind_candidate(e: Evidence) -> Finding:
    """How many candidates there are for a thousand inputs."""
    numbers = {name: e.counted("candidates", name) for name in ("blind", "right")}
    blind = Criterion("candidates", exactly(numbers["blind"]), 1, at_least=False, rule=None)
    return fault((blind,), numbers)


def last_step(e: Evidence) -> Finding:
    """How many steps each half has seen when it is read at the last one."""
    numbers = {name: e.counted("seen", name) for name in ("forward", "backward")}
    seen = Criterion("seen", exactly(numbers["backward"]), 1, at_least=False, rule=None)
    return fault((seen,), numbers)


def scaled_with_all(e: Evidence) -> Finding:
    """The same networks, scaled with the training part and with all of it."""
    ratios = {
        name: e.loss_ratio("scaling", f"{name} all", f"{name} train", paired=True)
        for name in SCALED
    }
    errors = {
        f"{name}_{scaling}": math.sqrt(e.means("scaling", "loss")[f"{name} {scaling}"])
        for name in SCALED
        for scaling in ("train", "all")
    }
    criteria = tuple(
        less(name, ratio, "tutorial_loss", ratio=True) for name, ratio in ratios.items()
    )
    return fault(criteria, errors | {"seeds": e.seeds("scaling")})


def plateau(e: Evidence) -> Finding:
    """How often the rate is lowered."""
    numbers = {name: e.counted("moves", name) for name in ("equal", "below")}
    moves = Criterion("moves", exactly(numbers["equal"]), 0, at_least=False, rule=None)
    return fault((moves,), numbers)


def per_cent(e: Evidence) -> Finding:
    """The same forecasts in three units."""
    scores = accuracy_in_per_cent(*e.temperature)
    apart = max(scores.values()) - min(scores.values())
    return fault((Criterion("units", exactly(apart), POINTS, rule=None),), dict(scores))
