"""The page Sentiment trains a network of one's own: the form, and the job while it goes on."""

import streamlit as st

from gatescope import TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.features.sentiment import words as sentiment_words
from viz_app.features.train import training_progress
from viz_app.kit.page import choices, job_form, job_view, stage
from viz_app.kit.page.fields import Fields
from viz_app.kit.run_words import score, what
from viz_app.kit.words import number
from viz_app.text import say

CELLS = ("lstm", "gru", "rnn")
SHARES = ("readout_dropout", "recurrent_dropout")
FORM = Fields(
    "sentiment_form", "sentiment.form_",
    TrainConfig(
        task="reviews", hidden_size=32, embedding_size=16, max_steps=700, learning_rate=3e-3,
        batch_size=64, readout_dropout=0.3, recurrent_dropout=0.2,
    ),
)  # fmt: skip


def ask() -> None:
    """The settings, and the button that trains it."""
    usual = FORM.usual
    st.caption(say("sentiment.train_how", rate=number(usual.learning_rate), batch=usual.batch_size))
    names = ("hidden_size", "embedding_size", "max_steps", "seed")
    asked = {"cell": FORM.cell(st, CELLS), **{name: FORM.setting(st, name) for name in names}}
    if FORM.switch(st, "dropout", True):
        asked |= {name: FORM.setting(st, name) for name in SHARES}
    else:
        asked |= dict.fromkeys(SHARES, 0.0)
    job_form.offer(lambda: SingleRun(run=FORM.config(asked)), "train", key="sentiment_train")


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is."""
    config, finished = experiment.run, stand.state == "done"
    run = job_view.so_far(stand, config)
    here = stage.stage(say("sentiment.title"))
    job_view.bar(here.bar, stand, run, experiment, back=say("sentiment.back"))
    if finished and here.bar.button(
        say("sentiment.look_at_it"), type="primary", help=say("sentiment.look_at_it_help")
    ):
        look_at(run_key(config))
    here.more.caption(f"{what(config)}  \n{sentiment_words.network(config)}")
    if finished and run is not None:
        here.told.markdown(f"**{score(run)}**")
    training_progress.watch(here, run, finished)


def look_at(name: str) -> None:
    """Show a network that was trained here, and leave its job."""
    choices.forget()
    st.session_state["run"] = name
    job_view.leave()
    st.rerun()  # all of the page, not this job alone
