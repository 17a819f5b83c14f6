"""Memory measured on networks built so that the answer is known, and where sequences differ."""

from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

import gatescope
from gatescope import Run, TrainConfig, train
from gatescope.analysis import half_life, log_singular_values, retention_gate, step_jacobians
from gatescope.experiments import memory
from gatescope.experiments.memory import MEASURES, at_lengths, measure, until
from gatescope.tasks import Batch, Reviews, make_task

HS97 = {"length": 22, "variant": "hs97"}


def trained(**config: Any) -> Run:
    """After two updates."""
    return train(TrainConfig(**({"hidden_size": 5, "max_steps": 2} | config)))


def test_the_gates_line_leaves_out_units_that_are_never_written() -> None:
    """One unit is written and halves; one is shut, and would keep everything for ever."""
    layer = nn.GRU(1, 2).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.bias_ih_l0[2:4] = torch.tensor([0.0, 50.0])  # update gates 1/2 and 1
        layer.weight_ih_l0[4:6] = 1.0
    inputs = torch.randn(9, 4, 1, dtype=torch.float64)
    node = gatescope.record(layer, inputs)["gru/l0"].to_dataset()
    gate = retention_gate(node)
    assert gate is not None
    assert half_life(gate).max() > 1e6
    curve = memory.gates(node)
    assert curve is not None
    np.testing.assert_allclose(curve.value, 0.5 ** np.arange(9), rtol=1e-4)
    assert memory.gates(xr.zeros_like(node).assign_attrs(node.attrs)) is None


def test_a_network_that_holds_nothing_has_no_gates_line() -> None:
    """All weights zero: the states never leave zero; what says nothing is left out."""
    run = trained(task="adding", task_options={"length": 8}, cell="lstm")
    last = run.steps[-1]
    weights = {name: torch.zeros_like(value) for name, value in run.checkpoints[last].items()}
    found = measure(Run(**{**vars(run), "checkpoints": run.checkpoints | {last: weights}}))
    assert "gates" not in found
    assert "gradient" not in found
    assert "convergence" not in found
    assert set(found) <= set(MEASURES)


@pytest.mark.parametrize(
    ("task", "options", "cell"),
    [
        ("reviews", {}, "rnn"),
        ("reviews", {}, "lstm"),
        ("adding", HS97, "rnn"),
        ("adding", HS97, "gru"),
        ("characters", {"length": 20}, "gru"),
        ("forecast", {}, "lstm"),
    ],
)
def test_any_task_can_be_measured(task: str, options: dict[str, Any], cell: str) -> None:
    """Words, answers before the end of a row, text, series: each measure starts at lag 0."""
    found = measure(trained(task=task, task_options=options, cell=cell))
    assert tuple(found) == (MEASURES if cell != "rnn" else MEASURES[1:])
    for name in ("gates", "gradient", "jacobian", "convergence"):
        assert name not in found or found[name].value[0] == 1
    assert all(np.isfinite(curve.value).all() for curve in found.values())


def test_lengths_are_those_up_to_the_last_answer() -> None:
    """Reviews of different lengths, padded; and a row of which nothing counts is whole."""
    batch = Reviews("test").batch([("good",), ("not", "so", "good")], [True, False])
    assert batch.lengths.tolist() == [1, 3]
    unscored = Batch(batch.inputs, batch.targets, torch.zeros_like(batch.scored), batch.marks)
    assert unscored.lengths.tolist() == [3, 3]
    assert make_task("copy", delay=3).sample(2, 0).lengths.tolist() == [23, 23]
    hs97 = make_task("adding", **HS97).sample(50, 0)
    last = hs97.scored.float().argmax(0) + 1
    assert hs97.lengths.tolist() == last.tolist()
    assert last.unique().tolist() == [22, 23, 24]


def test_rows_that_end_before_the_batch_are_measured_as_if_they_were_alone() -> None:
    """Adding, hs97: gates, gradient and Jacobian against each row cut at its answer."""
    run = trained(task="adding", task_options=HS97, cell="lstm")
    found, model, probe = measure(run), run.model().double(), run.probe()
    ratios, products, kept = [], [], []
    for example, length in enumerate(probe.lengths.tolist()):
        x = probe.inputs[:length, example : example + 1].double()
        target = probe.targets[length - 1, example].double()

        def loss(out: torch.Tensor, target: torch.Tensor = target) -> torch.Tensor:
            return (out[-1] - target).square().sum()

        (leaf,) = gatescope.record(model, x, loss).leaves
        node = leaf.to_dataset()
        norms = np.linalg.norm(node["grad_cell_state"].values[:, 0], axis=-1)
        ratios.append(norms[length - 1 - 10] / norms[-1])
        kept.append(node["forget_gate"].values[length - 10 :, 0].prod(axis=0).max())
        if example < memory.JACOBIAN_EXAMPLES:
            jacobians = step_jacobians(model.recurrent, x)
            products.append(np.exp(log_singular_values(jacobians, [10]).values[0, 0, 0]))
    for name, values in (("gradient", ratios), ("jacobian", products), ("gates", kept)):
        curve = found[name]
        assert curve.lags[10] == 10
        assert curve.value[10] == pytest.approx(np.median(values), rel=1e-3)
    assert found["gradient"].lags[-1] == probe.lengths.max() - 1


def test_what_comes_after_an_answer_is_no_part_of_a_recording() -> None:
    """NaN there, in every signal; a batch whose rows all end together stays as it is."""
    node = gatescope.record(nn.GRU(1, 2), torch.randn(4, 2, 1))["gru/l0"].to_dataset()
    assert until(node, np.array([4, 4])) is node
    cut = until(node, np.array([4, 2]))
    assert cut["length"].values.tolist() == [4, 2]
    for name, signal in cut.data_vars.items():
        values = signal.transpose("time", "batch", ...).values
        assert np.isnan(values[2:, 1]).all()
        before = node[name].transpose("time", "batch", ...).values
        np.testing.assert_array_equal(values[:, 0], before[:, 0])
    assert cut.attrs == node.attrs


def test_the_probe_of_words_reads_their_embeddings() -> None:
    """A word's number means nothing: that of an untrained network's last word is read as well."""
    run = trained(task="reviews", cell="gru", hidden_size=40)
    curve = measure(run)["information"]
    assert curve.value[0] > 0.5
    assert curve.value[0] > curve.value[3]
    assert np.abs(curve.low[:5]).max() < 0.1  # what shuffled targets give


def test_other_lengths_keep_the_other_options() -> None:
    """All but the length."""
    run = trained(task="delayed_recall", task_options={"delay": 9, "symbols": 3, "noise": "same"})
    tasks = at_lengths(run)
    assert 9 in tasks
    assert len(tasks) > 5
    for delay, task in tasks.items():
        assert (task.length, task.output_size, task.input_size) == (delay + 1, 3, 4)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_an_upper_layers_jacobian_is_taken_on_what_it_reads(bidirectional: bool) -> None:
    """The states of the layer below, both directions of it: from torch's own first layer."""
    run = trained(
        task="adding", task_options={"length": 9}, num_layers=2, bidirectional=bidirectional
    )
    found, model, probe = measure(run)["jacobian"], run.model(), run.probe()
    whole = model.recurrent
    assert isinstance(whole, nn.LSTM)
    first = nn.LSTM(2, 5, bidirectional=bidirectional)
    first.load_state_dict({n: v for n, v in whole.state_dict().items() if "l0" in n})
    with torch.no_grad():
        below = first(probe.inputs[:, : memory.JACOBIAN_EXAMPLES])[0].double()
    logs = log_singular_values(step_jacobians(whole.double(), below, 1), [4])
    expected = np.median(np.exp(logs.isel(lag=0, direction=0)))
    assert found.value[4] == pytest.approx(expected, rel=1e-3)
