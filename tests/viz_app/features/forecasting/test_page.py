"""The forecasting page: its numbers, its verdict, a network of one's own, a CSV of one's own."""

import json
import re
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import vl_convert
from streamlit.testing.v1 import AppTest

from gatescope import TrainConfig, load_run
from gatescope.analysis import Interval
from gatescope.experiments.forecasting import forecasts_of
from gatescope.jobs import JobQueue, SingleRun
from viz_app.features.forecasting import words as forecasting
from viz_app.features.forecasting.chart import stretch_chart
from viz_app.features.forecasting.forecasts import are_dates, axis_labels, forecasted
from viz_app.features.forecasting.view import SERIES, prepared
from viz_app.kit.chart.window import Look
from viz_app.kit.library import folder_of
from viz_app.kit.run_words import settings
from viz_app.kit.words import digits, three_digits
from viz_app.text import has, name_of, speaking

PAGE = "forecasting"


def texts(app: AppTest) -> str:
    """All that is said on a page."""
    assert not app.exception, [error.value for error in app.exception]
    places = (app.markdown, app.caption, app.success, app.warning, app.error)
    return "\n".join(str(each.value) for place in places for each in place)


def scores(app: AppTest) -> AppTest:
    """The page with the scores of all networks open."""
    app.session_state["tab_forecast"] = "All networks"
    return app.run()


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def test_it_opens_on_a_prepared_network_with_its_own_numbers(
    open_app: Callable[..., AppTest],
) -> None:
    app = open_app(PAGE, series="weather", cell="gru", forecast="7")
    run = load_run(folder_of("forecast-weather-gru"))
    found = forecasts_of(run.model(), run.task.held_out("test"))
    error = found.squared("network").mean() / found.squared("naive").mean()
    assert f"is {error:.2f} times that" in texts(app)
    assert len(charts(app)) == 1
    table = scores(app).table[0].value
    rmse = np.sqrt(found.squared("network").mean()) * float(run.task.deviation[0])
    assert table.iloc[1, 0] == f"{rmse:.3g}"
    assert table.iloc[1, 3] == f"{found.nearer('network'):.0%}"
    assert len(table) == 5
    assert app.session_state["forecast_number"] == 7


@pytest.mark.parametrize(
    ("series", "cell"),
    [("sea-temperature", "lstm"), ("dengue-4", "gru"), ("weather", "rnn"), ("temperature", "gru")],
)
def test_one_network_has_one_error(
    open_app: Callable[..., AppTest], series: str, cell: str
) -> None:
    """Beside the picture, in the table, and as all forecasts of the test set give."""
    app = open_app(PAGE, series=series, cell=cell)
    run = load_run(folder_of(f"forecast-{series}-{cell}"))
    found = forecasts_of(run.model(), run.task.held_out("test"))
    error, naive = (found.squared(name).mean() for name in ("network", "naive"))
    assert run.test_loss == pytest.approx(error, rel=1e-4)
    said = f"test set, scaled: {digits(error)}; of the naive forecast {digits(naive)}."
    assert said in texts(app)
    row = scores(app).table[0].value.loc[name_of("cell", cell)]
    assert row.iloc[1] == three_digits(float(error))
    assert (forecasting.about(run.task.name) is None) == (series == "weather")
    assert (forecasting.about(run.task.name) or "") in texts(app)


def test_best_weights_that_were_put_back_are_told_by_their_step() -> None:
    run = load_run(folder_of("forecast-dengue-lstm"))
    losses = {row.step: row.loss for row in run.history}
    best, end = min(losses, key=losses.__getitem__), run.history[-1].step
    assert best == run.steps[-1] < end
    assert f"after {best} of {end} training steps" in settings(run)
    assert losses[end] > 1.15 * losses[best]
    assert forecasting.overfitting(run) == []  # they did stop there


def test_every_prepared_series_is_there_for_every_cell() -> None:
    for series in SERIES:
        assert list(prepared(series)) == ["lstm", "gru", "rnn"]


def test_many_steps_ahead_have_an_error_each(open_app: Callable[..., AppTest]) -> None:
    app = scores(open_app(PAGE, series="temperature-12", cell="rnn"))
    assert len(charts(app)) == 1
    seen = forecasted(load_run(folder_of("forecast-temperature-12-rnn")))
    values = (seen.found.network - seen.found.truth) * float(seen.task.deviation[0])
    np.testing.assert_allclose(seen.rmse("network"), np.sqrt((values**2).mean(0)))
    assert seen.rmse("network").shape == (12,)


def test_the_stretch_shows_what_was_measured_and_forecast() -> None:
    seen = forecasted(load_run(folder_of("forecast-stocks-lstm")))
    data = seen.stretch(30)
    at = data.times.index(data.origin) + 1  # the step that is forecast
    step = int(seen.found.steps[30])
    assert data.lines["truth"][at] == float(seen.task.series.values[step, 0])
    scaled = seen.found.network[30, 0]
    expected = scaled * float(seen.task.deviation[0]) + float(seen.task.mean[0])
    assert data.lines["network"][at] == pytest.approx(expected)
    assert data.lines["naive"][at] == pytest.approx(0, abs=1e-9)  # no change
    assert data.first == seen.when(step - 10)


@pytest.mark.parametrize(
    ("ends", "blocks", "word"),
    [
        ((0.5, 0.4, 0.6), 5, "better"),
        ((1.5, 1.1, 1.9), 5, "worse"),
        ((0.9, 0.7, 1.1), 50, "undecided"),
        ((0.97, 0.95, 0.99), 50, "undecided"),
        ((1.0, 0.985, 1.015), 50, "same"),
        ((0.5, 0.4, 0.6), 4, "undecided"),
    ],
)
def test_the_verdict_follows_the_interval(
    ends: tuple[float, float, float], blocks: int, word: str
) -> None:
    """Beyond 1 ± 2 %, by five blocks at least; and each verdict has a headline and a sentence."""
    found = Interval(*ends, blocks)
    assert forecasting.verdict(found) == word
    for naive in ("persistence", "zero"):
        assert has(f"forecast.headline_{word}_{naive}")
    assert has(f"forecast.linear_{word}")


@pytest.mark.parametrize("name", ["weather-lstm", "weather-rnn", "stocks-lstm"])
def test_caption_headline_and_table_tell_of_one_score(
    name: str, open_app: Callable[..., AppTest]
) -> None:
    """The ratio is that of the errors told; where fewer forecasts are nearer, it is said why."""
    series, cell = name.split("-")
    app = open_app(PAGE, series=series, cell=cell)
    run = load_run(folder_of(f"forecast-{name}"))
    baseline = run.task.held_out("test").baseline_loss
    told = texts(app)
    assert f"scaled: {digits(run.test_loss)}; of the naive forecast {digits(baseline)}." in told
    assert f"is {run.test_loss / baseline:.2f} times that" in told
    seen = forecasted(run)
    word = {
        "better": "beats",
        "worse": "loses to",
        "same": "does as well as",
        "undecided": "Undecided",
    }
    assert word[forecasting.verdict(seen.against["naive"])] in forecasting.headline(seen)
    assert "The rule: the ratio of the mean squared errors" in told
    better, nearer = seen.against["naive"].estimate < 1, seen.found.nearer("network")
    apart = better != (nearer >= 0.5) and abs(nearer - 0.5) >= 0.05
    assert ("It is nearer to the truth in" in told) == apart


CSV = "\n".join(["day;level;state", *(f"2024-03-{d:02d};{d * 7 % 11};wet" for d in range(1, 31))])


def own(app: AppTest, data: str) -> AppTest:
    app.get("button_group")[0].set_value("own")
    app.run()
    app.file_uploader("forecast_file").set_value(("my.csv", data.encode(), "text/csv"))
    return app.run()


def test_a_csv_of_ones_own_is_told_and_trained_on(
    open_app: Callable[..., AppTest], own_queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[SingleRun] = []

    def submit(experiment: SingleRun, owner: str = "") -> str:
        asked.append(experiment)
        return "0" * 12

    monkeypatch.setattr(own_queue, "submit", submit)
    lines = CSV.splitlines()
    lines[4], lines[5] = lines[5], lines[4]
    lines[9] = "2024-03-09;;wet"
    app = own(open_app(PAGE), "\n".join(lines))
    assert "30 rows of “level”" in texts(app)
    assert "not in the order of time: 1." in texts(app)
    assert "Missing values in “level” that took the value before them: 1." in texts(app)
    app.number_input("forecast_window").set_value(5)
    app.run()
    next(button for button in app.button if button.label == "Train").click()
    app.run()
    (experiment,) = asked
    config: TrainConfig = experiment.run
    task = config.make_task()
    assert task.series.features == ("level",)
    assert task.series.times[0] == "2024-03-01"
    assert task.series.values[8, 0] == task.series.values[7, 0]
    assert task.length == 5


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("level\n" + "\n".join("3" * 40), "the same value in every row"),
        ("state\n" + "\n".join(["wet"] * 40), "no column of numbers"),
        ("level\n1\n2\n", "has 2 values"),
        ("day,level\n1,2\n3\n", "row 3 has 1 cell"),
        ("", "is empty"),
    ],
)
def test_what_cannot_be_forecast_is_one_sentence(
    open_app: Callable[..., AppTest], data: str, said: str
) -> None:
    app = own(open_app(PAGE), data)
    (error,) = app.error
    assert said in error.value


def test_a_series_too_short_for_the_window_is_refused_before_it_is_trained(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    app = own(open_app(PAGE), CSV)
    app.number_input("forecast_window").set_value(100)
    app.run()
    next(button for button in app.button if button.label == "Train").click()
    app.run()
    assert "30 time steps, too few for a window of 100" in texts(app)
    assert not list(own_queue.folder.glob("*/experiment*"))


GERMAN = "\n".join(
    ["Datum;Pegel (m, Mittel)", *(f"{d:02d}.03.2024;{d * 7 % 11},5" for d in range(1, 31))]
)


def test_a_file_with_points_in_its_dates_and_decimal_commas_is_told_and_drawn_in_time(
    open_app: Callable[..., AppTest],
) -> None:
    app = own(open_app(PAGE), GERMAN)
    said = "my.csv: separator semicolon, decimal comma, dates day.month.year, first row: names."
    assert said in texts(app)
    assert app.selectbox("forecast_date_column").value == "Datum"
    assert "30 rows of “Pegel (m, Mittel)”" in texts(app)
    (spec,) = charts(app)
    assert spec["layer"][0]["encoding"]["x"]["type"] == "temporal"


@pytest.mark.parametrize(
    ("labels", "dated"),
    [
        (("2024-03-01", "2024-03-30"), True),
        (("2024-03-01 10:00", "2024-03-02 09:00"), True),
        (("2019-01", "2024-12"), True),
        (("2001", "2024"), False),
        (("0", "300"), False),
        (("KW 1", "KW 40"), False),
    ],
)
def test_an_axis_of_time_is_full(labels: tuple[str, str], dated: bool) -> None:
    """Dates are drawn as dates; rows begin where the stretch does, not at zero."""
    assert are_dates(labels) is dated
    seen = forecasted(load_run(folder_of("forecast-weather-lstm")))
    count = len(seen.task.series.times)
    times = tuple(str(k) for k in range(count))
    seen = replace(seen, task=copy(seen.task))
    seen.task.series = replace(seen.task.series, times=times)
    data = seen.stretch(150)
    assert not data.dated
    drawn = stretch_chart(data, forecasting.chart_words(seen), look=Look(), width=800).to_dict()
    line = next(layer for layer in drawn["layer"] if layer["mark"]["type"] == "line")
    assert line["encoding"]["x"]["scale"] == {"nice": False, "zero": False}
    assert axis_labels(labels, (0, 1)) == (
        ["0", "1"] if labels[0].startswith("KW") else list(labels)
    )


@pytest.mark.parametrize(
    ("language", "said", "other"),
    [("en", r">(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d<", "月"),
     ("zh", r">\d{1,2} 月 \d{1,2} 日<", r">[A-Z][a-z]{2} \d")],
)  # fmt: skip
def test_an_axis_writes_its_dates_in_the_readers_language(
    language: str, said: str, other: str
) -> None:
    """As a browser does: no English month in Chinese."""
    seen = forecasted(load_run(folder_of("forecast-weather-lstm")))
    with speaking(language):
        words = forecasting.chart_words(seen)
        chart = stretch_chart(seen.stretch(150), words, look=Look(), width=800)
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    assert len(re.findall(said, svg)) > 3
    assert not re.search(other, svg)


def test_what_a_file_was_taken_for_can_be_changed(open_app: Callable[..., AppTest]) -> None:
    app = own(open_app(PAGE), GERMAN)
    app.selectbox("forecast_read_first_row").set_value("data")
    app.run()
    assert "dates" not in app.caption[0].value
    assert "first row: data" in app.caption[0].value
    assert "row 1 holds 'Pegel (m, Mittel)'" in app.error[0].value


@pytest.mark.parametrize(
    ("data", "field", "answer", "said"),
    [
        (
            "day;level\n" + "\n".join(f"0{d % 9 + 1}/0{d // 9 + 1}/2024;{d}.5" for d in range(30)),
            "dates", "month/day/year", "dates month/day/year",
        ),
        (
            "level;wind\n" + "\n".join(f"{k}.{k};{k}" for k in range(101, 140)),
            "decimal", ",", "decimal comma, thousands point",
        ),
        ("\n".join(f"{k},{k % 7}" for k in range(40)), "separator", "", "decimal comma"),
        (
            "a,2019\n" + "\n".join(f"{k},{k % 7}.5" for k in range(40)), "first_row", "names",
            "first row: names",
        ),
    ],
)  # fmt: skip
def test_a_file_that_fits_in_two_ways_is_asked_about(
    open_app: Callable[..., AppTest], data: str, field: str, answer: str, said: str
) -> None:
    app = own(open_app(PAGE), data)
    (question,) = app.warning
    assert "Choose below which one it is." in question.value
    assert "reading=" not in question.value
    assert not app.success
    app.selectbox(f"forecast_read_{field}").set_value(answer)
    app.run()
    assert said in texts(app)
    assert len(app.success) == 1
    app.file_uploader("forecast_file").set_value(("next.csv", CSV.encode(), "text/csv"))
    app.run()
    assert app.selectbox(f"forecast_read_{field}").value == "as found"
    assert "next.csv: separator semicolon, decimal point, dates year-month-day" in texts(app)


def test_a_file_of_too_many_rows_is_refused_by_their_number(
    open_app: Callable[..., AppTest],
) -> None:
    app = own(open_app(PAGE), "level\n" + "1.5\n" * 30_000)
    (error,) = app.error
    assert "about 30,001 rows, but at most 20,000 can be read" in error.value
