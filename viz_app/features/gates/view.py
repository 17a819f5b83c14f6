"""Gates: what the gates of one layer do on one example, step by step."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import altair as alt
import pandas as pd

from viz_app.features.gates import data as gates
from viz_app.features.gates import words as gates_words
from viz_app.features.gates.data import GatesView
from viz_app.kit import units
from viz_app.kit.chart.gates_fit import LINES
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import PANELS, Among
from viz_app.kit.packed import with_arrow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, Words, not_among
from viz_app.kit.view_of_runs import OfAnExample
from viz_app.kit.visible import DEFAULT, Part

GRADIENTS = "gradients"


@dataclass(frozen=True)
class Gates(OfAnExample):
    """The gates and states of one layer on one example.

    Attributes
    ----------
    run
        Its name, or outside the app its folder.
    checkpoint
        Training step; None is the last.
    layer
        Layer and direction, as ``"recurrent/l0"``; None is the first.
    example, own
        Of the run's probe examples, None is the one that must be remembered longest; and what is
        changed in it by hand.
    sort
        How the units are sorted, of `viz_app.kit.units.sorts`; None is the first that applies.
    window
        The first and the last step in view; None is all.
    units
        In view; none at all is every one.
    show
        Which panels, of `viz_app.kit.choice.PANELS`; ``"gradients"`` records with the loss.
    pictures
        Which signals have heatmaps instead, ``"lines"`` for those of the picked unit,
        ``"grad_hidden_state"`` for a gradient. None is all of ``show`` in a figure; a page draws
        what fits its window, see `fitting`.
    unit, step
        The unit whose lines are drawn, and the step whose remains are; None is the topmost row
        and the first mark.
    """

    name: ClassVar[str] = "gates"
    picks: ClassVar[tuple[str, ...]] = ("unit", "step")

    checkpoint: int = OPEN
    layer: str = OPEN
    example: int = OPEN
    sort: str = OPEN
    window: tuple[int, int] | None = None
    units: tuple[int, ...] = ()
    show: tuple[str, ...] = DEFAULT
    pictures: tuple[str, ...] | None = None
    unit: int = OPEN
    step: int = OPEN

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the run, its layer and its example."""
        there = super().among(recordings)
        layers = there["layer"]
        node = self.layer if self.layer in layers.values else layers.usual
        sorts = recordings.get(
            ("sorts", self.run, node),
            lambda: units.sorts(recordings.layer(self.run, None, node), recordings.batch(self.run)),
        )
        return there | {"sort": Among(sorts, sorts[0])}

    def part(self) -> Part:
        """What of the example is in view."""
        return Part(self.window, self.units, self.show, self.pictures)

    def with_part(self, part: Part) -> Self:
        """The same with another part in view."""
        return self.but(window=part.window, units=part.units)

    def possible(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """All pictures that there can be: signals, gradients of states, and the lines."""
        signals = units.shown(recordings.layer(self.run, None, self.complete(recordings).layer))
        gradients = [f"grad_{name}" for name in signals if not name.endswith("_gate")]
        return (*signals, *gradients, LINES)

    def of_show(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The pictures that ``show`` means; without a heatmap the states are drawn."""
        there = self.possible(recordings)
        found = tuple(name for name in there if kind_of(name) in self.show)
        return found if set(found) - {LINES} else (
            *(name for name in there if kind_of(name) == "states"), *found
        )  # fmt: skip

    def fitting(self, look: GatesLook, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The pictures that fit a window, see `GatesView.fitting`."""
        return self.whole(recordings).within(Part(self.window, self.units)).fitting(look)

    def with_gradients(self) -> bool:
        """Whether a gradient is among what is drawn."""
        if self.pictures is None:
            return GRADIENTS in self.show
        return any(name.startswith("grad_") for name in self.pictures)

    def whole(self, recordings: Recordings = HERE) -> GatesView:
        """The whole example, with gradients only where they are in view."""
        whole = replace(
            self.complete(recordings).key(), window=None, units=(), pictures=None,
            show=tuple(name for name in PANELS if name != GRADIENTS or self.with_gradients()),
        )  # fmt: skip
        return recordings.get(("whole", whole), lambda: whole._seen(recordings))

    def data(self, recordings: Recordings = HERE) -> GatesView:
        """The example with what is in view of it.

        Raises
        ------
        ViewError
            When there is no such picture.
        """
        if self.pictures and not set(self.pictures) <= set(there := self.possible(recordings)):
            raise not_among("pictures", there, ".".join(self.pictures))
        return self.whole(recordings).within(self.part())

    def picked(self, recordings: Recordings = HERE) -> tuple[int, int]:
        """The unit and the step that are picked."""
        return self.data(recordings).picked(self.unit, self.step)

    def shown(self, recordings: Recordings = HERE) -> Self:
        """Complete, with the unit and the step that are picked."""
        unit, step = self.picked(recordings)
        return self.complete(recordings).but(unit=unit, step=step)

    def spec(self, look: GatesLook, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page, large data as Arrow; see `GatesView.with_picks`."""

        def drawn() -> dict[str, Any]:
            view = self.data(recordings)
            spec = view.spec(look, (view.seen.shape.units[0], 0))
            return with_arrow(spec)

        return recordings.get(("spec", self.key(), look), drawn)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, fade: bool = False,
        recordings: Recordings = HERE,
    ) -> alt.VConcatChart:  # fmt: skip
        """The chart, as a still figure; ``width`` is that of the plots in pixels.

        With ``fade`` what is left of the picked step is drawn over the state.
        """
        look = GatesLook(theme, width or GatesLook.width, fade, hover=False)
        return self.data(recordings).chart(look, self.picked(recordings))

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.VConcatChart:
        """The chart of a figure, its panels as high as there is room for."""
        return self.data(recordings).chart(GatesLook.still(width, look), self.picked(recordings))

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers in view: one row a unit and step, every signal in a column."""
        return self.data(recordings).table()

    def words(self, recordings: Recordings = HERE) -> Words:
        """What is said about it.

        The alternative text is the same for every pick: with another one a browser would draw the
        chart anew.
        """
        view = self.data(recordings)
        one, marks, shape = view.one(), view.data.marks, view.seen.shape
        telling, direction = units.telling_gate(one)
        kept_in = shape.kept_in or "hidden_state"
        step, first = self.picked(recordings)[1], view.picked()[1]
        headline = gates_words.headline(one, marks, telling, direction)
        told = tuple(gates_words.look_for(one, marks, telling, kept_in, step))
        of_all = told
        if step != first:
            of_all = tuple(gates_words.look_for(one, marks, telling, kept_in, first))
        cell = recordings.run(self.run).config.cell
        return Words(headline, told, gates_words.alternative(shape, cell, (headline, *of_all)))

    def _seen(self, recordings: Recordings) -> GatesView:
        """Made of a complete view."""
        run = recordings.run(self.run)
        return gates.view(
            recordings.layer(
                self.run, self.checkpoint, self.layer, GRADIENTS in self.show, self.changed
            ),
            recordings.batch(self.run, self.changed),
            run.task,
            example=self.place,
            order=recordings.order(self.run, self.layer, self.sort),
            bounds=recordings.bounds(self.run, self.layer),
            part=self.part(),
        )


def kind_of(picture: str) -> str:
    """Which panel of `viz_app.kit.choice.PANELS` a picture belongs to."""
    if picture.startswith("grad_"):
        return GRADIENTS
    if picture == LINES:
        return LINES
    return "gates" if picture.endswith("_gate") else "states"
