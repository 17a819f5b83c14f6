"""The series that can be forecast: those that come with the project, and somebody's own."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from gatescope.errors import say
from gatescope.tasks.array_text import pack, unpack
from gatescope.tasks.base import require_one_of
from gatescope.tasks.real import read

SeriesName = Literal["sea_temperature", "dengue", "weather", "stocks", "temperature", "own"]
TICKERS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True)
class Series:
    """Values at equal distances, but for gaps that are known.

    Attributes
    ----------
    values
        (time, feature), in their own units; the first feature is what is forecast.
    times
        A label a step, as the date.
    features
        What each feature is called.
    unit
        Of the first feature; empty where it has none.
    naive
        The forecast that needs no network: ``"persistence"``, the last value again, or
        ``"zero"``, no change, for returns.
    gaps
        Steps that do not follow at once on the step before: something is missing between.
    """

    values: Tensor
    times: tuple[str, ...]
    features: tuple[str, ...]
    unit: str
    naive: Literal["persistence", "zero"] = "persistence"
    gaps: tuple[int, ...] = ()


def shipped(name: str, ticker: str = TICKERS[0]) -> Series:
    """A series that comes with the project.

    Parameters
    ----------
    name
        A key of `SHIPPED`.
    ticker
        Of ``stocks``: whose share.

    Raises
    ------
    ValueError
        When there is no such series or share.
    """
    require_one_of("series", name, tuple(SHIPPED))
    return _stocks(ticker) if name == "stocks" else SHIPPED[name]()


def encode(values: Tensor) -> dict[str, object]:
    """A series as options of `Forecast`: (time, feature) values."""
    return {"series": "own", **pack(values)}


def brought(
    data: str | None,
    shape: Sequence[int] | None,
    features: Sequence[str] | None,
    times: Sequence[str] | None,
) -> Series:
    """The series that options of `Forecast` hold.

    Raises
    ------
    ValueError
        When something is missing, or sizes do not fit.
    """
    if data is None or shape is None:
        raise ValueError(say("series_without_data"))
    time, count = shape
    values = unpack(data, shape).double()
    names = tuple(features or (f"feature {k}" for k in range(count)))
    labels = tuple(map(str, range(time)) if times is None else times)
    if len(labels) != time or len(names) != count:
        raise ValueError(
            say("series_uneven", time=time, count=count, times=len(labels), names=len(names))
        )
    return Series(values, labels, names, "")


def gaps_of(moments: Sequence[datetime], distance: timedelta) -> tuple[int, ...]:
    """The steps that lie further than ``distance`` behind the step before."""
    return tuple(k for k, (one, two) in enumerate(pairwise(moments), 1) if two - one > distance)


@cache
def _seattle_hours() -> Series:
    columns = {"temperature_f": "normal temperature"}
    return _of(_rows("seattle_hourly_temperature_2010.csv"), "time", HOUR, columns, "°F")


@cache
def _seattle_days() -> Series:
    columns = {
        "temp_max": "highest temperature", "temp_min": "lowest temperature",
        "precipitation": "rain", "wind": "wind",
    }  # fmt: skip
    return _of(_rows("seattle_daily_weather_2012_2015.csv"), "date", DAY, columns, "°C")


@cache
def _sea() -> Series:
    """Means of the one or two readings of each hour; hours without a reading are a gap."""
    readings: dict[str, list[float]] = {}
    for row in _rows("gulf_of_maine_sea_surface_temperature_2016_2017.csv"):
        hour = row["time"][:13] + ":00"
        readings.setdefault(hour, []).append(float(row["temperature_c"]))
    hours = [
        {"time": hour, "mean": str(sum(values) / len(values))} for hour, values in readings.items()
    ]
    return _of(hours, "time", HOUR, {"mean": "sea surface temperature"}, "°C")


@cache
def _dengue() -> Series:
    """Counts grow and fall by factors: the logarithm makes the same factor the same distance."""
    rows = _rows("taiwan_dengue_weekly_1998_2024.csv")
    counts = _of(rows, "week", WEEK, {"local_cases": "log(1 + cases)"}, "")
    return Series(counts.values.log1p(), counts.times, counts.features, "", gaps=counts.gaps)


@cache
def _stocks(ticker: str) -> Series:
    """Trading days follow one another: a weekend is no gap."""
    require_one_of("ticker", ticker, TICKERS)
    rows = [row for row in _rows("stocks_daily_2000_2013.csv") if row["ticker"] == ticker]
    prices = torch.tensor([float(row["adjusted_close"]) for row in rows], dtype=torch.float64)
    returns = prices.log().diff().unsqueeze(1)
    times = tuple(row["date"] for row in rows[1:])
    return Series(returns, times, ("log return",), "", "zero")


SHIPPED: dict[str, Callable[[], Series]] = {
    "sea_temperature": _sea,
    "dengue": _dengue,
    "weather": _seattle_days,
    "stocks": partial(_stocks, TICKERS[0]),
    "temperature": _seattle_hours,
}
"""Measured series first; ``temperature`` holds climate normals."""


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(name))))


def _of(
    rows: list[dict[str, str]], time: str, distance: timedelta, columns: dict[str, str], unit: str
) -> Series:
    """The named columns of a table whose rows are ``distance`` apart."""
    values = [[float(row[column]) for column in columns] for row in rows]
    times = tuple(row[time].replace("/", "-").replace("T", " ") for row in rows)
    gaps = gaps_of([datetime.fromisoformat(label) for label in times], distance)
    return Series(
        torch.tensor(values, dtype=torch.float64), times, tuple(columns.values()), unit, gaps=gaps
    )
