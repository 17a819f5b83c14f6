"""The memory page: its curves are the networks' own, its words are the curves'."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gatescope import TrainConfig, make_task, train
from gatescope.experiments import run_key
from gatescope.experiments.memory import MEASURES, Curve, fingerprint, measure
from gatescope.jobs import JobError, JobQueue
from viz_app.features import Memory
from viz_app.features.memory import words as memory_words
from viz_app.kit import export, memory_shipped
from viz_app.kit.library import Library
from viz_app.kit.memory_shipped import shipped
from viz_app.kit.page import blocks
from viz_app.text import say

PAGE = "memory"
ROOT = Path(__file__).parents[4]
CELLS = ["RNN", "LSTM", "GRU"]
NAMES = [
    "1 gates", "2 gradient", "3 Jacobian", "4 probe", "5 behaviour", "6 convergence",
]  # fmt: skip


def drawn(app: AppTest, panel: int, column: str = "spread") -> pd.DataFrame:
    """The rows of one panel: those with such a column."""
    assert not app.exception, [error.value for error in app.exception]
    tables: list[pd.DataFrame] = [
        pa.ipc.open_stream(data.data.data).read_pandas()
        for data in app.get("vega_lite_chart")[panel].proto.datasets
    ]
    (rows,) = (table for table in tables if column in table)
    return rows


def line(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """One measure, by lag."""
    return rows[rows["line"] == name].set_index("x")


@pytest.fixture(scope="module")
def page(open_app: Callable[..., AppTest]) -> AppTest:
    """The page on the adding problem."""
    return open_app(PAGE, run="adding-lstm")


def test_three_networks_and_six_measures(page: AppTest) -> None:
    """RNN, LSTM, GRU beside one another; the RNN has no gates."""
    specs = [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]
    assert [spec["title"] for spec in specs] == CELLS
    for number, names in enumerate((NAMES[1:], NAMES, NAMES)):
        rows = drawn(page, number)
        assert list(dict.fromkeys(rows["line"])) == names
        # each line carries its own number once
        numbers = drawn(page, number, "text")
        assert sorted(numbers["text"]) == [name[0] for name in names]
        assert (numbers["line"].str[0] == numbers["text"]).all()
        kept = line(rows, "2 gradient")["value"]
        assert kept.loc[0] == 1
        assert rows["drawn"].between(0, 1.06).all()
    legend = " ".join(part.proto.body for part in page.get("html"))
    assert all(name in legend for name in NAMES)


def test_the_gates_curve_is_the_product_in_the_best_unit(page: AppTest, library: Library) -> None:
    """From torch's own LSTM, stepped by hand: no code of ours but the run's weights."""
    run = library.runs["adding-lstm"]
    layer, inputs = run.model().recurrent, run.probe().inputs
    assert isinstance(layer, nn.LSTM)
    hidden = cell = torch.zeros(inputs.shape[1], 16)
    gates = []
    with torch.no_grad():
        for x in inputs:
            a = x @ layer.weight_ih_l0.T + hidden @ layer.weight_hh_l0.T
            i, f, g, o = (a + layer.bias_ih_l0 + layer.bias_hh_l0).chunk(4, -1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
            gates.append(f.sigmoid().double().numpy())
    found = line(drawn(page, 1), "1 gates")["value"]
    for lag in (0, 1, 10, 49):
        product = np.prod(gates[len(gates) - lag :], axis=0) if lag else np.ones((32, 16))
        assert found.loc[lag] == pytest.approx(np.median(product.max(axis=1)), rel=1e-4)


@pytest.mark.parametrize(
    ("panel", "name"), [(0, "adding-rnn"), (1, "adding-lstm"), (2, "adding-gru")]
)
def test_gradient_and_jacobian_by_autograd(
    page: AppTest, library: Library, panel: int, name: str
) -> None:
    """The network is cut k steps before the end; autograd goes from the end to the cut."""
    lag = 6
    run = library.runs[name]
    model, probe = run.model().double(), run.probe()
    layer, inputs = model.recurrent, probe.inputs.double()
    assert isinstance(layer, nn.RNNBase)
    lstm = isinstance(layer, nn.LSTM)
    largest, ratios = [], []
    for example in range(32):
        x = inputs[:, example : example + 1]
        before = layer(x[:-lag])[1]
        state = torch.cat(before, -1) if lstm else before

        def end(state: torch.Tensor, x: torch.Tensor = x) -> torch.Tensor:
            given = tuple(p.contiguous() for p in state.chunk(2, -1)) if lstm else state
            after = layer(x[-lag:], given)[1]
            return (torch.cat(after, -1) if lstm else after).flatten()

        if example < 8:
            product = torch.autograd.functional.jacobian(end, state.detach())
            largest.append(torch.linalg.svdvals(product.reshape(-1, state.numel()))[0].item())
        if not lstm:  # h alone is handed on: its total gradient is the one at the cut
            target = probe.targets[-1, example].double()
            leaf = state.detach().requires_grad_()
            last = layer(x[-lag:], leaf)[1].flatten()
            loss = (model.readout(last) - target).square().sum()
            at_end, at_cut = torch.autograd.grad(loss, [last, leaf])
            ratios.append((at_cut.norm() / at_end.norm()).item())
    rows = drawn(page, panel)
    assert line(rows, "3 Jacobian")["value"].loc[lag] == pytest.approx(np.median(largest), rel=1e-3)
    if ratios:
        found = line(rows, "2 gradient")["value"].loc[lag]
        assert found == pytest.approx(np.median(ratios), rel=1e-3)


def test_behaviour_is_the_accuracy_at_other_lengths(page: AppTest, library: Library) -> None:
    """The GRU knows its own length and no other: asked again on other examples."""
    model = library.runs["adding-gru"].model()
    curve = line(drawn(page, 2), "5 behaviour")["value"]
    right = {}
    for length in (10, 50):
        task = make_task("adding", length=length)
        batch = task.sample(2000, seed=99)
        with torch.no_grad():
            error = (model(batch.inputs)[-1] - batch.targets[-1]).abs()
        right[length] = float((error < 0.04).double().mean())
    guess = 1 - 0.96**2
    expected = {length: (share - guess) / (1 - guess) for length, share in right.items()}
    # a mean of 3/4 of the length lies between the first mark and the end
    assert curve.iloc[np.abs(curve.index - 7).argmin()] == pytest.approx(expected[10], abs=0.06)
    assert curve.iloc[np.abs(curve.index - 37).argmin()] == pytest.approx(expected[50], abs=0.03)


def crossing(rows: pd.DataFrame, name: str) -> str:
    """A half-life from the drawn values, as the table writes it."""
    curve = line(rows, name)["value"]
    above = curve[curve > 0.5]
    if above.empty:
        return "never above one half"
    if curve.iloc[0] <= 0.5:
        return f"none (below one half until lag {above.index[0]:.0f})"
    below = curve[curve <= 0.5]
    if below.empty:
        return f"more than {curve.index[-1]:.0f} steps"
    again = curve[(curve > 0.6) & (curve.index > below.index[0])]
    if not again.empty:
        return f"none (above one half again at lag {again.index[0]:.0f})"
    high = curve[curve.index < below.index[0]]
    part = (high.iloc[-1] - 0.5) / (high.iloc[-1] - below.iloc[0])
    steps = high.index[-1] + part * (below.index[0] - high.index[-1])
    return f"{steps:.0f} steps" if steps >= 10 else f"{steps:.1f} steps"


@pytest.mark.parametrize("run", ["adding-lstm", "adding-gru", "temporal-order-gru", "digits-lstm"])
def test_the_table_holds_the_half_lives_that_are_drawn(
    open_app: Callable[..., AppTest], run: str
) -> None:
    """Each where its line falls below one half, by the rows of the chart."""
    app = open_app(PAGE, run=run)
    panels = [drawn(app, panel) for panel in range(len(CELLS))]
    (table,) = (table.value for table in lives(app).table)
    assert list(table.index) == NAMES
    assert list(table.columns) == CELLS
    for rows, cell in zip(panels, CELLS, strict=True):
        for name in NAMES:
            there = name in set(rows["line"])
            assert table.loc[name, cell] == (crossing(rows, name) if there else "not measured")


def lives(app: AppTest) -> AppTest:
    """The page on its second tab."""
    app.session_state["tab_memory"] = say("memory.tab_lives")
    app.run()
    assert not app.get("vega_lite_chart")
    return app


def test_the_headline_says_where_each_network_answers(page: AppTest) -> None:
    """By the drawn line of the behaviour."""
    said = [text.value for text in page.markdown]
    (told,) = (text for text in said if text.startswith("Accuracy more than halfway"))
    above = [line(drawn(page, k), "5 behaviour")["value"] for k in range(3)]
    above = [values[values > 0.5].index for values in above]
    assert not len(above[0])
    assert f"RNN at no lag, LSTM from lag {above[1][0]:.0f} on" in told
    assert f"GRU only at lags {above[2][0]:.0f} to {above[2][-1]:.0f}." in told


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.1, 0.2], "LSTM at no lag."),
        ([0.9, 0.8, 1], "LSTM at every lag from 0 to 2."),
        ([0.9, 0.8, 0.1], "LSTM up to lag 1."),
        ([0.4, 0.8, 0.9], "LSTM from lag 1 on."),
        ([0.4, 0.8, 0.9, 0.1], "LSTM only at lags 1 to 2."),
        ([0.4, 0.8, 0.1], "LSTM only at lag 1."),
        ([0.9, 0.1, 0.9], "LSTM at 2 of 3 lags between 0 and 2."),
        ([0.9, float("nan"), 0.9], "LSTM NaN."),
    ],
)
def test_every_reach_of_a_headline(values: list[float], expected: str) -> None:
    """Of behaviour; where nothing is asked the headline is the first measure's half-life."""
    found = {"lstm": curves(behaviour=values)}
    assert memory_words.headline(found).endswith(expected)
    rest = {"lstm": curves(behaviour=[]), "rnn": curves(behaviour=[], gates=[])}
    told = memory_words.headline(rest)
    assert told == "Half-life of gates: LSTM more than 2 steps."


def test_the_words_say_what_is_drawn(open_app: Callable[..., AppTest], page: AppTest) -> None:
    """The LSTM on adding: gates, gradient and Jacobian after 49 steps; the probe and the task."""
    app = lives(open_app(PAGE, run="adding-lstm"))
    rows = drawn(page, 1)
    kept = {name: line(rows, name)["value"] for name in NAMES}
    (all_told,) = (text.value for text in app.markdown if "**GRU.**" in text.value)
    (told,) = (part for part in all_told.split("\n\n") if part.startswith("**LSTM.**"))
    assert (
        f"Over 49 steps the gates alone multiply a state by {kept['1 gates'].loc[49]:.2g}" in told
    )
    assert f"multiply a small push by {kept['3 Jacobian'].loc[49]:.2g}. The" in told
    assert f"gradient norm is multiplied by {kept['2 gradient'].loc[49]:.2g}, a push" in told
    right = kept["5 behaviour"]
    assert f"At lag {right.index[-1]:.0f} the accuracy is {right.iloc[-1]:.0%} of the way" in told
    assert "keeps what the task asks for and drops the rest" in told
    left = kept["6 convergence"]
    assert f"after {left.index[-1]:.0f} steps the states are {left.iloc[-1]:.0%} as far" in told


def curves(**values: list[float]) -> dict[str, Curve]:
    """Six measures at lags 0, 1, 2, ..., all kept unless given."""
    found = {name: [1.0, 1.0, 1.0] for name in MEASURES} | values
    return {
        name: Curve([float(k) for k in range(len(v))], v, v, v) for name, v in found.items() if v
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"jacobian": [1, 2, 4]}, "multiply a small push by 4. The gates are only"),
        ({"jacobian": [1, 0.5, 0.25]}, "a small push by 0.25. The other paths work against"),
        ({"jacobian": [1, 50, 2000]}, "a small push by 2·10³. The gates are only"),
        ({}, "Here memory is the direct path"),
        ({"gradient": [1, 0.1, 1e-9]}, "2 steps back the gradient norm is multiplied by 1·10⁻⁹"),
        ({}, "the loss uses about the best direction"),
        ({"information": [1, 0, 0]}, "the probe: 0.5 steps; of the behaviour: more than"),
        ({"information": [1, 0.4, 0]}, "At lag 2 the accuracy is 100% of the way"),
        ({"information": [1, 1, 0]}, "drops the rest"),
        ({}, "Half-life of the probe: more than 2 steps; of the behaviour: more than 2 steps. Two"),
        ({"behaviour": [0, 0, 1]}, "of the behaviour: none (below one half until lag 2). Two"),
        ({"behaviour": [1, 0, 1]}, "of the behaviour: none (above one half again at lag 2). Two"),
        ({"behaviour": [1, 1, 0]}, "The probe reads more than the answer uses"),
        ({"behaviour": [0.2, 0.4, 0.3]}, "the answer does not use what the probe reads"),
        ({"behaviour": [0.2, 0.3], "information": [0.5, 0]}, "Neither the probe nor the answer"),
        ({"behaviour": [0.9]}, "there the accuracy is 90% of the way"),
        ({"gradient": [1, 1, 3]}, "by 3, a push in the best direction by 1: little of the error"),
        ({"convergence": [1, 0.1, 0]}, "forgotten after 2 time steps: from there on"),
        ({"convergence": [1, 0.01, 0.9, 0.04]}, "forgotten after 3 time steps"),
        ({"convergence": [1, 0.01, 0.9]}, "still matter: after 2 steps the states are 90% as far"),
        ({"convergence": [1, 0.05, 0.04]}, "forgotten after 2 time steps: from there on"),
        ({"convergence": [1, 1, 3]}, "the states are 3 times as far apart as at the start"),
        ({"convergence": [1, 1, 0.7]}, "the states are 70% as far apart as at the start"),
    ],
)  # fmt: skip
def test_every_branch_of_the_words(values: dict[str, list[float]], expected: str) -> None:
    """On curves made up for it."""
    (told,) = memory_words.sentences({"lstm": curves(**values)})
    assert expected in told


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 0.8, 0.4], "1.8 steps"),
        ([1, 0.8, 0.6], "more than 2 steps"),
        ([0.5, 0.4, 0.1], "never above one half"),
        ([0, 0, 0, 1, 0], "none (below one half until lag 3)"),
        ([0.5, 0.6, 0.1], "none (below one half until lag 1)"),
        ([1, 0.4, 0.6, 0.3], "0.8 steps"),  # it wavers
        ([1, 0.4, 0.61, 0.3], "none (above one half again at lag 2)"),
        ([1, 0.4, 0.3, 0.9], "none (above one half again at lag 3)"),
        ([1, 2, 0.5], "2.0 steps"),
    ],
)
def test_a_half_life_is_told_of_a_curve_that_falls_once(values: list[float], expected: str) -> None:
    """What rises with the lag, or comes back, has none."""
    curve = Curve([float(k) for k in range(len(values))], values, values, values)
    assert memory_words.said(curve) == expected


def test_a_network_that_knows_one_length_has_no_half_life() -> None:
    """Right at lags 36 to 39 alone: nothing has halved by lag 40."""
    lags = [float(k) for k in range(3, 50)]
    right = [float(36 <= lag <= 39) for lag in lags]
    told = memory_words.said(Curve(lags, right, right, right))
    assert told == "none (below one half until lag 36)"


def test_nothing_on_the_page_calls_what_rises_kept(page: AppTest) -> None:
    """Neither axis nor tooltip."""
    for chart in page.get("vega_lite_chart"):
        assert "kept" not in chart.proto.spec


def test_without_gates_nothing_is_said_of_them() -> None:
    """A plain RNN."""
    (told,) = memory_words.sentences({"rnn": curves(gates=[])})
    assert told.startswith("**RNN.** Half-life of the probe: more than 2 steps")
    assert "Over 2 steps back the gradient norm" in told
    assert "gates alone" not in told
    table = memory_words.half_lives({"rnn": curves(gates=[]), "gru": curves()})
    assert table.loc["1 gates"].tolist()[:2] == ["not measured", "more than 2 steps"]


def test_the_log_scale_shows_what_the_other_cuts_off(open_app: Callable[..., AppTest]) -> None:
    """Temporal order: the RNN's 10^-22 on the floor, the LSTM's 35 below the top."""
    app = open_app(PAGE, run="temporal-order-lstm")
    assert drawn(app, 1)["drawn"].max() == 1.06
    app.toggle(key="log").set_value(True).run()
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    scale = spec["layer"][0]["encoding"]["y"]["scale"]
    assert (scale["type"], scale["domain"]) == ("log", [1e-8, 100.0])
    rows = drawn(app, 0)
    assert line(rows, "2 gradient")["value"].loc[99] < 1e-20
    assert line(rows, "2 gradient")["drawn"].loc[99] == 1e-8
    lstm = drawn(app, 1)
    assert lstm["drawn"].max() == lstm["value"].max() > 30
    ticks = spec["layer"][0]["encoding"]["y"]["axis"]["values"]
    np.testing.assert_allclose(np.log10(ticks), np.round(np.log10(ticks)))
    assert len(ticks) <= 7


def test_every_prepared_run_is_measured_beforehand(library: Library, name: str) -> None:
    """Its file is of this very network, and the page does not measure again."""
    run = library.runs[name]
    path = memory_shipped.FOLDER / f"{name}.json"
    assert json.loads(path.read_text())["fingerprint"] == fingerprint(run)
    expected = MEASURES if run.config.cell != "rnn" else MEASURES[1:]
    assert tuple(shipped()[fingerprint(run)]) == expected


def test_what_is_shipped_is_what_is_measured(library: Library) -> None:
    """Measured again. Threads may sum in another order: 1e-3, and a few of 1,000 answers."""
    run = library.runs["adding-lstm"]
    again = measure(run)
    kept = shipped()[fingerprint(run)]
    assert again.keys() == kept.keys()
    for measured, curve in again.items():
        assert curve.lags == kept[measured].lags
        loose = 0.01 if measured in ("behaviour", "information") else 1e-6
        for column in ("value", "low", "high"):
            np.testing.assert_allclose(
                getattr(curve, column), getattr(kept[measured], column), rtol=1e-3, atol=loose
            )


def test_another_network_of_the_same_name_is_measured_itself(library: Library) -> None:
    """Other weights or settings have another fingerprint."""
    run = library.runs["adding-rnn"]
    weights = {name: tensor.clone() for name, tensor in run.checkpoints[run.steps[-1]].items()}
    weights["readout.bias"] += 1e-6
    changed = replace(run, checkpoints=run.checkpoints | {run.steps[-1]: weights})
    assert fingerprint(changed) not in shipped()
    reseeded = replace(run, config=run.config.model_copy(update={"seed": 9}))
    assert fingerprint(reseeded) not in shipped()


@pytest.mark.parametrize(
    "changed",
    [
        {"cell": "lstm", "num_layers": 2, "bidirectional": True},
        {"cell": "lstm_peephole", "num_layers": 2},
        {"cell": "gru", "task": "delayed_recall", "task_options": {"delay": 9, "symbols": 3}},
    ],
)
def test_any_run_can_be_measured(changed: dict[str, Any]) -> None:
    """Layers, directions, our own cells; the Jacobian's largest value against autograd."""
    config = {"task": "adding", "task_options": {"length": 10}, "hidden_size": 3, "max_steps": 2}
    run = train(TrainConfig(**(config | changed)))
    found = measure(run)
    assert tuple(found) == MEASURES
    for curve in found.values():
        assert len(curve.lags) == len(curve.value) == len(curve.low) == len(curve.high) > 0
    for name in ("gates", "gradient", "jacobian", "convergence"):
        assert found[name].value[0] == 1
    assert found["behaviour"].lags[-1] <= run.task.length - 1
    if "delay" in run.config.task_options:
        assert found["behaviour"].lags[-1] == 9


def test_the_same_in_python_draws_the_same(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines are run as they stand; the download is the very chart, the CSV its numbers."""
    offered: dict[str, Any] = {}
    monkeypatch.setattr(
        blocks, "downloads", lambda name, chart, table: offered.update(chart=chart, table=table)
    )
    app = open_app(PAGE, run="adding-gru")
    app.toggle(key="log").set_value(True).run()
    (code,) = app.code
    monkeypatch.chdir(ROOT)
    target = tmp_path / "memory.json"
    moved, count = re.subn(r'"memory\.svg"', repr(str(target)), code.value)
    assert count == 1
    exec(compile(moved, "snippet", "exec"), {})
    assert target.read_text() == export.render(offered["chart"](), "json").decode()
    table = offered["table"]()
    assert list(table.columns) == ["cell", "measure", "lag", "value", "low", "high"]
    gru = table[(table["cell"] == "gru") & (table["measure"] == "gates")].set_index("lag")
    assert gru["value"].loc[49] == line(drawn(app, 2), "1 gates")["value"].loc[49]


def test_a_figure_has_all_panels_and_a_legend() -> None:
    """As SVG, with its words."""
    found = export.render(Memory("digits-lstm").chart("dark"), "svg").decode()
    for word in (*CELLS, *NAMES, "lag k (steps before the end)"):
        assert word in found


def test_the_page_keeps_the_chosen_network(open_app: Callable[..., AppTest]) -> None:
    """In the address; another task keeps the cell."""
    app = open_app(PAGE, run="adding-gru")
    assert dict(app.query_params) == {"run": "adding-gru"}
    app.selectbox(key="task").select_index(1).run()
    assert app.query_params["run"] == "temporal-order-gru"
    assert "pixels" not in "".join(part.value for part in app.caption)
    app.selectbox(key="task").select_index(2).run()
    assert "pixels of a digit" in "".join(part.value for part in app.caption)


def pressed(app: AppTest) -> AppTest:
    """The page after its network was asked to be measured."""
    (button,) = (button for button in app.button if button.label == say("memory.start_button"))
    return button.click().run()


def test_a_network_of_ones_own_is_measured_by_a_job(
    open_app: Callable[..., AppTest], own_queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page waits, says so, and shows what the job found; nothing is measured in its process."""
    config = TrainConfig(
        task="adding", task_options={"length": 10}, cell="gru", hidden_size=3, max_steps=2
    )
    run = train(config)
    own_queue.store.put(run)
    monkeypatch.setattr(memory_shipped, "measure", None)
    app = open_app(PAGE, run=run_key(config))
    assert not own_queue.jobs()  # who only looks asks for nothing
    assert say("memory.measure_cost") in [caption.value for caption in app.caption]
    app = pressed(app)
    assert not app.exception
    assert "being measured" in app.info[0].value
    (stand,) = own_queue.jobs()
    end = time.monotonic() + 90
    while own_queue.status(stand.key).state != "done" and time.monotonic() < end:
        time.sleep(0.1)
    assert own_queue.measured(stand.key) == measure(run)
    app = open_app(PAGE, run=run_key(config))
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 1
    assert len(own_queue.jobs()) == 1


def test_a_network_that_cannot_be_measured_is_one_sentence(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Its run has changed since the page was asked; the job is not asked again and again."""
    run = train(TrainConfig(task="parity", task_options={"length": 5}, hidden_size=2, max_steps=1))
    own_queue.store.put(run)
    name = run_key(run.config)
    pressed(open_app(PAGE, run=name))
    (stand,) = own_queue.jobs()
    own_queue.stop(stand.key)
    folder = own_queue.folder / stand.key
    (folder / "stopped").unlink()
    (folder / "failed.txt").write_text("the run is another one by now")
    app = open_app(PAGE, run=name)
    assert not app.exception
    assert "could not be measured: the run is another one" in app.error[0].value
    with pytest.raises(JobError, match="has measured nothing yet"):
        own_queue.measured(stand.key)
    app = pressed(app)  # whoever looks may have it tried again
    assert "being measured" in app.info[0].value
    own_queue.stop(stand.key)
    app = open_app(PAGE, run=name)
    told = [info.value for info in app.info]
    assert told == [say("memory.not_measured"), say("app.unsolved")]  # the latter with the settings
    assert say("memory.start_button") in [button.label for button in app.button]
    app.query_params.clear()  # as one comes from another page, with the network chosen there
    assert app.run().query_params["run"] in (name, [name])


def test_the_log_axis_stands_in_the_address(open_app: Callable[..., AppTest]) -> None:
    """Both ways."""
    app = open_app(PAGE, run="adding-gru", log="1")
    assert app.toggle(key="log").value
    app.toggle(key="log").set_value(False).run()
    assert dict(app.query_params) == {"run": "adding-gru"}
