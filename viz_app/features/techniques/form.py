"""A pair of one's own: what both networks learn, and the aid in which they differ."""

from typing import Any

import streamlit as st

from gatescope import TrainConfig
from gatescope.experiments import AidPair
from gatescope.experiments.aids import FIELDS, MOST_SEEDS, Aid
from gatescope.experiments.effects import SEEDS
from gatescope.settings import settings_of
from viz_app.features.techniques.data import strength
from viz_app.kit.page import choices, job_form
from viz_app.kit.page.fields import Fields
from viz_app.text import name_of, say

DATA: dict[str, dict[str, Any]] = {
    "forecast": {"task_options": {"series": "weather", "window": 14, "horizon": 3}},
    "adding": {"task_options": {"length": 30}},
    "temporal_order": {"task_options": {"length": 30}},
    "delayed_recall": {"task_options": {"delay": 20, "symbols": 4}},
    "digits": {},
}
CELLS = ("lstm", "gru", "rnn", "rnn_relu")
USUAL: dict[Aid, tuple[float | None, float]] = {
    "clipping": (None, 1.0),
    "l1": (None, 1e-3),
    "l2": (None, 3e-3),
    "dropout": (None, 0.5),
    "recurrent_dropout": (None, 0.5),
    "early_stopping": (None, 5),
    "plateau": (None, 3),
    "plateau_floor": (None, 3),
    "batch_size": (4, 128),
    "hidden_size": (4, 64),
}
"""The first and the second value with which the form opens; of most aids the first is none."""

SIZES = [2, 4, 8, 16, 32, 64]
EVALUATIONS = 25
NETWORK = TrainConfig(task="forecast", hidden_size=32, learning_rate=1e-2, max_steps=400)
FORM, DATA_FORM = Fields("aids", "train.", NETWORK), Fields("aids", "aids.", NETWORK)


def ask(aid: Aid) -> None:
    """The settings of a pair, and the button that trains it."""
    task = DATA_FORM.pick(
        st, "data", list(DATA), "forecast", format_func=lambda name: name_of("task", name)
    )
    cell = FORM.pick(
        st, "cell", list(CELLS), "lstm", format_func=lambda name: name_of("cell", name)
    )
    names = ("hidden_size", "learning_rate", "batch_size", "max_steps", "seed")
    base: dict[str, Any] = {
        "task": task, **DATA[task], "cell": cell, **{name: FORM.setting(st, name) for name in names}
    }  # fmt: skip
    base["evaluate_every"] = max(1, base["max_steps"] // EVALUATIONS)
    first, second = USUAL[aid]
    pair = first is not None
    if first is not None:
        base[aid] = int(_value(st, aid, "first_value", first, "values_help"))
    chosen = _value(
        st, aid, "second_value" if pair else "strength", second,
        "values_help" if pair else "value_help",
    )  # fmt: skip
    seeds = DATA_FORM.whole(st, "seeds", 1, MOST_SEEDS, SEEDS, least=SEEDS)
    if aid == "clipping":
        base["max_grad_norm"] = None

    def pair_asked() -> AidPair:
        return AidPair(aid=aid, strength=chosen, base=FORM.config(base), seeds=seeds)

    job_form.offer(pair_asked, "aids")


def _value(place: Any, aid: Aid, name: str, usual: float | None, helps: str) -> float:
    """A value of the aid's setting, which is not left out."""
    kept, offer = FORM.key(f"{aid}_{name}"), settings_of(TrainConfig)[FIELDS[aid]].offer
    values = offer.values or [k / 10 for k in range(1, 10)]
    strengths = SIZES if aid == "hidden_size" else [value for value in values if value]
    choices.keep(kept, strengths, usual)
    found: float = place.selectbox(
        say(f"aids.{name}"), strengths, key=kept, help=say(f"aids.{helps}"),
        format_func=lambda value: strength(aid, value),
    )  # fmt: skip
    return found
