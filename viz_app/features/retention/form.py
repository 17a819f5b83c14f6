"""The form for a retention experiment of one's own, alone or as a class."""

from typing import Any

import streamlit as st

from gatescope import TASKS
from gatescope.experiments import RetentionConfig, delay_option
from gatescope.experiments.retention import DEFAULT_VARIANTS
from viz_app.features.retention import classes
from viz_app.features.retention import data as retention
from viz_app.features.retention import words as retention_words
from viz_app.kit.page import job_form
from viz_app.text import name_of, say

DELAYS = [5, 10, 20, 50, 100, 200, 300, 500]
FIRST_DELAYS = [5, 10, 20, 50]
RATES = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
CLIPS = [0.0, 0.1, 0.5, 1.0, 5.0]


def ask() -> None:
    """The settings of an experiment, and the buttons that run it, alone or as a class."""
    with st.container(border=True):
        settings = _what() | _size() | _how()

        def experiment() -> RetentionConfig:
            return RetentionConfig.of(**settings)

        places = st.columns([0.14, 0.2, 0.66], vertical_alignment="center")
        alone = places[0].button(say("retention.start_button"), type="primary", width="stretch")
        together = places[1].button(say("retention.class_button"), width="stretch")
        places[2].caption(say("retention.class_how"))
        job_form.cost(experiment)
    if alone:
        job_form.begin(experiment, "retention")
    if together:
        classes.begin(experiment)


def _what() -> dict[str, Any]:
    first, second, third = st.columns([0.25, 0.45, 0.3])
    tasks = [task for task in TASKS if has_delay(task)]
    task = first.selectbox(
        say("retention.task"), tasks, index=tasks.index("delayed_recall"),
        format_func=lambda name: name_of("task", name), help=say("retention.task_help"),
    )  # fmt: skip
    variants = second.multiselect(
        say("retention.variants"), DEFAULT_VARIANTS, ["rnn", "lstm", "lstm:chrono"],
        format_func=retention.variant_name, help=say("retention.variants_help"),
    )  # fmt: skip
    delays = third.multiselect(
        say("retention.delays"), DELAYS, FIRST_DELAYS, help=say("retention.delays_help")
    )
    return {"task": task, "variants": tuple(variants), "delays": tuple(sorted(delays))}


def _size() -> dict[str, Any]:
    places = st.columns([0.14, 0.16, 0.26, 0.12, 0.16, 0.16])
    seeds = _whole(places[0], "seeds", 1, 20, retention_words.MOST.n)
    units = _whole(places[1], "units", 1, 256, 32)
    match = places[2].selectbox(
        say("retention.match"), ["units", "parameters"], help=say("retention.match_help"),
        format_func=lambda name: say(f"retention.match_{name}"),
    )  # fmt: skip
    layers = _whole(places[3], "layers", 1, 4, 1)
    bias = places[4].number_input(
        say("retention.forget_bias"), -3.0, 10.0, 1.0, step=1.0,
        help=say("retention.forget_bias_help"),
    )  # fmt: skip
    distractors = places[5].number_input(
        say("retention.distractors"), 0, 500, None, placeholder=say("tasks.every_step"),
        help=say("retention.distractors_help"),
    )  # fmt: skip
    return {
        "seeds": tuple(range(seeds)), "hidden_size": units, "match": match, "num_layers": layers,
        "forget_bias": bias,
        "task_options": {} if distractors is None else {"distractors": distractors},
    }  # fmt: skip


def _how() -> dict[str, Any]:
    places = st.columns(4)
    optimizer = places[0].selectbox(
        say("retention.optimizer"), ["adam", "sgd", "rmsprop"],
        format_func=lambda name: say(f"retention.optimizer_{name}"),
        help=say("retention.optimizer_help"),
    )  # fmt: skip
    rate = places[1].selectbox(
        say("retention.rate"), RATES, RATES.index(3e-3), help=say("retention.rate_help"),
        format_func=lambda value: f"{value:g}",
    )  # fmt: skip
    clip = places[2].selectbox(
        say("retention.clip_at"), CLIPS, CLIPS.index(1.0), help=say("retention.clip_at_help"),
        format_func=lambda clip: f"{clip:g}" if clip else say("retention.never"),
    )  # fmt: skip
    steps = _whole(places[3], "steps", 1, 20_000, 1000, 100)
    return {
        "optimizer": optimizer, "learning_rate": rate, "max_grad_norm": clip or None,
        "max_steps": steps,
    }  # fmt: skip


def _whole(place: Any, name: str, lowest: int, highest: int, usual: int, step: int = 1) -> int:
    found: int = place.number_input(
        say(f"retention.{name}"), lowest, highest, usual, step=step,
        help=say(f"retention.{name}_help"),
    )  # fmt: skip
    return found


def has_delay(task: str) -> bool:
    """Whether a task can be asked with different delays."""
    try:
        return bool(delay_option(task))
    except ValueError:
        return False
