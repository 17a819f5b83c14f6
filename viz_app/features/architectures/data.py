"""All layers and directions of a network side by side, on one example."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import altair as alt
import pandas as pd
import xarray as xr

from gatescope import Run
from gatescope.analysis import retention_gate
from viz_app.features.gates import data as gates
from viz_app.features.gates.input_data import strip, strip_values
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit.chart.gates import gates_chart
from viz_app.kit.chart.gates_data import GatesData, GatesShape, SignalStyle
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.lines import Line, Panel
from viz_app.kit.run_words import network
from viz_app.kit.units import colour_bounds, marks_of, one_example
from viz_app.kit.words import counted, digits, joined, three_digits
from viz_app.text import name_of, say

PREPARED = (
    "layers-1", "layers-2", "layers-4", "layers-gru-lstm", "both-ways-last", "both-ways-ends",
)  # fmt: skip
"""The prepared runs, all on one task with the same settings."""

STACK = ("layers-1", "layers-2", "layers-4")
"""Those that differ in the number of layers alone."""

FEWER = 2.0
"""Gradient that is smaller by this factor has vanished on its way down."""

Signal = Literal["kept", "state", "gradient"]
KINDS: dict[Signal, Literal["gate", "state", "gradient"]] = {
    "kept": "gate", "state": "state", "gradient": "gradient",
}  # fmt: skip
STATES = ("hidden_state", "cell_state")
Layers = Mapping[str, xr.Dataset]
"""A recording by node, from the lowest layer up, forward before backward."""


def layers_of(trace: xr.DataTree) -> dict[str, xr.Dataset]:
    """All layers and directions of a trace."""
    return {leaf.path.strip("/"): leaf.to_dataset() for leaf in trace.leaves}


def node_name(layer: xr.Dataset) -> str:
    """A layer and direction as a person says it."""
    backward = layer.attrs["direction"] == "reverse"
    key = "architectures.node_backward" if backward else "architectures.node"
    return say(key, number=layer.attrs["layer"] + 1, cell=name_of("cell", layer.attrs["cell"]))


def possible(layers: Layers) -> list[Signal]:
    """What can be shown of every layer."""
    gated = all(retention_gate(layer) is not None for layer in layers.values())
    there = all("grad_hidden_state" in layer for layer in layers.values())
    left_out = {"" if gated else "kept", "" if there else "gradient"}
    return [signal for signal in KINDS if signal not in left_out]


def data(
    run: Run, layers: Layers, example: int, signal: Signal, *, brief: bool = False
) -> GatesData:
    """What the chart shows of one example: a heatmap a layer and direction.

    Where there is little room their titles are ``brief``, without the signal.

    Units stand by their numbers: unit 3 of one layer has nothing to do with unit 3 of another.
    """
    batch, task = run.probe(), run.task
    ones = [one_example(layer, example) for layer in layers.values()]
    names = [_signal(one, signal) for one in ones]
    bounds = [
        colour_bounds(layer).get(name, 1.0)
        for layer, name in zip(layers.values(), names, strict=True)
    ]
    styles = tuple(
        SignalStyle(
            f"{name}_{number}",
            node_name(one)
            if brief
            else say("architectures.panel", node=node_name(one), signal=gates.label_of(name)),
            KINDS[signal],
            max(bounds),
        )
        for number, (one, name) in enumerate(zip(ones, names, strict=True))
    )
    units = tuple(range(max(one.sizes["unit"] for one in ones)))
    shape = GatesShape(
        steps=ones[0].sizes["time"], units=units, signals=styles, lines=False, **strip(task),
    )  # fmt: skip
    return GatesData(
        shape=shape,
        values=tuple(one[name].values for one, name in zip(ones, names, strict=True)),
        notes=tuple(say("architectures.unit", unit=unit) for unit in units),
        marks=marks_of(batch, example),
        **strip_values(batch, task, example),
    )


def drawn(found: GatesData, look: GatesLook) -> alt.VConcatChart:
    """The chart as a value of its own."""
    return gates_chart(found, gates.words(), look, (0, found.marks[0][0] if found.marks else 0))


def table(layers: Layers, example: int, signal: Signal) -> pd.DataFrame:
    """The numbers: one row a layer, direction, step and unit."""
    frames = []
    for node, layer in layers.items():
        one = one_example(layer, example)
        name = _signal(one, signal)
        values = one[name].drop_vars("batch").to_dataframe().reset_index()
        frames.append(values.rename(columns={name: "value"}).assign(node=node, signal=name))
    return pd.concat(frames, ignore_index=True)


def ranges(layers: Layers, example: int, signal: Signal) -> str:
    """Between which values the signal lies in every layer, in one sentence."""
    told = []
    for layer in layers.values():
        one = one_example(layer, example)
        values = one[_signal(one, signal)].values
        low, high = three_digits(float(values.min())), three_digits(float(values.max()))
        told.append(say("architectures.range", node=node_name(layer), low=low, high=high))
    return say("architectures.ranges", ranges=joined(told))


def headline(layers: Layers, example: int, signal: Signal) -> str:
    """How large the signal is in every layer, on average over units and time steps."""
    names, told = set(), []
    for layer in layers.values():
        one = one_example(layer, example)
        names.add(name := _signal(one, signal))
        size = abs(one[name]) if signal != "kept" else one[name]
        told.append(_at(node_name(layer), three_digits(float(size.mean()))))
    kind = name_of("signal", names.pop()) if len(names) == 1 else say("architectures.signal_kept")
    return say(f"architectures.headline_{signal}", signal=kind, values=joined(told))


def flow_headline(lines: Sequence[Line]) -> str:
    """How much gradient is there at the first step of every layer."""
    told = [_at(line.name, digits(float(line.value[0]))) for line in lines]
    return say("architectures.headline_flow", values=joined(told))


def _at(node: str, value: str) -> str:
    return say("architectures.value", value=value, node=node)


def flow(layers: Layers) -> list[Panel]:
    """Gradient norms at each step, a panel a state, a line a layer and direction."""
    lines = [gradients.flow_of(layer, node_name(layer)) for layer in layers.values()]
    there = {state: [found[state] for found in lines if state in found] for state in STATES}
    titles = {
        state: say("architectures.flow_panel", symbol=say(f"flow.symbol_{state}"))
        for state in STATES
    }
    drawn = {titles[state]: found for state, found in there.items() if found}
    return gradients.panels_of(drawn, height=260)


def reach(lines: Sequence[Line]) -> list[str]:
    """How much gradient reaches the first step of every layer, beside the last."""
    return [
        say(
            "architectures.reach", node=line.name, first=digits(float(line.value[0])),
            last=digits(float(line.value[-1])), step=len(line.value) - 1,
        )
        for line in lines
    ]  # fmt: skip


def reaches_bottom(run: Run, checkpoint: int) -> float:
    """The median gradient norm in the lowest layer's state at step 0, as the run measured it.

    Of an LSTM it is that of its cell state, of others of their hidden state.
    """
    rows = [
        row for row in run.gradients
        if row.checkpoint == checkpoint and row.time == 0 and row.node.endswith("l0")
    ]  # fmt: skip
    return rows[-1].median


def numbers(runs: Collection[Run]) -> pd.DataFrame:
    """Each network's size, score, and the gradient that reaches step 0 of its lowest layer."""
    rows = [
        [
            f"{run.parameters:,}",
            f"{run.test_accuracy:.0%}",
            digits(run.test_loss),
            digits(reaches_bottom(run, run.steps[0])),
            digits(reaches_bottom(run, run.steps[-1])),
        ]
        for run in runs
    ]
    names = ("parameters", "accuracy", "loss", "before", "after")
    columns = [say(f"architectures.column_{name}") for name in names]
    index = pd.Index([network(run.config) for run in runs], name=say("architectures.network"))
    return pd.DataFrame(rows, columns=columns, index=index)


def stacking(runs: Mapping[str, Run]) -> list[str]:
    """Whether more layers bring the vanishing gradient back, and how they score."""
    stack = [runs[name] for name in STACK]
    one, many = stack[0], stack[-1]
    first, last = (reaches_bottom(run, run.steps[0]) for run in (one, many))
    facts = {
        "one": len(one.config.layers), "many": len(many.config.layers),
        "first": digits(first), "last": digits(last),
    }  # fmt: skip
    scores = joined(
        [
            counted("architectures.stack_score", len(run.config.layers), accuracy=run.test_accuracy)
            for run in stack
        ]
    )
    told = say("architectures.stack_scores", scores=scores)
    if last >= first / FEWER:
        return [say("architectures.stack_holds", **facts), told]
    factor = digits(first / last) if last else "∞"
    return [say("architectures.stack_vanishes", factor=factor, **facts), told]


def _signal(one: xr.Dataset, signal: Signal) -> str:
    if signal == "kept":
        gate = retention_gate(one)
        assert gate is not None
        return str(gate.name)
    return "hidden_state" if signal == "state" else "grad_hidden_state"
