"""A view that is to be set: its chart at any width, its numbers, and where they come from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import xarray as xr

from gatescope import Run, __version__
from viz_app.kit.chart.window import Look
from viz_app.kit.export import About, Sized
from viz_app.kit.figure_fit import NO_LESS, Widths, fit
from viz_app.kit.figure_layout import Layout

Draw = Callable[[int, Look], Any]


@dataclass(frozen=True)
class Figure:
    """A view of some runs.

    Attributes
    ----------
    draw
        From a width of its panels in pixels, and the room that there is, to the chart.
    table
        Its numbers.
    about
        Where they come from, for a file's metadata.
    told
        What it shows, for those who cannot see it.
    least, whole
        As of `viz_app.kit.figure_fit.fit`.
    """

    draw: Draw
    table: Callable[[], pd.DataFrame]
    about: About = field(default_factory=dict)
    told: Callable[[], str] = str
    least: int = NO_LESS
    whole: bool = False
    _widths: Widths = field(default_factory=dict, init=False, repr=False, compare=False)

    def set(self, layout: Layout) -> Sized:
        """The figure of that width and no higher than it may be, with type of that size."""

        def drawn(width: int, columns: int) -> Any:
            room = layout.window
            return self.draw(width, Look(layout.theme, replace(room, height=columns * room.height)))

        found = fit(drawn, layout, self._widths, least=self.least, whole=self.whole)
        return replace(found, spec=found.spec | {"description": self.told()})

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
