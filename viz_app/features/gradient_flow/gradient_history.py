"""How the gradient flow changes while a network learns, from what its run recorded."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gatescope import Run
from viz_app.features.gradient_flow.chart_history import MapPanel, MapWords, map_domain, map_panel
from viz_app.features.gradient_flow.data import STATES
from viz_app.features.gradient_flow.words import said
from viz_app.kit.chart.style import Theme, config
from viz_app.text import name_of, say


def panels(runs: Sequence[Run]) -> list[MapPanel]:
    """One panel a cell and state, of the forward layer that is nearest to the loss."""
    found = []
    for run in runs:
        node = [row.node for row in run.gradients if not row.node.endswith("_reverse")][-1]
        for state in STATES:
            rows = [row for row in run.gradients if row.node == node and row.signal == state]
            if rows:
                steps = sorted({row.checkpoint for row in rows})
                norms = np.zeros((len(steps), 1 + max(row.time for row in rows)))
                for row in rows:
                    norms[steps.index(row.checkpoint), row.time] = row.median
                title = say(
                    "flow.panel",
                    cell=name_of("cell", run.config.cell),
                    symbol=say(f"flow.symbol_{state}"),
                )
                found.append(MapPanel(title, tuple(steps), norms))
    return found


def words() -> MapWords:
    """The chart's words, in the reader's language."""
    return MapWords(say("flow.time"), say("flow.checkpoint"), say("flow.norm"))


def specs(found: Sequence[MapPanel], theme: Theme) -> list[dict[str, Any]]:
    """The panels for a page, with common colours."""
    domain = map_domain(found)
    charts = [
        map_panel(panel, words(), domain=domain, axis=number == 0).configure(**config(theme))
        for number, panel in enumerate(found)
    ]
    return [chart.to_dict(validate=False) for chart in charts]


def table(found: Sequence[MapPanel]) -> pd.DataFrame:
    """The numbers: one row a panel, checkpoint and step."""
    return pd.concat(
        pd.DataFrame(panel.norms, index=pd.Index(panel.checkpoints, name="checkpoint"))
        .rename_axis(columns="time")
        .stack()
        .rename("norm")
        .reset_index()
        .assign(panel=panel.title)
        for panel in found
    )


def sentences(found: Sequence[MapPanel]) -> list[str]:
    """What each panel says about the first step, before and after training."""
    return [
        say(
            "flow.learning",
            cell=panel.title,
            first=said(panel.norms[0, 0] / panel.norms[0, -1]),
            last=said(panel.norms[-1, 0] / panel.norms[-1, -1]),
            steps=panel.checkpoints[-1],
        )
        for panel in found
    ]
