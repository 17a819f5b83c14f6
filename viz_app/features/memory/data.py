"""How long networks remember, by six measures that disagree: as panels, and as a table."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gatescope import Run
from gatescope.experiments.memory import MEASURES, Curve, Curves
from viz_app.kit.chart.axes import Axis, power_axis, power_ends
from viz_app.kit.chart.lines import SIX_STYLES, Line, Panel, Points, Tip
from viz_app.kit.words import two_digits
from viz_app.text import name_of, say

FEW = 30
"""A line of fewer values than this shows them as points too."""

TOP = 1.06
"""Where the linear axis ends; what is above 1 stands on this edge."""

FLOOR = 1e-8
"""Where the log axis ends; what is below, zero too, stands on this edge."""


def panels(found: Mapping[str, Curves], *, log: bool) -> list[Panel]:
    """One panel a cell, on one scale: up to six measures, by colour, dash and number."""
    lines = {cell: [_line(*pair) for pair in curves.items()] for cell, curves in found.items()}
    every = [line for row in lines.values() for line in row]
    lag = Axis(
        say("memory.lag"), (0, max(float(line.x[-1]) for line in every)), look={"tickMinStep": 1}
    )
    value = _value_axis([line.value for line in every], log)
    tips = (
        Tip("line:N", say("memory.line")),
        Tip("x:Q", say("memory.lag"), ".0f"),
        Tip("value:Q", say("memory.value"), ".3~g"),
        Tip("spread:N", say("memory.spread")),
    )
    return [
        Panel(name_of("cell", cell), row, lag, value, tips, points=[_numbers(row)], height=340)
        for cell, row in lines.items()
    ]


def has_weights(run: Run) -> bool:
    """Whether the last weights of a network are numbers, so that it can be measured."""
    return all(bool(weight.isfinite().all()) for weight in run.checkpoints[run.steps[-1]].values())


def measure_name(measure: str) -> str:
    """A measure with its number."""
    number = MEASURES.index(measure) + 1
    return say("memory.numbered", number=number, name=say(f"memory.name_{measure}"))


def _line(measure: str, curve: Curve) -> Line:
    return Line(
        measure_name(measure),
        np.asarray(curve.lags),
        np.asarray(curve.value),
        told={"spread": spread(measure, curve)},
        style=SIX_STYLES[MEASURES.index(measure)],
        dots=len(curve.lags) < FEW,
    )


def _value_axis(values: Sequence[np.ndarray], log: bool) -> Axis:
    """From 0 to 1 and a little; with ``log`` whole powers of ten around all, from `FLOOR` on."""
    title = say("memory.axis")
    if not log:
        look = {"format": ".0%", "tickCount": 6}
        return Axis(title, (0.0, TOP), edge=True, look=look)
    seen = [np.maximum(value[value > 0], FLOOR) for value in values]
    return power_axis(title, power_ends([*seen, np.ones(1)]), edge=True)


def _numbers(lines: Sequence[Line]) -> Points:
    """Each line's number, each in a place of its own, so that they do not lie together."""
    rows = []
    for line in lines:
        assert line.style is not None
        number = SIX_STYLES.index(line.style)
        place = int((number + 0.5) / len(SIX_STYLES) * len(line.x))
        rows.append((line.name, line.x[place], line.value[place], str(number + 1)))
    return Points(
        pd.DataFrame(rows, columns=["line", "x", "value", "text"]),
        {"type": "text", "fontSize": 13, "fontWeight": 700, "dy": -9},
        halo=True,
    )


def spread(measure: str, curve: Curve) -> list[str]:
    """What a tooltip says beside each value."""
    kind = {"information": "shuffled", "behaviour": "interval"}.get(measure, "examples")
    return [
        say(f"memory.spread_{kind}", low=two_digits(low), high=two_digits(high))
        for low, high in zip(curve.low, curve.high, strict=True)
    ]


def table(found: Mapping[str, Curves]) -> pd.DataFrame:
    """The numbers: one row a cell, measure and lag."""
    return pd.concat(
        pd.DataFrame(
            {"cell": cell, "measure": measure, "lag": curve.lags, "value": curve.value}
            | {"low": curve.low, "high": curve.high}
        )
        for cell, curves in found.items()
        for measure, curve in curves.items()
    )
