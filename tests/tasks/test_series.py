"""The series that are forecast: what they hold, their gaps and baselines, by numpy alone."""

import csv
import gzip
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import torch

from gatescope import make_task
from gatescope.experiments.forecasting import linear_forecasts
from gatescope.tasks.forecast import Forecast, encode
from gatescope.tasks.series import SHIPPED, gaps_of, shipped
from viz_app.features.forecasting.words import about
from viz_app.text import say

DATA = Path(__file__).parents[2] / "assets" / "data"
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
SEA = "gulf_of_maine_sea_surface_temperature_2016_2017"
DENGUE = "taiwan_dengue_weekly_1998_2024"
NORMALS = "seattle_hourly_temperature_2010"
DAYS = "seattle_daily_weather_2012_2015"
PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
Parts = dict[str, tuple[np.ndarray, np.ndarray]]


def table(name: str) -> dict[str, list[str]]:
    """A file's columns."""
    lines = gzip.decompress((DATA / f"{name}.csv.gz").read_bytes()).decode().splitlines()
    names, *rows = csv.reader(lines)
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


def column(name: str, of: str) -> np.ndarray:
    return np.array(table(name)[of], float)


def hourly(name: str, of: str) -> tuple[np.ndarray, np.ndarray]:
    """Values on a full grid of hours, NaN where there is no reading, and readings in each hour."""
    moments = [datetime.fromisoformat(label) for label in table(name)["time"]]
    hour = np.array([int((moment - moments[0]) / HOUR) for moment in moments])
    sums = np.bincount(hour, column(name, of))
    counts = np.bincount(hour)
    with np.errstate(invalid="ignore"):
        return sums / counts, counts


def oracle(series: str) -> np.ndarray:
    """The series on a full grid of time, NaN in its gaps."""
    if series == "sea_temperature":
        return hourly(SEA, "temperature_c")[0]
    if series == "temperature":
        return hourly(NORMALS, "temperature_f")[0]
    if series == "weather":
        return column(DAYS, "temp_max")
    return np.log(1 + column(DENGUE, "local_cases"))


def parts(values: np.ndarray, window: int, horizon: int) -> Parts:
    """Windows and answers of 70, 10 and 20 % of the values that there are, none with a NaN."""
    there = np.flatnonzero(~np.isnan(values))
    edges = [0, *(there[int(share * len(there))] for share in (0.7, 0.8)), len(values)]
    learnt = values[: edges[1]]
    scaled = (values - np.nanmean(learnt)) / np.nanstd(learnt)
    found = {}
    for name, first, stop in zip(
        ("train", "validation", "test"), edges, edges[1:], strict=False
    ):  # fmt: skip
        rows = [
            scaled[step - window : step + horizon]
            for step in range(max(first, window), stop - horizon + 1)
        ]
        whole = np.array([row for row in rows if not np.isnan(row).any()])
        found[name] = whole[:, :window], whole[:, window:]
    return found


def ridge(x: np.ndarray, y: np.ndarray, penalty: float, to: np.ndarray) -> np.ndarray:
    """The closed form, with an intercept that is not punished."""
    middle = x - x.mean(0)
    square = middle.T @ middle + penalty * np.eye(x.shape[1])
    weights = np.linalg.solve(square, middle.T @ (y - y.mean(0)))
    answers: np.ndarray = (to - x.mean(0)) @ weights + y.mean(0)
    return answers


def mse(one: np.ndarray, other: np.ndarray) -> float:
    return float(((one - other) ** 2).mean())


def best_penalty(given: Parts, part: str) -> float:
    """The penalty with the least error on a part."""
    x, y = given[part]
    return min(PENALTIES, key=lambda each: mse(ridge(*given["train"], each, x), y))


SETS = [
    ("sea_temperature", 24, 1), ("sea_temperature", 48, 12), ("dengue", 26, 1), ("dengue", 26, 4),
    ("temperature", 24, 1), ("temperature", 48, 12),
]  # fmt: skip


@pytest.mark.parametrize(("series", "window", "horizon"), SETS)
def test_windows_persistence_and_linear_forecast_by_numpy(
    series: str, window: int, horizon: int
) -> None:
    given = parts(oracle(series), window, horizon)
    task = make_task("forecast", series=series, window=window, horizon=horizon, split="test")
    assert isinstance(task, Forecast)
    for name, (x, y) in given.items():
        part = task.held_out(name)  # type: ignore[arg-type]
        batch = part.forecasts(part.targets)
        np.testing.assert_allclose(batch.inputs[:, :, 0].T.numpy(), x, atol=1e-5)
        np.testing.assert_allclose(part.truth(part.targets).numpy(), y, atol=1e-5)
        assert part.baseline_loss == pytest.approx(mse(x[:, -1:], y), rel=1e-3)
    best = best_penalty(given, "validation")
    expected = ridge(*given["train"], best, given["test"][0])
    np.testing.assert_allclose(linear_forecasts(task), expected, atol=2e-4)


def test_the_penalty_of_the_linear_forecast_is_not_chosen_on_the_test_part() -> None:
    """Where the two parts want another one: the forecasts are those of the validation part's."""
    values = np.sin(0.3 * np.arange(400)) + 0.1 * np.random.default_rng(3).normal(size=400)
    # where nothing is to be foreseen, the strongest penalty does best
    values[280:320] = np.random.default_rng(4).normal(size=40)
    given = parts(values, 20, 2)
    best, wrong = (best_penalty(given, part) for part in ("validation", "test"))
    assert best != wrong
    own = encode(torch.tensor(values)[:, None])
    task = make_task("forecast", window=20, horizon=2, split="test", **own)
    assert isinstance(task, Forecast)
    x, y = given["test"]
    measured = mse(linear_forecasts(task), task.truth(task.targets).numpy())
    assert measured == pytest.approx(mse(ridge(*given["train"], best, x), y), rel=1e-3)
    assert measured > 1.01 * mse(ridge(*given["train"], wrong, x), y)


def across(series: str) -> timedelta:
    return WEEK if series == "dengue" else timedelta(days=1) if series == "weather" else HOUR


@pytest.mark.parametrize("series", ["sea_temperature", "dengue", "weather", "temperature"])
def test_no_forecast_crosses_a_gap_and_all_others_are_made(series: str) -> None:
    """By the dates in the labels."""
    task = make_task("forecast", series=series, window=30, horizon=3)
    assert isinstance(task, Forecast)
    moments = [datetime.fromisoformat(label) for label in task.series.times]
    made = 0
    for part in map(task.held_out, ("train", "validation", "test")):
        first, stop = part.bounds[part.split]
        whole = [
            step
            for step in range(max(first, 30), stop - 2)
            if moments[step + 2] - moments[step - 30] == 32 * across(series)
        ]
        assert part.targets.tolist() == whole
        assert part.examples == len(whole)
        made += len(whole)
    assert (made < len(moments) - 30 - 3 * 2) == bool(task.series.gaps)


def test_gaps_are_told_by_the_distance() -> None:
    days = [datetime(2024, 2, day) for day in (1, 2, 4, 5, 9)]
    assert gaps_of(days, timedelta(days=1)) == (2, 4)
    assert gaps_of(days, timedelta(days=2)) == (4,)
    assert gaps_of(days[:1], HOUR) == ()


def test_a_series_of_ones_own_and_shares_have_no_gaps() -> None:
    assert shipped("stocks", "FB").gaps == ()
    assert make_task("forecast", **encode(torch.arange(90.0)[:, None])).series.gaps == ()
    with pytest.raises(ValueError, match="series must be one of sea_temperature, dengue"):
        shipped("own")


def anchor(values: np.ndarray, window: int, ahead: int, penalty: float) -> tuple[float, float]:
    """Errors of persistence and of a ridge at one distance, by another split: 60, 20 and 20 %.

    All of a window and its answer lie in one part.
    """
    first, last = int(0.6 * len(values)), int(0.8 * len(values))
    scaled = (values - values[:first].mean()) / values[:first].std()

    def rows(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        steps = range(start + window, stop - ahead + 1)
        return (
            np.array([scaled[step - window : step] for step in steps]),
            np.array([scaled[step + ahead - 1] for step in steps])[:, None],
        )

    (x, y), (windows, truth) = rows(0, first), rows(last, len(values))
    return mse(windows[:, -1:], truth), mse(ridge(x, y, penalty, windows), truth)


@pytest.mark.parametrize(
    ("series", "window", "ahead", "penalty", "persistence", "linear"),
    [
        ("sea_temperature", 48, 1, 0.01, 0.000114, 0.000102),
        ("sea_temperature", 48, 12, 1.0, 0.00192, 0.00221),
        ("dengue", 26, 1, 10.0, 0.0690, 0.0776),
        ("dengue", 26, 4, 10.0, 0.285, 0.322),
    ],
)
def test_known_errors_on_the_measured_series(
    series: str, window: int, ahead: int, penalty: float, persistence: float, linear: float
) -> None:
    """Numbers that were measured before these series were read here, by another split."""
    found = anchor(shipped(series).values[:, 0].numpy(), window, ahead, penalty)
    assert found == pytest.approx((persistence, linear), rel=6e-3)


def test_the_sea_is_told_as_it_was_measured() -> None:
    moments = [datetime.fromisoformat(label) for label in table(SEA)["time"]]
    steps = np.diff(np.array(moments)) / timedelta(minutes=30)
    assert len(moments) == 19_225
    assert sorted(steps[steps != 1]) == [2, 24]  # a half hour is missing, and a gap of 12 h
    assert moments[int(np.argmax(steps == 2)) + 1] == datetime(2016, 6, 14, 14)
    assert moments[int(np.argmax(steps == 24))].date().isoformat() == "2016-07-08"
    hours, readings = hourly(SEA, "temperature_c")
    series = shipped("sea_temperature")
    np.testing.assert_allclose(series.values[:, 0].numpy(), hours[~np.isnan(hours)])
    assert len(series.times) == 9_614
    assert series.times[series.gaps[0]] == "2016-07-08 13:00"
    alone = np.flatnonzero(readings == 1)  # of the day of the missing half hour, of the gap, last
    assert [str(moments[0] + int(k) * HOUR)[:13] for k in alone] == [
        "2016-06-14 13", "2016-07-08 13", "2017-03-22 00",
    ]  # fmt: skip
    task = make_task("forecast", series="sea_temperature", split="test")
    learnt, tested = task.bounds["train"], task.bounds["test"]
    assert [series.times[step][:7] for step in (learnt[0], learnt[1] - 1)] == ["2016-02", "2016-11"]
    assert series.times[tested[0]] == "2016-12-31 22:00"
    assert series.times[-1][:7] == "2017-03"


def test_dengue_is_told_as_it_was_counted() -> None:
    cases = column(DENGUE, "local_cases")
    assert (len(cases), cases.max()) == (1392, 4196)
    told = about("dengue") or ""
    assert f"{(cases == 0).mean():.0%} of the weeks there was no case" in told
    assert f"{int(cases.max()):,}" in told
    task = make_task("forecast", series="dengue", split="test")
    times, bounds = task.series.times, task.bounds
    assert times[bounds["train"][1] - 1].startswith("2016-08")
    assert times[bounds["test"][0]].startswith("2019-05")
    assert times[-1].startswith("2024-09")
    np.testing.assert_allclose(task.series.values[:, 0].exp().numpy(), cases + 1)


def test_the_climate_normals_are_no_measurements() -> None:
    """What the page says of them, computed: too smooth for weather."""
    hours, readings = hourly(NORMALS, "temperature_f")
    (missing,) = np.flatnonzero(readings == 0)
    assert datetime(2010, 1, 1) + int(missing) * HOUR == datetime(2010, 3, 14, 3)
    daily = np.nanmean(hours.reshape(365, 24), axis=1)
    moves = np.diff(daily).std(ddof=1)
    measured = (column(DAYS, "temp_max") + column(DAYS, "temp_min")) / 2 * 1.8
    moves_measured = np.diff(measured).std(ddof=1)
    turns = 2 * np.pi * np.arange(365)[:, None] / 365 * np.array([1, 2])
    waves = np.hstack([np.ones((365, 1)), np.sin(turns), np.cos(turns)])
    rest = daily - waves @ np.linalg.lstsq(waves, daily, rcond=None)[0]
    explained = 1 - rest.var() / daily.var()
    given = parts(oracle("temperature"), 48, 12)
    answers = ridge(*given["train"], best_penalty(given, "validation"), given["test"][0])
    learnt = shipped("temperature").values[: int(0.7 * 8759), 0].numpy()
    off = np.sqrt(mse(answers[:, -1], given["test"][1][:, -1])) * learnt.std()
    told = about("temperature") or ""
    for number in (
        f"by {moves:.2f} °F", f"by {moves_measured:.2f} °F", f"explain {explained:.1%}",
        f"by {off:.2f} °F at 12 hours", "Not measured", "14 March",
    ):  # fmt: skip
        assert number in told


def test_every_series_has_its_words() -> None:
    for name in SHIPPED:
        assert say(f"bench.series_{name}")
        assert say(f"forecast.series_{name}")
        assert say(f"forecast.what_{name}", ticker="FB")
