"""Which gates of a layer are stuck open or shut: shares by unit, and values while it learns."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from gatescope import Run
from gatescope.analysis import saturation, value_histograms
from viz_app.features.saturation.chart import ScatterWords, UnitShares, saturation_chart, scatter
from viz_app.features.saturation.chart_values import ValueMap, ValueWords, value_map
from viz_app.kit.chart.style import Theme, config
from viz_app.text import name_of, say

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
    """Measure every gate of one layer at each checkpoint.

    Parameters
    ----------
    layers
        The recording of one layer and direction, by checkpoint.
    """
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


def unit_shares(found: Found, step: int) -> list[UnitShares]:
    """Each signal's units at a checkpoint, as they are drawn."""
    drawn = []
    for signal, shares in found.items():
        at, kind = shares.sel(checkpoint=step), kind_of(signal)
        titles = {side: say(f"saturation.{side}_{kind}") for side in ("left", "right")}
        drawn.append(
            UnitShares(
                signal, name_of("signal", signal), at["left"].values, at["right"].values,
                titles["left"], titles["right"],
            )
        )  # fmt: skip
    return drawn


def value_maps(found: Found, step: int) -> list[ValueMap]:
    """Each signal's values by checkpoint, as they are drawn."""
    return [
        ValueMap(
            say("saturation.map_title", signal=name_of("signal", signal)),
            tuple(shares["checkpoint"].values.tolist()),
            shares["share"].values,
            np.linspace(*SPANS[kind_of(signal)], shares.sizes["value"] + 1),
            ENDS[kind_of(signal)],
            step,
        )
        for signal, shares in found.items()
    ]


def words() -> tuple[ScatterWords, ValueWords]:
    """The charts' words, in the reader's language."""
    names = ("value", "checkpoint", "share", "span")
    return (
        ScatterWords(say("saturation.units"), say("saturation.line")),
        ValueWords(**{name: say(f"saturation.{name}") for name in names}),
    )


def figure(
    found: Found, step: int, *, theme: Theme = "light", width: int = 260
) -> alt.HConcatChart:
    """The same of what is measured already."""
    shares, maps = unit_shares(found, step), value_maps(found, step)
    return saturation_chart(shares, maps, words(), theme=theme, width=width)


def scatter_specs(found: Found, step: int, theme: Theme) -> tuple[dict[str, Any], ...]:
    """The scatters for a page, one a signal, each as wide as its column."""
    return tuple(
        _finished(scatter(shares, words()[0], theme=theme), theme)
        for shares in unit_shares(found, step)
    )


def map_specs(found: Found, theme: Theme) -> tuple[dict[str, Any], ...]:
    """The values by checkpoint for a page; the parameter ``picked`` says which is framed."""
    steps = next(iter(found.values()))["checkpoint"].values
    maps = value_maps(found, int(steps[-1]))
    top = max(drawn.top for drawn in maps)
    return tuple(
        _finished(value_map(drawn, words()[1], theme=theme, top=top, axis=place == 0), theme)
        for place, drawn in enumerate(maps)
    )


def _finished(chart: alt.LayerChart, theme: Theme) -> dict[str, Any]:
    found: dict[str, Any] = chart.configure(**config(theme)).to_dict(validate=False)
    return found


def table(found: Found) -> pd.DataFrame:
    """The numbers: one row a signal, checkpoint and unit."""
    return pd.concat(
        [
            shares[["left", "right"]].to_dataframe().reset_index().assign(signal=signal)
            for signal, shares in found.items()
        ]
    )[["signal", "checkpoint", "unit", "left", "right"]]
