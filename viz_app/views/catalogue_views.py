"""The figures of the catalogue: each a function of runs and of what is chosen."""

from collections.abc import Mapping
from typing import Any

from gatescope import Run
from viz_app.charts.style import Theme
from viz_app.views import compare, compare_sides, gates
from viz_app.views.catalogue_parts import Choice, Figure, origin
from viz_app.views.compare_words import sides_of


def compare_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
    """Up to three runs at their end; one alone before and after its training."""
    some = dict(list(runs.items())[: compare_sides.MOST])
    found = compare_sides.compare(sides_of(some), node=choice.layer)
    view = compare.view(found, example=choice.example)
    picked = view.picked(choice.unit)

    def draw(width: int, theme: Theme) -> Any:
        return view.chart(gates.GatesLook(theme=theme, width=width, hover=False), picked)

    said = Choice(None, choice.layer, view.example, picked[0] if found.alike else None)
    about = origin("compare", some, said)
    about["step"] = ", ".join(str(side.step) for side in found.sides)
    return Figure(draw, view.table, about)
