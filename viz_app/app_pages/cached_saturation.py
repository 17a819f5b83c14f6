"""What all browsers share of the saturation page: shares and finished specs, computed once."""

from typing import Any

import xarray as xr

from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import saturation, saturation_words, units
from viz_app.views.settings import Theme


@shared
def found(run: str, node: str) -> dict[str, xr.Dataset]:
    """A layer's shares and values at each checkpoint of its run."""
    steps = cached.run_of(run).steps
    return saturation.over_training(
        {step: units.layer_of(cached.trace(run, step), node) for step in steps}
    )


@shared
def sentences(run: str, node: str, step: int) -> list[str]:
    """Which units are stuck at a checkpoint, and how that came."""
    return saturation_words.sentences(found(run, node), step)


@shared
def map_alternatives(run: str, node: str) -> list[str]:
    """What the maps show, for those who cannot see them."""
    return [saturation_words.map_alternative(*one) for one in found(run, node).items()]


@shared
def scatters(run: str, node: str, step: int, theme: Theme) -> tuple[dict[str, Any], ...]:
    """The finished scatters at one checkpoint."""
    return saturation.scatter_specs(found(run, node), step, theme)


@shared
def maps(run: str, node: str, theme: Theme) -> tuple[dict[str, Any], ...]:
    """The finished maps of values; `framed` says which checkpoint is framed."""
    return saturation.map_specs(found(run, node), theme)
