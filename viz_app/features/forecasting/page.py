"""Forecasting: does a network see what comes next, better than a naive forecast?"""

from dataclasses import replace
from typing import Any

import streamlit as st

from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.features import Forecasting
from viz_app.features.forecasting import form, words
from viz_app.features.forecasting.view import SERIES, prepared
from viz_app.features.train import training_progress
from viz_app.kit.choice import whole
from viz_app.kit.page import blocks, choices, job_view, run_choice, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.stage import Stage
from viz_app.kit.run_words import settings
from viz_app.text import name_of, say

PREPARED = {"series": "series", "cell": "prepared_cell"}
WAYS = ("prepared", "train", "own")
PAGES = ("gates", "gradient_flow", "step_through", "saturation", "connectivity")
TABS = ("forecasts", "scores", "gates")
SERIES_WIDTH = 330


def ways(bar: Any) -> str:
    """Ask for a prepared network, one to train, or a series of one's own."""
    choices.keep("forecast_way", list(WAYS), WAYS[0])
    return str(
        bar.segmented_control(
            say("forecast.ways"), WAYS, key="forecast_way", required=True,
            format_func=lambda way: say(f"forecast.way_{way}"), help=say("forecast.ways_help"),
            label_visibility="collapsed",
        )
    )  # fmt: skip


def chosen_run(bar: Any) -> str:
    """Ask for series and cell."""
    there = [series for series in SERIES if prepared(series)]
    choices.keep("forecast_series", there, there[0])
    series = bar.selectbox(
        say("forecast.series"), there, key="forecast_series", help=say("forecast.series_help"),
        format_func=lambda each: say(f"forecast.series_{each.replace('-', '_')}"),
        label_visibility="collapsed", width=window.scaled(SERIES_WIDTH),
    )  # fmt: skip
    runs = prepared(series)
    choices.keep("forecast_prepared_cell", list(runs), next(iter(runs)))
    cell = bar.segmented_control(
        say("app.cell"), list(runs), key="forecast_prepared_cell", required=True,
        format_func=lambda each: name_of("cell", each), help=say("forecast.cell_help"),
        label_visibility="collapsed",
    )  # fmt: skip
    return runs[str(cell)]


def shown(here: Stage, run: str) -> None:
    """Everything that is shown of a run."""
    seen = Forecasting(run).data(cached.recordings)
    numbers = list(range(seen.count))
    choices.keep("forecast_number", numbers, seen.count // 2)
    number = here.controls.select_slider(
        say("forecast.number"), numbers, key="forecast_number",
        format_func=lambda each: seen.when(seen.step(each)),
        help=say("forecast.number_help", count=seen.count),
    )  # fmt: skip
    view = Forecasting(run, number)
    if "job" not in st.query_params:
        choices.remember(**view.to_query())
    said = view.words(cached.recordings)
    here.headline(said.headline)
    with here.picture:
        tabs(view, said.alternative)
    here.look_for(said.look_for)
    with here.more:
        with st.expander(say("app.settings_of_run")):
            st.caption(settings(seen.run))
            if about := words.about(seen.task.name):
                st.caption(about)
            st.caption(words.rule())
        blocks.folded_files(view)
        run_choice.open_on(say("forecast.open_on"), run, PAGES)


def tabs(view: Forecasting, alternative: str) -> None:
    """The forecasts, the scores of all networks, and the gates; only the open one is drawn."""
    tab, place = tabbed.tabs("forecast.tab_", TABS)
    look = tabbed.look()
    with place:
        if tab == "forecasts":
            spec = view.spec(look, cached.recordings)
            blocks.chart(spec, alternative, key=f"forecast-{view.run}")
        elif tab == "scores":
            scores(view, look)
        else:
            spec, headline, told = view.gates(look, cached.recordings)
            blocks.chart(spec, told, key=f"forecast-gates-{view.run}-{view.forecast}")
            st.caption(headline)


def scores(view: Forecasting, look: Any) -> None:
    """The scores of all networks of the series, and the error by how far ahead."""
    forecasts = view.data(cached.recordings)
    blocks.table(view.scores(cached.recordings))
    if forecasts.task.horizon > 1:
        st.markdown(f"**{say('forecast.leads')}**")
        small = replace(look, window=replace(look.window, height=300))
        blocks.chart(
            view.leads(small, cached.recordings), words.leads_told(forecasts),
            key=f"leads-{view.run}",
        )  # fmt: skip
    st.caption(say("forecast.scores_how", count=forecasts.count))


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is; it grows while it trains."""
    config = experiment.run
    run = job_view.so_far(stand, config)
    here = stage.stage(say("forecast.title"))
    job_view.bar(here.bar, stand, run, experiment, back=say("forecast.back"))
    if stand.state == "done":
        shown(here, run_key(config))
    else:
        training_progress.watch(here, run, finished=False)


def restore() -> None:
    """Take over what the address says."""
    for name, place in PREPARED.items():
        choices.take(name, f"forecast_{place}")
    choices.take("forecast", "forecast_number", whole)


@st.fragment
def body() -> None:
    """A prepared network, one to train, or a series of one's own."""
    here = stage.stage(say("forecast.title"))
    way = ways(here.bar)
    if way == "prepared":
        shown(here, chosen_run(here.bar))
    elif way == "train":
        form.ask(here, form.shipped_series(here))
    else:
        with here.controls:
            brought = form.own_series()
        if brought is None:
            here.headline(say("forecast.question"))
            here.picture.markdown(say("forecast.own_how"))
            here.picture.code(say("forecast.own_example"), language=None)
        else:
            form.ask(here, brought)


choices.restore()
restore()
job_view.visit(SingleRun, draw, say("forecast.title"), say("forecast.back"))
body()
