"""Sentences about memory, each number in them taken from what is drawn."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from gatescope.analysis import lag_below
from gatescope.experiments.memory import MEASURES, Curve, Curves
from viz_app.text import name_of, say
from viz_app.views.settings import powers

HALF = 0.5
APART = 1.25
"""Two measures disagree when one is larger by this factor."""


def half(curve: Curve) -> float:
    """The lag at which a curve falls below one half for the first time after its best; in steps.

    Infinite where it does not within what was measured, NaN where it was never above.
    """
    value = np.asarray(curve.value)
    best = int(value.argmax())
    if value[best] <= HALF:
        return math.nan
    return lag_below(value[best:], HALF, np.asarray(curve.lags)[best:])


def said(curve: Curve) -> str:
    """A half-life as a person would say it."""
    steps = half(curve)
    if math.isnan(steps):
        return say("memory.never")
    if math.isinf(steps):
        return say("memory.beyond", last=curve.lags[-1])
    return say("memory.steps", steps=f"{steps:.0f}" if steps >= 10 else f"{steps:.1f}")


def half_lives(found: Mapping[str, Curves]) -> pd.DataFrame:
    """One row a measure, one column a cell, as text; what the measure asks beside it."""
    rows = {
        say("memory.numbered", number=number + 1, name=say(f"memory.name_{measure}")): [
            *(
                said(curves[measure]) if measure in curves else say("memory.none")
                for curves in found.values()
            ),
            say(f"memory.what_{measure}"),
        ]
        for number, measure in enumerate(MEASURES)
        if any(measure in curves for curves in found.values())
    }
    columns = [*(name_of("cell", cell) for cell in found), say("memory.what")]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.rename_axis(say("memory.measure"))


def at(curve: Curve, lag: float) -> float:
    """A curve's value at the measured lag that is nearest."""
    return curve.value[int(np.abs(np.asarray(curve.lags) - lag).argmin())]


def share(value: float, times: str = "times") -> str:
    """A share, a factor or a tiny number, as a person would say it."""
    if value >= 2:
        return say(f"memory.{times}", factor=value)
    return f"{value:.0%}" if value >= 0.01 else powers(max(value, 0.0))


def sentences(found: Mapping[str, Curves]) -> list[str]:
    """Where the measures of each network disagree, and why."""
    return [
        say("memory.about", cell=name_of("cell", cell), told=" ".join(told))
        for cell, curves in found.items()
        if (told := [*_paths(curves), *_loss(curves), *_read(curves), *_forgotten(curves)])
    ]


def _paths(curves: Curves) -> list[str]:
    """Gates against the Jacobian: the direct path against all of them."""
    if "gates" not in curves:
        return []
    lag = min(curves["gates"].lags[-1], curves["jacobian"].lags[-1])
    direct, every = at(curves["gates"], lag), at(curves["jacobian"], lag)
    key = "same"
    if every > APART * direct:
        key = "more"
    elif direct > APART * every:
        key = "less"
    return [say(f"memory.paths_{key}", lag=lag, gates=share(direct), jacobian=share(every))]


def _loss(curves: Curves) -> list[str]:
    """The gradient against the Jacobian: what the loss asks against the best direction."""
    lag = min(curves["gradient"].lags[-1], curves["jacobian"].lags[-1])
    asked, best = at(curves["gradient"], lag), at(curves["jacobian"], lag)
    key = "same"
    if best > APART * asked:
        key = "less"
    elif asked > APART * best:
        key = "more"
    return [say(f"memory.loss_{key}", lag=lag, gradient=share(asked), jacobian=share(best))]


def _read(curves: Curves) -> list[str]:
    """The probe against the behaviour: any input against the one that the task asks for."""
    if "behaviour" not in curves:
        return []
    known, used = half(curves["information"]), half(curves["behaviour"])
    values = {"probe": said(curves["information"]), "behaviour": said(curves["behaviour"])}
    if len(curves["behaviour"].lags) == 1:
        right = at(curves["behaviour"], 0)
        return [say("memory.read_one", probe=values["probe"], right=right)]
    if math.isnan(used):
        return [say("memory.read_unused", probe=values["probe"])]
    if math.isnan(known) or known < used:
        return [say("memory.read_selects", **values)]
    return [say("memory.read_more", **values)]


def _forgotten(curves: Curves) -> list[str]:
    """How long two pasts stay apart."""
    if "convergence" not in curves:
        return []
    curve = curves["convergence"]
    steps = lag_below(np.asarray(curve.value), 0.05, np.asarray(curve.lags))
    if math.isfinite(steps):
        return [say("memory.forgets", steps=math.ceil(steps))]
    return [say("memory.apart", lag=curve.lags[-1], left=share(curve.value[-1], "factor"))]
