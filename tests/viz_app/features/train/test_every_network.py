"""The picture of a network that learns, and what is said of it, for every kind of network."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pyarrow as pa
import pytest
import torch

from gatescope import Progress, Run, TrainConfig, train
from viz_app.features.train import chart as train_chart
from viz_app.features.train import replay, training_progress
from viz_app.features.train import words as training_words
from viz_app.kit.chart.window import WINDOWS, Look
from viz_app.kit.library import Library
from viz_app.kit.page import job_view
from viz_app.kit.page import served as cached
from viz_app.kit.recordings import Recordings
from viz_app.kit.sharing import Store

SMALL: dict[str, Any] = {"hidden_size": 4, "max_steps": 20, "evaluate_every": 10}
RECALL: dict[str, Any] = {"task": "delayed_recall", "task_options": {"delay": 5}}

CONFIGS: dict[str, TrainConfig] = {
    "plain RNN": TrainConfig(**RECALL, cell="rnn", **SMALL),
    "half trained": TrainConfig(**RECALL, cell="gru", **SMALL),
    "one unit": TrainConfig(
        task="adding", task_options={"length": 10}, **SMALL | {"hidden_size": 1}
    ),
    "three units": TrainConfig(
        task="adding", task_options={"length": 10}, **SMALL | {"hidden_size": 3}
    ),
    "digits": TrainConfig(task="digits", **SMALL),
    "characters": TrainConfig(task="characters", task_options={"length": 16}, **SMALL),
    "words": TrainConfig(task="reviews", **SMALL),
    "series": TrainConfig(
        task="forecast", task_options={"series": "weather", "window": 5}, **SMALL
    ),
    "bidirectional": TrainConfig(**RECALL, bidirectional=True, **SMALL),
    "stacked": TrainConfig(**RECALL, cell="gru+lstm", **SMALL),
    "relu": TrainConfig(**RECALL, cell="rnn_relu", **SMALL),
}


@cache
def trained(name: str) -> Run:
    """A run of a moment."""
    return train(CONFIGS[name])


def saturated() -> Run:
    """One whose gates are all wide open or shut."""
    run = trained("half trained")
    weights = {name: 100 * weight for name, weight in run.checkpoints[run.steps[-1]].items()}
    return Run(run.config, run.history, {20: weights}, (), math.nan, math.nan, run.parameters, 1.0)


def blown_up() -> Run:
    """One whose weights are NaN."""
    run = trained("half trained")
    weights = {
        name: torch.full_like(weight, math.nan)
        for name, weight in run.checkpoints[run.steps[-1]].items()
    }
    rows = (*run.history[:-1], replace(run.history[-1], loss=math.nan, gradient_norm=math.inf))
    return Run(run.config, rows, {20: weights}, (), math.nan, math.nan, run.parameters, 1.0)


def alone() -> Run:
    """One whose history is a single evaluation."""
    run = trained("half trained")
    return replace(run, history=run.history[:1], checkpoints={0: run.checkpoints[0]})


NETWORKS: dict[str, Callable[[], Run]] = {
    **{name: (lambda name=name: trained(name)) for name in CONFIGS},
    "untrained": lambda: job_view.untrained(CONFIGS["half trained"]),
    "saturated": saturated,
    "NaN loss": blown_up,
    "one evaluation": alone,
}


@pytest.mark.parametrize("window", ["laptop", "phone", "projector"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_drawn_and_told(name: str, window: str) -> None:
    """Charts that Altair takes, type of the window's size, and sentences without holes."""
    run, look = NETWORKS[name](), Look("light", WINDOWS[window])  # type: ignore[index]
    training_progress.moment.clear()
    for finished in (False, True):
        now = training_progress.moment(name, run.steps[-1], finished, look, run)
        for spec in (now.loss, now.answers):
            if spec is not None:
                drawn = {key: part for key, part in spec.items() if key != "datasets"}
                alt.Chart.from_dict(json.loads(json.dumps(drawn)))
                assert spec["config"]["axis"]["labelFontSize"] == WINDOWS[window].type_size  # type: ignore[index]
        assert now.gates["vconcat"]
        said = [now.headline, *now.told, now.loss_alt, now.answers_alt, now.gates_alt]
        for sentence in said:
            assert "None" not in sentence
            assert not re.search(r"[{}]|\d-\d|\d\.\d{5,}", sentence), sentence
        assert now.headline.endswith(".")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_headline_is_true_of_every_network(name: str) -> None:
    """The loss is that of the last evaluation; no gate is named where there is none."""
    run = NETWORKS[name]()
    training_progress.moment.clear()
    now = training_progress.moment(name, run.steps[-1], True, Look("light", WINDOWS["laptop"]), run)
    if not run.history:
        assert "Nothing has been learned yet" in now.headline
        return
    loss = run.history[-1].loss
    baseline = run.task.held_out("validation").baseline_loss
    if not math.isfinite(loss):
        assert "the loss became NaN" in now.headline
        return
    assert training_words.digits(loss) in now.headline
    if run.history[-1].step:
        assert bool(re.search("no better|hardly better", now.headline)) == (loss / baseline > 0.9)
        assert loss >= baseline or "no better" not in now.headline
    marked = bool(run.probe().marks[0])
    gates = not any(cell.startswith("rnn") for cell in run.config.layers)
    if "gate" in now.headline and run.history[-1].step:
        assert gates
        assert marked


def table(spec: dict[str, Any], name: str) -> pd.DataFrame:
    """A table of a finished chart."""
    return pa.ipc.open_stream(spec["datasets"][name]).read_pandas()


@pytest.mark.parametrize("window", ["laptop", "phone"])
@pytest.mark.parametrize("name", CONFIGS)
def test_every_network_plays_again(name: str, window: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loss, answers and gates of every checkpoint; an evaluation is seen from the next one on."""
    run, empty = trained(name), Library({}, {})
    monkeypatch.setattr(cached, "recordings", Recordings(lambda _: run, lambda: empty, Store()))
    look = Look("light", WINDOWS[window])  # type: ignore[index]
    now = replay.played(name, run, look, 1, run.config.hidden_size - 1)
    assert table(now.gates, "view")["unit"].tolist() == [run.config.hidden_size - 1]
    for spec in (now.loss, now.answers, now.gates):
        if spec is not None:
            frame = spec["config"]["signals"][0]
            assert (frame["name"], frame["value"]) == ("frame", 1)
    loss = table(now.loss, train_chart.LOSS)
    seen = [run.steps[number] for number in loss["frame"]]
    assert all(step <= at for step, at in zip(loss["step"], seen, strict=True))
    assert set(loss) == {"step", "loss", "frame"}
    if now.answers is not None:
        answers = table(now.answers, train_chart.ANSWERS)
        assert set(answers["frame"]) == set(range(len(run.steps)))
    frames = [table(now.gates, each) for each in now.gates["datasets"]]
    assert any(set(each.get("frame", ())) == set(range(len(run.steps))) for each in frames)


@pytest.mark.parametrize("name", ["half trained", "one unit", "digits"])
def test_the_browser_keeps_its_charts_while_a_network_learns(name: str) -> None:
    """From one evaluation to the next only rows change: neither axes nor what is said of them."""
    run, look = replace(trained(name), test_loss=math.nan), Look("light", WINDOWS["laptop"])
    (before, after) = (
        training_progress.drawn(replay.until(run, step), False, look) for step in (10, 20)
    )
    for old, new in ((before.loss, after.loss), (before.answers, after.answers)):
        assert old is not None
        assert new is not None
        assert old["datasets"] != new["datasets"]
        assert old | {"datasets": None} == new | {"datasets": None}
    assert (before.loss_alt, before.answers_alt) == (after.loss_alt, after.answers_alt)
    assert before.gates_alt == after.gates_alt


@pytest.mark.parametrize("finished", [False, True])
def test_the_framed_unit_is_the_one_that_the_headline_names(finished: bool) -> None:
    """Unit 2 alone has an input gate that opens at the marks; untrained, none is named."""
    run = trained("three units")
    weights = dict(run.checkpoints[run.steps[-1]])
    name = next(name for name in weights if name.endswith("weight_ih_l0"))
    weights[name] = torch.zeros_like(weights[name])
    weights[name][2, 1] = 8.0  # the marks' channel
    learned = Run(run.config, run.history, {20: weights}, (), math.nan, math.nan, 1, 1.0)
    now = training_progress.drawn(learned, finished, Look("light", WINDOWS["laptop"]))
    assert "Unit 2 opens its input gate" in now.headline
    assert now.gates["datasets"]["view"][0]["unit"] == now.unit == 2
    start = training_progress.drawn(alone(), False, Look("light", WINDOWS["laptop"]))
    assert start.gates["datasets"]["view"][0]["unit"] == start.unit == 0


def test_a_run_as_it_stood() -> None:
    """Its history and checkpoints up to then, and nothing measured anew."""
    run = trained("half trained")
    early = replay.until(run, 0)
    assert early.steps == [0]
    assert [row.step for row in early.history] == [0]
    assert replay.until(run, run.steps[-1]).history == run.history


def test_gradients_that_are_no_numbers_are_left_out_of_the_largest() -> None:
    """Before the first update there is none; an infinite one is said."""
    run = trained("half trained")
    rows = [Progress(step, 20, 1.0, 1.0, 0.5, 0.1, norm, 1.0) for step, norm in ((0, math.nan),)]
    assert training_words.sentences(replace(run, history=tuple(rows))) == []
    lost = replace(rows[0], step=10, gradient_norm=math.inf)
    (told,) = training_words.sentences(replace(run, history=(*rows, lost)))
    assert "the largest was ∞" in told
