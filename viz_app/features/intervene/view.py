"""Intervene: what a network does when it is changed while it runs."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from gatescope.experiments.lead import Kept
from gatescope.intervention import Intervention
from viz_app.features.intervene import data as intervene
from viz_app.features.intervene import words
from viz_app.features.intervene.compared import Compared, compare, measure
from viz_app.features.intervene.data import InterveneView
from viz_app.features.intervene.questions import (
    QUESTIONS,
    Scene,
    holder,
    offered,
    signals_first,
)
from viz_app.kit import interventions
from viz_app.kit.choice import Among
from viz_app.kit.over_time import OverTime
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.units import shown
from viz_app.kit.view import OPEN, ViewError, not_among
from viz_app.kit.view_of_runs import OfAnExample
from viz_app.text import say

OFTEN = 0.1
"""Of the answers that were right so many must be spoilt for one of them to stand for all."""

SCORES = """\

cost = view.cost()
for answers in (cost.before, cost.after):
    print(answers.accuracy, answers.loss)
print(cost.outcome)
"""
"""The lines that say what a change costs."""


@dataclass(frozen=True)
class Intervene(OverTime, OfAnExample):
    """A trained network as it is, the same one changed, and the difference, on one example.

    Attributes
    ----------
    run
        Its name, or outside the app its folder.
    layer
        Layer and direction, as ``"recurrent/l0"``; None is the first.
    example, own
        Of the run's probe examples; None is the one that must be remembered longest, or to a
        question, where that one stays right, one whose answer is spoilt; and what is changed in it
        by hand.
    ask
        A question, of `viz_app.features.intervene.questions.QUESTIONS`; None is the first that can
        be asked of the layer.
    does
        Interventions of one's own instead, on the layer where they name none; none at all leave
        the network as it is.
    pictures
        The signals that are drawn; None is what the change is about, and the state that keeps.
    unit
        The unit whose lines are drawn; None is the one that changes most.
    """

    name: ClassVar[str] = "intervene"

    layer: str = OPEN
    example: int = OPEN
    ask: str = OPEN
    does: tuple[Intervention, ...] | None = None
    pictures: tuple[str, ...] | None = None
    unit: int = OPEN

    def __post_init__(self) -> None:
        """Interventions are kept as numbers and in order, so that the same are equal."""
        if self.does is None:
            return
        try:
            object.__setattr__(self, "does", interventions.plain(self.does))
        except (KeyError, TypeError, ValueError) as error:
            raise ViewError(say("figures.wrong_does", value=repr(self.does))) from error

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the run, and asked of its layer."""
        there = super().among(recordings)
        if self.does is not None:
            return there
        node = there["layer"].of(self.layer)
        questions = recordings.get(
            ("questions", self.run, node), lambda: offered(self._scene(node, recordings))
        )
        ask = Among(questions, questions[0])
        example = there.pop("example")
        usual = self._telling(str(node), str(ask.of(self.ask)), example.usual, recordings)
        return there | {"ask": ask, "example": Among(example.values, usual)}

    def scene(self, recordings: Recordings = HERE) -> Scene:
        """The layer that is looked at, as it is, on the probe examples."""
        return self._scene(self.complete(recordings).layer, recordings)

    def done(self, recordings: Recordings = HERE) -> list[Intervention]:
        """The interventions themselves."""
        made = self.complete(recordings)
        if made.does is None:
            return QUESTIONS[str(made.ask)].make(made._row(recordings))
        return [replace(one, layer=one.layer or made.layer) for one in made.does]

    def signals(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The signals that are drawn, in the order of the layer's."""
        made, scene = self.complete(recordings), self.scene(recordings)
        possible = shown(scene.layer)
        wanted = self.pictures
        if wanted is None:
            own = made.ask if made.does is None else made.does
            wanted = tuple(signals_first(own, scene))
        if not wanted or not set(wanted) <= set(possible):
            raise not_among("pictures", possible, ".".join(wanted))
        return tuple(name for name in possible if name in wanted)

    def compared(self, recordings: Recordings = HERE) -> Compared:
        """Both runs, on all probe examples as they were drawn."""
        return self._all(recordings).on_its_rows(recordings)

    def on_its_rows(self, recordings: Recordings = HERE) -> Compared:
        """Both runs on the examples of ``recordings.batch(view.run, view.changed)``."""
        whole = self._all(recordings)
        made = whole.but(example=self.number, own=self.own) if self.own else whole

        def run_twice() -> Compared:
            run, scene = recordings.run(made.run), made._row(recordings)
            if made.does == ():
                said = recordings.answers(made.run, None, made.changed)
                return Compared(scene.node, scene.layer, scene.layer, said, said)
            both = compare(run, made.done(recordings), node=made.layer, batch=scene.batch)
            # the run as it is, is the same every time: all entries share one
            return replace(both, untouched=scene.layer)

        return recordings.get(("intervened", made), run_twice)

    def cost(self, recordings: Recordings = HERE) -> Kept:
        """What it costs the network, on the test examples of its score."""
        made = self._all(recordings)

        def measured() -> Kept:
            what = str(made.ask) if made.does is None else made.done(recordings)
            return measure(recordings.run(made.run), what, str(made.layer))

        return recordings.get(("cost", made), measured)

    def data(self, recordings: Recordings = HERE) -> InterveneView:
        """One example of both."""
        made = self.complete(recordings).but(unit=None, pictures=self.signals(recordings))

        def seen() -> InterveneView:
            run, node = recordings.run(made.run), made.layer
            batch = recordings.batch(made.run, made.changed)
            return intervene.view(
                made.on_its_rows(recordings), batch, run.task, example=made.place,
                signals=made.pictures or (), order=recordings.order(made.run, node),
                bounds=recordings.bounds(made.run, node), revealed=made.does != (),
            )  # fmt: skip

        return recordings.get(("intervene", made), seen)

    def picked(self, recordings: Recordings = HERE) -> tuple[int, int]:
        """The unit that is drawn, and the first mark."""
        seen = self.data(recordings)
        units = sorted(seen.data.gates.shape.units)
        if self.unit is not None and self.unit not in units:
            raise not_among("unit", units, self.unit)
        return seen.picked(self.unit)

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What is done, and where that changes most."""
        cell, done = recordings.run(self.run).config.cell, self.done(recordings)
        return words.alternative(self.data(recordings), cell, done)

    def shown(self, recordings: Recordings = HERE) -> Self:
        """Complete, with the unit."""
        return self.complete(recordings).but(unit=self.picked(recordings)[0])

    def imports(self) -> str:
        """The kinds of intervention."""
        kinds = sorted({type(one).__name__ for one in self.does or ()})
        return f"from gatescope.intervention import {', '.join(kinds)}\n" if kinds else ""

    def code(self, *, scores: bool = False, **look: Any) -> str:
        """The lines of Python that draw it, and with ``scores`` say what it costs."""
        return super().code(**look) + (SCORES if scores else "")

    def _telling(self, node: str, ask: str, usual: int, recordings: Recordings) -> int:
        """The example that a question opens with: of those that it often spoils, one of them."""

        def found() -> int:
            run, scene = recordings.run(self.run), self._scene(node, recordings)
            both = compare(run, QUESTIONS[ask].make(scene), node=node, batch=scene.batch)
            often = len(both.spoilt) >= OFTEN * (len(both.spoilt) + len(both.right))
            tells = both.spoilt if often else ()
            return usual if usual in tells or not tells else tells[0]

        if not recordings.run(self.run).task.asks:
            return usual
        return recordings.get(("telling", self.run, node, ask), found)

    def _all(self, recordings: Recordings) -> Self:
        """What is done, whichever example is looked at."""
        made = self.complete(recordings)
        return made.but(example=None, own=None, pictures=None, unit=None)

    def _row(self, recordings: Recordings) -> Scene:
        """The same layer on the rows that are seen; the unit that falls silent is that of all."""
        scene, own = self.scene(recordings), self.changed
        if own is None:
            return scene
        layer = recordings.layer(self.run, None, scene.node, own=own)
        unit = holder(scene)[0] if scene.marked else None
        return Scene(scene.node, layer, recordings.batch(self.run, own), unit)

    def _scene(self, node: str | None, recordings: Recordings) -> Scene:
        def scene() -> Scene:
            layer = recordings.layer(self.run, None, node)
            return Scene(str(node), layer, recordings.run(self.run).probe())

        return recordings.get(("scene", self.run, node), scene)
