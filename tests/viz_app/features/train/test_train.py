"""The train page, its curves and its words, against runs whose history is known."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import altair as alt
import numpy as np
import pytest
import xarray as xr
from streamlit.testing.v1 import AppTest

from gatescope import Progress, Run, TrainConfig, train
from gatescope.experiments import run_key
from gatescope.jobs import JobQueue, SingleRun
from tests.viz_app.conftest import go
from viz_app.features.train import chart as train_chart
from viz_app.features.train import learning_curves
from viz_app.features.train import words as training_words
from viz_app.kit.chart.line_charts import figure
from viz_app.kit.page import job_form, player
from viz_app.kit.run_words import what
from viz_app.text import say

PAGE = "train"
CONFIG = TrainConfig(
    task="delayed_recall", task_options={"delay": 5}, cell="gru", hidden_size=4,
    max_steps=20, evaluate_every=10, stop_accuracy=0.97,
)  # fmt: skip
BASELINE = math.log(8)


@pytest.fixture(scope="module")
def run() -> Run:
    """A run of a moment."""
    return train(CONFIG)


def told(run: Run, *rows: tuple[int, float, float, float], **config: Any) -> Run:
    """The same run with a history of (step, loss, accuracy, gradient norm)."""
    history = tuple(
        Progress(step, 1000, loss, loss, accuracy, 0.003, norm, 0.1 * step)
        for step, loss, accuracy, norm in rows
    )
    return replace(run, history=history, config=CONFIG.model_copy(update=config))


def test_the_curves_are_the_history(run: Run) -> None:
    """Every panel draws its column; its thin line is what remembering nothing scores."""
    loss, score, norm = learning_curves.panels(run)
    rows = run.history
    assert loss.lines[0].value.tolist() == [row.loss for row in rows]
    assert loss.lines[1].value[1:].tolist() == [row.train_loss for row in rows[1:]]
    assert score.lines[0].value.tolist() == [row.accuracy for row in rows]
    assert norm.lines[0].value[1:].tolist() == [row.gradient_norm for row in rows[1:]]
    assert loss.lines[0].x.tolist() == [0, 10, 20]
    assert loss.levels[0].height == pytest.approx(BASELINE)
    assert (score.levels[0].height, norm.levels[0].height) == (1 / 8, 1.0)


def test_the_chart_is_valid_and_draws_what_it_says(run: Run) -> None:
    """Altair's own schema; powers of ten around the values; nothing that a log axis cannot show."""
    found = figure([learning_curves.panels(run)], "light", 290).to_dict()
    assert alt.Chart.from_dict(found)
    loss, _, norm = found["hconcat"]
    domains = [
        layer["encoding"]["y"]["scale"]["domain"]
        for panel in (loss, norm)
        for layer in panel["layer"]
        if "scale" in layer["encoding"].get("y", {})
    ]
    values = [row.loss for row in run.history] + [BASELINE]
    assert domains[0][0] <= min(values) <= max(values) <= domains[0][1]
    assert all(math.log10(end).is_integer() for domain in domains for end in domain)
    blown = told(run, (0, 2.0, 0.1, math.nan), (10, math.inf, 0.1, math.inf))
    rows = figure([learning_curves.panels(blown)], "light", 290).to_dict()["datasets"].values()
    assert all(math.isfinite(row["value"]) for data in rows for row in data if "value" in row)
    only = told(run, (0, 2.0, 0.1, math.nan))
    assert alt.Chart.from_dict(figure([learning_curves.panels(only)], "light", 290).to_dict())


@pytest.mark.parametrize(
    ("rows", "config", "expected"),
    [
        ([(0, 2.08, 0.1, math.nan)], {}, ["Before training the validation loss is 2.08"]),
        (
            [(0, 2.1, 0.1, math.nan), (50, 1.5, 0.3, 2.0)],
            {},
            ["1.50, better than the no-memory baseline (2.08)", "acted at 1 of 1 evaluation,",
             "above 1;", "largest was 2.00"],
        ),
        (
            [(0, 2.1, 0.1, math.nan), (50, 1.0, 0.98, 0.5), (100, 0.1, 0.99, 0.25)],
            {},
            ["At training step 50 the loss fell", "step 100 the accuracy was at least 97%",
             "Clipping never acted: the largest gradient norm was 0.50"],
        ),
        (
            [(0, 2.1, 0.1, math.nan), (50, math.nan, 0.1, math.inf)],
            {},
            ["At training step 50 the loss became NaN"],
        ),
        (
            [(0, 2.1, 0.1, math.nan), (50, 2.0, 0.1, 7.0)],
            {"max_grad_norm": None, "stop_accuracy": None},
            ["hardly better than the no-memory", "not clipped; the largest gradient norm was 7.00"],
        ),
        (
            [(0, 2.2, 0.1, math.nan), (50, 2.1, 0.1, 0.5)],
            {},
            ["loss 2.10, no better than the no-memory baseline (2.08)"],
        ),
        (
            [(0, 2.2, 0.1, math.nan), (50, 2.079, 0.1, 0.5)],
            {},
            ["loss 2.08, no better than the no-memory baseline (2.08)"],
        ),
    ],
)  # fmt: skip
def test_the_words_are_the_numbers(
    run: Run, rows: list[Any], config: dict[str, Any], expected: list[str]
) -> None:
    """Baseline, success, clipping, and a run that blew up."""
    changed = told(run, *rows, **config)
    text = " ".join(
        [training_words.headline(changed, None, False), *training_words.sentences(changed)]
    )
    for part in expected:
        assert part in text


@pytest.mark.parametrize(
    ("at", "off", "direction", "finished", "expected"),
    [
        (0.52, 0.5, 1, False, "No unit's input gate responds to the marks yet."),
        (0.52, 0.5, 1, True, "No unit's input gate responds to the marks."),
        (
            0.7,
            0.5,
            1,
            False,
            "Unit 1 begins to open its input gate at the marks: 0.70 there on average, 0.50",
        ),
        (
            0.95,
            0.05,
            1,
            True,
            "Unit 1 opens its input gate at the marks: 0.95 there on average, 0.05",
        ),
        (
            0.1,
            0.9,
            -1,
            True,
            "Unit 1 lowers its input gate at the marks: 0.10 there on average, 0.90",
        ),
    ],
)
def test_the_headline_says_which_gate_opens_where(
    run: Run, at: float, off: float, direction: int, finished: bool, expected: str
) -> None:
    """The unit whose gate moves most at the marks, and how far."""
    values = np.full((10, 2), off)
    values[[2, 7], 1] = at
    one = xr.Dataset({"input_gate": (("time", "unit"), values)}, coords={"unit": [0, 1]})
    marks = ((2, "a"), (7, "b"))
    found = training_words.opening(one, marks, "input_gate", direction)
    learned = told(run, (0, 2.1, 0.1, math.nan), (50, 1.5, 0.3, 0.5))
    assert training_words.headline(learned, found, finished).endswith(
        expected if expected.endswith(".") else f"{expected} elsewhere."
    )
    assert training_words.opening(one, (), "input_gate", direction) is None
    assert training_words.opening(one, marks, "input_gate", 0) is None


def test_what_is_trained_is_said_in_full() -> None:
    """Every setting that is not as usual."""
    config = CONFIG.model_copy(
        update={
            "num_layers": 2,
            "dropout": 0.5,
            "bidirectional": True,
            "max_grad_norm": None,
            "seed": 7,
        }
    )
    text = what(config)
    parts = (
        "bidirectional GRU, 2 layers, 4 units per direction",
        "dropout 50%",
        "not clipped",
        "seed 7",
    )
    assert all(part in text for part in parts)


def wait(ready: Callable[[], bool]) -> None:
    """Wait for a worker."""
    end = time.monotonic() + 90
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.1)


def spec_titles(app: AppTest) -> list[str]:
    """The titles of all charts on a page."""
    specs = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    return [spec["title"] for spec in specs if isinstance(spec.get("title"), str)]


def test_it_opens_on_a_prepared_run(open_app: Callable[..., AppTest]) -> None:
    """With its picture; nothing has to be chosen first."""
    app = open_app(PAGE)
    assert not app.exception
    assert spec_titles(app) == ["Loss (mean squared error)", "Answers to 32 test examples"]
    assert len(app.get("vega_lite_chart")) == 3
    app.session_state["tab_train"] = "Curves"
    app.run()
    assert spec_titles(app) == [
        "Loss (mean squared error)", "Accuracy", "Gradient norm, all weights"
    ]  # fmt: skip


def ask_for_one(app: AppTest) -> None:
    """Fill in the form, and press Train."""
    app.selectbox(key="train_task").set_value("delayed_recall").run()
    app.selectbox(key="train_cell").set_value("gru").run()
    app.number_input(key="train_delay").set_value(5)
    app.number_input(key="train_units").set_value(4)
    app.number_input(key="train_steps").set_value(60).run()
    (button,) = (b for b in app.button if b.label == "Train")
    button.click().run()


def test_a_network_of_ones_own_from_the_form_to_the_other_pages(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Asked for, trained in another process, kept, and opened on the gates page."""
    app = open_app(PAGE)
    ask_for_one(app)
    assert not app.exception
    (job,) = (stand.key for stand in own_queue.jobs())
    assert app.query_params["job"] == job
    assert not any("was trained here before" in told.value for told in app.markdown)
    config = own_queue.experiment(job, SingleRun).run
    assert (config.cell, config.hidden_size, config.task_options) == (
        "gru", 4, {"delay": 5, "symbols": 8}
    )  # fmt: skip
    assert (config.initialization, config.max_steps, config.max_grad_norm) == (
        "forget_bias",
        60,
        1.0,
    )
    wait(lambda: own_queue.status(job).state == "done")
    app = open_app(PAGE, job=job)
    assert len(app.get("vega_lite_chart")) == 3
    expected = train(config)
    assert any(f"{expected.test_accuracy:.0%}" in told.value for told in app.markdown)
    (button,) = (b for b in app.button if b.label == "Play again")
    button.click().run()
    assert not app.exception
    assert app.session_state[player.PLAYS] == ("train", "training", 0)
    assert len(app.get("vega_lite_chart")) == 3
    (button,) = (b for b in app.button if b.label == "Gates")
    button.click().run()
    assert app.session_state["run"] == run_key(config)
    go(go(app, "gates"), PAGE)
    assert app.query_params["job"] == job
    (button,) = (b for b in app.button if b.label == "Another network")
    button.click().run()
    assert "job" not in app.query_params
    go(go(app, "gates"), PAGE)
    assert "job" not in app.query_params
    assert player.PLAYS not in app.session_state
    ask_for_one(app)
    assert app.query_params["job"] == job
    assert any("was trained here before" in told.value for told in app.markdown)
    assert app.session_state[player.PLAYS] == ("train", "training", 0)
    (button,) = (b for b in app.button if b.label == say("play.end"))
    button.click().run()
    assert player.PLAYS not in app.session_state
    app = open_app("gates", run=run_key(config))
    assert not app.exception
    assert any("GRU, 4 units" in caption.value for caption in app.caption)
    for page in ("gradient_flow", "memory"):
        other = open_app(page, run=run_key(config))
        assert not other.exception
        assert other.session_state["run"] == run_key(config)


def test_a_run_in_training_is_seen_and_stopped(
    open_app: Callable[..., AppTest], own_queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pictures are there before it is done; stopping leaves them there."""
    endless = CONFIG.model_copy(update={"max_steps": 10_000_000, "stop_accuracy": None})
    monkeypatch.setattr(job_form, "browser", lambda: "mine")
    job = own_queue.submit(SingleRun(run=endless), "mine")
    wait(lambda: any(run.steps[0] for run in own_queue.training(job)))
    app = open_app(PAGE, job=job)
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 3
    (button,) = (b for b in app.button if b.label == "Stop")
    button.click().run()
    assert own_queue.status(job).state == "stopped"
    app = open_app(PAGE, job=job)
    assert len(app.get("vega_lite_chart")) == 3
    assert [b.label for b in app.button if b.label == "Go on"] == ["Go on"]


def test_a_class_that_looks_at_one_run_reads_it_once(
    open_app: Callable[..., AppTest], own_queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one has been shown is served to all others, read and drawn once."""
    endless = CONFIG.model_copy(update={"max_steps": 10_000_000, "stop_accuracy": None, "seed": 1})
    job = own_queue.submit(SingleRun(run=endless), "mine")
    wait(lambda: any(run.steps[0] for run in own_queue.training(job)))
    own_queue.stop(job)
    read, drawn = [], []
    live, spec = own_queue.store.live, train_chart.loss_spec
    monkeypatch.setattr(own_queue.store, "live", lambda *a: read.append(1) or live(*a))
    monkeypatch.setattr(train_chart, "loss_spec", lambda *a: drawn.append(1) or spec(*a))
    for _ in range(4):
        app = open_app(PAGE, job=job)
        assert len(app.get("vega_lite_chart")) == 3
    assert (len(read), len(drawn)) == (1, 1)


@pytest.mark.parametrize("job", ["nothing", "../x"])
def test_a_wrong_address_is_one_sentence(
    open_app: Callable[..., AppTest], own_queue: JobQueue, job: str
) -> None:
    """No traceback."""
    app = open_app(PAGE, job=job)
    assert not app.exception
    (error,) = app.error
    assert "There is no job" in error.value


def test_a_run_that_is_not_there_is_passed_over(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """An old address of the gates page opens on a prepared run."""
    app = open_app("gates", run="0123456789abcdef")
    assert not app.exception
    assert app.session_state["run"] != "0123456789abcdef"
