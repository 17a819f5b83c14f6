"""Sentences about memory, each number in them taken from what is drawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gatescope.analysis import lag_below
from gatescope.experiments.memory import MEASURES, Curve, Curves
from viz_app.features.memory.data import measure_name
from viz_app.kit.words import powers, steps
from viz_app.text import name_of, say

HALF, AGAIN = 0.5, 0.6
"""A curve has a half-life when it begins above one half, falls to it, and is never above `AGAIN`
after that; between the two it may waver."""
FORGOTTEN = 0.05
"""Two beginnings are forgotten once the states are nearer than this, relative to lag 0."""
APART = 1.25
"""Two measures disagree when one is larger by this factor."""


@dataclass(frozen=True)
class HalfLife:
    """When a curve falls to one half.

    Attributes
    ----------
    kind
        ``"steps"``; ``"beyond"`` what was measured; or none at all, for a curve that is ``"never"``
        above half, ``"rises"`` above it later than it begins, or ``"returns"`` above `AGAIN`.
    lag
        In steps: the half-life, the last lag that was measured, or where it rises or returns.
    """

    kind: Literal["steps", "beyond", "never", "rises", "returns"]
    lag: float


def half(curve: Curve) -> HalfLife:
    """The half-life of a curve, by the rule of `HALF` and `AGAIN`."""
    value, lags = np.asarray(curve.value), np.asarray(curve.lags)
    above = np.flatnonzero(value > HALF)
    if not len(above):
        return HalfLife("never", float(lags[-1]))
    if above[0] > 0:
        return HalfLife("rises", float(lags[above[0]]))
    below = np.flatnonzero(value <= HALF)
    if not len(below):
        return HalfLife("beyond", float(lags[-1]))
    again = np.flatnonzero(value[below[0] :] > AGAIN)
    if len(again):
        return HalfLife("returns", float(lags[below[0] + again[0]]))
    return HalfLife("steps", lag_below(value, HALF, lags))


def said(curve: Curve) -> str:
    """A half-life as a person would say it."""
    life = half(curve)
    if life.kind == "steps":
        return steps(life.lag)
    if life.kind == "beyond":
        return say("memory.beyond", last=life.lag)
    return say(f"memory.{life.kind}", lag=life.lag)


def half_lives(found: Mapping[str, Curves]) -> pd.DataFrame:
    """One row a measure, one column a cell, as text; what the measure asks beside it."""
    rows = {
        measure_name(measure): [
            *(
                said(curves[measure]) if measure in curves else say("memory.none")
                for curves in found.values()
            ),
            say(f"memory.what_{measure}"),
        ]
        for measure in MEASURES
        if any(measure in curves for curves in found.values())
    }
    columns = [*(name_of("cell", cell) for cell in found), say("memory.what")]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.rename_axis(say("memory.measure"))


def at(curve: Curve, lag: float) -> float:
    """A curve's value at the measured lag that is nearest."""
    return curve.value[int(np.abs(np.asarray(curve.lags) - lag).argmin())]


def share(value: float) -> str:
    """A share, a factor or a tiny number, as a person would say it."""
    if value >= 2:
        return say("memory.factor", factor=value)
    return f"{value:.0%}" if value >= 0.01 else powers(max(value, 0.0))


def factor(value: float) -> str:
    """What something is multiplied by, in two digits."""
    return f"{value:.2g}" if 0.01 <= value < 99.5 else powers(max(value, 0.0))


def sentences(found: Mapping[str, Curves]) -> list[str]:
    """Where the measures of each network disagree, and why."""
    return [
        say("memory.about", cell=name_of("cell", cell), told=" ".join(told))
        for cell, curves in found.items()
        if (told := [*_paths(curves), *_loss(curves), *_read(curves), *_forgotten(curves)])
    ]


def _paths(curves: Curves) -> list[str]:
    """Gates against the Jacobian: the direct path against all of them."""
    if not {"gates", "jacobian"} <= curves.keys():
        return []
    lag = min(curves["gates"].lags[-1], curves["jacobian"].lags[-1])
    direct, every = at(curves["gates"], lag), at(curves["jacobian"], lag)
    key = "same"
    if every > APART * direct:
        key = "more"
    elif direct > APART * every:
        key = "less"
    return [say(f"memory.paths_{key}", lag=lag, gates=factor(direct), jacobian=factor(every))]


def _loss(curves: Curves) -> list[str]:
    """The gradient against the Jacobian: what the loss asks against the best direction."""
    if not {"gradient", "jacobian"} <= curves.keys():
        return []
    lag = min(curves["gradient"].lags[-1], curves["jacobian"].lags[-1])
    asked, best = at(curves["gradient"], lag), at(curves["jacobian"], lag)
    key = "same"
    if best > APART * asked:
        key = "less"
    elif asked > APART * best:
        key = "more"
    return [say(f"memory.loss_{key}", lag=lag, gradient=factor(asked), jacobian=factor(best))]


def _read(curves: Curves) -> list[str]:
    """The probe against the behaviour: any input against the one that the task asks for.

    They are compared at the longest lag at which the answer is above half.
    """
    if not {"information", "behaviour"} <= curves.keys():
        return []
    probe, asked = curves["information"], curves["behaviour"]
    values = {"probe": said(probe), "behaviour": said(asked)}
    if len(asked.lags) == 1:
        return [say("memory.read_one", probe=values["probe"], right=asked.value[0])]
    right = np.flatnonzero(np.asarray(asked.value) > HALF)
    if not len(right):
        return [say("memory.read_unused", probe=values["probe"])]
    lag = asked.lags[right[-1]]
    known = np.asarray(probe.lags)[np.asarray(probe.value) > HALF]
    if at(probe, lag) <= HALF:
        return [say("memory.read_selects", **values, lag=lag, right=asked.value[right[-1]])]
    if known[-1] > lag and right[-1] < len(asked.lags) - 1:
        return [say("memory.read_more", **values)]
    return [say("memory.read_plain", **values)]


def _forgotten(curves: Curves) -> list[str]:
    """How long two pasts stay apart."""
    if "convergence" not in curves:
        return []
    curve = curves["convergence"]
    apart = np.flatnonzero(np.asarray(curve.value) >= FORGOTTEN)
    if not len(apart) or apart[-1] < len(curve.lags) - 1:  # below, and for good
        steps = curve.lags[apart[-1] + 1] if len(apart) else curve.lags[0]
        return [say("memory.forgets", steps=math.ceil(steps))]
    return [say("memory.apart", lag=curve.lags[-1], left=share(curve.value[-1]))]
