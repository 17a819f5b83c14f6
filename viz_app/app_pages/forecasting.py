"""Forecasting: does a network see what comes next, better than 'the same again'?"""

import streamlit as st

from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.app_pages import cached_forecast as shared
from viz_app.app_pages import choices, forecast_form, live, parts
from viz_app.text import name_of, say
from viz_app.views import forecasting, snippets_real, training
from viz_app.views.settings import score, settings

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


def chosen_run() -> tuple[str, dict[str, str]]:
    """Ask for series and cell; returns the run, and all runs of that series by cell."""
    series_column, cell_column = st.columns([0.55, 0.45], vertical_alignment="bottom")
    there = [series for series in shared.SERIES if shared.prepared(series)]
    choices.keep("forecast_series", there, there[0])
    series = series_column.selectbox(
        say("forecast.series"), there, key="forecast_series", help=say("forecast.series_help"),
        format_func=lambda each: say(f"forecast.series_{each.replace('-', '_')}"),
    )  # fmt: skip
    runs = shared.prepared(series)
    choices.keep("forecast_prepared_cell", list(runs), next(iter(runs)))
    cell = cell_column.segmented_control(
        say("app.cell"), list(runs), key="forecast_prepared_cell", required=True, width="stretch",
        format_func=lambda each: name_of("cell", each), help=say("forecast.cell_help"),
    )  # fmt: skip
    return runs[str(cell)], runs


@st.fragment
def body(run: str, beside: dict[str, str]) -> None:
    """Everything that is shown of a run; ``beside`` are runs on the same series, by name."""
    seen, theme = shared.looked(run), parts.theme()
    st.caption(f"{settings(seen.run)}  \n**{score(seen.run)}**")
    if about := forecasting.about(seen.task.name):
        st.markdown(about)
    numbers = list(range(seen.count))
    choices.keep("forecast_number", numbers, seen.count // 2)
    number = st.select_slider(
        say("forecast.number"), numbers, key="forecast_number",
        format_func=lambda each: seen.when(int(seen.found.steps[each])),
        help=say("forecast.number_help", count=seen.count),
    )  # fmt: skip
    if "job" not in st.query_params:
        choices.remember(
            series=st.session_state["forecast_series"],
            cell=st.session_state["forecast_prepared_cell"], forecast=number,
        )  # fmt: skip
    st.markdown(f"**{forecasting.headline(seen)}**")
    st.caption(forecasting.rule())
    st.vega_lite_chart(
        dict(shared.spec(run, number, theme)), theme=None, width="stretch", key=f"forecast-{run}",
        alt=forecasting.alternative(seen, number), on_select="ignore",
    )  # fmt: skip
    st.markdown(f"##### {say('forecast.look')}")
    st.markdown("  \n".join(forecasting.look_for(seen, number)))
    numbers_of(run, beside)
    gates(run, number)
    parts.downloads(
        f"{run}-{number}", lambda: seen.chart(number, theme=theme), lambda: seen.table(number)
    )
    parts.python(snippets_real.forecast(run, number, theme))
    choices.open_on(say("forecast.open_on"), run, PAGES)


def numbers_of(run: str, beside: dict[str, str]) -> None:
    """The scores of all networks of the series, and the error by how far ahead."""
    seen, theme = shared.looked(run), parts.theme()
    st.markdown(f"##### {say('forecast.scores')}")
    table_column, lead_column = st.columns([0.6, 0.4])
    table_column.table(shared.scores(tuple(beside.items())))
    table_column.caption(say("forecast.scores_how"))
    if seen.task.horizon > 1:
        lead_column.markdown(f"**{say('forecast.leads')}**")
        lead_column.vega_lite_chart(
            dict(shared.leads(run, theme)), theme=None, width="stretch", key=f"leads-{run}",
            alt=say("forecast.leads"), on_select="ignore",
        )  # fmt: skip


def gates(run: str, number: int) -> None:
    """What the gates do while the chosen window is read."""
    spec, told, name = shared.gates_of(run, number, parts.theme())
    st.markdown(f"##### {say('forecast.gates')}")
    st.markdown(told)
    plot, _ = st.columns([parts.PLOT, parts.LEGEND])
    plot.vega_lite_chart(
        dict(spec), theme=None, width="stretch", key=f"forecast-gates-{run}-{number}", alt=name,
        on_select="ignore",
    )  # fmt: skip


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is; it grows while it trains."""
    run, config = live.run_so_far(stand, experiment), experiment.run
    if run is None:
        return
    panels = training.panels(run)
    specs = training.specs(panels, parts.theme())
    columns = st.columns(len(panels))
    for column, panel, spec in zip(columns, panels, specs, strict=True):
        column.vega_lite_chart(spec, theme=None, width="stretch", alt=training.alternative(panel))
    if stand.state == "done":
        name = run_key(config)
        body(name, {name_of("cell", config.cell): name})


def restore() -> None:
    """Take over what the address says."""
    for name, place in PREPARED.items():
        choices.take(name, f"forecast_{place}")
    choices.take("forecast", "forecast_number", choices.whole)


choices.restore()
restore()
parts.heading(say("forecast.title"), say("forecast.question"))
job = choices.address("job")
if job:
    st.button(say("forecast.again"), on_click=live.leave)
    live.follow(job, SingleRun, draw)
    st.stop()
way = ways()
if way == "prepared":
    run_name, same = chosen_run()
    body(run_name, {name_of("cell", cell): name for cell, name in same.items()})
elif way == "train":
    forecast_form.ask(forecast_form.shipped_series())
else:
    brought = forecast_form.own_series()
    if brought is not None:
        forecast_form.ask(brought)
