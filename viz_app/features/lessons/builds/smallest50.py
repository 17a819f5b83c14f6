"""Lesson 6: the smallest network that holds 50 steps, among those that were trained beforehand."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from gatescope.experiments.retention import DEFAULT_VARIANTS
from viz_app.features.lessons import measured
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Numbers, State, choice
from viz_app.kit.chart.axes import Axis, share_axis
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel, Points, Tip
from viz_app.kit.panels import Texts
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import percent, some
from viz_app.text import name_of, say

CELLS, STARTS = ("rnn", "lstm", "gru"), ("default", "forget_bias", "chrono")

BESIDE = 1.25
"""The axis of units goes on by this factor on both sides."""

SOLVED, GUESSING = 0.97, 1 / 8
"""The accuracy that counts as held, and that of guessing among eight symbols."""


class Smallest(Numbers):
    """A cell, how its gates start, and its units."""

    alt_texts: ClassVar[Texts] = ("retention.alt", "retention.alt_line")

    def variant(self, state: State) -> str:
        """As the experiment names it."""
        values = self.chosen(state)
        start = values["start"]
        return values["cell"] if start == "default" else f"{values['cell']}:{start}"

    def units(self, state: State) -> int:
        """So many."""
        return int(self.chosen(state)["units"])

    def rows(self, state: State) -> pd.DataFrame:
        """The runs of that network, one a seed; none where it cannot start so."""
        table = measured.smallest()
        mine = (table["variant"] == self.variant(state)) & (table["units"] == self.units(state))
        return table[mine]

    def panels(self, state: State, recordings: Recordings = HERE) -> Sequence[Panel]:
        """The accuracy of all sizes of that cell: its lowest, middle and highest seed."""
        table, cell = measured.smallest(), self.chosen(state)["cell"]
        variant = self.variant(state)
        there = variant if variant in DEFAULT_VARIANTS else cell
        own = table[table["variant"] == there]
        groups = own.groupby("units")["accuracy"]
        name, style = say("builds.smallest50_line"), STYLES[3]
        sizes = np.array(sorted(own["units"].unique()), dtype=float)
        line = Line(
            name, sizes, groups.median().to_numpy(), groups.min().to_numpy(),
            groups.max().to_numpy(), style=style,
        )  # fmt: skip
        chosen = own[own["units"] == self.units(state)] if there == variant else own[:0]
        dots = pd.DataFrame(
            {"line": name, "x": chosen["units"].astype(float), "value": chosen["accuracy"],
             "seed": chosen["seed"]}
        )  # fmt: skip
        tips = (Tip("seed:Q", say("retention.seed")), Tip("value:Q", line.name, ".0%"))
        mark = {"type": "point", "filled": True, "size": 90, "opacity": 1}
        across = Axis(
            say("builds.smallest50_units_axis"), (sizes[0] / BESIDE, sizes[-1] * BESIDE), log=True,
            look={"values": sizes.tolist(), "format": "d"},
        )  # fmt: skip
        levels = [
            Level(SOLVED, say("builds.smallest50_held"), left=True, named_at=0.9),
            Level(GUESSING, say("retention.reference_accuracy"), left=True),
        ]
        return [
            Panel(
                name_of("cell", cell), [line], across, share_axis(say("retention.accuracy")),
                levels=levels, points=[Points(dots, mark, tips)] if len(dots) else (),
            )
        ]  # fmt: skip

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """All its seeds hold the delay, and no network with fewer parameters does that."""
        rows, values = self.rows(state), self.chosen(state)
        if rows.empty:
            start = say(f"retention.init_{values['start']}")
            cell = name_of("cell", values["cell"])
            return Verdict(False, {}, say("builds.smallest50_none", cell=cell, start=start))
        size, solved = int(rows["parameters"].iloc[0]), int(rows["solved"].sum())
        numbers = {"parameters": size, "solved": solved, "seeds": len(rows)}
        smaller = [each for each in holding() if each < size]
        holds = solved == len(rows)
        key = "fails" if not holds else "larger" if smaller else "reached"
        said = say(
            f"builds.smallest50_{key}", solved=solved, seeds=some("seeds", len(rows)),
            parameters=some("parameters", size), delay=measured.DELAY,
            low=percent(float(rows["accuracy"].min())), high=percent(float(rows["accuracy"].max())),
        )  # fmt: skip
        return Verdict(key == "reached", numbers, said)

    def said(self, value: float) -> str:
        """An accuracy."""
        return percent(value)


def holding() -> list[int]:
    """The parameters of all networks that hold the delay with every seed, the fewest first."""
    table = measured.smallest()
    found = table.groupby(["variant", "units"]).agg({"solved": "all", "parameters": "first"})
    return sorted(found.loc[found["solved"], "parameters"].astype(int))


BUILD = Smallest(
    "smallest50",
    (
        choice("cell", CELLS, "smallest50_cell", 1),
        choice("start", STARTS, "smallest50_start"),
        choice("units", tuple(map(str, measured.UNITS)), "smallest50_units", 4),
    ),
    {"cell": 2, "start": 2, "units": 2},
)
