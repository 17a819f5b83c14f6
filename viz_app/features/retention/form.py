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
from viz_app.kit.page.fields import Fields
from viz_app.text import name_of, say

DELAYS = [5, 10, 20, 50, 100, 200, 300, 500]
FORM = Fields(
    "retention", "retention.",
    RetentionConfig.of(
        variants=("rnn", "lstm", "lstm:chrono"), delays=(5, 10, 20, 50), max_steps=1000
    ),
)  # fmt: skip


def ask() -> None:
    """The settings of an experiment, and the buttons that run it, alone or as a class."""
    FORM.keep()
    with st.container(border=True):
        settings = _what() | _size() | _how()

        def experiment() -> RetentionConfig:
            return FORM.config(settings)

        places = st.columns([0.14, 0.2, 0.66], vertical_alignment="center")
        alone = places[0].button(say("retention.start_button"), type="primary", width="stretch")
        together = places[1].button(say("retention.class_button"), width="stretch")
        places[2].caption(say("retention.class_how"))
        job_form.cost(experiment)
        classes.cost(experiment)
    if alone:
        job_form.begin(experiment, "retention")
    if together:
        classes.begin(experiment)


def _what() -> dict[str, Any]:
    first, second, third = st.columns([0.25, 0.45, 0.3])
    task = FORM.pick(
        first, "task", [task for task in TASKS if has_delay(task)], FORM.opens_with("task"),
        format_func=lambda name: name_of("task", name),
    )  # fmt: skip
    variants = FORM.several(second, "variants", DEFAULT_VARIANTS, retention.variant_name)
    return {
        "task": task, "variants": variants,
        "delays": tuple(sorted(FORM.several(third, "delays", DELAYS))),
    }  # fmt: skip


def _size() -> dict[str, Any]:
    first, *places, last = st.columns([0.14, 0.16, 0.26, 0.12, 0.16, 0.16])
    seeds = FORM.whole(first, "seeds", 1, 20, retention_words.MOST.n)
    distractors = last.number_input(
        min_value=0, max_value=500, value=None, placeholder=say("tasks.every_step"),
        **FORM.label("distractors"),
    )  # fmt: skip
    return {
        "seeds": tuple(range(seeds)),
        "task_options": {} if distractors is None else {"distractors": distractors},
        **FORM.ask(places, "hidden_size", "match", "num_layers", "forget_bias"),
    }


def _how() -> dict[str, Any]:
    return FORM.ask(st.columns(4), "optimizer", "learning_rate", "max_grad_norm", "max_steps")


def has_delay(task: str) -> bool:
    """Whether a task can be asked with different delays."""
    try:
        return bool(delay_option(task))
    except ValueError:
        return False
