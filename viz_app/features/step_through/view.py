"""Step through: where each number of one unit at one step comes from."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, get_args

import altair as alt
import pandas as pd

from viz_app.features.gates.view import Gates
from viz_app.features.step_through import data as step_through
from viz_app.features.step_through import words
from viz_app.features.step_through.chart_layout import StepLook
from viz_app.features.step_through.data import StepView, Way
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.packed import arrow, with_arrow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, kept
from viz_app.kit.view_of_runs import OfAnExample

PLOT = 1060
"""Pixels of the still chart's plots."""

AROUND_PANEL = 34
"""Of a panel's title, axis and legend, and what parts it from the next."""


@dataclass(frozen=True)
class StepThrough(OfAnExample):
    """One unit at one step, with all its numbers.

    Attributes
    ----------
    run, checkpoint, layer, example
        As in `viz_app.features.gates.view.Gates`.
    way
        ``"forward"`` with the values, ``"backward"`` with the gradients.
    unit, step
        Which; None is the first of the page Gates' order, and the first mark.
    """

    name: ClassVar[str] = "step"
    picks: ClassVar[tuple[str, ...]] = ("unit", "step")
    narrowest: ClassVar[int] = 330
    one_drawing: ClassVar[bool] = True

    checkpoint: int = OPEN
    layer: str = OPEN
    example: int = OPEN
    way: Way = OPEN
    unit: int = OPEN
    step: int = OPEN

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the run."""
        ways = get_args(Way)
        return super().among(recordings) | {"way": Among(ways, ways[0])}

    def data(self, recordings: Recordings = HERE) -> StepView:
        """The example, every step of it taken apart.

        Raises
        ------
        ValueError
            When there is no drawing of the layer's cell.
        """
        made = self.complete(recordings).but(way=None, unit=None, step=None)

        def apart() -> StepView:
            run = recordings.run(made.run)
            same = Gates(made.run, made.checkpoint, made.layer, made.example, own=made.own)
            return step_through.view(
                run.model(made.checkpoint),
                recordings.trace(made.run, made.checkpoint, True, made.changed),
                recordings.batch(made.run, made.changed),
                run.task,
                node=made.layer,
                example=made.place,
                seen=same.whole(recordings),
            )

        return recordings.get(("step", made), apart)

    def shown(self, recordings: Recordings = HERE) -> Self:
        """Complete, with the unit and the step that are picked."""
        unit, step = self.data(recordings).picked(self.unit, self.step)
        return self.complete(recordings).but(unit=unit, step=step)

    def spec(self, look: GatesLook, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page, its numbers as Arrow; see `picked_spec`."""

        def drawn() -> dict[str, Any]:
            spec = self.data(recordings).spec(self.complete(recordings).way, look, (0, 0))
            return with_arrow(spec)

        return recordings.get(("step spec", self.key(), look), drawn)

    def picked_spec(self, look: GatesLook, recordings: Recordings) -> dict[str, Any]:
        """The shared spec with this view's unit and step picked; the shared one stays as it is."""
        spec, seen = self.spec(look, recordings), self.data(recordings)
        value = {"unit": self.unit, "step": self.step}
        signals = [
            signal | {"value": value[signal["name"]]} if signal["name"] in value else signal
            for signal in spec["config"]["signals"]
        ]
        data = seen.data(self.complete(recordings).way)
        own = {"cells": arrow(data.frame(self.unit or 0))} if data.is_large else {}
        return spec | {
            "config": spec["config"] | {"signals": signals},
            "datasets": spec["datasets"] | own,
        }

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """The chart, as a still figure; ``width`` is that of the plots in pixels."""
        return self.still(width or PLOT, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.VConcatChart:
        """The chart of a figure: upright where it is narrow, and without the lines over time where
        they have no room.
        """
        view, drawn = self.shown(recordings), StepLook.still(width, look)
        seen, picked = view.data(recordings), (view.unit, view.step)
        chart = seen.chart(view.way, drawn, picked)
        if sum(panel.height + AROUND_PANEL for panel in chart.vconcat) <= look.window.height:
            return chart
        return seen.chart(view.way, replace(drawn, lines=False), picked)

    @kept()
    def alternative(self, recordings: Recordings = HERE) -> str:
        """The same for every pick: with another text a browser would draw the chart anew."""
        seen = self.data(recordings)
        return words.alternative(seen.terms, self.complete(recordings).way)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The unit's numbers, not rounded: a row a step, a column each."""
        return self.data(recordings).table(self.shown(recordings).unit)
