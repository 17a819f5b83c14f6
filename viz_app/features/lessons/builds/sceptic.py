"""Lesson 8: a comparison of an LSTM with a plain RNN that would convince a sceptic.

Every answer comes from runs that were trained beforehand (`measured.rates`): what is chosen says
which of them are compared, and how.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gatescope.analysis import Interval, welch_difference
from gatescope.experiments.comparison import judged
from viz_app.features.lessons import measured
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Numbers, State, choice
from viz_app.kit.chart.axes import Axis, share_axis
from viz_app.kit.chart.lines import STYLES, Line, Panel
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import decimals, number, percent, some, spoken
from viz_app.text import name_of, say

SEEDS = (1, 3, 5, 10)
ENOUGH = 5
"""So many seeds convince the sceptic; fewer do not."""

LOW, HIGH = measured.LEARNING_RATES[1], measured.LEARNING_RATES[2]
USUAL = measured.LEARNING_RATES[0]
"""The learning rate that Adam has by default."""

RIGHT = {
    "size": ("parameters",), "rates": ("each",), "part": ("validation",),
    "seeds": tuple(str(count) for count in SEEDS if count >= ENOUGH), "report": ("interval",),
}  # fmt: skip
"""What the sceptic accepts, in the order of the objections."""


class Side(NamedTuple):
    """A network of the comparison: its learning rate, parameters, and each seed's accuracies."""

    rate: float
    parameters: int
    validation: np.ndarray
    test: np.ndarray


def side(network: str, rate: float, count: int) -> Side:
    """A network at a learning rate, with the first seeds."""
    table = measured.rates()
    mine = table[(table["network"] == network) & (table["rate"] == rate)]
    rows = mine.sort_values("seed").head(count)
    return Side(
        rate, int(rows["parameters"].iloc[0]), rows["validation"].to_numpy(),
        rows["test"].to_numpy(),
    )  # fmt: skip


def tuned(network: str, part: str, count: int) -> Side:
    """The same at the learning rate that is best by the mean of a part."""
    sides = [side(network, rate, count) for rate in measured.LEARNING_RATES]
    return max(sides, key=lambda each: float(getattr(each, part).mean()))


class Sceptic(Numbers):
    """Sizes, learning rates, what they are chosen by, seeds, and what is reported."""

    def sides(self, state: State) -> tuple[Side, Side]:
        """The LSTM and the plain RNN, as they are compared."""
        values = self.chosen(state)
        one, count = "lstm" if values["size"] == "parameters" else "large", int(values["seeds"])
        rates, part = values["rates"], values["part"]
        if rates in ("low", "high"):
            rate = LOW if rates == "low" else HIGH
            return side(one, rate, count), side("rnn", rate, count)
        mine = tuned(one, part, count)
        other = side("rnn", USUAL, count) if rates == "mine" else tuned("rnn", part, count)
        return mine, other

    def panels(self, state: State, recordings: Recordings = HERE) -> Sequence[Panel]:
        """The test accuracy of every seed."""
        drawn = zip(("lstm", "rnn"), self.sides(state), (STYLES[3], STYLES[1]), strict=True)
        lines = [
            Line(
                name_of("cell", cell), np.arange(float(len(each.test))), each.test, style=style,
                dots=True,
            )
            for cell, each, style in drawn
        ]  # fmt: skip
        seeds = list(measured.RATE_SEEDS)
        look = {"values": seeds, "format": "d"}
        across = Axis(say("retention.seed"), (seeds[0] - 0.5, seeds[-1] + 0.5), look=look)
        return [Panel("", lines, across, share_axis(say("builds.sceptic_accuracy")))]

    def difference(self, state: State) -> Interval:
        """The LSTM's test accuracy minus the RNN's, over the seeds."""
        one, other = self.sides(state)
        return welch_difference(one.test, other.test)

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """Nothing is left to object to."""
        values, (one, other) = self.chosen(state), self.sides(state)
        wrong = [name for name, right in RIGHT.items() if values[name] not in right]
        best = values["report"] == "best"
        said = [float(each.test.max() if best else each.test.mean()) for each in (one, other)]
        numbers = {"lstm": said[0], "rnn": said[1], "objections": float(len(wrong))}
        result = say(
            "builds.sceptic_result", lstm=percent(said[0]), rnn=percent(said[1]),
            rate=number(one.rate), other=number(other.rate),
        )  # fmt: skip
        if wrong:
            objection = say(
                f"builds.sceptic_{wrong[0]}_objection", mine=some("parameters", one.parameters),
                other=some("parameters", other.parameters), seeds=some("seeds", len(one.test)),
            )  # fmt: skip
            return Verdict(False, numbers, spoken(result, objection))
        found = self.difference(state)
        verdict = say(
            f"builds.sceptic_{judged(found, 'score')}",
            **{name: decimals(100 * getattr(found, name), 1) for name in ("low", "high")},
        )
        return Verdict(True, numbers, spoken(result, verdict))

    def said(self, value: float) -> str:
        """An accuracy."""
        return percent(value)


BUILD = Sceptic(
    "sceptic",
    (
        choice("size", ("units", "parameters"), "sceptic_size"),
        choice("rates", ("low", "high", "mine", "each"), "sceptic_rates"),
        choice("part", ("test", "validation"), "sceptic_part"),
        choice("seeds", tuple(map(str, SEEDS)), "sceptic_seeds"),
        choice("report", ("best", "mean", "interval"), "sceptic_report"),
    ),
    {"size": 1, "rates": 3, "part": 1, "seeds": 3, "report": 2},
)
