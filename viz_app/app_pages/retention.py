"""Retention: how does success fall with the delay?"""

import pandas as pd
import streamlit as st

from gatescope.experiments import RetentionConfig, delay_option
from gatescope.jobs import JobStatus
from gatescope.tasks import TASKS
from viz_app.app_pages import cached_retention as cached
from viz_app.app_pages import live, parts
from viz_app.app_pages.cached_jobs import queue
from viz_app.text import name_of, say
from viz_app.views import retention, retention_words, snippets

DELAYS = [5, 10, 20, 50, 100, 200]
FIRST_DELAYS = [5, 10, 20, 50]


def draw(picture: cached.Picture) -> None:
    """A row of panels a measure, one panel a cell."""
    parts.line_legend(picture.legend)
    widest = max(map(len, picture.panels))
    for row, specs in zip(picture.panels, picture.specs, strict=True):
        st.markdown(f"**{say(f'retention.row_{row[0].measure}')}**")
        columns = st.columns(widest, gap="small")
        # a cell without a gate has no half-life: the others keep their places
        for column, panel, spec in zip(columns[widest - len(row) :], row, specs, strict=True):
            column.vega_lite_chart(
                dict(spec), theme=None, width="stretch", alt=retention.alternative(panel)
            )


def show(job: str, finished: int) -> None:
    """What an experiment has shown: headline, picture, words, files."""
    picture = cached.picture(job, finished, parts.theme())
    headline, *rest = picture.sentences or [""]
    if headline:
        st.markdown(f"**{headline}**")
    draw(picture)
    if rest:
        st.markdown("  \n".join(rest))
    st.caption(say("retention.how"))
    parts.downloads(
        "retention",
        lambda: retention.chart(*cached.result(job), theme=parts.theme()),
        lambda: cached.result(job)[1],
    )


def settings(experiment: RetentionConfig, table: pd.DataFrame) -> None:
    """How it was done, and how long it took."""
    told = retention_words.settings(experiment, len(experiment.configs()))
    st.caption(f"{told}  \n{retention_words.time_taken(table)}" if len(table) else told)


def draw_job(stand: JobStatus, experiment: RetentionConfig) -> None:
    """An experiment that was asked for, as far as it is; it grows while it runs."""
    table = cached.table_so_far(stand.key)
    settings(experiment, table)
    told, button = st.columns([0.8, 0.2], vertical_alignment="center")
    text = retention_words.standing(stand)
    if stand.state == "failed":
        told.error(text)
    else:
        told.progress(stand.done / max(stand.total, 1), text)
    live.stop_or_go_on(stand, button, experiment, "retention")
    if len(table):
        show(stand.key, len(table))
    elif stand.state in live.GOES_ON:
        st.skeleton(height=300)


def ask() -> None:
    """The form for an experiment of one's own."""
    st.markdown(f"#### {say('retention.own')}")
    st.markdown(say("retention.own_how"))
    with st.form("experiment", border=True, enter_to_submit=False):
        first, second, third = st.columns(3)
        tasks = [task for task in TASKS if has_delay(task)]
        task = first.selectbox(
            say("retention.task"), tasks, index=tasks.index("delayed_recall"),
            format_func=lambda name: name_of("task", name), help=say("retention.task_help"),
        )  # fmt: skip
        variants = second.multiselect(
            say("retention.variants"), retention.VARIANTS, ["rnn", "lstm", "lstm:chrono"],
            format_func=retention.variant_name, help=say("retention.variants_help"),
        )  # fmt: skip
        delays = third.multiselect(
            say("retention.delays"), DELAYS, FIRST_DELAYS, accept_new_options=False,
            help=say("retention.delays_help"),
        )  # fmt: skip
        columns = st.columns(4)
        seeds = columns[0].number_input(
            say("retention.seeds"), 1, 20, 3, help=say("retention.seeds_help")
        )
        units = columns[1].number_input(
            say("retention.units"), 1, 256, 32, help=say("retention.units_help")
        )
        steps = columns[2].number_input(
            say("retention.steps"), 1, 20_000, 1000, step=100, help=say("retention.steps_help")
        )
        rate = columns[3].select_slider(
            say("retention.rate"), [1e-3, 3e-3, 1e-2], 3e-3, help=say("retention.rate_help"),
            format_func=lambda value: f"{value:g}",
        )  # fmt: skip
        asked = st.form_submit_button(say("retention.start_button"), type="primary")
    if not asked:
        return
    try:
        experiment = RetentionConfig(
            task=task, variants=tuple(variants), delays=tuple(sorted(delays)),
            seeds=tuple(range(seeds)), hidden_size=units, max_steps=steps, learning_rate=rate,
        )  # fmt: skip
    except ValueError as error:
        st.error(say("retention.impossible", reason=error))
        return
    st.query_params["job"] = queue().submit(experiment)
    st.rerun()


def has_delay(task: str) -> bool:
    """Whether a task can be asked with different delays."""
    try:
        return bool(delay_option(task))
    except ValueError:
        return False


st.markdown(f"### {say('retention.title')}  \n{say('retention.question')}")
job = st.query_params.get("job")
if job:
    st.button(say("retention.back"), on_click=live.leave)
    live.follow(job, RetentionConfig, draw_job)
    st.stop()
prepared = cached.prepared()
if prepared is None:
    st.info(say("retention.no_result"))
else:
    settings(*prepared)
    show("", len(prepared[1]))
    parts.python(snippets.retention(parts.theme()))
st.divider()
ask()
