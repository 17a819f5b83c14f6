"""Lesson 7: break a trained network by changing one of its units."""

from collections.abc import Mapping

import numpy as np

from gatescope import intervene
from gatescope.experiments.lead import each_example, parts_of
from gatescope.intervention import Clamp, Intervention, ZeroUnit
from viz_app.features import Intervene
from viz_app.features.intervene.compared import examples
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Knob, Numbers, State, choice
from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import percent
from viz_app.text import name_of, say

RUN, UNITS = "temporal-order-lstm", 16
"""Whose network is broken, and how many units it has."""

GOAL = 0.3
"""The accuracy is to fall below it: silence alone, of any unit, does not reach it."""

EXAMPLES = 150
"""So many of the test examples are run."""

HELD: Mapping[str, tuple[str, float]] = {
    "keep_0": ("forget_gate", 0.0), "keep_1": ("forget_gate", 1.0),
    "write_1": ("input_gate", 1.0), "show_0": ("output_gate", 0.0),
}  # fmt: skip
"""What is held, and at what, by the name of the choice."""

STATE = "cell_state"


def change(unit: int, what: str) -> Intervention:
    """What is done to one unit; ``what`` is ``"silent"`` or of `HELD`."""
    if what == "silent":
        return ZeroUnit((unit,))
    signal, value = HELD[what]
    return Clamp(signal, value, units=(unit,))


def accuracy(run: str, done: tuple[Intervention, ...], recordings: Recordings = HERE) -> float:
    """The accuracy of a run's network on `EXAMPLES` test examples while that is done to it."""

    def measured() -> float:
        found = recordings.run(run)
        batch = next(iter(parts_of(examples(found), EXAMPLES)))
        both = intervene(found.model(), batch.inputs, done)
        task = found.task.held_out("test")
        return each_example(task, both.changed_output, batch).accuracy

    return recordings.get(("one unit", run, done), measured)


class OneUnit(Numbers):
    """One unit of a network that tells the order of two symbols is silenced, or a gate held."""

    def view(self, state: State) -> Intervene:
        """What is looked at."""
        values = self.chosen(state)
        return Intervene(RUN, does=(change(int(values["unit"]), values["what"]),))

    def panels(self, state: State, recordings: Recordings = HERE) -> list[Panel]:
        """The unit's cell state on one example, as it is and changed."""
        seen, unit = self.view(state).data(recordings), int(self.chosen(state)["unit"])
        assert seen.changed is not None
        both = [one[STATE].values[:, unit].astype(float) for one in (seen.untouched, seen.changed)]
        steps = np.arange(float(len(both[0])))
        lines = [
            Line(say(f"intervene.{name}"), steps, value, style=style)
            for name, value, style in zip(
                ("untouched", "changed"), both, (STYLES[0], STYLES[3]), strict=True
            )
        ]
        most = max(1.0, float(np.abs(both).max()))
        ends = (-float(np.ceil(most)), float(np.ceil(most)))
        title = say("builds.one_unit_state", signal=name_of("signal", STATE), unit=unit)
        across = Axis(say("builds.time"), (0, len(steps) - 1))
        return [Panel("", lines, across, Axis(title, ends), levels=[Level(0.0)])]

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """The accuracy falls below the goal."""
        before = accuracy(RUN, (), recordings)
        after = accuracy(RUN, tuple(self.view(state).does or ()), recordings)
        numbers, values = {"before": before, "after": after}, self.chosen(state)
        key = "reached" if after < GOAL else "hurt" if after < before - 0.02 else "same"
        said = say(
            f"builds.one_unit_{key}", unit=int(values["unit"]), before=percent(before),
            after=percent(after), goal=percent(GOAL),
            guess=percent(recordings.run(RUN).task.baseline_accuracy),
        )  # fmt: skip
        return Verdict(after < GOAL, numbers, said)


BUILD = OneUnit(
    "one_unit",
    (
        Knob("unit", 0, UNITS - 1, 1, 0, "one_unit_unit"),
        choice("what", ("silent", *HELD), "one_unit_what"),
    ),
    {"unit": 5, "what": 1},
)
