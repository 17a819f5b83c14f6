"""The training step's own forward pass against torch's fused layers under torch's autograd."""

from typing import Any

import pytest
import torch
from torch import Tensor

from gatescope.models import SequenceModel
from gatescope.tasks import Batch, make_task
from gatescope.training import Run, TrainConfig, build_model, fast, train
from gatescope.training.update import Updater

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def network(cell: str, **changes: Any) -> SequenceModel:
    """In float64, with weights large enough to saturate some gates."""
    torch.manual_seed(5)
    model = SequenceModel(cell, 3, 4, 2, **changes).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.7)
    return model


def rows(time: int = 9) -> Tensor:
    return torch.randn(time, 5, 3, dtype=torch.float64, requires_grad=True)


def gradients(outputs: Tensor, model: SequenceModel, inputs: Tensor) -> list[Tensor]:
    """Of a weighted sum of all outputs: with respect to every weight, then to the inputs."""
    draw = torch.Generator().manual_seed(6)
    weight = torch.randn(outputs.shape, generator=draw, dtype=torch.float64)
    return list(torch.autograd.grad((outputs * weight).sum(), [*model.parameters(), inputs]))


def nodes(outputs: Tensor) -> list[str]:
    """The names of all nodes of the graph behind ``outputs``."""
    found, waiting = {}, [outputs.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found[node] = node.name()
            waiting += [further for further, _ in node.next_functions]
    return list(found.values())


@pytest.mark.parametrize("time", [1, 2, 9])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_outputs_and_gradients_are_torchs(
    cell: str, num_layers: int, bidirectional: bool, dropout: float, time: int
) -> None:
    """Every weight's and the inputs'; from the same random state, dropout draws the same masks."""
    model = network(cell, num_layers=num_layers, bidirectional=bidirectional, dropout=dropout)
    inputs = rows(time)
    torch.manual_seed(7)
    expected = model(inputs)
    torch.manual_seed(7)
    found = fast.forward(model, inputs)
    torch.testing.assert_close(found, expected, **EXACT)
    pairs = zip(gradients(found, model, inputs), gradients(expected, model, inputs), strict=True)
    for ours, torchs in pairs:
        torch.testing.assert_close(ours, torchs, **EXACT)
        assert ours.abs().max() > 0 or time == 1  # one step has no recurrent gradient
    directions = 2 if bidirectional else 1
    assert nodes(found).count("_LayerBackward") == num_layers * directions


@pytest.mark.parametrize("mode", fast.LOOPS)
def test_a_layer_against_finite_differences(mode: str) -> None:
    """Inputs and every weight."""
    blocks = 3 if mode == "GRU" else 1
    shapes = [(3 * blocks, 2), (3 * blocks, 3), (3 * blocks,), (3 * blocks,)]
    torch.manual_seed(0)
    arguments = [
        torch.randn(shape, dtype=torch.float64, requires_grad=True)
        for shape in [(4, 2, 2), *shapes]
    ]
    assert torch.autograd.gradcheck(
        lambda x, *weights: fast._run(mode, x, list(weights)), arguments
    )


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_the_arriving_gradient_is_left_alone(cell: str) -> None:
    """It may be shared with other parts of a graph."""
    model, inputs = network(cell), rows()
    hidden = fast._layers(model.recurrent, inputs)
    arriving = torch.randn_like(hidden)
    before = arriving.clone()
    torch.autograd.grad(hidden, inputs, arriving)
    assert torch.equal(arriving, before)


@pytest.mark.parametrize("cell", ["lstm", "lstm_peephole", "gru"])
def test_what_has_no_loop_runs_as_the_model(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """LSTM (torch's kernel is faster), our own cells, and all when nothing is in the table."""
    if cell == "gru":
        monkeypatch.setattr(fast, "LOOPS", {})
    model, inputs = network(cell), rows()
    outputs = fast.forward(model, inputs)
    assert not fast.is_fast(model, inputs)
    assert "_LayerBackward" not in nodes(outputs)
    assert torch.equal(outputs, model(inputs))


def test_another_device_and_another_nonlinearity_run_as_the_model() -> None:
    """The loops win on the CPU, and know tanh."""
    model = network("rnn")
    assert fast.is_fast(model, rows())
    assert not fast.is_fast(model, torch.empty(9, 5, 3, device="meta"))
    model.recurrent = torch.nn.RNN(3, 4, nonlinearity="relu").double()
    assert not fast.is_fast(model, rows())
    assert torch.equal(fast.forward(model, inputs := rows()), model(inputs))


def config(cell: str, **changes: Any) -> TrainConfig:
    given = {
        "task": "delayed_recall",
        "task_options": {"delay": 4, "symbols": 3},
        "hidden_size": 6,
        "num_layers": 2,
        "dropout": 0.3,
        "bidirectional": True,
        "batch_size": 8,
        "max_steps": 8,
        "evaluate_every": 2,
        "learning_rate": 0.01,
    }
    return TrainConfig(**(given | {"cell": cell} | changes))


def losses(asked: TrainConfig, updates: int) -> list[float]:
    """Losses of so many updates in float64."""
    task, model = make_task(asked.task, **asked.task_options), build_model(asked).double()
    updater = Updater(model, asked)
    torch.manual_seed(0)
    found = []
    for seed in range(updates):
        drawn = task.sample(asked.batch_size, seed)
        batch = Batch(drawn.inputs.double(), drawn.targets, drawn.scored, drawn.marks)
        found.append(updater.update(task, batch))
    return found


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_a_hundred_updates_are_those_of_torchs_backward(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In float64; rounding grows as training goes on, and stays small."""
    found = losses(config(cell), 100)
    monkeypatch.setattr(fast, "LOOPS", {})
    assert found == pytest.approx(losses(config(cell), 100), rel=1e-9)
    assert found[-1] < found[0]


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_a_run_has_the_history_of_torchs_backward(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In float32, so for a few updates, and to single precision."""

    def history(run: Run) -> list[list[float]]:
        return [[row.loss, row.accuracy, row.gradient_norm] for row in run.history[1:]]

    found = history(train(config(cell)))
    monkeypatch.setattr(fast, "LOOPS", {})
    for ours, torchs in zip(found, history(train(config(cell))), strict=True):
        assert ours == pytest.approx(torchs, rel=1e-4)
