"""A large heatmap as a file: one image of pixels against one rectangle a cell.

Run by hand: ``python tests/benchmarks/bench_figure.py``.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import altair as alt
import numpy as np
import pandas as pd
import torch
from _tables import seconds, size, table
from torch import nn

from gatescope import record
from viz_app.features.gates import data as gates
from viz_app.kit import export, units
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.raster import Raster, image
from viz_app.kit.chart.style import GATE_TABLE

WIDTH, HEIGHT = 860, 320
KINDS = ("png", "svg", "pdf")


def pixels(matrix: np.ndarray) -> alt.LayerChart:
    """One image, one pixel a cell, as the app draws it."""
    rows, columns = matrix.shape
    x = alt.X("x:Q", scale=alt.Scale(domain=[-0.5, columns - 0.5], nice=False), title="time step")
    y = alt.Y("y:Q", scale=alt.Scale(domain=[-0.5, rows - 0.5], reverse=True, nice=False))
    chart = alt.layer(image("picture", x, y), width=WIDTH, height=HEIGHT)
    chart["datasets"] = {"picture": [Raster(matrix, 0, 1, GATE_TABLE).row()]}
    return chart


def rectangles(matrix: np.ndarray) -> alt.Chart:
    """One rectangle a cell, as most would draw it."""
    rows, columns = matrix.shape
    frame = pd.DataFrame(
        {
            "time": np.tile(np.arange(columns), rows),
            "unit": np.repeat(np.arange(rows), columns),
            "value": matrix.ravel().round(4),
        }
    )
    return (
        alt.Chart(frame, width=WIDTH, height=HEIGHT)
        .mark_rect()
        .encode(
            x=alt.X("time:O", axis=None),
            y=alt.Y("unit:O", axis=None),
            color=alt.Color("value:Q", scale=GATE_TABLE.scale(0, 1)),
        )
    )


def timed(draw: Callable[[], alt.TopLevelMixin], kind: str, rounds: int) -> tuple[float, int]:
    """Seconds from the numbers to the bytes of the file, the median, and how many they are."""
    times, found = [], b""
    for _ in range(rounds):
        start = time.perf_counter()
        found = export.render(draw(), kind)
        times.append(time.perf_counter() - start)
    return median(times), len(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3, help="the rectangles are drawn once")
    asked = parser.parse_args()
    torch.manual_seed(0)
    layer = nn.LSTM(2, asked.units)
    trace = record(layer, torch.randn(asked.steps, 1, 2))
    view = gates.view(units.layer_of(trace))
    matrix = view.one()["forget_gate"].values.T.astype(float)
    ways: dict[str, tuple[Callable[[], alt.TopLevelMixin], int]] = {
        "one image": (lambda: pixels(matrix), asked.rounds),
        "gates chart": (
            lambda: view.chart(GatesLook(hover=False), view.picked()),
            asked.rounds,
        ),
        "rectangles": (lambda: rectangles(matrix), 1),
    }
    export.render(pixels(matrix[:4, :4]), "png")  # starts the renderer
    print(f"{asked.steps} steps x {asked.units} units, one signal; the gates chart has five")
    rows = []
    for kind in KINDS:
        found = {name: timed(draw, kind, rounds) for name, (draw, rounds) in ways.items()}
        slow, large = found["rectangles"]
        for name, (taken, count) in found.items():
            rows.append(
                (
                    f"{kind} {name}",
                    seconds(taken),
                    size(count),
                    f"{slow / taken:.1f}",
                    f"{large / count:.1f}",
                )
            )
    table(["figure", "time", "size", "rectangles' time / this", "rectangles' size / this"], rows)


if __name__ == "__main__":
    main()
