"""A pair of one's own: what both networks learn, and the aid in which they differ."""

from typing import Any

import streamlit as st

from gatescope import TrainConfig
from gatescope.experiments import AidPair
from gatescope.experiments.aids import MOST_SEEDS, Aid
from gatescope.experiments.effects import SEEDS
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
RATES = [1e-3, 3e-3, 1e-2, 3e-2, 0.1]
STRENGTHS: dict[Aid, list[float]] = {
    "clipping": [0.1, 0.25, 0.5, 1.0, 2.0, 5.0],
    "l1": [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
    "l2": [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
    "dropout": [0.1, 0.2, 0.3, 0.5, 0.7],
    "recurrent_dropout": [0.1, 0.2, 0.3, 0.5, 0.7],
    "early_stopping": [2, 3, 5, 10],
    "plateau": [1, 2, 3, 5, 10],
    "plateau_floor": [1, 2, 3, 5, 10],
    "batch_size": [4, 8, 16, 32, 64, 128],
    "hidden_size": [2, 4, 8, 16, 32, 64],
}
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

MOST_STEPS, FEWEST_STEPS = 3000, 20
EVALUATIONS = 25
FORM = Fields("aids", lambda name: say(f"train.{name}"))
DATA_FORM = Fields("aids", lambda name, **told: say(f"aids.{name}", **told))


def ask(aid: Aid) -> None:
    """The settings of a pair, and the button that trains it."""
    base = _ask_network() | _ask_training()
    places = st.columns([0.2, 0.2, 0.2, 0.4], vertical_alignment="bottom")
    first, second = USUAL[aid]
    pair = first is not None
    if first is not None:
        base[aid] = int(_value(places[0], aid, "first_value", first, "values_help"))
    chosen = _value(
        places[1 if pair else 0], aid, "second_value" if pair else "strength", second,
        "values_help" if pair else "value_help",
    )  # fmt: skip
    seeds = DATA_FORM.whole(places[2 if pair else 1], "seeds", 1, MOST_SEEDS, SEEDS, least=SEEDS)
    if aid == "clipping":
        base["max_grad_norm"] = None

    def pair_asked() -> AidPair:
        return AidPair(aid=aid, strength=chosen, base=TrainConfig(**base), seeds=seeds)

    job_form.offer(pair_asked, "aids")


def _ask_network() -> dict[str, Any]:
    places = st.columns([0.3, 0.26, 0.16, 0.28], vertical_alignment="bottom")
    task = DATA_FORM.pick(
        places[0], "data", list(DATA), "forecast", format_func=lambda name: name_of("task", name)
    )
    cell = FORM.pick(
        places[1], "cell", list(CELLS), "lstm", format_func=lambda name: name_of("cell", name)
    )
    return {
        "task": task,
        **DATA[task],
        "cell": cell,
        "hidden_size": FORM.whole(places[2], "units", 1, 128, 32),
    }


def _ask_training() -> dict[str, Any]:
    places = st.columns([0.2, 0.16, 0.2, 0.16, 0.28], vertical_alignment="bottom")
    steps = FORM.whole(places[2], "steps", FEWEST_STEPS, MOST_STEPS, 400, 100)
    return {
        "learning_rate": FORM.pick(
            places[0], "rate", RATES, 1e-2, format_func=lambda rate: f"{rate:g}"
        ),
        "batch_size": FORM.pick(places[1], "batch", [8, 16, 32, 64], 32),
        "max_steps": steps,
        "evaluate_every": max(1, steps // EVALUATIONS),
        "seed": FORM.whole(places[3], "seed", 0, 9999, 0),
    }


def _value(place: Any, aid: Aid, name: str, usual: float, helps: str) -> float:
    """A value of the aid's setting."""
    kept = FORM.key(f"{aid}_{name}")
    choices.keep(kept, STRENGTHS[aid], usual)
    found: float = place.selectbox(
        say(f"aids.{name}"), STRENGTHS[aid], key=kept, help=say(f"aids.{helps}"),
        format_func=lambda value: strength(aid, value),
    )  # fmt: skip
    return found
