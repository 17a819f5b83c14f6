"""Every view that can be had as a figure: what it draws, its numbers, and where they come from.

The page Figures, ``gatescope figure view`` and a notebook all come here, so the same figure is the
same file.
"""

from collections.abc import Mapping
from dataclasses import fields

from gatescope import Run
from viz_app import features
from viz_app.figures import FigureError
from viz_app.kit.recordings import Recordings
from viz_app.sharing import Store
from viz_app.text import say
from viz_app.views.catalogue_parts import Choice, Figure
from viz_app.views.catalogue_views import compare_figure
from viz_app.views.library import Library

__all__ = [
    "CHOSEN", "OF_ONE_RUN", "VIEWS", "WITHOUT_RUNS", "Choice", "Figure", "figure", "title_of",
]  # fmt: skip

COMPARE = "compare"
"""The view that is none of `viz_app.features.VIEWS` yet."""


def figure(view: str, runs: Mapping[str, Run], choice: Choice | None = None) -> Figure:
    """A view of some runs.

    Parameters
    ----------
    view
        One of `VIEWS`.
    runs
        By name; a view of one run takes the first.
    choice
        What of it is looked at.

    Raises
    ------
    FigureError
        When there is no such view, or there is no run.
    """
    require(view, tuple(runs))
    if view == COMPARE:
        return compare_figure(runs, choice or Choice())
    own = Recordings(runs.__getitem__, lambda: Library(dict(runs), {}), Store())
    return features.view(view, tuple(runs), vars(choice or Choice())).figure(own)


def require(view: str, runs: tuple[str, ...]) -> None:
    """Raise FigureError where there is no such view, or no run for it."""
    if view not in VIEWS:
        raise FigureError(f"there is no view {view!r}; there are {', '.join(VIEWS)}")
    if not runs and view not in WITHOUT_RUNS:
        raise FigureError(f"the view {view!r} needs a run: name one")


VIEWS = (
    "gates", COMPARE, "step", "saturation", "connectivity", "gradients", "learning", "memory",
    "training", "retention",
)  # fmt: skip
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
