"""How much of the error reaches each time step, and what decides it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr
from torch import Tensor, nn

from gatescope import CELLS, Run, record
from gatescope.analysis import Update, band, gradient_norm, scale_recurrent, try_update
from gatescope.training import SummedLoss, TrainConfig, build_model
from viz_app.kit.chart.gradients import (
    LINE_COLOURS,
    LINE_DASHES,
    FlowLine,
    FlowPanel,
    FlowWords,
    flow_chart,
    flow_panel,
    line_names,
    norm_domain,
)
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.units import with_its_gradients
from viz_app.text import name_of, say

STATES = ("hidden_state", "cell_state")
INITIALIZATIONS = ("default", "forget_bias", "chrono")
LEARNING_RATE = 0.1
LAG = 20
FIRST_GAIN = 8.0
"""The factor on the recurrent matrix with which the page opens."""


@dataclass(frozen=True)
class Flow:
    """One network's gradient norms at every step, by state."""

    condition: str
    lines: dict[str, FlowLine]


def words() -> FlowWords:
    """The chart's words, in the reader's language."""
    names = ("time", "norm", "line", "median", "band", "zeros", "zero", "subnormal")
    return FlowWords(**{name: say(f"flow.{name}") for name in names})


def flow_of(layer: xr.Dataset, name: str) -> dict[str, FlowLine]:
    """Summarise a recording with a loss: one line a state.

    Parameters
    ----------
    layer
        One layer and direction of a trace that was recorded with a loss.
    name
        What the line is called.
    """
    lines = {}
    for state in STATES:
        if f"grad_{state}" in layer:
            found = band(gradient_norm(layer, state), layer.attrs["dtype"])
            lines[state] = FlowLine(
                name, found.median, found.low, found.high, found.zeros, found.subnormal,
                layer["time"].values,
            )  # fmt: skip
    return lines


def untrained(run: Run, initialization: str) -> nn.Module | None:
    """The run's network before training, had it started so; None where it cannot be known."""
    if not run.task.asks:
        return None
    gates = [CELLS[cell].retention_gate for cell in run.config.layers]
    if initialization != "default" and not any(gates):
        return None
    changed = {"initialization": initialization, "forget_bias": 1.0, "chrono_max": None}
    return build_model(TrainConfig(**(run.config.model_dump() | changed))).eval()


def conditions(run: Run) -> dict[str, nn.Module]:
    """The run's network at each initialization that its cell has, and after training.

    Of a network that was brought it is the network itself: whether it was trained is not known.
    """
    found: dict[str, nn.Module] = {}
    for initialization in INITIALIZATIONS:
        model = untrained(run, initialization)
        if model is not None:
            found[initialization] = model
    return found | {"trained" if run.task.asks else "brought": run.model()}


def gains(run: Run, gain: float) -> dict[str, nn.Module]:
    """The run's network at torch's default, as it is and with its recurrent matrix scaled.

    Of a network that was brought it is the network itself.
    """
    model = untrained(run, "default") or run.model()
    return {"unscaled": model, "scaled": scale_recurrent(model, gain)}


def flows(run: Run, models: dict[str, nn.Module], gain: float = 1.0) -> list[Flow]:
    """Record each network on the run's probe examples and summarise its last forward layer."""
    found = []
    probe = run.probe()
    for condition, model in models.items():
        trace = record(model, probe.inputs, SummedLoss(run.task, probe))
        # backward, the last step is read first: nothing before it leads to the loss
        forward = [leaf for leaf in trace.leaves if leaf.attrs["direction"] == "forward"]
        layer = forward[-1].to_dataset()
        for node in list(trace.subtree):  # or the collector alone would find them, of 4 MB each
            node.orphan()
        name = say(f"flow.condition_{condition}", gain=gain)
        found.append(Flow(condition, flow_of(layer, name)))
    return found


def panels(found: dict[str, list[Flow]]) -> list[FlowPanel]:
    """One panel a cell and state, from the flows of each cell."""
    return [
        FlowPanel(
            say("flow.panel", cell=name_of("cell", cell), symbol=say(f"flow.symbol_{state}")),
            tuple(flow.lines[state] for flow in cell_flows),
        )
        for cell, cell_flows in found.items()
        for state in STATES
        if state in cell_flows[0].lines
    ]


def chart(
    trace: xr.DataTree, *, theme: Theme = "light", width: int = 230
) -> alt.HConcatChart | alt.VConcatChart:
    """Draw the gradient norms of every layer and state of a trace.

    Parameters
    ----------
    trace
        What ``gatescope.record`` returned, with a loss.
    theme
        Light or dark.
    width
        Width of one panel in pixels.

    Raises
    ------
    ValueError
        When the trace holds no gradients.
    """
    found = []
    for leaf in trace.leaves:
        layer = with_its_gradients(leaf.to_dataset())
        lines = flow_of(layer, say("flow.condition_recorded"))
        found += [
            FlowPanel(
                say("flow.panel", cell=leaf.path.strip("/"), symbol=say(f"flow.symbol_{state}")),
                (line,),
            )
            for state, line in lines.items()
        ]
    if not found:
        gradient_norm(with_its_gradients(next(iter(trace.leaves)).to_dataset()), "hidden_state")
    return flow_chart(found, words(), theme=theme, width=width)


def compare(
    runs: Sequence[Run], *, gain: float | None = None, theme: Theme = "light", width: int = 230
) -> alt.HConcatChart | alt.VConcatChart:
    """Draw what the page shows: the runs' networks before and after training, side by side.

    Parameters
    ----------
    runs
        Runs on one task, each with its own cell.
    gain
        Instead: torch's default initialization, with the recurrent matrix scaled by this.
    theme, width
        As in `chart`.
    """
    found = {run.config.cell: flows_of(run, gain) for run in runs}
    return flow_chart(panels(found), words(), theme=theme, width=width)


def flows_of(run: Run, gain: float | None = None) -> list[Flow]:
    """What the page shows of one run; see `compare`."""
    if gain is None:
        return flows(run, conditions(run))
    return flows(run, gains(run, gain), gain)


@dataclass(frozen=True)
class FlowSpecs:
    """The panels as finished specs that take the width of their column.

    Attributes
    ----------
    names
        All lines, in the order of their colours.
    panels, alternatives
        One spec a panel, and what it shows, for those who cannot see it.
    """

    names: tuple[str, ...]
    panels: tuple[dict[str, Any], ...]
    alternatives: tuple[str, ...]


def specs(found: dict[str, list[Flow]], theme: Theme) -> FlowSpecs:
    """The panels for a page, on one scale."""
    return row_specs(panels(found), theme)


def row_specs(drawn: Sequence[FlowPanel], theme: Theme, **look: Any) -> FlowSpecs:
    """The same of any panels; ``look`` as in `panel_specs`."""
    names = line_names(drawn)
    return FlowSpecs(
        tuple(names),
        tuple(panel_specs(drawn, names, theme, **look)),
        tuple(alternative(panel) for panel in drawn),
    )


def panel_specs(
    drawn: Sequence[FlowPanel],
    names: Sequence[str],
    theme: Theme,
    *,
    height: int = 300,
    legend: bool = False,
) -> list[dict[str, Any]]:
    """Panels for a page, on one scale; the first has the axis's title, and the legend if wanted."""
    domain = norm_domain(drawn)
    charts = [
        flow_panel(
            panel, names, words(), theme=theme, domain=domain, height=height,
            legend=legend and number == 0, axis=number == 0,
        ).configure(**config(theme))
        for number, panel in enumerate(drawn)
    ]  # fmt: skip
    return [chart.to_dict(validate=False) for chart in charts]


def legend(names: Sequence[str], theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Each line's name, colour and dash, for a legend beside the panels."""
    return list(zip(names, LINE_COLOURS[theme], LINE_DASHES, strict=False))


def alternative(panel: FlowPanel) -> str:
    """Where each line begins and ends, for those who cannot see the panel."""
    ends = "; ".join(
        say("flow.alt_line", line=line.name, first=line.median[0], last=line.median[-1])
        for line in panel.lines
    )
    return say("flow.alt", panel=panel.title, lines=ends)


def table(found: Sequence[FlowPanel]) -> pd.DataFrame:
    """The numbers: one row a panel, line and step."""
    columns = ("median", "low", "high", "zeros", "subnormal")
    return pd.concat(
        pd.DataFrame(
            {"panel": panel.title, "line": line.name, "time": np.arange(len(line.median))}
            | {column: getattr(line, column) for column in columns}
        )
        for panel in found
        for line in panel.lines
    )


def update(run: Run, gain: float, clip: float | None) -> Update:
    """One step of gradient descent at torch's default, the recurrent matrix scaled by ``gain``."""
    probe, task = run.probe(), run.task
    loss: Callable[[Any], Tensor] = lambda outputs: task.loss(outputs, probe)  # noqa: E731
    model = gains(run, gain)["scaled"]
    return try_update(model, probe.inputs, loss, learning_rate=LEARNING_RATE, max_grad_norm=clip)
