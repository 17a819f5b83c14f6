"""Retention: how does success fall with the delay?"""

import pandas as pd
import streamlit as st

from gatescope.experiments import ResultError, RetentionConfig
from gatescope.jobs import JobStatus
from viz_app.features import Retention
from viz_app.features.retention import classes
from viz_app.features.retention import data as retention
from viz_app.features.retention import form as retention_form
from viz_app.features.retention import words as retention_words
from viz_app.features.retention.view import Picture, pictured
from viz_app.features.train import training_progress
from viz_app.kit.page import blocks, choices, job_view, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.text import say


def draw(picture: Picture) -> None:
    """A row of panels a measure, one panel a cell."""
    blocks.line_legend(picture.legend)
    widest = max(len(row.specs) for _, row in picture.rows)
    for measure, row in picture.rows:
        st.markdown(f"**{say(f'retention.row_{measure}')}**")
        columns = st.columns(widest, gap="small")
        # a cell without a gate has no half-life: the others keep their places
        places = columns[widest - len(row.specs) :]
        for place, spec, alternative in zip(places, row.specs, row.alternatives, strict=True):
            blocks.chart(spec, alternative, place=place)


def show(name: str, experiment: RetentionConfig, table: pd.DataFrame) -> None:
    """What an experiment has shown: headline, picture, words, files; ``name`` stands for it."""
    look = window.look()
    picture = cached.recordings.get(
        ("retention picture", name, len(table), look),
        lambda: pictured(experiment, table, look),
    )
    headline, *rest = picture.sentences or [""]
    if headline:
        st.markdown(f"**{headline}**")
    draw(picture)
    if rest:
        st.markdown("  \n".join(rest))
    st.markdown(f"**{say('retention.numbers')}**")
    st.table(picture.solved)
    st.caption(f"{say('retention.how')} {retention_words.rule()}")
    blocks.downloads(
        "retention",
        lambda: retention.chart(experiment, table, theme=look.theme),
        lambda: table,
    )


def settings(experiment: RetentionConfig, table: pd.DataFrame) -> None:
    """How it was done, and how long it took."""
    how = retention_words.settings(experiment)
    st.caption(f"{how}  \n{retention_words.time_taken(table)}" if len(table) else how)


def draw_job(stand: JobStatus, experiment: RetentionConfig) -> None:
    """An experiment that was asked for, as far as it is; it grows while it runs."""
    table = cached.recordings.retention(queue().finished(stand.key))
    settings(experiment, table)
    job_view.head(stand, experiment, "runs")
    if len(table):
        show(stand.key, experiment, table)
    elif stand.state in job_view.GOES_ON:
        st.skeleton(height=300)
    if stand.state == "running":
        training_progress.glance(queue().training(stand.key))


def ask() -> None:
    """An experiment of one's own, alone or as a class."""
    st.markdown(f"#### {say('retention.own')}")
    st.markdown(say("retention.own_how"))
    retention_form.ask()


st.markdown(f"### {say('retention.title')}  \n{say('retention.question')}")
if (key := choices.address("join")) is not None:
    classes.join(key)
if (key := choices.address("class")) is not None:
    st.button(say("retention.back"), on_click=st.query_params.clear)
    classes.visit(key, choices.address("seat"), show)
    st.stop()
job_view.visit(RetentionConfig, draw_job, "retention")
try:
    prepared = Retention().data(cached.recordings)
except ResultError:
    st.info(say("retention.no_result"))
else:
    settings(*prepared)
    show("", *prepared)
    blocks.python(Retention().code(**blocks.themed()))
st.divider()
ask()
