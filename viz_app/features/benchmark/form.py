"""The form for a comparison of one's own: task or data, networks, size, training, aim."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from gatescope import CELLS, DATA_TASKS, TASKS
from gatescope.experiments.comparison import ComparisonConfig
from gatescope.tasks.forecast import SHIPPED, TICKERS
from viz_app.features.benchmark.data import variant_name
from viz_app.kit.page import job_form, task_form
from viz_app.kit.page.fields import Fields
from viz_app.text import name_of, say

STARTS = ("forget_bias", "chrono")
MIXED = ("gru+lstm", "lstm+gru")
LONGEST = 500
FORM = Fields("benchform", "bench.", ComparisonConfig())


def ask() -> None:
    """The settings of a comparison, and the button that trains it."""
    FORM.keep()
    settings = _task() | _networks() | _training()
    job_form.offer(lambda: FORM.config(settings), "bench", part="bench")


def variants() -> list[str]:
    """Every network that can be chosen: cells, other starts of the usual ones, mixed layers."""
    started = [f"{cell}:{start}" for cell in ("lstm", "gru") for start in STARTS]
    return [*CELLS, *started, *MIXED]


def _task() -> dict[str, Any]:
    places = iter(st.columns([0.24, 0.28, *([0.12] * 4)], vertical_alignment="bottom"))
    task = FORM.pick(
        next(places), "task", [*TASKS, *DATA_TASKS], "digits",
        format_func=lambda name: name_of("task", name), on_change=_other_task,
    )  # fmt: skip
    if task in DATA_TASKS:
        return {"task": task, "task_options": _data_options(task, places)}
    if "variant" not in TASKS[task].options():
        next(places)
    return {
        "task": task,
        "task_options": task_form.options_of(task, FORM.key, places, longest=LONGEST),
    }


def _other_task() -> None:
    """Another task has other sizes, and another aim."""
    task_form.anew(FORM.key)
    for name in ("stretch", "aim"):
        st.session_state.pop(FORM.key(name), None)


def _data_options(task: str, places: Iterator[Any]) -> dict[str, Any]:
    """Options of real data."""
    if task == "characters":
        return {"length": FORM.whole(next(places), "stretch", 2, LONGEST, 50)}
    if task != "forecast":
        return {}
    series = FORM.pick(
        next(places), "series", list(SHIPPED), next(iter(SHIPPED)),
        format_func=lambda name: say(f"bench.series_{name}"),
    )  # fmt: skip
    found: dict[str, Any] = {"series": series}
    if series == "stocks":
        found["ticker"] = FORM.pick(next(places), "ticker", list(TICKERS), TICKERS[0])
    found["window"] = FORM.whole(next(places), "window", 1, LONGEST, 24)
    found["horizon"] = FORM.whole(next(places), "horizon", 1, 200, 1)
    return found


def _networks() -> dict[str, Any]:
    cells, *places = st.columns([0.3, 0.12, 0.28, 0.11, 0.19], vertical_alignment="bottom")
    return {
        "cells": FORM.several(cells, "cells", variants(), variant_name),
        **FORM.ask(places, "hidden_size", "match", "num_layers", "bidirectional"),
    }


def _training() -> dict[str, Any]:
    first, *places = st.columns(6, vertical_alignment="bottom")
    seeds = FORM.whole(first, "seeds", 1, 20, len(FORM.usual.seeds))
    asked = FORM.ask(places, "max_steps", "batch_size", "learning_rate")
    asked |= {
        "seeds": tuple(range(seeds)),
        "evaluate_every": max(1, min(50, asked["max_steps"] // 10)),
    }
    aim = places[3].number_input(
        min_value=0.01, max_value=1.0, value=None, step=0.05, placeholder=say("bench.aim_usual"),
        **FORM.label("aim"),
    )  # fmt: skip
    return asked if aim is None else asked | {"aim_of": "score", "aim": aim}
