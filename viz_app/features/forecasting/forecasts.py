"""All forecasts of a series' test part, beside those that need no network."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from gatescope import Batch, Run
from gatescope.analysis import Interval
from gatescope.experiments.forecasting import Forecasts, forecasts_of, ratio
from gatescope.loading.dates import iso_date
from gatescope.tasks.forecast import Forecast
from viz_app.features.forecasting.chart import Stretch

BEFORE, AFTER = 5, 1
"""Windows of the series that are drawn before and after the chosen forecast."""

FEWEST = 48
"""Steps that are drawn at least."""

MONTH = re.compile(r"\d{4}-\d{2}")
"""A month as a date."""

METHODS = ("network", "linear", "naive")


@dataclass(frozen=True)
class Forecasted:
    """A run on a series, with all its forecasts of the test part."""

    run: Run
    task: Forecast
    found: Forecasts

    @property
    def count(self) -> int:
        """How many forecasts there are."""
        return len(self.found.steps)

    @property
    def unit(self) -> str:
        """The unit of what is forecast, in brackets; empty where it has none."""
        return f" ({self.task.series.unit})" if self.task.series.unit else ""

    @cached_property
    def against(self) -> dict[str, Interval]:
        """The network's squared error in units of the naive and of the linear forecast's."""
        return {other: self.ratio("network", other) for other in ("naive", "linear")}

    def ratio(self, one: str, other: str) -> Interval:
        """One method's squared error in units of another's."""
        block = max(self.task.window, self.task.horizon)
        errors = (self.found.squared(method).mean(1) for method in (one, other))
        return ratio(*errors, block=block)

    def rmse(self, method: str) -> np.ndarray:
        """Root of the mean squared error by how far ahead, (horizon,), in the series' unit."""
        roots: np.ndarray = np.sqrt(self.found.squared(method).mean(0))
        return roots * float(self.task.deviation[0])

    def step(self, number: int) -> int:
        """The first step that a forecast is about."""
        return int(self.found.steps[number])

    def when(self, step: int) -> str:
        """The label of a step of the series; beyond its end the last one."""
        times = self.task.series.times
        return times[min(max(step, 0), len(times) - 1)]

    def window(self, number: int) -> Batch:
        """What the network reads for one forecast, as an example."""
        return self.task.forecasts(torch.tensor([self.step(number)]))

    def stretch(self, number: int) -> Stretch:
        """The series around one forecast, in its own unit."""
        task, step = self.task, self.step(number)
        low = max(0, step - max(BEFORE * task.window, FEWEST))
        after = max(AFTER * task.window, task.horizon, FEWEST // 2)
        high = min(len(task.series.values), step + after)
        lines = {method: self._line(method, number, low, high) for method in METHODS}
        first, label = step - task.window, self._label
        return Stretch(
            times=tuple(map(label, range(low, high))),
            dated=self.dated,
            lines={"truth": task.series.values[low:high, 0].numpy()} | lines,
            origin=label(step - 1),
            first=label(first) if first >= low else None,
        )

    @cached_property
    def dated(self) -> bool:
        """Whether the series' steps are labelled with dates."""
        return are_dates(self.task.series.times)

    def _label(self, step: int) -> str:
        """What the axis of time has for a step: its date, or the number of its row."""
        return axis_labels(self.task.series.times, (step,))[0]

    def _line(self, method: str, number: int, low: int, high: int) -> np.ndarray:
        """One step ahead: all forecasts of the stretch; further ahead: the chosen one alone."""
        line = np.full(high - low, np.nan)
        values = self.task.measured(torch.from_numpy(getattr(self.found, method))).numpy()
        if self.task.horizon == 1:
            places = self.found.steps - low
            there = (places >= 0) & (places < len(line))
            line[places[there]] = values[there, 0]
        else:
            first = self.step(number) - low
            line[first : first + self.task.horizon] = values[number][: len(line) - first]
        return line


def are_dates(labels: Sequence[str]) -> bool:
    """Whether a series whose steps are labelled so has dates."""
    ends = (labels[0], labels[-1])
    return all(MONTH.fullmatch(end) or (iso_date(end) and not end.isdecimal()) for end in ends)


def axis_labels(labels: Sequence[str], steps: Sequence[int]) -> list[str]:
    """Dates, or the numbers of the rows where the labels are neither dates nor whole numbers."""
    ends = (labels[0], labels[-1])
    known = are_dates(labels) or all(end.isdecimal() for end in ends)
    return [labels[step] if known else str(step) for step in steps]


def tested(run: Run) -> Forecast:
    """The test part of a run's series."""
    task = run.task.held_out("test")
    assert isinstance(task, Forecast)
    return task


def forecasted(run: Run, linear: np.ndarray | None = None) -> Forecasted:
    """Make all forecasts of a run's test part; ``linear`` as in `forecasts_of`."""
    task = tested(run)
    return Forecasted(run, task, forecasts_of(run.model(), task, linear))
