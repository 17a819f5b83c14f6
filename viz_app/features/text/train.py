"""A network of one's own on the page Text: asked for, watched while it learns, kept."""

import math
from contextlib import suppress
from typing import Any

import streamlit as st

from gatescope import Run, RunError, TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from gatescope.writing import write
from viz_app.features.text.form import key
from viz_app.features.text.measures import PREPARED_RUNS, learning, task_of
from viz_app.kit.chart.line_charts import specs
from viz_app.kit.page import blocks, choices, job_form, job_view, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.fields import Fields
from viz_app.kit.run_words import what
from viz_app.kit.words import decimals, some
from viz_app.text import say

RATES = {"lstm": 1e-2, "gru": 8e-3, "rnn": 3e-3}
FORM = Fields(
    "writing_train", "writing.train_",
    TrainConfig(
        task="characters", task_options={"length": 64}, hidden_size=64, batch_size=16,
        max_steps=2000, evaluate_every=100,
    ),
)  # fmt: skip
"""A network that learns the book within a minute."""

WRITTEN = 150
"""Pixels of what the network writes by now, above its curve."""

BEGINNING, SAMPLE, TEMPERATURE = "Alice ", 180, 0.7
PAGES = ("gates", "gradient_flow", "step_through", "saturation")


def own() -> tuple[str, ...]:
    """The runs on the book that this reader has trained, or opened by their address."""
    found: tuple[str, ...] = st.session_state.get(key("own"), ())
    return found


def restore() -> None:
    """Take over the run that the address names, or that is open on the other pages."""
    run_choice.say_if_missing(run_choice.shelf())
    name, seen = st.session_state.get("run"), st.session_state.get(key("seen"))
    st.session_state[key("seen")] = name
    if isinstance(name, str) and (name != seen or choices.asked("run")):
        adopt(name)


def adopt(name: str) -> None:
    """Choose a run, where it is one on the book."""
    with suppress(RunError):
        if cached.run_of(name).config.task == "characters":
            if name not in (*PREPARED_RUNS, *own()):
                st.session_state[key("own")] = (*own(), name)
            st.session_state[key("run")] = name


def ask() -> None:
    """The settings of a network, and the button that trains it."""
    st.markdown(f"## {say('writing.train')}\n\n{say('writing.train_how')}")
    narrow = window.window().narrow
    places = [st.container() for _ in range(5)] if narrow else st.columns(
        [0.3, 0.16, 0.18, 0.14, 0.22], vertical_alignment="bottom"
    )  # fmt: skip
    cell = FORM.cell(places[0], tuple(RATES))
    asked = FORM.ask(places[1:], "hidden_size", "max_steps", "seed")
    run = FORM.config({"cell": cell, "learning_rate": RATES[cell], **asked})
    job_form.offer(lambda: SingleRun(run=run), "train", places[4])


def sample(name: str, step: int, run: Run) -> str:
    """What a network that is in training writes by now."""
    return cached.recordings.get(
        ("sample", name, step),
        lambda: write(run.model(), task_of(run), BEGINNING, SAMPLE, temperature=TEMPERATURE),
    )


def learning_spec(name: str, step: int, run: Run) -> dict[str, Any]:
    """The finished curve of a network, in training or not."""
    look = window.look().below(WRITTEN)
    return cached.recordings.get(
        ("bits curve", name, step, look), lambda: specs([learning(run)], look)[0]
    )


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A network that was asked for, as far as it is."""
    config, name = experiment.run, run_key(experiment.run)
    run = job_view.so_far(stand, config)
    here = stage.stage(say("writing.title"), axis=0)
    job_view.bar(here.bar, stand, run, experiment, back=say("writing.back"))
    if stand.state == "done" and here.bar.button(say("writing.train_look"), type="primary"):
        job_view.leave()
        adopt(name)
        st.rerun()  # the whole page, not only this part of it
    here.more.caption(what(config))
    if run is None or not run.history:
        here.headline(say("train.begins"))
        return
    last = run.history[-1]
    bits, first = (decimals(row.loss / math.log(2)) for row in (last, run.history[0]))
    here.headline(say("writing.train_now", steps=some("training_steps", last.step), bits=bits))
    with here.picture:
        st.code(sample(name, last.step, run), language=None, wrap_lines=True)
        alternative = say("writing.alt_learning", first=first, bits=bits, step=last.step)
        blocks.chart(learning_spec(name, last.step, run), alternative)
    here.told.markdown(say("writing.train_levels"))
