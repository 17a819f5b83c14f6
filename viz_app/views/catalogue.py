"""Every view that can be had as a figure: what it draws, its numbers, and where they come from.

The page Figures, ``gatescope figure view`` and a notebook all come here, so the same figure is the
same file. To add a view, write a function in `catalogue_views` and give it a line in `VIEWS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial

from gatescope import Run
from viz_app.figures import FigureError
from viz_app.text import say
from viz_app.views import catalogue_views
from viz_app.views.catalogue_parts import Choice, Figure

__all__ = [
    "CHOSEN", "OF_ONE_RUN", "VIEWS", "WITHOUT_RUNS", "Choice", "Figure", "figure", "title_of",
]  # fmt: skip


def figure(view: str, runs: Mapping[str, Run], choice: Choice | None = None) -> Figure:
    """A view of some runs.

    Parameters
    ----------
    view
        A key of `VIEWS`.
    runs
        By name; a view of one run takes the first.
    choice
        What of it is looked at.

    Raises
    ------
    FigureError
        When there is no such view, or there is no run.
    """
    if view not in VIEWS:
        raise FigureError(f"there is no view {view!r}; there are {', '.join(VIEWS)}")
    if not runs and view not in WITHOUT_RUNS:
        raise FigureError(f"the view {view!r} needs a run: name one")
    return VIEWS[view](runs, choice or Choice())


VIEWS: dict[str, Callable[[Mapping[str, Run], Choice], Figure]] = {
    "gates": partial(catalogue_views.of_a_view, "gates"),
    "compare": catalogue_views.compare_figure,
    "step": catalogue_views.step_figure,
    "saturation": partial(catalogue_views.of_a_view, "saturation"),
    "connectivity": catalogue_views.connectivity_figure,
    "gradients": catalogue_views.gradients_figure,
    "learning": catalogue_views.learning_figure,
    "memory": catalogue_views.memory_figure,
    "training": catalogue_views.training_figure,
    "retention": catalogue_views.retention_figure,
}
WITHOUT_RUNS = ("retention",)
OF_ONE_RUN = ("gates", "step", "saturation", "training")
"""Views of a single run; the others stand runs of one task side by side."""

CHOSEN = {
    "gates": tuple(part.name for part in fields(Choice)),
    "step": ("checkpoint", "layer", "example", "unit", "step"),
    "saturation": ("checkpoint", "layer"),
    "connectivity": ("example",),
    "compare": ("example",),
}
"""What of a choice a view heeds; the others nothing."""


def title_of(view: str) -> str:
    """A view's name as a person reads it."""
    return say(f"figures.view_{view}")
