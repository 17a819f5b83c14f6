"""How much of the error reaches each time step, and what decides it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr
from torch import Tensor, nn

from gatescope import CELLS, Run, record
from gatescope.analysis import Band, Update, band, gradient_norm, scale_recurrent, try_update
from gatescope.training import SummedLoss, TrainConfig, build_model
from viz_app.kit.chart.axes import Axis, power_axis, power_ends
from viz_app.kit.chart.line_charts import figure, in_rows
from viz_app.kit.chart.lines import Line, Panel, Points, Tip
from viz_app.kit.chart.style import Theme
from viz_app.kit.units import with_its_gradients
from viz_app.text import name_of, say

TEXTS = ("flow.alt", "flow.alt_line")
STATES = ("hidden_state", "cell_state")
INITIALIZATIONS = ("default", "forget_bias", "chrono")
LEARNING_RATE = 0.1
LAG = 20
GAINS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0)
"""Factors on the recurrent matrix that can be chosen."""

FIRST_GAIN = 8.0
"""The factor on the recurrent matrix with which the page opens."""

HALF = 0.5
"""Of the examples: a median is that of numbers without their digits where more have lost them."""

LOWEST, HIGHEST = 1e-45, 1e45
WIDTH = 230
"""Pixels of a panel in a figure."""


@dataclass(frozen=True)
class Flow:
    """One network's gradient norms at every step, by state."""

    condition: str
    lines: dict[str, Line]


def flow_of(layer: xr.Dataset, name: str) -> dict[str, Line]:
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
            lines[state] = line_of(name, layer["time"].values, found)
    return lines


def line_of(name: str, times: np.ndarray, found: Band) -> Line:
    """The median over examples, with its band; tips tell how many are zero, or underflow."""
    told: dict[str, Sequence[Any] | np.ndarray] = {
        "band": [
            f"{low:.1e} … {high:.1e}" for low, high in zip(found.low, found.high, strict=True)
        ],
        "zeros": found.zeros,
        "subnormal": found.subnormal,
    }
    return Line(name, times, found.median, found.low, found.high, told)


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


def panels(found: Mapping[str, Sequence[Flow]]) -> list[Panel]:
    """One panel a cell and state, from the flows of each cell."""
    return panels_of(
        {
            panel_title(name_of("cell", cell), state): [flow.lines[state] for flow in cell_flows]
            for cell, cell_flows in found.items()
            for state in STATES
            if state in cell_flows[0].lines
        }
    )


def panel_title(cell: str, state: str) -> str:
    """What a panel shows of a cell."""
    return say("flow.panel", cell=cell, symbol=say(f"flow.symbol_{state}"))


def panels_of(
    found: Mapping[str, Sequence[Line]], *, quantity: str = "", height: int = 300
) -> list[Panel]:
    """Panels on one scale, by their titles; ``quantity`` where it is not the gradient norm.

    What a log scale cannot show is not dropped: a median that is exactly zero stands on the floor
    as a triangle, and one below the smallest normal number as a ring.
    """
    drawn = [line for lines in found.values() for line in lines]
    bands = [end for line in drawn for end in (line.low, line.high) if end is not None]
    low, high = power_ends([*(line.value for line in drawn), *bands])
    floor = max(10.0 ** (round(np.log10(low)) - 1), LOWEST)
    time, norm = say("flow.time"), quantity or say("flow.norm")
    tips = (
        Tip("line:N", say("flow.line")),
        Tip("x:Q", time),
        Tip("median:Q", say("flow.median"), ".2e"),
        Tip("band:N", say("flow.band")),
        Tip("zeros:Q", say("flow.zeros"), ".0%"),
    )
    plain = [tip._replace(field="value:Q") if tip.field == "median:Q" else tip for tip in tips]
    return [
        Panel(
            title,
            lines,
            Axis(
                time,
                (min(line.x[0] for line in lines), max(line.x[-1] for line in lines)),
                look={"tickMinStep": 1},
            ),
            power_axis(norm, (floor, min(high, HIGHEST))),
            plain,
            points=_not_on_a_log_scale(lines, floor, tips),
            height=height,
        )
        for title, lines in found.items()
    ]


def _not_on_a_log_scale(lines: Sequence[Line], floor: float, tips: Sequence[Tip]) -> list[Points]:
    """Triangles on the floor for medians of zero, rings around those that have lost digits."""
    rows = pd.concat(
        pd.DataFrame({"line": line.name, "x": line.x, "median": line.value, **line.told})
        for line in lines
    )
    rows["value"] = rows["median"].clip(lower=floor)
    zero = rows["median"] == 0
    kinds = (
        (zero, {"shape": "triangle-down", "filled": True}, say("flow.zero")),
        (~zero & (rows["subnormal"] > HALF), {"shape": "circle"}, say("flow.subnormal")),
    )
    return [
        Points(
            rows[there].assign(word=word),
            {"type": "point", "size": 36, **look},
            (Tip("word:N", " "), *tips),
        )
        for there, look, word in kinds
        if there.any()
    ]


def lost(line: Line) -> bool:
    """Whether a median is exactly zero, or has lost digits."""
    return bool((line.value == 0).any() or (np.asarray(line.told["subnormal"]) > HALF).any())


def chart(
    trace: xr.DataTree, *, theme: Theme = "light", width: int = WIDTH
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
    return figure(in_rows(recorded(trace)), theme, width)


def recorded(trace: xr.DataTree) -> list[Panel]:
    """What `chart` draws of a trace: one panel a layer and state."""
    layers = {leaf.path.strip("/"): with_its_gradients(leaf.to_dataset()) for leaf in trace.leaves}
    lines = {
        panel_title(node, state): [line]
        for node, layer in layers.items()
        for state, line in flow_of(layer, say("flow.condition_recorded")).items()
    }
    if not lines:
        gradient_norm(next(iter(layers.values())), "hidden_state")  # says what there is
    return panels_of(lines)


def compare(
    runs: Sequence[Run], *, gain: float | None = None, theme: Theme = "light", width: int = WIDTH
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
    return figure(in_rows(panels(found)), theme, width)


def flows_of(run: Run, gain: float | None = None) -> list[Flow]:
    """What the page shows of one run; see `compare`."""
    if gain is None:
        return flows(run, conditions(run))
    return flows(run, gains(run, gain), gain)


def table(found: Sequence[Panel]) -> pd.DataFrame:
    """The numbers: one row a panel, line and step."""
    return pd.concat(
        pd.DataFrame(
            {"panel": panel.title, "line": line.name, "time": line.x, "median": line.value}
            | {"low": line.low, "high": line.high}
            | {name: line.told[name] for name in ("zeros", "subnormal")}
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
