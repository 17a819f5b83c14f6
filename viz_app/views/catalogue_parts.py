"""What figures of the catalogue share: what one is, what is chosen, where it comes from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xarray as xr

from gatescope import Run, __version__
from viz_app.charts.style import Theme
from viz_app.figures import About, Sized
from viz_app.layout import Layout, Widths, fit
from viz_app.views.part import DEFAULT, Part, panels_of, units_of, window_of

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
        """Its numbers as arrays over the row, with where they come from as attributes."""
        found = xr.Dataset.from_dataframe(self.table().reset_index(drop=True))
        return found.rename(index="row").assign_attrs(self.about)


@dataclass(frozen=True)
class Choice:
    """What of a run is looked at; None leaves it to the view.

    Attributes
    ----------
    checkpoint
        Training step.
    layer, example, unit, step
        As on the page Gates.
    window, units, show
        What of the example is in view, as the address has it: ``10-30``, ``3.7``,
        ``gates.states.gradients.lines``.
    """

    checkpoint: int | None = None
    layer: str | None = None
    example: int | None = None
    unit: int | None = None
    step: int | None = None
    window: str | None = None
    units: str | None = None
    show: str | None = None

    def part(self) -> Part:
        """What of an example is in view."""
        panels = DEFAULT if self.show is None else tuple(panels_of(self.show))
        return Part(window_of(self.window or ""), tuple(units_of(self.units or "")), panels)


def origin(view: str, runs: Mapping[str, Run], choice: Choice | None = None) -> dict[str, str]:
    """Where a figure of these runs comes from."""
    first = next(iter(runs.values()), None)
    said = {"Software": f"GateScope {__version__}", "view": view, "run": ", ".join(runs)}
    if first is not None:
        configs = {name: run.config.model_dump(mode="json") for name, run in runs.items()}
        said["seed"] = ", ".join(str(run.config.seed) for run in runs.values())
        said["step"] = ", ".join(str(run.steps[-1]) for run in runs.values())
        said["config"] = json.dumps(configs, sort_keys=True)
    if choice is not None:
        chosen = {name: value for name, value in vars(choice).items() if value is not None}
        said |= {"step" if name == "checkpoint" else f"shown_{name}": str(value)
                 for name, value in chosen.items()}  # fmt: skip
    return said
