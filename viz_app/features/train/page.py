"""Train: what changes while it learns?"""

from typing import Any

import streamlit as st

from gatescope import CELLS, TASKS, TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.features import Training
from viz_app.features.train import training_progress
from viz_app.kit.page import blocks, choices, job_form, job_view, task_form
from viz_app.kit.page import served as cached
from viz_app.kit.page.fields import Fields
from viz_app.kit.run_words import score, settings
from viz_app.text import name_of, say

LONGEST = 500  # steps of a task
RATES = [1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 3e-2, 0.1]
CLIPS = [0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0]
BATCHES = [8, 16, 32, 50, 64, 128]
PATIENCES = [0, 2, 5, 10, 20]
AIM = 0.97
OPENS = ("gates", "gradient_flow", "memory")
FORM = Fields("train", lambda name: say(f"train.{name}"))


def ask_task() -> dict[str, Any]:
    """Which task, and its options."""
    places = iter(st.columns([0.28, 0.28, *([0.11] * 4)], vertical_alignment="bottom"))
    name = FORM.pick(
        next(places), "task", list(TASKS), "delayed_recall",
        format_func=lambda task: name_of("task", task), on_change=task_form.anew, args=(FORM.key,),
    )  # fmt: skip
    if not hasattr(TASKS[name], "variants"):
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
    found = {
        "cell": cell,
        "hidden_size": FORM.whole(places[1], "units", 1, 256, 32),
        "num_layers": FORM.whole(places[2], "layers", 1, 4, 1),
    }
    starts = ["default", "forget_bias", "chrono"] if CELLS[cell].retention_gate else ["default"]
    choices.keep(FORM.key("start"), starts, starts[-1])
    found["initialization"] = start = places[3].segmented_control(
        say("train.start"), starts, key=FORM.key("start"), required=True, width="stretch",
        format_func=lambda name: say(f"train.start_{name}"), help=say("train.start_help"),
    )  # fmt: skip
    if start == "forget_bias":
        choices.keep(FORM.key("bias"), [float(k) for k in range(-3, 11)], 1.0)
        found["forget_bias"] = places[4].number_input(
            say("train.bias"),
            -3.0,
            10.0,
            key=FORM.key("bias"),
            step=1.0,
            help=say("train.bias_help"),
        )
    elif start == "chrono":
        found["chrono_max"] = places[4].number_input(
            say("train.chrono_max"), 3, 10_000, None, key=FORM.key("chrono_max"),
            placeholder=say("train.chrono_auto"), help=say("train.chrono_max_help"),
        )  # fmt: skip
    return found


def ask_training() -> dict[str, Any]:
    """Optimiser, rate, clipping, length and seed."""
    places = st.columns([0.13, 0.12, 0.1, 0.16, 0.17, 0.12, 0.2], vertical_alignment="bottom")
    found = {
        "optimizer": FORM.pick(
            places[0], "optimizer", ["adam", "sgd", "rmsprop"], "adam",
            format_func=lambda name: say(f"retention.optimizer_{name}"),
        ),
        "learning_rate": FORM.pick(
            places[1], "rate", RATES, 3e-3, format_func=lambda rate: f"{rate:g}"
        ),
        "batch_size": FORM.pick(places[2], "batch", BATCHES, 32),
        "max_grad_norm": FORM.pick(
            places[3], "clip_at", CLIPS, 1.0,
            format_func=lambda clip: f"{clip:g}" if clip else say("train.never"),
        ) or None,
        "max_steps": FORM.whole(places[4], "steps", 1, 20_000, 1000, 100),
        "seed": FORM.whole(places[5], "seed", 0, 9999, 0),
    }  # fmt: skip
    st.session_state.setdefault(FORM.key("stop_solved"), True)
    if places[6].toggle(
        say("train.stop_solved"), key=FORM.key("stop_solved"), help=say("train.stop_solved_help")
    ):
        found["stop_accuracy"] = AIM
    return found


def ask_more(layers: int) -> dict[str, Any]:
    """What is seldom changed."""
    with st.expander(say("train.more")):
        places = st.columns(3, vertical_alignment="bottom")
        found: dict[str, Any] = {
            "bidirectional": places[0].toggle(
                say("train.bidirectional"), key=FORM.key("bidirectional"),
                help=say("train.bidirectional_help"),
            ),
            "plateau_patience": FORM.pick(
                places[2], "patience", PATIENCES, 0,
                format_func=lambda count: say("train.evaluations", count=count) if count
                else say("train.never"),
            ) or None,
        }  # fmt: skip
        if layers > 1:
            st.session_state.setdefault(FORM.key("dropout"), 0.0)
            found["dropout"] = places[1].slider(
                say("train.dropout"), 0.0, 0.9, step=0.1, key=FORM.key("dropout"), format="percent",
                help=say("train.dropout_help"),
            )  # fmt: skip
    return found


def ask() -> None:
    """The settings of a network of one's own, and the button that trains it."""
    st.markdown(f"#### {say('train.setup')}")
    st.markdown(say("train.setup_how"))
    network = ask_task() | ask_network()
    asked = network | ask_training() | ask_more(network["num_layers"])
    job_form.offer(lambda: SingleRun(run=TrainConfig(**asked)), "train")


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is; it grows while it trains."""
    run, name = job_view.run_so_far(stand, experiment), run_key(experiment.run)
    if run is None:
        return
    finished = stand.state == "done"
    if finished:
        st.caption(f"**{score(run)}**")
        choices.open_on(say("train.open_on"), name, OPENS)
    training_progress.show(run, finished)
    if finished:
        blocks.show_files(Training(name))


FORM.keep()
st.markdown(f"### {say('train.title')}  \n{say('train.question')}")
job_view.visit(SingleRun, draw, "train")
ask()
choices.require_runs()
trained = [name for name, run in cached.library().runs.items() if run.history]
if not trained:
    st.stop()
name = trained[0]
prepared = cached.run_of(name)
st.divider()
st.caption(f"{say('train.prepared')}  \n{settings(prepared)}  \n**{score(prepared)}**")
training_progress.show(prepared, finished=True)
blocks.show_files(Training(name))
