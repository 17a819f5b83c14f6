"""What comes next in a series?"""

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor

from gatescope.errors import say
from gatescope.tasks.base import (
    Batch,
    Task,
    Trials,
    at_end,
    require_batch_size,
    require_one_of,
    scored_at_end,
)
from gatescope.tasks.real import Split, draw, require_split
from gatescope.tasks.series import SHIPPED, TICKERS, Series, SeriesName, brought, encode, shipped

__all__ = ["SHARES", "SHIPPED", "TICKERS", "Forecast", "Series", "SeriesName", "encode"]

SHARES = {"train": (0.0, 0.7), "validation": (0.7, 0.8), "test": (0.8, 1.0)}
"""The parts, in the order of time: nobody learns from what comes later."""


class Forecast(Task):
    """Forecast the next values of a series from a window of it.

    One row (window 6, horizon 2; scaled values)::

        step       0    1    2    3    4    5
        value    .10  .14  .22  .31  .35  .33
        target                             .28, .21   (the two values after the window)

    Measured: ``sea_temperature``, hourly means of the sea's surface in the Gulf of Maine, February
    2016 to March 2017, °C; ``dengue``, log(1 + cases) by week of onset, Taiwan, 1998 to 2024, of
    people infected there; ``weather``, days in Seattle, 2012 to 2015, the highest temperature in
    °C from itself, the lowest, rain and wind; ``stocks``, logarithms of the ratio of a share's
    closing price to that of the trading day before.
    Not measured: ``temperature``, the 30-year climate normals of Seattle, hour by hour over one
    year, °F: averages of many years, smoothed.
    ``own``: what somebody brought.

    Each feature is scaled to mean 0 and deviation 1 *of the training part*, the first 70 % of
    the time; the next 10 % are for validation, the last 20 % for the test. A forecast belongs to
    the part in which all of its values lie. None reaches across a gap of the series
    (`Series.gaps`), neither with its window nor with its answer. The baseline is `Series.naive`;
    an answer counts as right where it is nearer to the truth than that.

    Sources: NERACOOS, Taiwan Centers for Disease Control, NOAA and Quandl WIKI
    (assets/data/README.md).

    Parameters
    ----------
    series
        Which series.
    window, horizon
        Steps that are read, and steps ahead that are forecast, all at once.
    ticker
        Of ``stocks``: whose share.
    scaling
        ``"train"``, or ``"all"``: with mean and deviation of the whole series, the test part
        included. That is a mistake, here to be measured.
    split
        ``"train"``, ``"validation"`` or ``"test"``.
    data, shape, features, times
        Of ``own``: float32 numbers as `encode` writes them, (time, feature), the features' names,
        and a label a step.
    """

    kind = "regression"
    input_kind = "series"
    nearer = True

    def __init__(
        self,
        series: SeriesName = "temperature",
        window: Annotated[int, Ge(1), Le(1000)] = 24,
        horizon: Annotated[int, Ge(1), Le(200)] = 1,
        ticker: str = "AAPL",
        scaling: Literal["train", "all"] = "train",
        split: Split = "train",
        data: str | None = None,
        shape: Sequence[int] | None = None,
        features: Sequence[str] | None = None,
        times: Sequence[str] | None = None,
    ) -> None:
        require_one_of("series", series, (*SHIPPED, "own"))
        require_split(split)
        self.require_options(scaling=scaling, window=window, horizon=horizon)
        self._own = (data, shape, features, times)
        self.name, self.ticker, self.scaling, self.split = series, ticker, scaling, split
        self.series = brought(*self._own) if series == "own" else shipped(series, ticker)
        self.window = self.length = window
        self.horizon = self.output_size = horizon
        self.input_size = self.series.values.shape[1]
        count = len(self.series.values)
        self.bounds = {k: (int(a * count), int(b * count)) for k, (a, b) in SHARES.items()}
        smallest = min(stop - first for first, stop in self.bounds.values())
        if self.bounds["train"][1] < window + horizon or smallest < horizon:
            least = max(math.ceil((window + horizon) / 0.7), math.ceil(10 * horizon))
            raise ValueError(
                say("series_too_short", count=count, window=window, horizon=horizon, least=least)
            )
        learnt = self.series.values if scaling == "all" else self.part("train")
        self.mean, self.deviation = learnt.mean(0), learnt.std(0, correction=0)
        still = [self.series.features[k] for k in range(self.input_size) if not self.deviation[k]]
        if still:
            raise ValueError(say("series_still", columns=", ".join(still)))
        self.scaled = ((self.series.values - self.mean) / self.deviation).float()
        low, high = self.scaled.min().item(), self.scaled.max().item()
        self.value_range = (min(low, 0.0), max(high, 0.0))
        self.examples = len(self.targets)

    def held_out(self, part: Split) -> "Forecast":
        """The same series in another part of its time."""
        return Forecast(
            self.name, self.window, self.horizon, self.ticker, self.scaling, part, *self._own
        )

    def part(self, split: Split) -> Tensor:
        """The values of a part in their own units, (time, feature)."""
        first, stop = self.bounds[split]
        return self.series.values[first:stop]

    @property
    def targets(self) -> Tensor:
        """The first step that is forecast, of every forecast of this part, in order."""
        first, stop = self.bounds[self.split]
        steps = torch.arange(max(first, self.window), stop - self.horizon + 1)
        for gap in self.series.gaps:
            across = (steps - self.window < gap) & (gap < steps + self.horizon)
            steps = steps[~across]
        return steps

    def measured(self, scaled: Tensor) -> Tensor:
        """Scaled values of the first feature in their own unit."""
        return scaled * self.deviation[0] + self.mean[0]

    def naive(self, steps: Tensor) -> Tensor:
        """The naive forecasts that begin at ``steps``, scaled, (forecast, horizon)."""
        if self.series.naive == "zero":
            nothing = -self.mean[0] / self.deviation[0]
            return nothing.float().expand(len(steps), self.horizon)
        return self.scaled[steps - 1, 0].unsqueeze(1).expand(-1, self.horizon)

    def truth(self, steps: Tensor) -> Tensor:
        """What came, scaled, (forecast, horizon)."""
        return self.scaled[steps.unsqueeze(1) + torch.arange(self.horizon), 0]

    @property
    def baseline_loss(self) -> float:
        """Mean squared error of the naive forecast over all forecasts of this part, scaled."""
        return float(((self.naive(self.targets) - self.truth(self.targets)) ** 2).mean())

    @property
    def baseline_accuracy(self) -> float:
        """Of two forecasts that are equally good one is nearer in about half of the cases."""
        return 0.5

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw forecasts of this part."""
        require_batch_size(batch_size)
        return self.forecasts(self.targets[draw(len(self.targets), batch_size, seed)])

    def everything(self) -> Batch:
        """All forecasts of this part, in order."""
        return self.forecasts(self.targets)

    def trials(self, most: int, seed: int) -> Trials:
        """Forecasts at equal distances over the whole part, the seed changes nothing.

        Windows and forecasts of neighbours overlap: those within a window's, or horizon's, length
        are one group.
        """
        require_batch_size(most)
        steps = self.targets[:: math.ceil(len(self.targets) / most)]
        return Trials(self.forecasts(steps), steps // max(self.window, self.horizon))

    def forecasts(self, steps: Tensor) -> Batch:
        """The forecasts that begin at some steps of the series."""
        reach = torch.arange(-self.window, 0).unsqueeze(1)
        return Batch(
            inputs=self.scaled[steps + reach],
            targets=at_end(self.truth(steps), self.window),
            scored=scored_at_end(self.window, len(steps)),
            marks=((),) * len(steps),
        )

    def correct(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Whether each forecast is nearer to the truth than the naive one, all steps together."""
        answers, truth = outputs[batch.scored], batch.targets[batch.scored]
        if self.series.naive == "zero":
            naive = (-self.mean[0] / self.deviation[0]).float().expand_as(truth)
        else:
            naive = batch.inputs[-1, :, :1].expand_as(truth)
        return ((answers - truth) ** 2).mean(1) < ((naive - truth) ** 2).mean(1)
