"""Train: what changes while it learns?"""

from typing import Any

import streamlit as st

from gatescope import CELLS, TASKS, TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.features import Training
from viz_app.features.train import training_progress
from viz_app.kit.page import blocks, job_form, job_view, run_choice, task_form
from viz_app.kit.page import served as cached
from viz_app.kit.page.fields import Fields
from viz_app.kit.run_words import score, settings
from viz_app.text import name_of, say

LONGEST = 500  # steps of a task
AIM = 0.97
OPENS = ("gates", "gradient_flow", "memory")
FORM = Fields("train", "train.", TrainConfig(task="delayed_recall", hidden_size=32, max_steps=1000))


def ask_task() -> dict[str, Any]:
    """Which task, and its options."""
    places = iter(st.columns([0.28, 0.28, *([0.11] * 4)], vertical_alignment="bottom"))
    name = FORM.pick(
        next(places), "task", list(TASKS), "delayed_recall",
        format_func=lambda task: name_of("task", task), on_change=task_form.anew, args=(FORM.key,),
    )  # fmt: skip
    if "variant" not in TASKS[name].options():
        next(places)
    return {
        "task": name, "task_options": task_form.options_of(name, FORM.key, places, longest=LONGEST)
    }  # fmt: skip


def ask_network() -> dict[str, Any]:
    """Cell, size, and where its gates start."""
    places = st.columns([0.26, 0.12, 0.1, 0.34, 0.18], vertical_alignment="bottom")
    cell = FORM.pick(
        places[0], "cell", list(CELLS), "lstm", format_func=lambda cell: name_of("cell", cell)
    )
    starts = ["default", "forget_bias", "chrono"] if CELLS[cell].retention_gate else ["default"]
    start = FORM.one_of(
        places[3], "start", starts, starts[-1], lambda name: say(f"train.start_{name}")
    )
    more = {"forget_bias": ["forget_bias"], "chrono": ["chrono_max"]}.get(start, [])
    return {
        "cell": cell, "initialization": start,
        **FORM.ask(places[1:3], "hidden_size", "num_layers"), **FORM.ask(places[4:], *more),
    }  # fmt: skip


def ask_training() -> dict[str, Any]:
    """Optimizer, rate, clipping, length and seed."""
    *places, last = st.columns(
        [0.13, 0.12, 0.1, 0.16, 0.17, 0.12, 0.2], vertical_alignment="bottom"
    )
    found = FORM.ask(
        places, "optimizer", "learning_rate", "batch_size", "max_grad_norm", "max_steps", "seed"
    )
    return found | ({"stop_accuracy": AIM} if FORM.switch(last, "stop_solved", True) else {})


def evaluations(count: int) -> str:
    """After how many evaluations something is done; 0 is never."""
    return say(
        {0: "train.never", 1: "train.evaluations_one"}.get(count, "train.evaluations"), count=count
    )


def ask_more(layers: int) -> dict[str, Any]:
    """What is seldom changed."""
    with st.expander(say("train.more")):
        places = st.columns(3, vertical_alignment="bottom")
        return {
            "plateau_patience": FORM.setting(places[2], "plateau_patience", evaluations),
            **FORM.ask(places, "bidirectional", *(["dropout"] if layers > 1 else [])),
        }


def ask() -> None:
    """The settings of a network of one's own, and the button that trains it."""
    st.markdown(f"#### {say('train.setup')}")
    st.markdown(say("train.setup_how"))
    network = ask_task() | ask_network()
    asked = network | ask_training() | ask_more(network["num_layers"])
    job_form.offer(lambda: SingleRun(run=FORM.config(asked)), "train")


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is; it grows while it trains."""
    run, name = job_view.run_so_far(stand, experiment), run_key(experiment.run)
    if run is None:
        return
    finished = stand.state == "done"
    if finished:
        st.caption(f"**{score(run)}**")
        run_choice.open_on(say("train.open_on"), name, OPENS)
    training_progress.show(run, finished)
    if finished:
        blocks.show_files(Training(name))


FORM.keep()
st.markdown(f"### {say('train.title')}  \n{say('train.question')}")
job_view.visit(SingleRun, draw, "train")
ask()
run_choice.require_runs()
trained = [name for name, run in cached.library().runs.items() if run.history]
if not trained:
    st.stop()
name = trained[0]
prepared = cached.run_of(name)
st.divider()
st.caption(f"{say('train.prepared')}  \n{settings(prepared)}  \n**{score(prepared)}**")
training_progress.show(prepared, finished=True)
blocks.show_files(Training(name))
