"""Which input mattered for which output of some networks on one example: data and charts."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from gatescope import Batch, Run, Task
from gatescope.analysis import connectivity
from viz_app.features.connectivity.chart import CELLS, MOST_FRAMED, ROW, triangle_panel
from viz_app.features.connectivity.chart_data import Triangle, TriangleWords, cell_frame, shading
from viz_app.features.connectivity.chart_row import Shown, row_chart
from viz_app.kit import export
from viz_app.kit.chart.altair_fast import hconcat, vconcat
from viz_app.kit.chart.style import Theme, config
from viz_app.text import name_of, say

__all__ = [
    "MOST_FRAMED", "ROW", "Found", "Shown", "figure", "last_asked", "of_run",
    "output_steps", "sequence", "specs", "strip", "table", "target", "targets", "triangles",
]  # fmt: skip

MOST_STEPS = 16_384
"""Output steps times input steps that are worked out; of a longer sequence some rows are."""

Found = Mapping[str, xr.DataArray]
"""By cell: (output_time, input_time)."""


def output_steps(length: int) -> list[int]:
    """The output steps that have a row: all where they are few, else some, the last among them."""
    every = -(-length * length // MOST_STEPS)
    return list(range(length - 1, -1, -every))[::-1]


def last_asked(batch: Batch, example: int) -> int:
    """The last step at which this example's answer counts."""
    return int(torch.nonzero(batch.scored[:, example]).max())


def targets(task: Task, batch: Batch) -> Tensor | None:
    """The class whose logit is asked about, (time, batch); None for a task of numbers.

    At a step that does not count it is the class that is right at the next one that does, after
    the last one that of the last.
    """
    if task.kind == "regression":
        return None
    found = batch.targets.clone()
    for example in range(found.shape[1]):
        asked = torch.nonzero(batch.scored[:, example])[:, 0]
        following = torch.searchsorted(asked, torch.arange(len(found))).clamp(max=len(asked) - 1)
        found[:, example] = batch.targets[asked[following], example]
    return found


def target(run: Run, example: int, step: int) -> int | None:
    """The class whose logit is asked about at one step of a probe example."""
    classes = targets(run.task, run.probe())
    return None if classes is None else int(classes[step, example])


def of_run(run: Run, example: int) -> xr.DataArray:
    """Connectivity of a trained network on one of its probe examples, in double precision."""
    batch, task = run.probe(), run.task
    classes = targets(task, batch)
    found = connectivity(
        run.model().double(),
        batch.inputs[:, example : example + 1].double(),
        None if classes is None else classes[:, example : example + 1],
        steps=output_steps(len(batch.inputs)),
    )
    return found.isel(batch=0).assign_attrs(
        {"cell": run.config.cell, "backward": run.config.bidirectional}
    )


def triangles(found: Found) -> list[Triangle]:
    """One a network, as they are drawn."""
    return [
        Triangle(
            name_of("cell", cell),
            tuple(norms["output_time"].values.tolist()),
            norms.values,
            bool(norms.attrs["backward"]),
        )
        for cell, norms in found.items()
    ]


def sequence(task: Task, batch: Batch, example: int) -> Shown:
    """The input as letters or bars."""
    inputs = batch.inputs[:, example]
    marks = tuple((mark.step, mark.label) for mark in batch.marks[example])
    if task.input_kind in ("symbols", "words"):
        return Shown(task.spell(inputs), np.empty((0, 0)), marks)
    low, high = task.value_range
    bars = inputs.numpy() if task.input_kind == "channels" else inputs[:, :1].numpy()
    return Shown((), bars / max(abs(low), abs(high)), marks)


def words() -> TriangleWords:
    """The charts' words, in the reader's language."""
    names = ("input", "output", "norm", "share", "network")
    return TriangleWords(**{name: say(f"connectivity.{name}") for name in names})


def figure(
    found: Found,
    shown: Shown,
    step: int,
    *,
    relative: bool = False,
    theme: Theme = "light",
    width: int = 300,
) -> alt.VConcatChart:
    """The same of what is worked out already."""  # fmt: skip
    drawn = triangles(found)
    shade, row = shading(drawn, relative), drawn[0].outputs.index(step)
    panels = [
        triangle_panel(
            one, words(), shade, theme=theme, marks=shown.marks, picked=row, width=width,
            height=width, axis=place == 0,
        )
        for place, one in enumerate(drawn)
    ]  # fmt: skip
    strip = row_chart(
        drawn, shown, words(), shade, row=row, theme=theme,
        width=width * len(drawn) + 40 * (len(drawn) - 1),
    ).properties(title=say("connectivity.strip", step=step))  # fmt: skip
    return vconcat(
        strip, hconcat(*panels, spacing=30), spacing=24, config=alt.Config(**config(theme))
    )


def specs(
    found: Found, shown: Shown, *, relative: bool, theme: Theme
) -> tuple[dict[str, Any], ...]:
    """The triangles for a page, on one scale, their cells a data frame.

    The parameter ``picked`` says which row is framed.
    """
    drawn = triangles(found)
    shade = shading(drawn, relative)
    charts = [
        triangle_panel(
            one, words(), shade, theme=theme, marks=shown.marks, axis=place == 0, hover=True
        ).configure(**config(theme))
        for place, one in enumerate(drawn)
    ]
    return tuple(
        (spec := export.spec(chart))
        | {"datasets": spec.get("datasets", {}) | {CELLS: cell_frame(one)[0]}}
        for chart, one in zip(charts, drawn, strict=True)
    )


def strip(found: Found, shown: Shown, step: int, *, relative: bool, theme: Theme) -> dict[str, Any]:
    """One output step over the input, for a page."""
    drawn = triangles(found)
    chart = row_chart(
        drawn, shown, words(), shading(drawn, relative), row=drawn[0].outputs.index(step),
        theme=theme,
    )  # fmt: skip
    return export.spec(chart.configure(**config(theme)))


def table(found: Found) -> pd.DataFrame:
    """The numbers: one row a cell, output step and input step."""
    return pd.concat(
        norms.rename("norm").drop_vars("batch").to_dataframe().reset_index().assign(cell=cell)
        for cell, norms in found.items()
    )[["cell", "output_time", "input_time", "norm"]]
