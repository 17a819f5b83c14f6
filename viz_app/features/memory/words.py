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
from viz_app.kit.words import joined, percent, powers, some, spoken, steps
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
        above half, ``"rises"`` above it later than it begins, ``"returns"`` above `AGAIN`, or is
        ``"unknown"``, as its values are no numbers.
    lag
        In steps: the half-life, the last lag that was measured, or where it rises or returns.
    """

    kind: Literal["steps", "beyond", "never", "rises", "returns", "unknown"]
    lag: float


def half(curve: Curve) -> HalfLife:
    """The half-life of a curve, by the rule of `HALF` and `AGAIN`."""
    value, lags = np.asarray(curve.value), np.asarray(curve.lags)
    if np.isnan(value).any():
        return HalfLife("unknown", float(lags[-1]))
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
        return say("memory.beyond", last=whole(life.lag))
    return say(f"memory.{life.kind}", lag=whole(life.lag))


def half_lives(found: Mapping[str, Curves]) -> pd.DataFrame:
    """One row a measure, one column a cell, as text."""
    rows = {
        measure_name(measure): [
            said(curves[measure]) if measure in curves else say("memory.none")
            for curves in found.values()
        ]
        for measure in _measured(found)
    }
    columns = [name_of("cell", cell) for cell in found]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.rename_axis(say("memory.measure"))


def what_is_asked(found: Mapping[str, Curves]) -> list[str]:
    """What each of the measures asks."""
    return [
        say("memory.measured_by", measure=measure_name(name), what=say(f"memory.what_{name}"))
        for name in _measured(found)
    ]


def headline(found: Mapping[str, Curves]) -> str:
    """How far back the answers of each network reach; of what asks for none another half-life."""
    asked = {cell: curves["behaviour"] for cell, curves in found.items() if "behaviour" in curves}
    measure = "behaviour" if asked else next(iter(_measured(found)), "")
    if not measure:
        return ""
    told = asked or {cell: curves[measure] for cell, curves in found.items() if measure in curves}
    networks = [
        say("memory.of_network", cell=name_of("cell", cell), told=_reach(curve) if asked else
            said(curve))
        for cell, curve in told.items()
    ]  # fmt: skip
    key = "memory.headline_behaviour" if asked else "memory.headline_life"
    named = {} if asked else {"measure": say(f"memory.name_{measure}")}
    return say(key, networks=joined(networks), **named)


def _reach(curve: Curve) -> str:
    """At which lags a curve is above half."""
    value, lags = np.asarray(curve.value), [whole(lag) for lag in curve.lags]
    if np.isnan(value).any():
        return say("memory.unknown")
    above = np.flatnonzero(value > HALF)
    if not len(above):
        return say("memory.at_none")
    first, last = above[[0, -1]]
    ends = {"first": lags[first], "last": lags[last]}
    if last - first + 1 > len(above):
        return say("memory.at_some", count=len(above), all=last - first + 1, **ends)
    if len(above) == 1:
        return say("memory.at_one", **ends)
    if first == 0:
        return say("memory.at_all" if last == len(lags) - 1 else "memory.at_until", **ends)
    return say("memory.at_from" if last == len(lags) - 1 else "memory.at_between", **ends)


def _measured(found: Mapping[str, Curves]) -> list[str]:
    """The measures that any of the networks has."""
    return [name for name in MEASURES if any(name in curves for curves in found.values())]


def whole(lag: float) -> str:
    """A lag; those of tasks of several marks are means."""
    return f"{lag:,.0f}"


def at(curve: Curve, lag: float) -> float:
    """A curve's value at the measured lag that is nearest."""
    return curve.value[int(np.abs(np.asarray(curve.lags) - lag).argmin())]


def share(value: float) -> str:
    """A share, a factor or a tiny number, as a person would say it."""
    if value >= 2:
        return say("memory.factor", factor=factor(value))
    return percent(value) if value >= 0.01 else powers(max(value, 0.0))


def factor(value: float) -> str:
    """What something is multiplied by, in two digits."""
    return f"{value:.2g}" if 0.01 <= value < 99.5 else powers(max(value, 0.0))


def sentences(found: Mapping[str, Curves]) -> list[str]:
    """Where the measures of each network disagree, and why."""
    return [
        say("memory.about", cell=name_of("cell", cell), told=spoken(*told))
        for cell, curves in found.items()
        if (told := of_network(curves))
    ]


def of_network(curves: Curves) -> list[str]:
    """Where the measures of a network disagree, what it answers first."""
    if any(np.isnan(curve.value).any() for curve in curves.values()):
        return [say("memory.not_finite")]
    return [*_read(curves), *_forgotten(curves), *_paths(curves), *_loss(curves)]


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
    return [
        say(f"memory.paths_{key}", lag=whole(lag), gates=factor(direct), jacobian=factor(every))
    ]


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
    return [
        say(f"memory.loss_{key}", lag=whole(lag), gradient=factor(asked), jacobian=factor(best))
    ]


def _read(curves: Curves) -> list[str]:
    """The probe against the behaviour: any input against the one that the task asks for.

    They are compared at the longest lag at which the answer is above half.
    """
    if not {"information", "behaviour"} <= curves.keys():
        return []
    probe, asked = curves["information"], curves["behaviour"]
    values = {"probe": said(probe), "behaviour": said(asked)}
    if len(asked.lags) == 1 and asked.value[0] <= 0:
        return [say("memory.read_one_none", probe=values["probe"])]
    if len(asked.lags) == 1:
        return [say("memory.read_one", probe=values["probe"], right=percent(asked.value[0]))]
    right = np.flatnonzero(np.asarray(asked.value) > HALF)
    known = np.asarray(probe.lags)[np.asarray(probe.value) > HALF]
    if not len(right):
        key = "memory.read_unused" if len(known) else "memory.read_nothing"
        return [say(key, **({"probe": values["probe"]} if len(known) else {}))]
    lag = asked.lags[right[-1]]
    if at(probe, lag) <= HALF:
        reached = {"lag": whole(lag), "right": percent(asked.value[right[-1]])}
        return [say("memory.read_selects", **values, **reached)]
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
        after = curve.lags[apart[-1] + 1] if len(apart) else curve.lags[0]
        return [say("memory.forgets", steps=some("time_steps", math.ceil(after)))]
    return [say("memory.apart", lag=whole(curve.lags[-1]), left=share(curve.value[-1]))]
