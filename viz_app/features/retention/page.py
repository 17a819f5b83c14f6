"""Retention: how does success fall with the delay?"""

from contextlib import suppress
from typing import NamedTuple

import pandas as pd
import streamlit as st

from gatescope.experiments import ResultError, RetentionConfig
from gatescope.jobs import JobStatus
from viz_app.features import Retention
from viz_app.features.retention import classes, guess
from viz_app.features.retention import data as retention
from viz_app.features.retention import form as retention_form
from viz_app.features.retention import words as retention_words
from viz_app.features.retention.view import measures, pictured
from viz_app.features.train import training_progress
from viz_app.kit.page import blocks, choices, classroom, job_view, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.kit.page.stage import Stage
from viz_app.text import say

HEAD = 110  # pixels of how far an experiment is, above its picture
FIRST = 4  # sentences beside the picture; all of them stand below the table


class Shown(NamedTuple):
    """What is said of an experiment: the headline, what to look for, and the rest."""

    headline: str
    look_for: list[str]


def show(
    name: str, experiment: RetentionConfig, table: pd.DataFrame, own: bool = False, above: int = 0
) -> Shown:
    """Draw what an experiment has shown, a measure a tab, and return what is said of it.

    Parameters
    ----------
    name
        Stands for the experiment.
    experiment, table
        What was asked for, and what there is of it.
    own
        Whether there is a tab for an experiment of one's own.
    above
        Pixels of what stands above it.
    """
    look = window.look().below(tabbed.HEIGHT + above)
    there = cached.recordings.get(
        ("retention measures", name, len(table)), lambda: measures(experiment, table)
    )
    tabs = [*there, "numbers", *(["own"] if own else [])]
    shown, place = tabbed.tabs("retention.tab_", tabs)
    measure = shown if shown in there else there[0]
    picture = cached.recordings.get(
        ("retention picture", name, len(table), look, measure),
        lambda: pictured(experiment, table, look, measure),
    )
    headline, *rest = picture.sentences or [""]
    with place:
        if shown == "own":
            ask()
        elif shown == "numbers":
            blocks.table(picture.solved)
            st.markdown("\n".join(f"- {line}" for line in rest))
            st.caption(retention_words.rule())
        else:
            blocks.panel_row(picture.row)
    how = retention_words.rule() if shown == "numbers" else retention_words.how(measure)
    return Shown(headline, [*rest[:FIRST], how])


def show_here(name: str, experiment: RetentionConfig, table: pd.DataFrame) -> None:
    """The same where all that is said stands around the picture: it is drawn again and again."""
    head = st.empty()
    told = show(name, experiment, table, above=HEAD)
    head.markdown(f"**{told.headline}**" if told.headline else "")
    st.markdown("\n\n".join(told.look_for))
    files(experiment, table)


def files(experiment: RetentionConfig, table: pd.DataFrame) -> None:
    """The figure and the numbers of an experiment of one's own."""
    blocks.downloads(
        "retention",
        lambda: retention.chart(experiment, table, theme=window.theme()),
        lambda: table,
    )


def settings(experiment: RetentionConfig, table: pd.DataFrame) -> None:
    """How it was done, and how long it took."""
    how = retention_words.settings(experiment)
    st.caption(f"{how}  \n{retention_words.time_taken(table)}" if len(table) else how)


def draw_job(stand: JobStatus, experiment: RetentionConfig) -> None:
    """An experiment that was asked for, as far as it is; it grows while it runs."""
    table = cached.recordings.retention(queue().finished(stand.key))
    here = stage.stage(say("retention.title"), axis=0)
    job_view.bar(here.bar, stand, None, experiment, "runs", back=say("retention.back"))
    if len(table):
        with here.picture:
            told = show(stand.key, experiment, table)
        here.headline(told.headline)
        here.look_for(told.look_for)
    elif stand.state in job_view.GOES_ON:
        here.picture.skeleton(height=300)
    with here.more:
        if len(table):
            files(experiment, table)
        settings(experiment, table)
    if stand.state == "running":
        training_progress.glance(queue().training(stand.key))


def ask() -> None:
    """An experiment of one's own, alone or as a class."""
    st.markdown(say("retention.own_how"))
    retention_form.ask()


def hidden(here: Stage) -> None:
    """What there is before the class has guessed: no number, and the teacher's own experiment."""
    here.headline(say("retention.guess_first"))
    here.picture.caption(say("retention.guess_hidden"))
    found = classroom.member()
    if found is not None and found.host:
        with here.picture.expander(say("retention.tab_own")):
            ask()


def class_guess(here: Stage) -> bool:
    """Ask the class before its own experiment is seen; returns whether that may be.

    What is asked about is the prepared experiment, which stands there while the class's is trained.
    """
    try:
        prepared = Retention().data(cached.recordings)
    except ResultError:
        return True
    return guess.ask(*prepared, here)


def meanwhile() -> None:
    """The prepared experiment, while that of a class is trained."""
    with suppress(ResultError):
        experiment, table = Retention().data(cached.recordings)
        look = window.look()
        first = cached.recordings.get(
            ("retention picture", "", len(table), look, retention.MEASURES[0]),
            lambda: pictured(experiment, table, look, retention.MEASURES[0]),
        )
        with st.expander(say("retention.meanwhile"), expanded=True):
            st.markdown(f"**{first.sentences[0]}**")
            blocks.panel_row(first.row, name="prepared_")


def body() -> None:
    """The page."""
    key = choices.address("class")
    if key is not None and "seat" not in st.query_params and classes.is_called(key):
        classes.join(key)
    if (asked := choices.address("join")) is not None:
        classes.join(asked)
    here = stage.stage(say("retention.title"), axis=0)
    if key is not None:
        here.bar.button(say("retention.back"), on_click=choices.rewrite, args=({},))
        seen = class_guess(here)
        classes.visit(key, choices.address("seat"), show_here if seen else None, here, meanwhile)
        return
    with here.picture:
        try:
            prepared = Retention().data(cached.recordings)
        except ResultError:
            st.info(say("retention.no_result"))
            ask()
            return
        if not guess.ask(*prepared, here):
            hidden(here)
            return
        told = show("", *prepared, own=True)
    here.headline(told.headline)
    here.look_for(told.look_for)
    with here.more:
        with st.expander(say("retention.how_made")):
            settings(*prepared)
        blocks.folded_files(Retention())


job_view.visit(RetentionConfig, draw_job, say("retention.title"), say("retention.back"))
body()
