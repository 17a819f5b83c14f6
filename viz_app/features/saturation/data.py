"""Which gates of a layer are stuck open or shut: shares by unit, and values while it learns."""

from collections.abc import Mapping

import pandas as pd
import xarray as xr

from gatescope import Run
from gatescope.analysis import saturation, value_histograms
from viz_app.text import say

GATE, STATE = "gate", "state"
ENDS = {GATE: (0.1, 0.9), STATE: (-0.9, 0.9)}
"""Below the first and above the second a value counts as saturated (Karpathy 2015, for gates)."""
SPANS = {GATE: (0.0, 1.0), STATE: (-1.0, 1.0)}
BINS = {GATE: 20, STATE: 40}

Found = Mapping[str, xr.Dataset]
"""By signal: ``left`` and ``right`` (checkpoint, unit), ``share`` (checkpoint, value)."""

UNBOUNDED = ("irnn", "rnn_relu")
"""Cells without gates whose states have no upper end at which they could be stuck."""


def require_ends(run: Run) -> None:
    """Raise ValueError where nothing of a network can be stuck."""
    if set(run.config.layers) <= set(UNBOUNDED):
        raise ValueError(say("saturation.unbounded"))


def kind_of(signal: str) -> str:
    """Whether a signal is a gate in [0, 1] or a tanh's state in [-1, 1]."""
    return GATE if signal.endswith("_gate") else STATE


def signals_of(layer: xr.Dataset) -> list[str]:
    """The gates of a layer; of one without gates its hidden state."""
    gates = [str(name) for name in layer.data_vars if kind_of(str(name)) == GATE]
    return [name for name in gates if not name.startswith("grad_")] or ["hidden_state"]


def over_training(layers: Mapping[int, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure every gate of one layer at each checkpoint, from its recordings by checkpoint."""
    steps = list(layers)
    found = {}
    for signal in signals_of(layers[steps[-1]]):
        kind = kind_of(signal)
        left, right = ENDS[kind]
        values = {step: layer[signal] for step, layer in layers.items()}
        shares = [saturation(one, left=left, right=right) for one in values.values()]
        found[signal] = xr.concat(shares, pd.Index(steps, name="checkpoint")).assign(
            share=value_histograms(values, bins=BINS[kind], span=SPANS[kind])
        )
    return found
