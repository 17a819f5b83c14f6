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

RATES = [3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 3e-2]
BATCHES = [16, 32, 64, 128]
STARTS = ("forget_bias", "chrono")
MIXED = ("gru+lstm", "lstm+gru")
LONGEST = 500
FORM = Fields("benchform", lambda name: say(f"bench.{name}"))


def ask() -> None:
    """The settings of a comparison, and the button that trains it."""
    FORM.keep()
    settings = _task() | _networks() | _training()
    job_form.offer(lambda: ComparisonConfig.of(**settings), "bench", part="bench")


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
    if not hasattr(TASKS[task], "variants"):
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
    places = st.columns([0.39, 0.11, 0.2, 0.1, 0.2], vertical_alignment="bottom")
    st.session_state.setdefault(FORM.key("cells"), ["rnn", "lstm", "gru"])
    cells = places[0].multiselect(
        say("bench.cells"), variants(), key=FORM.key("cells"), format_func=variant_name,
        help=say("bench.cells_help"),
    )  # fmt: skip
    units = FORM.whole(places[1], "units", 1, 256, 32)
    match = FORM.pick(
        places[2], "match", ["parameters", "units", "both"], "parameters",
        format_func=lambda name: say(f"bench.match_{name}"),
    )  # fmt: skip
    layers = FORM.whole(places[3], "layers_asked", 1, 4, 1)
    st.session_state.setdefault(FORM.key("both"), False)
    both = places[4].toggle(
        say("bench.both_asked"), key=FORM.key("both"), help=say("bench.both_asked_help")
    )
    return {
        "cells": tuple(cells), "hidden_size": units, "match": match, "num_layers": layers,
        "bidirectional": both,
    }  # fmt: skip


def _training() -> dict[str, Any]:
    places = st.columns(6, vertical_alignment="bottom")
    seeds = FORM.whole(places[0], "seeds", 1, 20, 5)
    steps = FORM.whole(places[1], "steps", 1, 20_000, 1500, 100)
    found = {
        "seeds": tuple(range(seeds)),
        "max_steps": steps,
        "batch_size": FORM.pick(places[2], "batch", BATCHES, 64),
        "learning_rate": FORM.pick(
            places[3], "rate", RATES, 5e-3, format_func=lambda rate: f"{rate:g}"
        ),
        "evaluate_every": max(1, min(50, steps // 10)),
    }
    st.session_state.setdefault(FORM.key("aim"), None)
    aim = places[4].number_input(
        say("bench.aim"), 0.01, 1.0, key=FORM.key("aim"), step=0.05, help=say("bench.aim_help"),
        placeholder=say("bench.aim_usual"),
    )  # fmt: skip
    return found if aim is None else found | {"aim_of": "score", "aim": aim}
