"""Forecasts of a series: how good they are beside those that need no network, and one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import altair as alt
import numpy as np
import pandas as pd
import torch
import xarray as xr

from gatescope import Run, record
from gatescope.analysis import Interval, Verdict
from gatescope.experiments.forecasting import RULE, Forecasts, forecasts_of, ratio
from gatescope.loading.dates import iso_date
from gatescope.tasks import Batch
from gatescope.tasks.forecast import Forecast
from viz_app.features.forecasting.chart import (
    ForecastWords,
    Stretch,
    configured,
    lead_chart,
    stretch_chart,
)
from viz_app.kit.chart.style import Theme
from viz_app.text import has, say
from viz_app.text.plain import NAME, bare

BEFORE, AFTER = 5, 1
"""Windows of the series that are drawn before and after the chosen forecast."""

FEWEST = 48
"""Steps that are drawn at least."""

METHODS = ("network", "linear", "naive")


@dataclass(frozen=True)
class Looked:
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
        own = self.found.squared("network").mean(1)
        block = max(self.task.window, self.task.horizon)
        return {
            other: ratio(own, self.found.squared(other).mean(1), block=block)
            for other in ("naive", "linear")
        }

    def rmse(self, method: str) -> np.ndarray:
        """Root of the mean squared error by how far ahead, (horizon,), in the series' unit."""
        roots: np.ndarray = np.sqrt(self.found.squared(method).mean(0))
        return roots * float(self.task.deviation[0])

    def when(self, step: int) -> str:
        """The label of a step of the series; beyond its end the last one."""
        times = self.task.series.times
        return times[min(max(step, 0), len(times) - 1)]

    def batch(self, number: int) -> Batch:
        """The window of one forecast, as an example."""
        return self.task.forecasts(torch.tensor([int(self.found.steps[number])]))

    def trace(self, number: int) -> xr.DataTree:
        """What the network does while it reads that window."""
        return record(self.run.model(), self.batch(number).inputs)

    def stretch(self, number: int) -> Stretch:
        """The series around one forecast, in its own unit."""
        task, found = self.task, self.found
        step = int(found.steps[number])
        before = max(BEFORE * task.window, FEWEST)
        after = max(AFTER * task.window, task.horizon, FEWEST // 2)
        low = max(0, step - before)
        high = min(len(task.series.values), step + after)
        lines = {"truth": task.series.values[low:high, 0].numpy()}
        for method in ("network", "linear", "naive"):
            lines[method] = self._line(method, number, low, high)
        dated = iso_date(self.when(low)) is not None and not self.when(low).isdecimal()
        window = step - task.window
        return Stretch(
            times=tuple(map(self.when, range(low, high))),
            dated=dated,
            lines=lines,
            origin=self.when(step - 1),
            first=self.when(window) if window >= low else None,
        )

    def _line(self, method: str, number: int, low: int, high: int) -> np.ndarray:
        """One step ahead: all forecasts of the stretch; further ahead: the chosen one alone."""
        line = np.full(high - low, np.nan)
        values = self.task.measured(torch.from_numpy(getattr(self.found, method))).numpy()
        if self.task.horizon == 1:
            places = self.found.steps - low
            there = (places >= 0) & (places < len(line))
            line[places[there]] = values[there, 0]
        else:
            first = int(self.found.steps[number]) - low
            line[first : first + self.task.horizon] = values[number][: len(line) - first]
        return line

    def chart(self, number: int, *, theme: Theme, width: int | str) -> alt.LayerChart:
        """The stretch around a forecast."""
        chart = stretch_chart(self.stretch(number), words(self), theme=theme, width=width)
        return configured(chart, theme)

    def leads(self, *, theme: Theme = "light", width: int | str = 420) -> alt.LayerChart:
        """The error by how far ahead."""
        errors = {method: self.rmse(method) for method in METHODS}
        return configured(lead_chart(errors, words(self), theme=theme, width=width), theme)

    def table(self, number: int) -> pd.DataFrame:
        """The numbers of the stretch: one row a step."""
        data = self.stretch(number)
        return pd.DataFrame({"time": data.times} | data.lines)


def tested(run: Run) -> Forecast:
    """The test part of a run's series."""
    task = run.task.held_out("test")
    assert isinstance(task, Forecast)
    return task


def looked(run: Run, linear: np.ndarray | None = None) -> Looked:
    """Make all forecasts of a run's test part; ``linear`` as in `forecasts_of`."""
    task = tested(run)
    return Looked(run, task, forecasts_of(run.model(), task, linear))


def words(seen: Looked) -> ForecastWords:
    """The charts' words, in the reader's language."""
    series = seen.task.series
    names = {key: say(f"forecast.line_{key}") for key in ("truth", "network", "linear")}
    return ForecastWords(
        time=say("forecast.time" if seen.task.name != "own" else "forecast.step"),
        value=series_name(seen.task) + seen.unit,
        names=names | {"naive": say(f"forecast.line_{series.naive}")},
        seen=say("forecast.seen", window=seen.task.window),
        lead=say("forecast.lead"),
        error=say("forecast.rmse") + seen.unit,
        line=say("forecast.line"),
    )


def series_name(task: Forecast) -> str:
    """What is forecast, in the reader's language where it is a series that came with us."""
    key = f"forecast.what_{task.name}"
    return say(key, ticker=task.ticker) if has(key) else bare(task.series.features[0], NAME)


def about(series: str) -> str | None:
    """What is to be known of a series before it is forecast; None where nothing is."""
    key = f"forecast.about_{series}"
    return say(key) if has(key) else None


def scores(seen: Mapping[str, Looked]) -> pd.DataFrame:
    """One row a network, then the linear and the naive forecast.

    Parameters
    ----------
    seen
        Runs on the same series, by what they are called.
    """
    rows = []
    for name, one in seen.items():
        rows.append(_row(name, one, "network", one.against["naive"]))
    last = next(reversed(seen.values()))
    linear = ratio(
        last.found.squared("linear").mean(1), last.found.squared("naive").mean(1),
        block=max(last.task.window, last.task.horizon),
    )  # fmt: skip
    rows.append(_row(say("forecast.line_linear"), last, "linear", linear))
    rows.append(_row(say(f"forecast.line_{last.task.series.naive}"), last, "naive", None))
    return pd.DataFrame(rows).set_index(say("forecast.method"))


def _row(name: str, one: Looked, method: str, found: Interval | None) -> dict[str, str]:
    error = float(np.sqrt(one.found.squared(method).mean())) * float(one.task.deviation[0])
    nearer = "–" if method == "naive" else f"{one.found.nearer(method):.0%}"
    return {
        say("forecast.method"): name,
        say("forecast.rmse") + one.unit: f"{error:.3g}",
        say("forecast.mse"): f"{one.found.squared(method).mean():.3g}",
        say("forecast.ratio"): "1" if found is None else interval(found),
        say("forecast.nearer"): nearer,
    }


def interval(found: Interval) -> str:
    """A ratio and its interval."""
    return f"{short(found.estimate)} ({short(found.low)} – {short(found.high)})"


def short(value: float) -> str:
    """Two decimals, or two digits of what is smaller than that; a true minus."""
    if not np.isfinite(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def verdict(found: Interval) -> Verdict:
    """Better where the whole interval of the ratio lies below 1 by what counts, and so on."""
    return RULE.verdict(found, lower_is_better=True)


def headline(seen: Looked) -> str:
    """Whether the network beats the naive forecast, from its own numbers."""
    found = seen.against["naive"]
    return say(
        f"forecast.headline_{verdict(found)}_{seen.task.series.naive}",
        count=seen.count, blocks=found.n, **_ratio(found),
    )  # fmt: skip


def rule() -> str:
    """What the verdicts follow from."""
    return say("forecast.rule", edge=RULE.smallest, least=RULE.n)


def _ratio(found: Interval) -> dict[str, str]:
    return {
        "ratio": short(found.estimate), "low": short(found.low), "high": short(found.high),
    }  # fmt: skip


def look_for(seen: Looked, number: int) -> list[str]:
    """Sentences about the picture, from its numbers."""
    linear = seen.against["linear"]
    told = [say(f"forecast.linear_{verdict(linear)}", **_ratio(linear))]
    own, naive = (seen.found.squared(m)[number].mean() for m in ("network", "naive"))
    root = float(seen.task.deviation[0])
    told.append(
        say(
            "forecast.this_one", when=seen.when(int(seen.found.steps[number])),
            own=np.sqrt(own) * root, naive=np.sqrt(naive) * root,
            unit=f" {seen.task.series.unit}".rstrip(),
            which=say("forecast.nearer_word" if own < naive else "forecast.farther_word"),
        )
    )  # fmt: skip
    told += overfitting(seen.run)
    if seen.task.scaling == "all":
        told.append(say("forecast.leaks"))
    return told


def overfitting(run: Run) -> list[str]:
    """A sentence where the network was better on unseen data earlier, and was not put back."""
    losses: Sequence[float] = [row.loss for row in run.history[1:]] or [np.nan]
    best, last = int(np.argmin(losses)), losses[-1]
    if run.config.restore_best or not last > 1.15 * losses[best]:
        return []
    return [
        say(
            "forecast.overfits", step=run.history[1:][best].step, best=losses[best],
            last=last, end=run.history[-1].step,
        )
    ]  # fmt: skip


def alternative(seen: Looked, number: int) -> str:
    """The picture in words, for those who cannot see it."""
    step = int(seen.found.steps[number])
    return say("forecast.alt", what=series_name(seen.task), when=seen.when(step))
