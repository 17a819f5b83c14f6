"""Sentences about gradient flow, each number in them taken from what is drawn."""

import numpy as np

from viz_app.features.gradient_flow.data import INITIALIZATIONS, LAG, Flow, lost
from viz_app.kit.chart.lines import Line
from viz_app.kit.words import decimals, joined, powers
from viz_app.text import name_of, say


def left(line: Line, lag: int) -> float:
    """Share of the last step's median gradient that is there ``lag`` steps before; NaN of none."""
    last = len(line.value) - 1
    end = line.value[last]
    return float(line.value[last - lag] / end) if end else float("nan")


def said(share: float) -> str:
    """A share as a person would say it."""
    if share != share:
        return say("flow.unknown")
    return f"{share:.0%}" if 0.01 <= share < 10 or not share else powers(share)


def sentences(found: dict[str, list[Flow]]) -> list[str]:
    """What the picture says, in words whose numbers are taken from it."""
    lines = []
    by = {
        cell: {flow.condition: flow.lines for flow in cell_flows}
        for cell, cell_flows in found.items()
    }
    everything = [line for cell in by.values() for flow in cell.values() for line in flow.values()]
    lag = min(LAG, *(len(line.value) - 1 for line in everything))
    started = {cell for cell, flow in by.items() if "default" in flow}
    if {"rnn", "lstm", "gru"} <= started:
        starts = {cell: by[cell]["default"]["hidden_state"] for cell in ("rnn", "lstm", "gru")}
        kept = {cell: left(line, lag) for cell, line in starts.items()}
        key = "default_worse" if kept["lstm"] <= kept["rnn"] else "default_better"
        shares = {cell: said(share) for cell, share in kept.items()}
        lines.append(say(f"flow.{key}", lag=lag, **shares))
    if "lstm" in started:
        starts = {name: by["lstm"][name]["cell_state"] for name in INITIALIZATIONS}
        cell = {name: said(left(line, lag)) for name, line in starts.items()}
        lines.append(say("flow.bias", lag=lag, **cell))
    for condition in ("trained", "brought"):
        ends = {
            cell: list(of[condition].values())[-1] for cell, of in by.items() if condition in of
        }
        if ends:
            cells = [
                say(
                    "flow.trained_cell_state" if "cell_state" in by[cell][condition]
                    else "flow.trained_cell",
                    cell=name_of("cell", cell), left=said(left(line, lag)),
                )
                for cell, line in ends.items()
            ]  # fmt: skip
            lines.append(say(f"flow.{condition}", lag=lag, cells=joined(cells)))
    if any(map(lost, everything)):
        lines.append(say("flow.zeros_there"))
    return lines


def growth(found: dict[str, list[Flow]], gain: float) -> list[str]:
    """By how much each cell's gradient grows or shrinks over the whole sequence."""
    return [
        say(
            "flow.growth", gain=gain, cell=name_of("cell", cell),
            what=say("flow.grows") if factor >= 1 else say("flow.shrinks"), factor=_size(factor),
        )
        for cell, factor in _factors(found).items()
    ]  # fmt: skip


def largest_growth(found: dict[str, list[Flow]], gain: float) -> str:
    """The network whose gradient changes the most, as a headline."""
    factors = _factors(found)
    there = {cell: factor for cell, factor in factors.items() if factor == factor}
    if not there:
        return say("flow.growth_unknown", gain=gain)
    cell = max(there, key=lambda name: there[name])
    grows = there[cell] >= 1
    return say(
        "flow.headline_grows" if grows else "flow.headline_shrinks", gain=gain,
        cell=name_of("cell", cell), factor=_size(there[cell]),
    )  # fmt: skip


def _factors(found: dict[str, list[Flow]]) -> dict[str, float]:
    """The first step's median gradient over the last one's, by cell."""
    lines = {cell: flows[-1].lines["hidden_state"] for cell, flows in found.items()}
    return {cell: left(line, len(line.value) - 1) for cell, line in lines.items()}


def _size(factor: float) -> str:
    size = factor if factor >= 1 else 1 / factor if factor else np.inf
    if size < 100:
        return decimals(size, 1)
    return f"{float(f'{size:.2g}'):,.0f}" if size < 1e5 else powers(size)
