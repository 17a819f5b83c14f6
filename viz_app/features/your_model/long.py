"""Recordings of very many steps: all of it at a glance, and a window of it as it is."""

import os
from pathlib import Path

import altair as alt
import numpy as np
import xarray as xr

from viz_app.features.gates.data import label_of
from viz_app.features.your_model.chart_overview import overview_chart
from viz_app.kit.chart.gates_data import SignalStyle
from viz_app.kit.chart.window import Look
from viz_app.kit.environment import OWN_RUNS
from viz_app.kit.units import shown
from viz_app.kit.words import number, some
from viz_app.text import say, words

MOST_STEPS, WINDOW = 4096, 1000
"""Steps that are shown at once as they are, and steps of a window where there are more."""

MOST_VALUES = 2**22
"""Of all signals of one example that are shown at once."""


def recordings() -> dict[str, Path]:
    """The recordings in one's own folder of runs, by name."""
    root = os.environ.get(OWN_RUNS)
    if not root or not Path(root).is_dir():
        return {}
    files = (path for path in sorted(Path(root).glob("*.nc")) if not path.name.startswith("."))
    return {path.name: path for path in files if path.is_file()}


def steps_of(layer: xr.Dataset, example: int) -> int:
    """The steps of one example of a layer; of a packed batch each has its own."""
    if "length" in layer.coords:
        return min(int(layer["length"].values[example]), layer.sizes["time"])
    return layer.sizes["time"]


def at_once(layer: xr.Dataset) -> int:
    """How many steps of one example of a layer are shown at once: all, or those of a window."""
    steps = layer.sizes["time"]
    width = sum(signal.shape[-1] for signal in layer.data_vars.values())
    if steps <= MOST_STEPS and steps * width <= MOST_VALUES:
        return steps
    return min(WINDOW, max(1, MOST_VALUES // max(width, 1)))


def window(layer: xr.Dataset, example: int, first: int) -> xr.Dataset:
    """As many steps of an example from a step on as are shown at once, read from the file."""
    steps = slice(first, min(first + at_once(layer), steps_of(layer, example)))
    part = layer.drop_vars(["length", "call_length"], errors="ignore")
    return part.isel(time=steps, batch=[example]).load()


def signals_of(overview: xr.Dataset, layer: xr.Dataset) -> list[str]:
    """The signals that can be seen over all steps: those of the heatmaps, then gradients."""
    names = [name for name in shown(layer) if name in overview]
    return names + [f"grad_{name}" for name in names if f"grad_{name}" in overview]


def chart(
    overview: xr.Dataset, name: str, times: np.ndarray, in_view: tuple[int, int], look: Look
) -> alt.LayerChart:
    """Draw the means of one signal over blocks of all steps.

    ``times`` are the numbers of the recording's steps, of which the overview's ``start`` are
    places; a frame stands around the first and last one ``in_view``.
    """
    values = overview[name].transpose("statistic", "unit", "block").values
    starts = overview["start"].values
    gate = name.endswith("_gate") and not name.startswith("grad_")
    bound = 1.0 if gate else float(np.nanquantile(np.abs(values[1]), 0.99)) or 1.0
    style = SignalStyle(name, label_of(name), "gate" if gate else "state", bound, not gate)
    said = {**words(), "long.scale": say("gates.gate_scale" if gate else "long.scale")}
    edges = np.append(times[starts], times[-1] + 1)
    return overview_chart(values, edges, overview["unit"].values, style, in_view, said, look)


def alternative(overview: xr.Dataset, name: str) -> str:
    """What a chart of means is, for those who cannot see it."""
    low, mean, high = (overview[name].sel(statistic=kind) for kind in ("low", "mean", "high"))
    ends = {"low": low.min(), "mean": mean.mean(), "high": high.max()}
    return say(
        "long.alt", signal=label_of(name), units=some("units", overview.sizes["unit"]),
        blocks=overview.sizes["block"],
        **{kind: number(float(value)) for kind, value in ends.items()},
    )  # fmt: skip
