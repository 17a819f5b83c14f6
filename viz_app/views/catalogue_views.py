"""The figures of the catalogue: each a function of runs and of what is chosen."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from gatescope import Run
from viz_app import features
from viz_app.charts.style import Theme
from viz_app.kit.choice import KINDS
from viz_app.kit.view import Several, View
from viz_app.views import compare, compare_sides, gates
from viz_app.views.catalogue_parts import Choice, Figure, origin
from viz_app.views.compare_words import sides_of


def view_of(name: str, runs: tuple[str, ...], choice: Choice) -> View:
    """The view of that name, of some runs; what it has no choice for is left out."""
    kind = features.view_of(name)
    there = {part.name for part in fields(kind)}
    asked: dict[str, Any] = {"run": runs[0]} if "run" in there else {}
    if issubclass(kind, Several):
        asked["others"] = runs[1:]
    for part, value in vars(choice).items():
        if part in there and value is not None:
            asked[part] = KINDS[part].read(value) if isinstance(value, str) else value
    return kind(**asked)


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
