"""Forecasting: does a network see what comes next, better than 'the same again'?"""

import streamlit as st

from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.features import Forecasting
from viz_app.features.forecasting import form, words
from viz_app.features.forecasting.view import SERIES, prepared
from viz_app.features.train import training_progress
from viz_app.kit.choice import whole
from viz_app.kit.page import blocks, choices, job_view, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.run_words import score, settings
from viz_app.text import name_of, say

PREPARED = {"series": "series", "cell": "prepared_cell"}
WAYS = ("prepared", "train", "own")
PAGES = ("gates", "gradient_flow", "step_through", "saturation", "connectivity")


def ways() -> str:
    """Ask for a prepared network, one to train, or a series of one's own."""
    choices.keep("forecast_way", list(WAYS), WAYS[0])
    return str(
        st.segmented_control(
            say("forecast.ways"), WAYS, key="forecast_way", required=True,
            format_func=lambda way: say(f"forecast.way_{way}"), help=say("forecast.ways_help"),
            label_visibility="collapsed",
        )
    )  # fmt: skip


def chosen_run() -> str:
    """Ask for series and cell."""
    series_column, cell_column = st.columns([0.55, 0.45], vertical_alignment="bottom")
    there = [series for series in SERIES if prepared(series)]
    choices.keep("forecast_series", there, there[0])
    series = series_column.selectbox(
        say("forecast.series"), there, key="forecast_series", help=say("forecast.series_help"),
        format_func=lambda each: say(f"forecast.series_{each.replace('-', '_')}"),
    )  # fmt: skip
    runs = prepared(series)
    choices.keep("forecast_prepared_cell", list(runs), next(iter(runs)))
    cell = cell_column.segmented_control(
        say("app.cell"), list(runs), key="forecast_prepared_cell", required=True, width="stretch",
        format_func=lambda each: name_of("cell", each), help=say("forecast.cell_help"),
    )  # fmt: skip
    return runs[str(cell)]


@st.fragment
def body(run: str) -> None:
    """Everything that is shown of a run."""
    seen = Forecasting(run).data(cached.recordings)
    st.caption(f"{settings(seen.run)}  \n**{score(seen.run)}**")
    if about := words.about(seen.task.name):
        st.markdown(about)
    numbers = list(range(seen.count))
    choices.keep("forecast_number", numbers, seen.count // 2)
    number = st.select_slider(
        say("forecast.number"), numbers, key="forecast_number",
        format_func=lambda each: seen.when(seen.step(each)),
        help=say("forecast.number_help", count=seen.count),
    )  # fmt: skip
    view = Forecasting(run, number)
    if "job" not in st.query_params:
        choices.remember(**view.to_query())
    said = view.words(cached.recordings)
    st.markdown(f"**{said.headline}**")
    st.caption(words.rule())
    spec = view.spec(window.theme(), cached.recordings)
    blocks.chart(spec, said.alternative, key=f"forecast-{run}")
    st.markdown(f"##### {say('forecast.look')}")
    st.markdown("  \n".join(said.look_for))
    numbers_of(view)
    gates(view)
    blocks.show_files(view)
    run_choice.open_on(say("forecast.open_on"), run, PAGES)


def numbers_of(view: Forecasting) -> None:
    """The scores of all networks of the series, and the error by how far ahead."""
    st.markdown(f"##### {say('forecast.scores')}")
    table_column, lead_column = st.columns([0.6, 0.4])
    table_column.table(view.scores(cached.recordings))
    table_column.caption(say("forecast.scores_how"))
    if view.data(cached.recordings).task.horizon > 1:
        lead_column.markdown(f"**{say('forecast.leads')}**")
        spec = view.leads(window.theme(), cached.recordings)
        blocks.chart(spec, say("forecast.leads"), key=f"leads-{view.run}", place=lead_column)


def gates(view: Forecasting) -> None:
    """What the gates do while the chosen window is read."""
    spec, headline, alternative = view.gates(window.theme(), cached.recordings)
    st.markdown(f"##### {say('forecast.gates')}")
    st.markdown(headline)
    plot, _ = st.columns([blocks.PLOT, blocks.LEGEND])
    key = f"forecast-gates-{view.run}-{view.forecast}"
    blocks.chart(spec, alternative, key=key, place=plot)


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is; it grows while it trains."""
    run = job_view.run_so_far(stand, experiment)
    if run is None:
        return
    training_progress.curves(run)
    if stand.state == "done":
        body(run_key(experiment.run))


def restore() -> None:
    """Take over what the address says."""
    for name, place in PREPARED.items():
        choices.take(name, f"forecast_{place}")
    choices.take("forecast", "forecast_number", whole)


choices.restore()
restore()
stage.heading(say("forecast.title"), say("forecast.question"))
job_view.visit(SingleRun, draw, "forecast")
way = ways()
if way == "prepared":
    body(chosen_run())
elif way == "train":
    form.ask(form.shipped_series())
else:
    brought = form.own_series()
    if brought is not None:
        form.ask(brought)
