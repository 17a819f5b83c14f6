"""What all browsers share of the page Architectures: pictures of layers and directions."""

from typing import Any, NamedTuple

import pandas as pd

from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import architectures, halves
from viz_app.views.architectures import Layers, Signal
from viz_app.views.settings import Theme


class Told(NamedTuple):
    """Charts, and what each shows for those who cannot see it."""

    specs: list[dict[str, Any]]
    alternatives: list[str]
    sentences: list[str]


def layers(name: str) -> Layers:
    """All layers and directions of a run at its end, with gradients."""
    return architectures.layers_of(cached.trace(name, cached.run_of(name).steps[-1], True))


@shared
def spec(name: str, example: int, signal: Signal, theme: Theme) -> dict[str, Any]:
    """The heatmaps of every layer."""
    run = cached.run_of(name)
    return architectures.spec(architectures.data(run, layers(name), example, signal), theme)


@shared
def flow(name: str, theme: Theme) -> Told:
    """Gradient norms of every layer."""
    panels = architectures.flow(layers(name))
    alternatives = [architectures.gradients.alternative(panel) for panel in panels]
    told = architectures.reach(panels[0])
    return Told(architectures.flow_specs(panels, theme), alternatives, told)


@shared
def numbers() -> tuple[pd.DataFrame, list[str]]:
    """All prepared networks beside one another, and what stacking did."""
    runs = {name: cached.run_of(name) for name in architectures.PREPARED}
    return architectures.numbers(runs), architectures.stacking(runs)


@shared
def backward_half(theme: Theme) -> Told:
    """What the backward half has seen, with both ways to read the answer."""
    last, ends = (halves.Halves(cached.run_of(name)) for name in (halves.LAST, halves.ENDS))
    panels = halves.panels(last, ends)
    alternatives = [architectures.gradients.alternative(panel) for panel in panels]
    return Told(halves.specs(panels, theme), alternatives, halves.sentences(last, ends))
