"""The page Sentiment trains a network of one's own: the form, and the job while it goes on."""

import streamlit as st

from gatescope import TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.features.sentiment import words as sentiment_words
from viz_app.features.train import training_progress
from viz_app.features.train import words as training_words
from viz_app.kit.page import choices, job_form, job_view
from viz_app.kit.page.fields import Fields
from viz_app.kit.run_words import score
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
    st.markdown(f"#### {say('sentiment.train_title')}")
    st.markdown(say("sentiment.train_how", usual=FORM.usual))
    cell, *places, last = st.columns([0.24, *([0.14] * 4), 0.2], vertical_alignment="bottom")
    asked = {
        "cell": FORM.cell(cell, CELLS),
        **FORM.ask(places, "hidden_size", "embedding_size", "max_steps", "seed"),
    }
    if FORM.switch(last, "dropout", True):
        asked |= FORM.ask(st.columns(len(SHARES)), *SHARES)
    else:
        asked |= dict.fromkeys(SHARES, 0.0)
    job_form.offer(lambda: SingleRun(run=FORM.config(asked)), "train", key="sentiment_train")


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is."""
    more = sentiment_words.network(experiment.run)
    run = job_view.run_so_far(stand, experiment, more=f" · {more}")
    if run is None:
        return
    if stand.state == "done":
        st.markdown(f"**{score(run)}**")
        if st.button(
            say("sentiment.look_at_it"), type="primary", help=say("sentiment.look_at_it_help")
        ):
            look_at(run_key(experiment.run))
    st.markdown(training_words.sentences(run)[0])
    training_progress.curves(run)


def look_at(name: str) -> None:
    """Show a network that was trained here, and leave its job."""
    choices.forget()
    st.session_state["run"] = name
    job_view.leave()
    st.rerun()  # all of the page, not this job alone
