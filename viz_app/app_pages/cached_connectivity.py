"""What all browsers share of the connectivity page: gradients and finished specs, bounded."""

from typing import Any

import xarray as xr

from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import connectivity, connectivity_words
from viz_app.views.settings import Theme

Runs = tuple[str, ...]


@shared
def of_run(run: str, example: int) -> xr.DataArray:
    """One network's gradients on one example."""
    return connectivity.of_run(cached.run_of(run), example)


def found(runs: Runs, example: int) -> dict[str, xr.DataArray]:
    """Those of several networks, by their cell."""
    return {cached.run_of(run).config.cell: of_run(run, example) for run in runs}


@shared
def shown(run: str, example: int) -> connectivity.Shown:
    """The input of one example."""
    chosen = cached.run_of(run)
    return connectivity.sequence(chosen.task, chosen.probe(), example)


@shared
def has_zeros(runs: Runs, example: int) -> bool:
    """Whether an input that was read matters exactly nothing."""
    return connectivity_words.has_zeros(found(runs, example))


@shared
def specs(runs: Runs, example: int, relative: bool, theme: Theme) -> tuple[dict[str, Any], ...]:
    """The finished triangles; `framed` says which row is framed."""
    return connectivity.specs(
        found(runs, example), shown(runs[0], example), relative=relative, theme=theme
    )


@shared
def strip(runs: Runs, example: int, step: int, relative: bool, theme: Theme) -> dict[str, Any]:
    """The finished row of one output step."""
    return connectivity.strip(
        found(runs, example), shown(runs[0], example), step, relative=relative, theme=theme
    )
