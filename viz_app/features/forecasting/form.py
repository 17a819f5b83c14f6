"""Forecasting: the settings of a network of one's own, and a series from a file."""

from typing import Any

import streamlit as st
import torch

from gatescope import TrainConfig
from gatescope.apart import Columns
from gatescope.jobs import SingleRun
from gatescope.loading import Measured, SeriesError
from gatescope.tasks.forecast import SHIPPED, TICKERS, Forecast, encode
from viz_app.features.forecasting import words
from viz_app.features.forecasting.chart import parts_chart
from viz_app.features.forecasting.forecasts import are_dates, axis_labels
from viz_app.kit import export, reading_words
from viz_app.kit.page import blocks, choices, job_form, reading_form, uploads, window
from viz_app.kit.page.fields import Fields
from viz_app.kit.page.stage import Stage
from viz_app.kit.words import commas, some
from viz_app.text import say
from viz_app.text.plain import NAME, plain

CELLS = ("lstm", "gru", "rnn")
MOST_ROWS = 20_000
"""Rows of a file that are read: a run keeps all of them in its settings."""

NONE = ""
FORM = Fields(
    "forecast", "forecast.",
    TrainConfig(
        task="forecast", hidden_size=24, max_steps=1500, batch_size=64, learning_rate=5e-3,
        max_grad_norm=0.25, plateau_patience=3, stop_patience=6,
    ),
)  # fmt: skip


def own_series() -> dict[str, Any] | None:
    """Ask for a file and its columns; what is wrong is said, what was mended too."""
    uploads.expected()
    given = st.file_uploader(
        say("forecast.file"), key=FORM.key("file"), help=say("forecast.file_help", most=MOST_ROWS)
    )
    if given is None:
        return None
    place, table = st.container(), None
    try:
        wanted = reading_form.wanted(FORM.form, given.file_id)
        table = uploads.columns(given, wanted, MOST_ROWS)
        if not table.numbers:
            raise SeriesError(say("forecast.no_numbers", name=given.name))
        forget_columns_of_another(given.file_id, table)
        series = uploads.series(given, wanted, MOST_ROWS, *columns_of(table))
    except SeriesError as error:
        with place:
            if table is not None:
                st.caption(reading_words.line(given.name, table.reading))
            reading_form.refused(FORM.form, error)
        return None
    with place:
        reading_form.show(FORM.form, given.name, series.reading)
    told(series)
    values = torch.tensor(series.values)
    return encode(values) | {"features": list(series.features), "times": list(series.times)}


def forget_columns_of_another(file: str, table: Columns) -> None:
    """Where the columns are others than before, their roles are chosen anew."""
    columns = (file, table.names, table.dates)
    if st.session_state.get(FORM.key("columns")) != columns:
        for name in ("target", "others", "date_column"):
            st.session_state.pop(FORM.key(name), None)
        st.session_state[FORM.key("columns")] = columns


def columns_of(table: Columns) -> tuple[str, list[str], str | None]:
    """Ask which column to forecast, which to read too, and which holds the time."""
    dates = table.dates
    numbers = [name for name in table.numbers if name not in dates]
    columns = [*numbers, *(name for name in table.names if name not in numbers)]
    choices.keep(FORM.key("target"), columns, columns[0])
    target = st.selectbox(
        say("forecast.target"), columns, key=FORM.key("target"), help=say("forecast.target_help")
    )
    beside = [name for name in columns if name != target]
    chosen = st.session_state.get(FORM.key("others"), [])
    st.session_state[FORM.key("others")] = [name for name in chosen if name in beside]
    others = st.multiselect(
        say("forecast.others"), beside, key=FORM.key("others"), help=say("forecast.others_help")
    )
    times = [*dates, *(name for name in table.names if name not in dates), NONE]
    choices.keep(FORM.key("date_column"), times, times[0] if dates else NONE)
    time = st.selectbox(
        say("forecast.date_column"), times, key=FORM.key("date_column"),
        format_func=lambda name: name or say("forecast.no_dates"),
        help=say("forecast.date_column_help"),
    )  # fmt: skip
    if not time:
        st.caption(say("forecast.rows_in_order"))
    return target, others, time or None


def told(series: Measured) -> None:
    """What was read, and everything that was done to it."""
    names = commas(f"“{plain(name, NAME)}”" for name in series.features)
    rows = some("rows", len(series.values))
    st.success(say("forecast.read_series", rows=rows, features=names))
    lines = reading_words.treated(series.treatments)
    if lines:
        st.warning("  \n".join(lines))


def ask(here: Stage, options: dict[str, Any]) -> None:
    """The series as a picture, and beside it the settings of a network and the button.

    Parameters
    ----------
    here
        The page's places.
    options
        Which series, as options of the task.
    """
    draw(here, options)
    place = here.controls
    place.markdown(f"## {say('forecast.setup')}")
    asked = options | {
        "window": FORM.whole(place, "window", 2, 168, 24),
        "horizon": FORM.whole(place, "horizon", 1, 24, 1),
    }
    chosen: dict[str, Any] = {
        "cell": FORM.cell(place, CELLS), "hidden_size": FORM.setting(place, "hidden_size"),
    }  # fmt: skip
    button = place.container()
    with place.expander(say("train.more")):
        chosen["max_steps"] = FORM.setting(st, "max_steps", batch=FORM.usual.batch_size)
        dropout = FORM.setting(st, "dropout")
        stop = FORM.switch(st, "stop", True)
        if FORM.switch(st, "scaling", False):
            asked["scaling"] = "all"
    chosen |= {
        "task_options": asked, "readout_dropout": dropout, "recurrent_dropout": dropout,
        "stop_patience": FORM.usual.stop_patience if stop else None,
    }  # fmt: skip
    job_form.offer(lambda: SingleRun(run=FORM.config(chosen)), "forecast", button, told=button)


def draw(here: Stage, options: dict[str, Any]) -> None:
    """The whole series, and where its training, validation and test sets lie."""
    try:
        task = Forecast(**options, window=2, horizon=1)
    except ValueError as error:
        here.headline(plain(error))
        return
    headline, alternative = words.parts_told(task)
    here.headline(headline)
    here.told.caption(words.about(task.name) or "")
    look, times = window.look(), task.series.times
    height = min(look.window.height, 360 if task.name == "own" else look.window.height)
    drawn = parts_chart(
        axis_labels(times, range(len(times))), are_dates(times),
        task.series.values[:, 0].numpy(), task.bounds, words.parts_words(task),
        look=look, width="container", height=height,
    )  # fmt: skip
    with here.picture:
        blocks.chart(export.spec(drawn), alternative, key=f"forecast-series-{task.name}")


def shipped_series(here: Stage) -> dict[str, Any]:
    """Ask for one of the series that come with the project."""
    names = list(SHIPPED)
    choices.keep(FORM.key("shipped"), names, names[0])
    name = here.bar.selectbox(
        say("forecast.series"), names, key=FORM.key("shipped"), help=say("forecast.series_help"),
        format_func=lambda each: say(f"bench.series_{each}"), label_visibility="collapsed",
        width=window.scaled(280),
    )  # fmt: skip
    found: dict[str, Any] = {"series": name}
    if name == "stocks":
        choices.keep(FORM.key("ticker"), list(TICKERS), TICKERS[0])
        found["ticker"] = here.bar.selectbox(
            say("forecast.ticker"), TICKERS, key=FORM.key("ticker"),
            help=say("forecast.ticker_help"), width=window.scaled(150),
        )  # fmt: skip
    return found
