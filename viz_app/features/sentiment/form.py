"""The page Sentiment trains a network of one's own: the form, and the job while it goes on."""

from typing import Any

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
from viz_app.text import name_of, say

CELLS = ("lstm", "gru", "rnn")
RATE, BATCH = 3e-3, 64
USUAL = {"units": 32, "embedding": 16, "steps": 700, "seed": 0}
LIMITS = {"units": (1, 128), "embedding": (1, 64), "steps": (50, 3000), "seed": (0, 9999)}
SHARES = {"readout": 0.3, "recurrent": 0.2}
FORM = Fields("sentiment_form", lambda name: say(f"sentiment.form_{name}"))


def ask() -> None:
    """The settings, and the button that trains it."""
    st.markdown(f"#### {say('sentiment.train_title')}")
    st.markdown(say("sentiment.train_how", rate=RATE, batch=BATCH))
    places = st.columns([0.24, *([0.14] * len(USUAL)), 0.2], vertical_alignment="bottom")
    choices.keep(FORM.key("cell"), list(CELLS), CELLS[0])
    cell = places[0].segmented_control(
        say("sentiment.form_cell"), CELLS, key=FORM.key("cell"), required=True, width="stretch",
        format_func=lambda name: name_of("cell", name), help=say("sentiment.form_cell_help"),
    )  # fmt: skip
    sizes = {
        name: FORM.whole(place, name, *LIMITS[name], USUAL[name], 50 if name == "steps" else 1)
        for name, place in zip(USUAL, places[1:], strict=False)
    }  # fmt: skip
    st.session_state.setdefault(FORM.key("dropout"), True)
    with_dropout = places[-1].toggle(
        say("sentiment.form_dropout"),
        key=FORM.key("dropout"),
        help=say("sentiment.form_dropout_help"),
    )
    shares = dict.fromkeys(SHARES, 0.0)
    if with_dropout:
        columns = st.columns(len(SHARES))
        shares = {n: _share(place, n) for n, place in zip(SHARES, columns, strict=True)}
    config = TrainConfig(
        task="reviews", cell=cell, hidden_size=sizes["units"],
        embedding_size=sizes["embedding"], max_steps=sizes["steps"], seed=sizes["seed"],
        readout_dropout=shares["readout"], recurrent_dropout=shares["recurrent"],
        learning_rate=RATE, batch_size=BATCH,
    )  # fmt: skip
    job_form.offer(lambda: SingleRun(run=config), "train", key="sentiment_train")


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


def _share(place: Any, name: str) -> float:
    st.session_state.setdefault(FORM.key(name), SHARES[name])
    found: float = place.slider(
        say(f"sentiment.form_{name}"), 0.0, 0.8, step=0.1, key=FORM.key(name), format="percent",
        help=say(f"sentiment.form_{name}_help"),
    )  # fmt: skip
    return found
