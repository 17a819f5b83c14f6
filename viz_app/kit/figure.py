"""A view that is to be set: its chart at any width, its numbers, and where they come from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xarray as xr

from gatescope import Run, __version__
from viz_app.kit.chart.style import Theme
from viz_app.kit.export import About, Sized
from viz_app.kit.figure_layout import Layout, Widths, fit

Draw = Callable[[int, Theme], Any]


@dataclass(frozen=True)
class Figure:
    """A view of some runs.

    Attributes
    ----------
    draw
        From a width of its panels in pixels, and a theme, to the chart.
    table
        Its numbers.
    about
        Where they come from, for a file's metadata.
    """

    draw: Draw
    table: Callable[[], pd.DataFrame]
    about: About = field(default_factory=dict)
    _widths: Widths = field(default_factory=dict, init=False, repr=False, compare=False)

    def set(self, layout: Layout) -> Sized:
        """The figure of that width, with type of that size."""
        return fit(lambda width: self.draw(width, layout.theme), layout, self._widths)

    def arrays(self) -> xr.Dataset:
        """Its numbers as arrays over the row, with where they come from as attributes.

        Where a column is called so, they are over the line.
        """
        found = xr.Dataset.from_dataframe(self.table().reset_index(drop=True))
        return found.rename(index="line" if "row" in found else "row").assign_attrs(self.about)


def origin(view: str, runs: Mapping[str, Run]) -> dict[str, str]:
    """Where a figure of these runs comes from."""
    said = {"Software": f"GateScope {__version__}", "view": view, "run": ", ".join(runs)}
    if runs:
        configs = {name: run.config.model_dump(mode="json") for name, run in runs.items()}
        said["seed"] = ", ".join(str(run.config.seed) for run in runs.values())
        said["step"] = ", ".join(str(run.steps[-1]) for run in runs.values())
        said["config"] = json.dumps(configs, sort_keys=True)
    return said
