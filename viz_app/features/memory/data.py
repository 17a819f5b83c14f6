"""How long networks remember, by six measures that disagree: data, charts and table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from gatescope.experiments.memory import MEASURES, Curve, Curves
from viz_app.kit.chart.memory import (
    COLOURS,
    DASHES,
    MemoryLine,
    MemoryPanel,
    MemoryWords,
    last_lag,
    line_names,
    memory_chart,
    memory_panel,
    value_domain,
)
from viz_app.kit.chart.style import Theme, config
from viz_app.text import name_of, say

FEW = 30
"""A line of fewer values than this shows them as points too."""


def words() -> MemoryWords:
    """The chart's words, in the reader's language."""
    names = ("lag", "axis", "line", "value", "spread")
    return MemoryWords(**{name: say(f"memory.{name}") for name in names})


def panel(cell: str, curves: Curves) -> MemoryPanel:
    """One network's curves, as they are drawn."""
    lines = []
    for number, measure in enumerate(MEASURES):
        if measure not in curves:
            continue
        curve = curves[measure]
        lines.append(
            MemoryLine(
                number,
                say("memory.numbered", number=number + 1, name=say(f"memory.name_{measure}")),
                np.asarray(curve.lags),
                np.asarray(curve.value),
                tuple(spread(measure, curve)),
                len(curve.lags) < FEW,
            )
        )
    return MemoryPanel(name_of("cell", cell), tuple(lines))


def spread(measure: str, curve: Curve) -> list[str]:
    """What a tooltip says beside each value."""
    kind = {"information": "shuffled", "behaviour": "interval"}.get(measure, "examples")
    return [
        say(f"memory.spread_{kind}", low=low, high=high)
        for low, high in zip(curve.low, curve.high, strict=True)
    ]


def figure(
    found: Mapping[str, Curves], *, log: bool = False, theme: Theme = "light", width: int = 300
) -> alt.HConcatChart:
    """The same of measures that are there already, by cell."""
    panels = [panel(cell, curves) for cell, curves in found.items()]
    return memory_chart(panels, words(), log=log, theme=theme, width=width)


@dataclass(frozen=True)
class MemorySpecs:
    """The panels as finished specs that take the width of their column.

    Attributes
    ----------
    names
        Number and name of each measure.
    panels, alternatives
        One spec a panel, and what it shows, for those who cannot see it.
    """

    names: tuple[tuple[int, str], ...]
    panels: tuple[dict[str, Any], ...]
    alternatives: tuple[str, ...]


def specs(found: Mapping[str, Curves], *, log: bool, theme: Theme) -> MemorySpecs:
    """The panels for a page, on one scale; ``found`` by cell."""
    panels = [panel(cell, curves) for cell, curves in found.items()]
    names, last, domain = line_names(panels), last_lag(panels), value_domain(panels, log)
    charts = [
        memory_panel(
            drawn, names, words(), theme=theme, last=last, domain=domain, axis=place == 0
        ).configure(**config(theme))
        for place, drawn in enumerate(panels)
    ]
    return MemorySpecs(
        tuple(names),
        tuple(chart.to_dict(validate=False) for chart in charts),
        tuple(alternative(drawn) for drawn in panels),
    )


def legend(names: Sequence[tuple[int, str]], theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Each measure's name, colour and dash, for a legend beside the panels."""
    return [(name, COLOURS[theme][number], DASHES[number]) for number, name in names]


def alternative(drawn: MemoryPanel) -> str:
    """Where each line begins and ends, for those who cannot see the panel."""
    ends = "; ".join(
        say(
            "memory.alt_line", line=line.name, first=line.value[0], begin=line.lags[0],
            last=line.value[-1], end=line.lags[-1],
        )
        for line in drawn.lines
    )  # fmt: skip
    return say("memory.alt", panel=drawn.title, lines=ends)


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
