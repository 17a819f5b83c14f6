"""What is said of a network's memory, for every kind of network."""

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatescope import Run, TrainConfig, train
from gatescope.experiments import run_key
from gatescope.experiments.memory import Curve, measure
from gatescope.jobs import JobQueue
from viz_app.features.memory import data as memory
from viz_app.features.memory import words as memory_words
from viz_app.kit.chart.window import WINDOWS, Look
from viz_app.kit.panels import panel_row
from viz_app.kit.words import two_digits

SMALL: dict[str, Any] = {"hidden_size": 4, "max_steps": 20, "evaluate_every": 10}
RECALL: dict[str, Any] = {"task": "delayed_recall", "task_options": {"delay": 5}}

CONFIGS: dict[str, TrainConfig] = {
    "plain RNN": TrainConfig(**RECALL, cell="rnn", **SMALL),
    "half trained": TrainConfig(**RECALL, cell="gru", **SMALL),
    "digits": TrainConfig(task="digits", **SMALL),
    "characters": TrainConfig(task="characters", task_options={"length": 16}, **SMALL),
    "series": TrainConfig(
        task="forecast", task_options={"series": "weather", "window": 5}, **SMALL
    ),
    "bidirectional": TrainConfig(**RECALL, bidirectional=True, **SMALL),
    "stacked": TrainConfig(**RECALL, cell="gru+lstm", **SMALL),
}


@cache
def trained(name: str) -> Run:
    """A run of a moment."""
    return train(CONFIGS[name])


def scaled(factor: float) -> Run:
    """One whose weights are multiplied: by much its gates saturate, by NaN it is lost."""
    run = trained("half trained")
    weights = {name: factor * weight for name, weight in run.checkpoints[run.steps[-1]].items()}
    return Run(run.config, run.history, {20: weights}, (), math.nan, math.nan, run.parameters, 1.0)


def untrained() -> Run:
    """Before its first training step."""
    run = trained("half trained")
    first = {0: run.checkpoints[0]}
    return Run(run.config, (), first, (), math.nan, math.nan, run.parameters, 0.0)


NETWORKS: dict[str, Callable[[], Run]] = {
    **{name: (lambda name=name: trained(name)) for name in CONFIGS},
    "untrained": untrained,
    "saturated": lambda: scaled(100.0),
    "without weights": lambda: scaled(0.0),
}


BAD = re.compile(
    r"None|[{}]|nan|inf\b|\d-\d|[1-9]\.\d{4,}|0\.0*[1-9]\d{3,}|−\d+%|\d+ %"
)  # fmt: skip


def holds(sentence: str) -> None:
    """No hole, no code, no long number, no negative share of a way."""
    assert sentence.endswith((".", "NaN"))
    assert not BAD.search(sentence), sentence


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_told_and_drawn(name: str) -> None:
    """Headline, sentences, half-lives and alternatives; no gate of a network without one."""
    run = NETWORKS[name]()
    found = {run.config.cell: measure(run)}
    told = memory_words.sentences(found)
    for sentence in (memory_words.headline(found), *told):
        holds(sentence)
    if name == "plain RNN":
        assert "gates" not in " ".join(told)
    assert not memory_words.half_lives(found).isin(["NaN"]).to_numpy().any()
    assert memory.has_weights(run)
    for window in ("phone", "laptop", "projector"):
        look = Look("light", WINDOWS[window])  # type: ignore[index]
        row = panel_row(
            memory.panels(found, log=False), look, ("memory.alt", "memory.alt_line"), two_digits
        )
        (spec,) = row.specs
        assert spec["height"] <= look.window.height
        assert spec["config"]["axis"]["labelFontSize"] == look.window.type_size
        holds(row.alternatives[0])


def test_what_somebody_brought_asks_for_nothing() -> None:
    """Its headline is a half-life, and nothing is said of answers."""
    curve = Curve([0.0, 1.0, 2.0], [1.0, 0.7, 0.2], [1.0] * 3, [1.0] * 3)
    found = {"gru": {"gates": curve, "gradient": curve, "jacobian": curve, "convergence": curve}}
    assert memory_words.headline(found) == "Half-life of gates: GRU 1.4 steps."
    told = " ".join(memory_words.sentences(found))
    assert "accuracy" not in told
    assert "probe" not in told


def test_weights_that_are_no_numbers_are_said(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Instead of a measurement that cannot be."""
    run = scaled(math.nan)
    assert not memory.has_weights(run)
    own_queue.store.put(run)
    app = open_app("memory", run=run_key(run.config))
    assert not app.exception
    assert "GRU: the weights are NaN" in " ".join(info.value for info in app.info)
    assert not app.get("vega_lite_chart")
