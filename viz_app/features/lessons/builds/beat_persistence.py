"""Lesson 9: a forecast that beats persistence, fitted in no time and judged on the test set."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from gatescope.experiments.forecasting import ratio
from gatescope.tasks.forecast import Forecast
from gatescope.tasks.real import Split
from viz_app.features.forecasting.words import interval, series_name, short, verdict
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Knob, Numbers, State, choice
from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import STYLES, Line, Panel
from viz_app.kit.recordings import HERE, Recordings
from viz_app.text import say

SERIES = ("stocks", "weather", "dengue", "sea")
NAMES = {"sea": "sea-temperature"}
RUN = "forecast-{series}-lstm"
"""Whose series it is; the network itself is not asked."""

WINDOWS = (1, 2, 5, 10)
PENALTY = 1.0
"""Of the ridge regression: all values are of about size 1."""

DRAWN = 60
"""So many forecasts are drawn, the first ones."""


Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


class Judged(NamedTuple):
    """A part of a series, and of each forecast what came, the naive one, and one's own, scaled."""

    part: Forecast
    truth: np.ndarray
    naive: np.ndarray
    own: np.ndarray


class Beat(Numbers):
    """A linear forecast from the last steps of a series, mixed with persistence."""

    def task(self, series: str, part: Split, recordings: Recordings = HERE) -> Forecast:
        """A part of a series."""
        task = recordings.run(run_of(series)).task
        assert isinstance(task, Forecast)
        return task.held_out(part)

    def rows(self, series: str, part: Split, window: int, recordings: Recordings) -> Rows:
        """`rows_of` that part."""
        return recordings.get(
            ("build rows of a series", series, part, window),
            lambda: rows_of(self.task(series, part, recordings), window),
        )

    def forecasts(self, state: State, recordings: Recordings = HERE) -> Judged:
        """All of the part that is chosen."""
        values = self.chosen(state)
        series, part, window = values["series"], values["part"], int(values["window"])
        x, y, _ = self.rows(series, "train", window, recordings)
        weights = fitted(x, y)
        x, truth, naive = self.rows(series, part, window, recordings)
        own = values["mix"] * (x @ weights) + (1 - values["mix"]) * naive
        return Judged(self.task(series, part, recordings), truth, naive, own)

    def panels(self, state: State, recordings: Recordings = HERE) -> Sequence[Panel]:
        """What came, persistence, and the forecast, side by side."""
        part, truth, naive, own = self.forecasts(state, recordings)
        steps = np.arange(1.0, min(DRAWN, len(own)) + 1)
        names = ("beat_persistence_truth", "beat_persistence_naive", "beat_persistence_own")
        looks = (STYLES[0], STYLES[1], STYLES[3])
        each = (torch.from_numpy(values[: len(steps)]) for values in (truth, naive, own))
        drawn = [part.measured(values).double().numpy() for values in each]
        lines = [
            Line(say(f"builds.{name}"), steps, value, style=style)
            for name, value, style in zip(names, drawn, looks, strict=True)
        ]
        low, high = min(each.min() for each in drawn), max(each.max() for each in drawn)
        room = 0.05 * (high - low or 1)
        unit = f" ({part.series.unit})" if part.series.unit else ""
        return [
            Panel(
                "", lines, Axis(say("builds.beat_persistence_steps"), (1, len(steps))),
                Axis(series_name(part) + unit, (float(low - room), float(high + room))),
            )
        ]  # fmt: skip

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """On the test set the whole interval of the ratio lies below that of a naive forecast."""
        part, truth, naive, own = self.forecasts(state, recordings)
        block = max(part.window, part.horizon)
        found = ratio((own - truth) ** 2, (naive - truth) ** 2, block=block)
        numbers = {"ratio": found.estimate, "low": found.low, "high": found.high}
        if self.chosen(state)["part"] == "validation":
            said = say("builds.beat_persistence_validation", ratio=short(found.estimate))
            return Verdict(False, numbers, said)
        key = str(verdict(found))
        said = say(f"builds.beat_persistence_{key}", ratio=interval(found), count=len(truth))
        return Verdict(key == "better", numbers, said)


def run_of(series: str) -> str:
    """The name of the run on a series."""
    return RUN.format(series=NAMES.get(series, series))


def rows_of(part: Forecast, window: int) -> Rows:
    """The last steps before every forecast of a part and a one, what came, and persistence."""
    inputs = part.forecasts(part.targets).inputs[-window:].permute(1, 0, 2).flatten(1)
    x = inputs.double().numpy()
    truth, naive = part.truth(part.targets), part.naive(part.targets)
    ones = np.ones((len(x), 1))
    return (
        np.hstack([x, ones]), truth[:, 0].double().numpy(), naive[:, 0].double().numpy()
    )  # fmt: skip


def fitted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The weights of a ridge regression whose last column is 1 and is not held small."""
    penalty = PENALTY * np.eye(x.shape[1])
    penalty[-1, -1] = 0
    weights: np.ndarray = np.linalg.solve(x.T @ x + penalty, x.T @ y)
    return weights


BUILD = Beat(
    "beat_persistence",
    (
        choice("series", SERIES, "beat_persistence_series"),
        choice("window", tuple(map(str, WINDOWS)), "beat_persistence_window"),
        Knob("mix", 0, 1, 0.1, 0.5, "beat_persistence_mix"),
        choice("part", ("validation", "test"), "beat_persistence_part"),
    ),
    {"series": 3, "window": 2, "mix": 1.0, "part": 1},
)
